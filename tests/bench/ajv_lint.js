// What `jobrun lint` is compared with: each manifest below a folder read by npm's
// yaml and judged by ajv with the schema of the language.
//
//     ajv_lint.js NODE_MODULES SCHEMA FOLDER
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, schemaFile, folder] = process.argv.slice(2);
const Ajv = require(path.join(modules, 'ajv', 'dist', '2020.js')).default;
const yaml = require(path.join(modules, 'yaml'));

const ajv = new Ajv({allErrors: true, strict: false});
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const validate = ajv.compile(schema);
let count = 0;

for (const name of fs.readdirSync(folder)) {
  if (!name.endsWith('.yaml')) {
    continue;
  }
  const file = path.join(folder, name);
  if (!validate(yaml.parse(fs.readFileSync(file, 'utf8')))) {
    console.error(`${file}: ${ajv.errorsText(validate.errors)}`);
    process.exitCode = 1;
  }
  count += 1;
}
console.log(`${count} manifests`);
