// Judges texts by the schemas, with a YAML reader and a validator of others.
//
//     node judge.js NODE_MODULES SCHEMAS < texts.json
//
// Texts are [{name, kind, bytes}], bytes in base64; the answer on standard output is
// {meta: problems of the schemas themselves, texts: {name: [what is wrong]}}.
"use strict";
const fs = require("fs");
const path = require("path");

const [modules, folder] = process.argv.slice(2);
const Ajv = require(path.join(modules, "ajv", "dist", "2020")).default;
const YAML = require(path.join(modules, "yaml"));

// Strict: an unknown keyword, a keyword that cannot apply to the type and the like are
// errors. `required` in a condition names what stands elsewhere, and the items of a
// command behind the first are free.
const ajv = new Ajv({
  strict: true, strictTypes: true, allowUnionTypes: true, strictRequired: false, strictTuples: false,
  allErrors: true,
});
// What yaml-language-server says in place of the regular expression.
ajv.addVocabulary(["patternErrorMessage", "errorMessage"]);

const KINDS = ["job", "jobrun", "fragment"];
const schemas = {};
const meta = [];
for (const kind of KINDS) {
  schemas[kind] = JSON.parse(fs.readFileSync(path.join(folder, `${kind}.schema.json`), "utf8"));
  if (!ajv.validateSchema(schemas[kind])) {
    meta.push(`${kind}: ${ajv.errorsText()}`);
  }
  ajv.addSchema(schemas[kind]);
}

// Every example and default is one that its own place takes.
const examples = new Set();
function checkExamples(kind, schema, place) {
  if (typeof schema !== "object" || schema === null) {
    return;
  }
  if (!Array.isArray(schema) && !place.endsWith("/properties")) {
    const given = [...(Array.isArray(schema.examples) ? schema.examples : []),
                   ...("default" in schema ? [schema.default] : [])];
    for (const value of given) {
      examples.add(JSON.stringify(value));
      if (!ajv.validate({ $ref: `${schemas[kind].$id}#${place}` }, value)) {
        meta.push(`${kind}${place}: ${JSON.stringify(value)} ${ajv.errorsText()}`);
      }
    }
  }
  for (const name of Object.keys(schema)) {
    if (name !== "examples" && name !== "default" || place.endsWith("/properties")) {
      checkExamples(kind, schema[name], `${place}/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`);
    }
  }
}

// Every example of the page is one of the schemas', also when YAML is read of it.
function checkPage(page) {
  for (const [, block] of page.matchAll(/```yaml\n(.*?)```/gs)) {
    for (const text of block.split("# or\n")) {
      for (const value of Object.values(YAML.parse(text))) {
        if (!examples.has(JSON.stringify(value))) {
          meta.push(`the page has the example ${text}`);
        }
      }
    }
  }
}

function judge({ kind, bytes }) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(bytes, "base64"));
  } catch (error) {
    return [error.message];
  }
  let value;
  try {
    value = YAML.parse(text);
  } catch (error) {
    return [`YAML: ${error.message}`];
  }
  const validate = ajv.getSchema(schemas[kind].$id);
  return validate(value) ? [] : validate.errors.map((error) => `${error.instancePath} ${error.message}`);
}

for (const kind of KINDS) {
  ajv.getSchema(schemas[kind].$id);
  checkExamples(kind, schemas[kind], "");
}
checkPage(fs.readFileSync(path.join(folder, "manifest.md"), "utf8"));
const texts = {};
for (const text of JSON.parse(fs.readFileSync(0, "utf8"))) {
  texts[text.name] = judge(text);
}
process.stdout.write(JSON.stringify({ meta, texts }));
