#!/usr/bin/env python3
"""What golive says about itself must be true: commands it names exist, keys it accepts are read or marked.

Texts are the string literals of the sources and the sentences of the translations."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
GOLIVE = os.environ["GOLIVE"]
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Words that follow "golive" in a sentence about the program, not on a command line.
SENTENCES = set("""again alone and as asks begins build builds can cannot computes could developers did does ends finds found from gave gives had has in is itself keep keeps killed knows leaves looks
make makes made must needs never of on or ran reads refuses releases runs sets ships shows started starts takes that then to uses was will with works writes wrote""".split())
# Names of things, not of commands: PostgreSQL's application_name, an authority's common name, words of an enumeration.
NAMES = {"migrate", "local authority", "manual rds"}


def unescape(text):
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match.group(1), match.group(1)), text)


def source_texts():
    for path in sorted(ROOT.glob("src/**/*.c")):
        source = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        source = re.sub(r'"\s*\n?\s*"', "", source)  # neighbouring literals are one text
        for match in LITERAL.finditer(source):
            yield path.relative_to(ROOT), unescape(match.group(1))


def entries():
    """(file, text, translation) of all translations."""
    for path in sorted((ROOT / "po").glob("*.po")):
        current = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.M)
        joined = re.sub(r'"\n"', "", current)
        for match in re.finditer(r'msgid "((?:[^"\\]|\\.)*)"\nmsgstr "((?:[^"\\]|\\.)*)"', joined):
            yield path.relative_to(ROOT), unescape(match.group(1)), unescape(match.group(2))


def translated_texts(known):
    """What translations say of texts that the sources still have; scripts/update-po drops the others."""
    for path, text, translation in entries():
        if text and text in known:
            yield path, translation


def control_texts():
    """Headers and reasons of the shipped controls."""
    for path in sorted(ROOT.glob("controls/**/*.sql")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.relative_to(ROOT), line


def runbook_commands():
    """What the templates of runbooks tell people to type."""
    for path in sorted(ROOT.glob("templates/docs/**/*.md")):
        for block in re.findall(r"^```sh\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.M | re.S):
            for line in block.splitlines():
                yield path.relative_to(ROOT), line


def texts():
    sources = list(source_texts())
    yield from sources
    yield from control_texts()
    yield from runbook_commands()
    yield from translated_texts({text for _, text in sources})


def is_command(words):
    return subprocess.run([GOLIVE, *words, "--help"], capture_output=True).returncode == 0


def spoken(text):
    """`golive WORDS` as far as the words look like those of a command."""
    for match in re.finditer(r"(?<![\w./~-])golive((?: [a-z][a-z-]*)+)", text):
        yield match.group(1).split()


def names_a_command(words):
    """`golive local logs edge`, `golive deploy shows ...`: one word or two, the rest are arguments."""
    return is_command(words[:1]) or (len(words) > 1 and is_command(words[:2]))


def check_commands():
    known, wrong, seen = {}, [], 0
    for path, text in texts():
        for words in spoken(text):
            if words[0] in SENTENCES or " ".join(words) in NAMES:
                continue
            key = tuple(words[:2])
            if key not in known:
                known[key] = names_a_command(words)
            seen += 1
            if not known[key]:
                wrong.append(f"{path}: golive {' '.join(words)}")
    if seen < 30:
        wrong.append(f"only {seen} texts name a command: this test does not find them")
    return sorted(set(wrong))


def schema_keys():
    for path in sorted(ROOT.glob("src/config/schema_*.c")):
        for match in re.finditer(r'^\s*\{"([^"]+)", (GL_TYPE_\w+)(.*)', path.read_text(encoding="utf-8"), re.M):
            only_word = re.search(r'words = "[^" ]+"', match.group(3))  # what can be nothing else needs no reader
            if match.group(2) != "GL_TYPE_MAP" and not only_word and not re.search(r"\[\]|\*", match.group(1)):
                yield match.group(1)


def read_by_code():
    """Literals of C and of SQL in it that look like keys, outside of the room that only checks the file."""
    found = set()
    for path in ROOT.glob("src/**/*.c"):
        if path.parent.name != "config":
            found.update(re.findall(r"""["']([a-z0-9_]+(?:\.[a-z0-9_]+)*)["']""", path.read_text(encoding="utf-8")))
    return found


def marked_without_effect():
    table = (ROOT / "src/config/effect.c").read_text(encoding="utf-8")
    return dict(re.findall(r'\{"([a-z0-9_.]+)",\s*GL_EFFECT_(\w+)\s*\}', table))


def prefixes(key):
    parts = key.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def check_keys():
    read, marks, wrong = read_by_code(), marked_without_effect(), []
    for key in schema_keys():
        # A section is read as a whole only by its full name; one word alone is too common to mean that.
        is_read = any(prefix in read for prefix in prefixes(key) if "." in prefix or prefix in (key, "env_vars"))
        mark = next((marks[prefix] for prefix in prefixes(key) if prefix in marks), None)
        if not is_read and not mark:
            wrong.append(f"{key}: nothing reads it, and src/config/effect.c does not say so")
        if mark == "NONE" and any(prefix in read for prefix in prefixes(key) if "." in prefix):
            wrong.append(f"{key}: is read now; take it out of src/config/effect.c")
    return wrong


def rule_messages():
    """Texts of rules as scripts/update-po finds them."""
    made = subprocess.run([ROOT / "scripts/control-messages"], capture_output=True, text=True, check=True).stdout
    return {unescape(text) for text in re.findall(r'^N_\("((?:[^"\\]|\\.)*)"\)$', made, flags=re.M)}


def marks(text):
    return sorted(set(re.findall(r"\{\d+\}", text)))


def check_rules():
    """Every text of a rule can be translated, and a translation keeps its values."""
    found, wrong = rule_messages(), []
    for path in sorted(ROOT.glob("controls/*/*.sql")):
        sql = re.sub(r"^[ \t]*--.*$", "", path.read_text(encoding="utf-8"), flags=re.M)
        if re.search(r"\bmsg\(\s*[^'\s]", sql):
            wrong.append(f"{path.relative_to(ROOT)}: msg() without a text of its own cannot be translated")
    if len(found) < 400:
        wrong.append(f"only {len(found)} texts of rules: scripts/control-messages does not find them")
    for path, text, translation in entries():
        if text in found and translation and marks(text) != marks(translation):
            wrong.append(f"{path}: {text!r} has {marks(text)}, its translation {marks(translation)}")
    return wrong


def report(number, title, wrong):
    print("not ok" if wrong else "ok", number, "-", title)
    for line in wrong:
        print("#", line)
    return bool(wrong)


def main():
    failed = report(1, "every command that a text names exists", check_commands())
    failed |= report(2, "every key is read, or help says that it is not", check_keys())
    failed |= report(3, "texts of rules can be translated, and translations keep their values", check_rules())
    print("1..3")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
