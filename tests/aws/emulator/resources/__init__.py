"""Every resource type the emulator makes: one table, from CloudFormation type to Kind."""
from . import containers, database, edge, identity, network, runner, secrets, storage, watching
from .kinds import STORED, Kind, stored

__all__ = ["TABLE", "STORED", "Kind"]


class Table(dict):
    """A type that is not in the table is stored by the emulator alone, and says so."""

    def __missing__(self, resource_type):
        self[resource_type] = stored(resource_type, note="not in the emulator's table")
        return self[resource_type]


TABLE = Table({kind.type: kind for module in (network, containers, database, secrets, storage, identity, edge, runner, watching)
               for kind in module.TABLE})
KNOWN = tuple(sorted(TABLE))  # those with a row of their own
