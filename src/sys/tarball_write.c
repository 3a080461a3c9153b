#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"
#include "sys/signals.h"
#include "sys/tarball_parts.h"

#include <errno.h>

#define BLOCK_BYTES ((size_t)256 << 10)

struct tarball {
    struct archive *archive;
    struct archive_entry *entry;
    int fd;
    bool is_dropped; /* what libarchive still writes goes nowhere */
    char *block;
    struct error problem; /* of the file that is written to; .kind ERROR_NONE: none */
};

static const struct tarball_functions *const la = &tarball_functions;

static la_ssize_t write_bytes(struct archive *archive, void *context, const void *bytes, size_t n)
{
    struct tarball *tarball = context;

    (void)archive;
    if (tarball->is_dropped) {
        return -1;
    }
    return fd_write_all(tarball->fd, bytes, n, "an archive", &tarball->problem) < 0 ? -1
                                                                                    : (la_ssize_t)n;
}

static int failed(const struct tarball *tarball, struct error *err)
{
    const char *why = la->archive_error_string(tarball->archive);

    if (tarball->problem.kind != ERROR_NONE) {
        *err = tarball->problem;
        return -1;
    }
    return error_set(err, ERROR_FAILED, "cannot write an archive: %s",
                     why != NULL ? why : "libarchive does not say why");
}

static int set_format(struct archive *archive, enum pack_format format)
{
    bool good = la->archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
                la->archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK;

    /* Without this library of compression libarchive would start a program. */
    if (format == PACK_TAR_ZST) {
        return good && la->archive_write_add_filter_zstd(archive) == ARCHIVE_OK &&
               la->archive_write_set_filter_option(archive, "zstd", "compression-level", "3") ==
                   ARCHIVE_OK;
    }
    return good && la->archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
           la->archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) == ARCHIVE_OK;
}

int tarball_create(struct arena *arena, int fd, enum pack_format format, struct tarball **tarball,
                   struct error *err)
{
    if (tarball_ready(err) < 0) {
        return -1;
    }
    struct tarball *made = arena_alloc(arena, sizeof *made);
    *made = (struct tarball){.fd = fd, .block = arena_alloc(arena, BLOCK_BYTES)};
    *tarball = made;
    made->archive = la->archive_write_new();
    made->entry = la->archive_entry_new();
    if (made->archive == NULL || made->entry == NULL) {
        memory_exhausted();
    }
    if (!set_format(made->archive, format) ||
        la->archive_write_open(made->archive, made, NULL, write_bytes, NULL) != ARCHIVE_OK) {
        return failed(made, err);
    }
    return 0;
}

static void fill_entry(struct archive_entry *entry, const struct tarball_item *item)
{
    struct arena scratch CLEANUP(arena_free) = {0};

    la->archive_entry_clear(entry);
    la->archive_entry_set_pathname(entry, str_copy(&scratch, item->path).s);
    la->archive_entry_set_mtime(entry, 0, 0);
    switch (item->kind) {
    case FS_FILE:
        la->archive_entry_set_filetype(entry, AE_IFREG);
        la->archive_entry_set_perm(entry, (mode_t)(item->mode & 0777U));
        la->archive_entry_set_size(entry, (la_int64_t)item->size_bytes);
        return;
    case FS_LINK:
        la->archive_entry_set_filetype(entry, AE_IFLNK);
        la->archive_entry_set_perm(entry, 0777);
        la->archive_entry_set_symlink(entry, str_copy(&scratch, item->target).s);
        return;
    case FS_FOLDER:
        la->archive_entry_set_filetype(entry, AE_IFDIR);
        la->archive_entry_set_perm(entry, 0755);
        return;
    case FS_OTHER:
        break;
    }
    BUG("neither a file, a link nor a folder");
}

static int changed(const struct tarball_item *item, struct error *err)
{
    return error_set(err, ERROR_OUTPUTS, "'%.*s' changed while it was read", STR_ARG(item->path));
}

static int add_bytes(struct tarball *tarball, const struct tarball_item *item, int from,
                     struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    const char *what = str_copy(&scratch, item->path).s;
    uint64_t left = item->size_bytes;
    size_t got = BLOCK_BYTES;

    while (got == BLOCK_BYTES) {
        if (signals_check(err) < 0 ||
            fd_read_full(from, tarball->block, BLOCK_BYTES, &got, what, err) < 0) {
            return -1;
        }
        if (got > left) {
            return changed(item, err);
        }
        left -= got;
        if (got > 0 &&
            la->archive_write_data(tarball->archive, tarball->block, got) != (la_ssize_t)got) {
            return failed(tarball, err);
        }
    }
    return left == 0 ? 0 : changed(item, err);
}

int tarball_add(struct tarball *tarball, const struct tarball_item *item, int from,
                struct error *err)
{
    locale_t before CLEANUP(tarball_restore_locale) = tarball_use_utf8();
    (void)before;

    fill_entry(tarball->entry, item);
    if (la->archive_write_header(tarball->archive, tarball->entry) != ARCHIVE_OK) {
        return failed(tarball, err);
    }
    if (item->kind == FS_FILE && add_bytes(tarball, item, from, err) < 0) {
        return -1;
    }
    return la->archive_write_finish_entry(tarball->archive) == ARCHIVE_OK ? 0
                                                                          : failed(tarball, err);
}

int tarball_finish(struct tarball *tarball, struct error *err)
{
    return la->archive_write_close(tarball->archive) == ARCHIVE_OK ? 0 : failed(tarball, err);
}

void tarball_close(struct tarball **tarball)
{
    if (*tarball != NULL) {
        la->archive_entry_free((*tarball)->entry);
        /* What was not finished is not to be finished now. archive_write_fail() would
         * be the call for that, and leaks. */
        (*tarball)->is_dropped = true;
        la->archive_write_free((*tarball)->archive);
        *tarball = NULL;
    }
}
