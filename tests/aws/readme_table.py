"""Makes the table of README.md: what moto keeps of every resource type, seen by putting up the shipped stacks.

    tests/aws/python tests/aws/readme_table.py     writes it into README.md
"""
import re
import sys

import shipped
from emulator.resources import TABLE
from harness import Emulator


def table(lost):
    """The table as Markdown, from the answer of GET /golive-test/lost."""
    lines = ["| type | kept by | not kept | note |", "|---|---|---|---|"]
    for name in sorted(lost["known"]):
        kind = TABLE[name]
        paths = sorted({re.sub(r"/\d+", "/*", path).lstrip("/") for path in lost["not_kept"].get(name, [])})
        keeper = "emulator only" if kind.stored_only else "moto"
        lines.append(f"| {name} | {keeper} | {', '.join(paths)} | {kind.note} |")
    return "\n".join(lines) + "\n"


def main():
    emulator = Emulator()
    try:
        shipped.put_up(emulator.client, shipped.load())
        made = table(emulator.control("lost", "GET"))
    finally:
        emulator.stop()
    path = shipped.STACKS.parent / "tests/aws/README.md"
    text = path.read_text()
    path.write_text(re.sub(r"(<!-- table: .*?-->\n).*?(<!-- end -->)", lambda found: found.group(1) + made + found.group(2), text, flags=re.S))
    return 0


if __name__ == "__main__":
    sys.exit(main())
