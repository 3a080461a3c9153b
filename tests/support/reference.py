#!/usr/bin/env python3
"""Makes what follows from the schemas: the schema of fragments, and the reference.

    reference.py FOLDER    reads *.schema.json there and writes beside them

fragment.schema.json is the part of job.schema.json that a fragment may hold;
manifest.md is both languages for people. `make reference` calls it, and a test
compares what is committed with what it makes.
"""
import json
import pathlib
import re
import sys

FRAGMENT_KEYS = ("params", "select", "vars", "env")
LINE_MAX = 96

# The objects of the languages, in the order of the page: (heading, place).
JOB_OBJECTS = [
    ("A manifest", ""),
    ("A param", "/$defs/param"),
    ("An element of a list", "/$defs/element"),
    ("A condition", "/$defs/when/additionalProperties"),
    ("A constraint", "/$defs/constraint"),
    ("Requirements", "/$defs/requires"),
    ("An input", "/$defs/input"),
    ("A variable under a condition", "/$defs/env-value"),
    ("A secret", "/$defs/secret"),
    ("A step", "/$defs/step"),
    ("An item of a command", "/$defs/item"),
    ("An output", "/$defs/output"),
]
CONFIG_OBJECTS = [
    ("jobrun.yaml", ""),
    ("An environment", "/$defs/environment"),
    ("The cache", "/properties/cache"),
]
INTRODUCTION = """\
# The manifest language

<!-- Made of the schemas in this folder by `make reference`; change those. -->

One file declares one job. `jobrun schema job` prints the schema that this page is
made of, `jobrun schema jobrun` that of `jobrun.yaml`, and `jobrun schema fragment`
that of a file for `include`, which holds `params`, `select`, `vars` and `env` alone.

Scalars are text, and typed by this language, never by YAML: `no`, `0123` and `1.10`
are what was written. `null` has a meaning where this page names it. Placeholders
stand in texts: `${params.x}`, `${vars.x}`, `${inputs.x.path}`, `${outputs.x.path}`,
`${job.name}`, `${job.commit}`, `${job.short-commit}`, `${job.env}`, `${job.root}`,
`${job.url}`; in an input also `${with.x}`, in `args` with `each` also `${each}`;
`$${` is the text `${`. Each gives one text, never split and never read by a shell.
"""


def at(schema, place):
    """The part of the schema at a JSON pointer."""
    for name in place.split("/")[1:]:
        schema = schema[name]
    return schema


def resolved(root, schema):
    """The schema with what it refers to, which its own words win over."""
    if "$ref" not in schema:
        return schema
    return {**resolved(root, at(root, schema["$ref"][1:])), **schema}


def references(schema):
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rsplit("/", 1)[1]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from references(part)


def needed(root, schema):
    """The names of $defs that a schema refers to, through others too."""
    found, left = set(), set(references(schema))
    while left:
        name = left.pop()
        found.add(name)
        left |= set(references(root["$defs"][name])) - found
    return found


def make_fragment(job):
    keys = {name: job["properties"][name] for name in FRAGMENT_KEYS}
    names = needed(job, keys)
    return {
        "$schema": job["$schema"],
        "$id": "urn:jobrun:schema:fragment",
        "$comment": "Made of job.schema.json by 'make reference'; change that.",
        "title": "a fragment of jobrun",
        "description": "What several manifests share: params, select, vars and env. A manifest names it "
                       "in 'include'. A fragment has no 'job' and includes nothing itself.",
        "type": "object",
        "additionalProperties": False,
        "properties": keys,
        "$defs": {name: part for name, part in job["$defs"].items() if name in names},
    }


# YAML, as an author would write it.

def scalar(value, in_flow):
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    special = r'^[\s\-?:,\[\]{}#&*!|>\'"%@`]|: | #|[:\s]$' + (r"|[,\[\]{}]" if in_flow else "")
    if value.startswith("-") and not value.startswith("- "):
        special = special.replace(r"\-", "")
    if value and not re.search(special, value):
        return value
    return "'" + value.replace("'", "''") + "'" if "\\" in value else json.dumps(value)


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, True)


def block(name, value, indent=""):
    """The lines of `name: value`, on one line where they fit."""
    if isinstance(value, str) and "\n" in value:
        return [f"{indent}{name}: |"] + [f"{indent}  {line}" for line in value.splitlines()]
    if not isinstance(value, (dict, list)):
        return [f"{indent}{name}: {scalar(value, False)}"]
    line = f"{indent}{name}: {flow(value)}"
    if len(line) <= LINE_MAX:
        return [line]
    lines = [f"{indent}{name}:"]
    if isinstance(value, list):
        return lines + [f"{indent}  - {flow(item)}" for item in value]
    for key, item in value.items():
        lines += block(key, item, indent + "  ")
    return lines


# The page.

def wrap(text, width=88):
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)


def code(text):
    """Keys and texts that a description has in single quotes, as code."""
    text = re.sub(r"(?<!\w)'([^' ]+|[\w-]+: [\w]+|jobrun [\w -]+)'(?!\w)", r"`\1`", text)
    return re.sub(r"(?<![\w`])(\$\{[\w.-]+\}|\$[A-Z_]+|--[a-z-]+)(?![\w`])", r"`\1`", text)


def default_of(schema):
    return f"`{flow(schema['default'])}`" if "default" in schema else ""


def object_lines(root, heading, place):
    schema = at(root, place)
    keys = {name: resolved(root, part) for name, part in schema["properties"].items()}
    lines = [f"## {heading}", ""]
    if "description" in schema:
        lines += [wrap(code(schema["description"])), ""]
    lines += ["| key | value | default |", "|---|---|---|"]
    for name, key in keys.items():
        default = "required" if name in schema.get("required", []) else default_of(key)
        lines.append(f"| `{name}` | {key['title']} | {default} |")
    for name, key in keys.items():
        lines += ["", f"**`{name}`**: {key['title']}.", "", wrap(code(key["description"]))]
        if "examples" in key:
            lines += ["", "```yaml"]
            for number, example in enumerate(key["examples"]):
                lines += (["# or"] if number else []) + block(name, example)
            lines.append("```")
    return lines + [""]


def make_page(job, config):
    lines = [INTRODUCTION]
    for root, objects in ((job, JOB_OBJECTS), (config, CONFIG_OBJECTS)):
        for heading, place in objects:
            lines += object_lines(root, heading, place)
    return "\n".join(lines)


def main():
    folder = pathlib.Path(sys.argv[1])
    job = json.loads((folder / "job.schema.json").read_text())
    config = json.loads((folder / "jobrun.schema.json").read_text())
    fragment = json.dumps(make_fragment(job), indent=2)
    (folder / "fragment.schema.json").write_text(fragment + "\n")
    (folder / "manifest.md").write_text(make_page(job, config))


if __name__ == "__main__":
    main()
