// A client of Google Cloud Storage with npm's @google-cloud/storage, for
// tests/support/gcs_clients.py and tests/bench/gcs_programs.py.
//
//     gcs_node.js MODULES ADDRESS BUCKET up FILE NAME [RESUMABLE [PART]]
//     gcs_node.js MODULES ADDRESS BUCKET down NAME FILE
//     gcs_node.js MODULES ADDRESS BUCKET ls PREFIX
//     gcs_node.js MODULES ADDRESS BUCKET up-many FOLDER PREFIX FILES_AT_ONCE
//     gcs_node.js MODULES ADDRESS BUCKET down-many PREFIX FOLDER FILES_AT_ONCE SLICES_AT_ONCE SLICE_BYTES SLICED_FROM
const path = require("path");
const { createRequire } = require("module");

const [modules, apiEndpoint, bucketName, command, ...rest] = process.argv.slice(2);
const { Storage, TransferManager } = createRequire(modules + "/")("@google-cloud/storage");
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
    async "up-many"(folder, prefix, filesAtOnce) {
        await new TransferManager(bucket).uploadManyFiles(folder, {
            concurrencyLimit: Number(filesAtOnce),
            customDestinationBuilder: (file) => path.posix.join(prefix, path.relative(folder, file)),
            passthroughOptions: { validation: "crc32c" },
        });
    },
    // A single large file in slices, as TransferManager leaves its caller to decide.
    async "down-many"(prefix, folder, filesAtOnce, slicesAtOnce, sliceBytes, slicedFrom) {
        const manager = new TransferManager(bucket);
        const [files] = await bucket.getFiles({ prefix: `${prefix}/` });
        if (files.length === 1 && Number(files[0].metadata.size) >= Number(slicedFrom)) {
            await manager.downloadFileInChunks(files[0], {
                concurrencyLimit: Number(slicesAtOnce),
                chunkSizeBytes: Number(sliceBytes),
                destination: path.join(folder, path.basename(files[0].name)),
                noReturnData: true,
                validation: "crc32c",
            });
            return;
        }
        await manager.downloadManyFiles(files, {
            concurrencyLimit: Number(filesAtOnce),
            passthroughOptions: { destination: folder, validation: "crc32c" },
        });
    },
};

commands[command](...rest).catch((problem) => {
    console.error(problem.message);
    process.exitCode = 1;
});
