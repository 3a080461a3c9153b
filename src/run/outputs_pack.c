#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "job/job.h"
#include "run/outputs.h"
#include "run/state_folder.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/tarball.h"

#include <errno.h>
#include <fcntl.h>

struct packing {
    struct arena *arena;
    const struct job *job;
    struct outputs *outputs;
    struct entry *entries;     /* what is published in the end */
    struct output_file *files; /* likewise */
    size_t count;
};

static int add_file(const struct packing *packing, struct tarball *tarball,
                    const struct output_file *file, const struct tarball_item *item,
                    struct error *err)
{
    const char *path = str_copy(packing->arena, file->workspace_path).s;
    int fd CLEANUP(fd_close) = -1;
    struct stat before;
    struct stat after;

    /* What is no regular file any more must not block. */
    if (fs_open_beneath(packing->job->context->root_fd, path, O_RDONLY | O_NONBLOCK, 0, &fd, err) <
        0) {
        return -1;
    }
    bool is_file = fstat(fd, &before) == 0 && S_ISREG(before.st_mode);
    if (is_file && tarball_add(tarball, item, fd, err) < 0) {
        return -1;
    }
    if (!is_file || fstat(fd, &after) != 0 || !fs_is_unchanged(&before, &after)) {
        return error_set(err, ERROR_OUTPUTS, "'%s' changed while it was read", path);
    }
    return 0;
}

static int add(const struct packing *packing, struct tarball *tarball,
               const struct output_file *file, struct entry *packed, struct error *err)
{
    static const enum fs_kind KINDS[] = {
        [ENTRY_FILE] = FS_FILE, [ENTRY_LINK] = FS_LINK, [ENTRY_FOLDER] = FS_FOLDER};
    const struct entry *entry = file->entry;
    struct tarball_item item = {
        .kind = KINDS[entry->kind],
        .path = entry->path,
        .mode = entry->mode,
        .size_bytes = entry->size_bytes,
        .target = entry->target,
    };

    packed->packed_count += entry->kind != ENTRY_FOLDER;
    packed->packed_bytes += entry->kind == ENTRY_FILE ? entry->size_bytes : 0;
    return entry->kind == ENTRY_FILE ? add_file(packing, tarball, file, &item, err)
                                     : tarball_add(tarball, &item, -1, err);
}

/* The files [from, to) are those of one output, sorted by their paths. */
static int write_archive(const struct packing *packing, size_t from, size_t to, int fd,
                         struct entry *packed, struct error *err)
{
    struct tarball *tarball CLEANUP(tarball_close) = NULL;
    struct stat st;

    if (tarball_create(packing->arena, fd, packed->packed, &tarball, err) < 0) {
        return -1;
    }
    for (size_t i = from; i < to; i++) {
        if (add(packing, tarball, &packing->outputs->files[i], packed, err) < 0) {
            return -1;
        }
    }
    if (tarball_finish(tarball, err) < 0) {
        return -1;
    }
    if (fstat(fd, &st) != 0) {
        return error_errno(err, errno, "cannot look at the archive");
    }
    packed->size_bytes = (uint64_t)st.st_size;
    return 0;
}

static void keep(struct packing *packing, struct str path, const struct entry *entry)
{
    packing->entries[packing->count] = *entry;
    packing->files[packing->count] =
        (struct output_file){.workspace_path = path, .entry = &packing->entries[packing->count]};
    packing->count++;
}

static int pack(struct packing *packing, size_t from, size_t to, enum pack_format format,
                struct error *err)
{
    struct outputs *outputs = packing->outputs;
    struct str output = outputs->files[from].entry->output;
    int fd CLEANUP(fd_close) = -1;
    struct str path;
    struct entry packed = {
        .output = output,
        .path = artifact_packed_path(packing->arena, output, format),
        .mode = 0644,
        .packed = format,
    };

    if (state_temp_create(packing->arena, packing->job->context->root_fd, &fd, &path, err) < 0) {
        return -1;
    }
    outputs->archives[outputs->archive_count++] = path;
    if (write_archive(packing, from, to, fd, &packed, err) < 0) {
        return error_prefix(err, "cannot pack output '%.*s'", STR_ARG(output));
    }
    keep(packing, path, &packed);
    return 0;
}

static enum pack_format format_of(const struct job *job, struct str output)
{
    return manifest_output(job->manifest, output)->pack;
}

int outputs_pack(struct arena *arena, const struct job *job, struct outputs *outputs,
                 struct error *err)
{
    struct packing packing = {
        .arena = arena,
        .job = job,
        .outputs = outputs,
        .entries = arena_array(arena, outputs->count, sizeof *packing.entries),
        .files = arena_array(arena, outputs->count, sizeof *packing.files),
    };
    uint64_t total_bytes = 0;

    outputs->archives = arena_array(arena, job->manifest->output_count, sizeof(struct str));
    for (size_t from = 0, to; from < outputs->count; from = to) {
        struct str output = outputs->files[from].entry->output;
        enum pack_format format = format_of(job, output);
        for (to = from; to < outputs->count && str_equal(outputs->files[to].entry->output, output);
             to++) {
            if (format == PACK_NONE) {
                keep(&packing, outputs->files[to].workspace_path, outputs->files[to].entry);
            }
        }
        if (format != PACK_NONE && pack(&packing, from, to, format, err) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < packing.count; i++) {
        total_bytes += packing.entries[i].size_bytes;
    }
    outputs->artifact.entries = packing.entries;
    outputs->files = packing.files;
    outputs->artifact.count = outputs->count = packing.count;
    outputs->total_bytes = total_bytes;
    return 0;
}

void outputs_discard(const struct job *job, const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->archive_count; i++) {
        struct error ignored;
        if (fs_remove_beneath(job->context->root_fd, outputs->archives[i].s, &ignored) < 0) {
            continue; /* the next run sweeps it */
        }
    }
}
