// A client of Google Cloud Storage with npm's @google-cloud/storage, for
// tests/support/gcs_clients.py.
//
//     gcs_node.js MODULES ADDRESS BUCKET up FILE NAME [RESUMABLE [PART]]
//     gcs_node.js MODULES ADDRESS BUCKET down NAME FILE
//     gcs_node.js MODULES ADDRESS BUCKET ls PREFIX
const { createRequire } = require("module");

const [modules, apiEndpoint, bucketName, command, ...rest] = process.argv.slice(2);
const { Storage } = createRequire(modules + "/")("@google-cloud/storage");
const storage = new Storage({
    apiEndpoint,
    projectId: "p",
    retryOptions: { autoRetry: false, maxRetries: 0 },
});
const bucket = storage.bucket(bucketName);

const commands = {
    async up(file, name, resumable, part) {
        await bucket.upload(file, {
            destination: name,
            validation: "crc32c",
            resumable: resumable === undefined ? undefined : resumable === "true",
            chunkSize: part && Number(part),
        });
    },
    async down(name, file) {
        await bucket.file(name).download({ destination: file, validation: "crc32c" });
    },
    async ls(prefix) {
        const [files] = await bucket.getFiles({ prefix, autoPaginate: true });
        console.log(JSON.stringify(files.map((file) => file.name)));
    },
};

commands[command](...rest).catch((problem) => {
    console.error(problem.message);
    process.exitCode = 1;
});
