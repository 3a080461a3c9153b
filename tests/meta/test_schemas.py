"""The schemas say what the decoder knows, and the page of the language what they say."""
import json
import re
import shutil
import subprocess
import sys

import pytest
from conftest import REPOSITORY

SCHEMA = REPOSITORY / "schema"
NAMES = ("job", "jobrun", "fragment")
SCHEMAS = {name: json.loads((SCHEMA / f"{name}.schema.json").read_text()) for name in NAMES}
# Parts of a schema that say when, and not what: their properties are told elsewhere.
CONDITIONS = {"if", "then", "else", "not", "allOf", "anyOf", "type-rules"}

# Each table of keys in the decoder, in the order of its file, with its object.
TABLES = {
    "manifest/manifest.c": ["job"],
    "manifest/param.c": ["job/$defs/param"],
    "manifest/domain_decode.c": ["job/$defs/element"],
    "manifest/manifest_command.c": ["job/$defs/item", "job/$defs/env-value"],
    "manifest/manifest_constraints.c": ["job/$defs/constraint"],
    "manifest/manifest_inputs.c": ["job/$defs/input"],
    "manifest/manifest_outputs.c": ["job/$defs/output"],
    "manifest/manifest_requires.c": ["job/$defs/requires"],
    "manifest/manifest_secrets.c": ["job/$defs/secret"],
    "manifest/manifest_steps.c": ["job/$defs/step"],
    "manifest/manifest_when.c": ["job/$defs/when/additionalProperties"],
    "job/config.c": ["jobrun/$defs/environment", "jobrun/properties/cache", "jobrun"],
}
# `of` within `of` is known to the decoder for its message alone.
REFUSED = {("job/$defs/element", "of")}


def source(path):
    return (REPOSITORY / "src" / path).read_text()


def words(text):
    return re.findall(r'"([^"]*)"', text)


def key_tables(path):
    rows = re.search(r"DOMAIN_KEY_ROWS\s+\\\n(.*)", source("manifest/domain_decode.h"))[1]
    text = source(path).replace("DOMAIN_KEY_ROWS", rows)
    tables = re.findall(r"const char \*const \w*KEYS\[\w*\] = \{(.*?)\};", text, re.DOTALL)
    return [words(re.sub(r"\[\w+\]", "", table)) for table in tables]


def part(place):
    """The part of a schema at "job/$defs/param"."""
    name, *rest = place.split("/")
    found = SCHEMAS[name]
    for step in rest:
        found = found[step]
    return found


def table_of(path, name):
    """The texts of one table of the sources."""
    return words(re.search(rf"\b{name}\[[^\]]*\] = \{{(.*?)\}};", source(path), re.DOTALL)[1])


@pytest.mark.parametrize("path", TABLES)
def test_the_keys_of_the_decoder_are_those_of_the_schema(path):
    tables = key_tables(path)
    assert len(tables) == len(TABLES[path])
    for table, place in zip(tables, TABLES[path]):
        keys = {key for key in table if (place, key) not in REFUSED}
        assert set(part(place)["properties"]) == keys, place
        assert part(place)["additionalProperties"] is False, place


def test_no_mapping_is_decoded_by_another_table():
    decoders = {path.relative_to(REPOSITORY / "src").as_posix(): len(re.findall(r"\bdecode_mapping\(", path.read_text()))
                for folder in ("manifest", "job") for path in (REPOSITORY / "src" / folder).glob("*.c")
                if path.name != "decode.c"}
    assert {path: count for path, count in decoders.items() if count} == \
        {path: len(places) for path, places in TABLES.items()}


def test_every_object_of_the_schemas_is_in_a_table():
    objects = {f"{name}{place}" for name in ("job", "jobrun") for place, schema in walk(SCHEMAS[name])
               if "properties" in schema}
    assert objects == {place for places in TABLES.values() for place in places}


def test_a_fragment_has_the_keys_that_an_include_takes():
    keys = re.findall(r'str_is\(key, "([\w-]+)"\)', source("manifest/manifest_include.c"))
    assert set(SCHEMAS["fragment"]["properties"]) == set(keys)


def test_words_are_those_of_the_decoder():
    job = SCHEMAS["job"]["$defs"]
    types = table_of("manifest/domain.c", "TYPE_NAMES")
    assert job["param"]["properties"]["type"]["enum"] == types
    assert job["element"]["properties"]["type"]["enum"] == types[:-1] and types[-1] == "list"
    assert job["output"]["properties"]["on"]["enum"] == table_of("manifest/manifest_outputs.c", "ON_WORDS")
    assert sorted(job["archive"]["enum"]) == sorted(table_of("base/pack.c", "PACK_NAMES"))
    assert sorted(job["platform"]["anyOf"][0]["enum"]) == sorted(table_of("manifest/platform.c", "PLATFORMS"))
    reserved = re.search(r"\(\?:no-\)\?\(\?:(.*?)\)", SCHEMAS["job"]["properties"]["params"]["propertyNames"]["pattern"])
    assert reserved[1].split("|") == table_of("manifest/name.c", "OPTIONS")


def number(path, name):
    return int(re.search(rf"#define {name}\s+(\d+)", source(path))[1])


def test_limits_are_those_of_the_decoder():
    properties = SCHEMAS["job"]["properties"]
    names = number("manifest/manifest.h", "MANIFEST_NAMES_MAX")
    for key in ("params", "vars", "select", "inputs", "outputs"):
        assert properties[key]["maxProperties"] == names
    for key in ("steps", "constraints", "inherit-env"):
        assert properties[key]["maxItems"] == names
    assert properties["include"]["maxItems"] == number("manifest/manifest.h", "MANIFEST_FRAGMENTS_MAX")
    assert properties["job"]["$ref"].endswith("job-name")
    assert SCHEMAS["job"]["$defs"]["job-name"]["maxLength"] == number("manifest/name.c", "NAME_BYTES_MAX")
    assert SCHEMAS["job"]["$defs"]["longest"]["maximum"] == number("manifest/param.h", "PARAM_VALUE_BYTES_MAX")


def walk(schema, place=""):
    """(place, schema) of everything that describes a value, conditions left out."""
    yield place, schema
    for name, inner in schema.items():
        if name in CONDITIONS or name in ("examples", "default", "enum"):
            continue
        if name in ("properties", "$defs"):
            for key, value in inner.items():
                if key not in CONDITIONS or name == "properties":
                    yield from walk(value, f"{place}/{name}/{key}")
        elif isinstance(inner, dict):
            yield from walk(inner, f"{place}/{name}")


def resolved(name, schema):
    if "$ref" not in schema:
        return schema
    return {**resolved(name, part(name + schema["$ref"][1:])), **schema}


def properties():
    for name in NAMES:
        for place, schema in walk(SCHEMAS[name]):
            for key, value in schema.get("properties", {}).items():
                yield pytest.param(name, value, id=f"{name}{place}/{key}")


@pytest.mark.parametrize("name, schema", properties())
def test_every_key_is_described(name, schema):
    """As sentences, which an editor shows where the key is written."""
    schema = resolved(name, schema)
    assert schema["title"]
    assert re.match(r"[A-Za-z].*\.$", schema["description"]) and "\n" not in schema["description"]
    assert "`" not in schema["description"] and "  " not in schema["description"]
    if "default" in schema and isinstance(schema["default"], str):
        assert schema["default"] in schema["description"]
    says_itself = {"enum", "const"} & set(schema) or schema["title"] == "true or false" or \
        schema.get("type") == "object"
    assert says_itself or schema["examples"]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_names_no_address_but_that_of_its_language(name):
    schema = SCHEMAS[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:jobrun:schema:{name}"
    text = (SCHEMA / f"{name}.schema.json").read_text()
    assert re.findall(r"https?://[^\"/]+", text) == ["https://json-schema.org"]
    for reference in re.findall(r'"\$ref": "(.*?)"', text):
        assert part(name + reference.removeprefix("#"))


def test_what_is_made_of_the_schemas_is_in_step(tmp_path):
    for name in ("job", "jobrun"):
        shutil.copy(SCHEMA / f"{name}.schema.json", tmp_path)
    subprocess.run([sys.executable, REPOSITORY / "tests/support/reference.py", tmp_path], check=True)
    for made in ("fragment.schema.json", "manifest.md"):
        assert (tmp_path / made).read_text() == (SCHEMA / made).read_text(), "make reference"


def test_the_page_has_every_key():
    page = (SCHEMA / "manifest.md").read_text()
    for name in ("job", "jobrun"):
        for _, schema in walk(SCHEMAS[name]):
            for key in schema.get("properties", {}):
                assert f"\n| `{key}` | " in page and f"\n**`{key}`**: " in page
