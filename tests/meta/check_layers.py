#!/usr/bin/env python3
"""Which file may include and call what: the rules of src/README.md, proved.

    check_layers.py [SRC]

The table of floors is read from SRC/README.md, so that the page cannot say
something else than what is checked. Every problem is printed as path:line.
"""
import pathlib
import re
import sys

# A library is known to one file, or a part of it to another.
WRAPPERS = {
    "archive.h": "sys/tarball_parts.h",
    "archive_entry.h": "sys/tarball_parts.h",
    "dlfcn.h": "sys/library.c",
    "yaml.h": "manifest/document.c",
    "pcre2.h": "base/pattern.c",
    "jansson.h": "base/json.c",
    "openssl/sha.h": "base/digest.c",
    "openssl/": "store/jwt.c",
    "curl/": "store/http_parts.h",
}
# Who calls a function. `exit` ends the process, so only the entry may; memory
# comes from arenas, which the wrappers of libraries cannot always use.
CALLERS = {
    "exit": {"cli/main.c"},
    **dict.fromkeys(["free", "malloc", "calloc", "realloc", "strdup", "strndup", "getline"],
                    {"base/arena.c", *WRAPPERS.values()}),
}

ROW = re.compile(r"^\|\s*\d+\s*\|\s*`(\w+)/`\s*\|[^|]*\|\s*([^|]*?)\s*\|\s*$", re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(CALLERS))
# Comments, texts and characters: what is in them is no code.
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


class TableError(Exception):
    pass


class Floor:
    """What the files of one folder may include."""

    def __init__(self, name, text, floors):
        general, _, special = text.partition(";")
        self.may = {name}
        self.also = {}  # the stem of a file -> what it may include besides
        for word in re.split(r"[\s,]+", general.strip()):
            if word == "all":
                self.may.update(floors)
            elif word in floors:
                self.may.add(word)
            else:
                raise TableError(f"the row of '{name}' names no floor: '{word}'")
        if special:
            stems, also, more = special.partition(" also ")
            names = re.findall(r"`(\w+)`", stems)
            if not also or not names or more.strip() not in floors:
                raise TableError(f"the row of '{name}' is not understood: '{special.strip()}'")
            self.also = {stem: more.strip() for stem in names}

    def allows(self, stem, floor):
        if floor in self.may:
            return True
        # context_environment.c is a part of context.
        return any(more == floor and (stem == name or stem.startswith(name + "_"))
                   for name, more in self.also.items())


def read_table(src):
    rows = ROW.findall((src / "README.md").read_text())
    floors = [name for name, _ in rows]
    if not floors:
        raise TableError("README.md has no table of floors")
    return {name: Floor(name, text, floors) for name, text in rows}


def without(pattern, text):
    """The text with what the pattern matches blanked, lines kept."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_include(src, floors, path, kind, name):
    """Why this include is not allowed, or None."""
    relative = path.relative_to(src).as_posix()
    floor = path.parent.name
    for library, wrapper in WRAPPERS.items():
        if name == library or (library.endswith("/") and name.startswith(library)):
            return None if relative == wrapper else f"<{name}> is known to {wrapper} alone"
    if kind == "<":
        return None
    target, _, rest = name.partition("/")
    if target not in floors or not rest:
        return f'"{name}" does not name its floor'
    if not (src / name).is_file():
        return f'"{name}" is not there'
    if not floors[floor].allows(path.stem, target):
        return f"{floor}/ may not include {target}/"
    return None


def check_file(src, floors, path):
    text = path.read_text()
    comments = re.compile(r"/\*.*?\*/", re.DOTALL)
    for match in INCLUDE.finditer(without(comments, text)):
        problem = check_include(src, floors, path, *match.groups())
        if problem:
            yield line_of(text, match.start()), problem
    relative = path.relative_to(src).as_posix()
    for match in CALL.finditer(without(NOT_CODE, text)):
        if relative not in CALLERS[match[1]]:
            callers = ", ".join(sorted(CALLERS[match[1]]))
            yield line_of(text, match.start()), f"{match[1]}() is called in {callers} alone"


def check(src):
    """All problems as (path, line, text)."""
    src = pathlib.Path(src)
    try:
        floors = read_table(src)
    except TableError as error:
        return [(src / "README.md", 1, str(error))]
    problems = []
    for path in sorted(src.rglob("*")):
        if path.is_dir() or path == src / "README.md":
            continue
        if path.parent.parent != src or path.parent.name not in floors:
            problems.append((path, 1, "is on no floor of the table in README.md"))
        elif path.suffix in (".c", ".h"):
            problems += [(path, line, text) for line, text in check_file(src, floors, path)]
        elif path.suffix != ".def":
            problems.append((path, 1, "is no source file"))
    return problems


def main():
    src = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
    problems = check(src)
    for path, line, text in problems:
        print(f"{path}:{line}: {text}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
