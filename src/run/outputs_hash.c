#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "job/job.h"
#include "run/hash.h"
#include "run/outputs.h"
#include "run/secrets.h"

static int compare_files(const void *a, const void *b)
{
    const struct output_file *x = a;
    const struct output_file *y = b;
    int order = str_compare(x->entry->output, y->entry->output);

    return order != 0 ? order : str_compare(x->entry->path, y->entry->path);
}

/* Sealing sorts the entries, so each file looks its entry up again. */
static void seal(struct arena *arena, struct outputs *outputs)
{
    struct entry *before = outputs->artifact.entries;
    size_t count = outputs->count;
    struct output_file *by_name = arena_array(arena, count, sizeof *by_name);

    for (size_t i = 0; i < count; i++) {
        by_name[i] = outputs->files[i];
    }
    outputs->artifact.entries = arena_array(arena, count, sizeof *before);
    for (size_t i = 0; i < count; i++) {
        outputs->artifact.entries[i] = before[i];
    }
    artifact_seal(&outputs->artifact, arena);
    if (count > 1) {
        qsort(by_name, count, sizeof *by_name, compare_files);
    }
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &outputs->artifact.entries[i];
        struct output_file wanted = {.entry = entry};
        const struct output_file *file =
            bsearch(&wanted, by_name, count, sizeof *by_name, compare_files);
        if (file == NULL) {
            BUG("an entry without a file");
        }
        outputs->files[i] = *file;
        outputs->files[i].entry = entry;
    }
}

int outputs_hash(struct arena *arena, const struct job *job, struct outputs *outputs,
                 struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct hash_file *hashes = arena_array(&scratch, outputs->count, sizeof *hashes);
    const struct secrets *secrets = outputs->secrets;
    size_t count = 0;

    for (size_t i = 0; i < outputs->count; i++) {
        if (outputs->files[i].entry->kind == ENTRY_FILE) {
            hashes[count++] = (struct hash_file){
                .root_fd = job->context->root_fd,
                .path = str_copy(&scratch, outputs->files[i].workspace_path).s,
                .size_bytes = outputs->files[i].entry->size_bytes,
                .refused = secrets != NULL ? secrets->raw : NULL,
            };
        }
    }
    if (hash_files(arena, hashes, count, HASH_ALL, err) < 0) {
        return error_prefix(err, "cannot publish the outputs of job '%.*s'",
                            STR_ARG(job->manifest->name));
    }
    count = 0;
    for (size_t i = 0; i < outputs->count; i++) {
        struct entry *entry = outputs->files[i].entry;
        if (entry->kind == ENTRY_FILE) {
            entry->sha256 = hashes[count].sha256;
            entry->crc32c = hashes[count].crc32c;
            if (secrets != NULL && hashes[count].found >= 0) {
                outputs->files[i].secret = secrets->names[hashes[count].found];
            }
            count++;
        }
    }
    seal(arena, outputs);
    return 0;
}
