"""Makes the table of README.md: what moto keeps of every resource type, seen by putting up the shipped stacks.

    tests/aws/python tests/aws/readme_table.py     writes it into README.md
"""
import re
import sys

import shipped
from emulator import schema
from emulator.resources import TABLE
from harness import Emulator


def answers(emulator):
    """What /golive-test/lost says for each shape of the application."""
    for sample in shipped.SAMPLES.values():
        emulator.control("reset")
        shipped.put_up(emulator.client, shipped.load(sample=sample), sample)
        yield emulator.control("lost", "GET")


def table(listed):
    """The table as Markdown, from answers of /golive-test/lost."""
    found = {}
    for answer in listed:
        known = answer["known"]
        for name, paths in answer["not_kept"].items():
            found.setdefault(name, set()).update(paths)
    lines = ["| type | kept by | not kept | note |", "|---|---|---|---|"]
    for name in sorted(set(known) | set(found)):
        kind = TABLE[name]
        paths = sorted({re.sub(r"/\d+", "/*", path).lstrip("/") for path in found.get(name, [])})
        notes = [kind.note] if kind.note else []
        if kind.update is None and set((schema.of(name) or {}).get("properties", {})) - (
                schema.names(name, "createOnlyProperties") | schema.names(name, "readOnlyProperties")):
            notes.append("not updated in place")
        shown = ", ".join(paths) if name in found else "(in no shipped stack)"
        lines.append(f"| {name} | {kind.kept_by or ('emulator only' if kind.stored_only else 'moto')} | {shown} | {'; '.join(notes)} |")
    return "\n".join(lines) + "\n"


def main():
    emulator = Emulator()
    try:
        made = table(answers(emulator))
    finally:
        emulator.stop()
    path = shipped.STACKS.parent / "tests/aws/README.md"
    text = path.read_text()
    path.write_text(re.sub(r"(<!-- table: .*?-->\n).*?(<!-- end -->)", lambda found: found.group(1) + made + found.group(2), text, flags=re.S))
    return 0


if __name__ == "__main__":
    sys.exit(main())
