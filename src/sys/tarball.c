#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"
#include "sys/signals.h"
#include "sys/tarball_parts.h"

#include <errno.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)256 << 10)
#define TAR_BLOCK   512

/* Two readers, one behind the other: `packed` turns the file into the bytes of the
 * tar, `tar` those into entries. libarchive could do both at once, and would then
 * not tell what is behind the tar's end. */
struct reading {
    int fd;
    enum pack_format format;
    const struct tarball_calls *calls;
    struct archive *packed;
    struct archive *tar;
    char *block;
    struct arena arena;
    uint64_t unpacked_bytes; /* given to `tar` */
    uint64_t used_bytes;     /* up to the last byte that is not zero */
    struct error problem;    /* behind a failure that libarchive reports; ERROR_NONE: none */
};

static const struct tarball_functions *const la = &tarball_functions;

static int damaged(struct reading *reading, struct archive *archive, const char *what,
                   struct error *err)
{
    const char *why = la->archive_error_string(archive);

    if (reading->problem.kind != ERROR_NONE) {
        *err = reading->problem;
        return -1;
    }
    struct str shown =
        str_printable(&reading->arena, str_from(why != NULL ? why : "it is damaged"));
    return error_set(err, ERROR_DAMAGED, "%s: %.*s", what, STR_ARG(shown));
}

/* --- bytes --- */

static la_ssize_t read_file(struct archive *archive, void *context, const void **bytes)
{
    struct reading *reading = context;
    size_t got = 0;

    (void)archive;
    *bytes = reading->block;
    if (signals_check(&reading->problem) < 0 ||
        fd_read_full(reading->fd, reading->block, BLOCK_BYTES, &got, "the archive",
                     &reading->problem) < 0) {
        return -1;
    }
    return (la_ssize_t)got;
}

static void note_used(struct reading *reading, const char *bytes, size_t n)
{
    size_t used = n;

    while (used > 0 && bytes[used - 1] == '\0') {
        used--;
    }
    if (used > 0) {
        reading->used_bytes = reading->unpacked_bytes + used;
    }
    reading->unpacked_bytes += n;
}

static la_ssize_t read_unpacked(struct archive *archive, void *context, const void **bytes)
{
    struct reading *reading = context;
    la_int64_t offset;
    size_t n = 0;

    (void)archive;
    int code = la->archive_read_data_block(reading->packed, bytes, &n, &offset);
    if (code == ARCHIVE_EOF) {
        return 0;
    }
    if (code != ARCHIVE_OK) {
        damaged(reading, reading->packed, "it cannot be decompressed", &reading->problem);
        return -1;
    }
    note_used(reading, *bytes, n);
    return (la_ssize_t)n;
}

/* --- opening --- */

/* Whether the file is compressed as its format says, once. */
static bool has_format(const struct reading *reading)
{
    int wanted = reading->format == PACK_TAR_ZST ? ARCHIVE_FILTER_ZSTD : ARCHIVE_FILTER_GZIP;

    return la->archive_filter_count(reading->packed) == 2 &&
           la->archive_filter_code(reading->packed, 0) == wanted;
}

static int open_packed(struct reading *reading, struct error *err)
{
    struct archive_entry *entry;
    struct archive *packed = reading->packed;
    /* Without this library of compression libarchive would start a program. */
    int support = reading->format == PACK_TAR_ZST ? la->archive_read_support_filter_zstd(packed)
                                                  : la->archive_read_support_filter_gzip(packed);

    if (support != ARCHIVE_OK) {
        return error_set(err, ERROR_NOT_ALLOWED, "this libarchive cannot read a '%s'",
                         pack_name(reading->format));
    }
    if (la->archive_read_support_format_raw(packed) != ARCHIVE_OK ||
        la->archive_read_open(packed, reading, NULL, read_file, NULL) != ARCHIVE_OK) {
        return damaged(reading, packed, "it cannot be read", err);
    }
    if (!has_format(reading)) {
        return error_set(err, ERROR_DAMAGED, "it is not a '%s'", pack_name(reading->format));
    }
    int code = la->archive_read_next_header(packed, &entry);
    if (code == ARCHIVE_EOF) {
        return error_set(err, ERROR_DAMAGED, "it is empty");
    }
    return code == ARCHIVE_OK ? 0 : damaged(reading, packed, "it cannot be decompressed", err);
}

static int open_tar(struct reading *reading, struct error *err)
{
    if (la->archive_read_support_format_tar(reading->tar) != ARCHIVE_OK ||
        la->archive_read_open(reading->tar, reading, NULL, read_unpacked, NULL) != ARCHIVE_OK) {
        return damaged(reading, reading->tar, "it is no tar", err);
    }
    return 0;
}

/* --- entries --- */

static int refuse(struct reading *reading, struct str path, const char *what, struct error *err)
{
    struct str shown = str_printable(&reading->arena, path);

    return error_set(err, ERROR_DAMAGED, "entry '%.*s' %s", STR_ARG(shown), what);
}

static int take_kind(struct reading *reading, struct archive_entry *entry,
                     struct tarball_item *item, struct error *err)
{
    if (la->archive_entry_hardlink(entry) != NULL) {
        refuse(reading, item->path, "is a hard link to another entry", err);
        return error_help(err, "let the archive hold the file itself: tar --hard-dereference");
    }
    if (la->archive_entry_sparse_count(entry) > 0) {
        refuse(reading, item->path, "is a file with holes", err);
        return error_help(err, "make the archive without 'tar --sparse'");
    }
    switch (la->archive_entry_filetype(entry)) {
    case AE_IFREG:
        item->kind = FS_FILE;
        item->mode = (unsigned)la->archive_entry_perm(entry) & 0777U;
        item->size_bytes = (uint64_t)la->archive_entry_size(entry);
        return 0;
    case AE_IFLNK:
        item->kind = FS_LINK;
        item->target = str_from(la->archive_entry_symlink(entry));
        return 0;
    case AE_IFDIR:
        item->kind = FS_FOLDER;
        return 0;
    default:
        return refuse(reading, item->path, "is neither a file, a link nor a folder", err);
    }
}

/* As GNU tar writes it: "./a", and "./" for the folder that was packed. */
static struct str without_dots(struct str path)
{
    while (str_starts(path, STR("./"))) {
        path = str_after(path, 2);
    }
    return str_is(path, ".") ? STR("") : path;
}

static int read_bytes(struct reading *reading, const struct tarball_item *item, struct error *err)
{
    uint64_t done = 0;
    const void *bytes;
    la_int64_t offset;
    size_t n;
    int code;

    while ((code = la->archive_read_data_block(reading->tar, &bytes, &n, &offset)) == ARCHIVE_OK) {
        if (offset < 0 || (uint64_t)offset != done || n > item->size_bytes - done) {
            return refuse(reading, item->path, "does not have the bytes that it says", err);
        }
        done += n;
        if (reading->calls->data(reading->calls->context, bytes, n, err) < 0) {
            return -1;
        }
    }
    if (code != ARCHIVE_EOF) {
        return damaged(reading, reading->tar, "it cannot be read", err);
    }
    return done == item->size_bytes
               ? 0
               : refuse(reading, item->path, "does not have the bytes that it says", err);
}

static int read_entry(struct reading *reading, struct archive_entry *entry, struct error *err)
{
    const struct tarball_calls *calls = reading->calls;
    struct tarball_item item = {.path = str_from(la->archive_entry_pathname(entry))};

    if (take_kind(reading, entry, &item, err) < 0) {
        return -1;
    }
    item.path = without_dots(item.path);
    if (item.kind == FS_FOLDER && item.path.n == 0) {
        return 0;
    }
    if (item.kind == FS_FOLDER && str_ends(item.path, STR("/"))) {
        item.path.n--;
    }
    if (calls->begin(calls->context, &item, err) < 0 ||
        (item.kind == FS_FILE && read_bytes(reading, &item, err) < 0)) {
        return -1;
    }
    return calls->end(calls->context, err);
}

/* --- the end --- */

/* The tar ends in a block of zeros at least, with zeros alone behind it, and the
 * compressed bytes end with the file. */
static int check_end(struct reading *reading, struct error *err)
{
    uint64_t end = (uint64_t)la->archive_filter_bytes(reading->tar, -1);
    uint64_t mark = (uint64_t)la->archive_read_header_position(reading->tar);
    const void *bytes;
    la_ssize_t n;

    if (end < mark + TAR_BLOCK) {
        return error_set(err, ERROR_DAMAGED, "it is cut off: it has no end");
    }
    while ((n = read_unpacked(reading->packed, reading, &bytes)) > 0) {
        continue;
    }
    if (n < 0) {
        *err = reading->problem;
        return -1;
    }
    off_t size = lseek(reading->fd, 0, SEEK_END);
    if (reading->used_bytes > end ||
        la->archive_filter_bytes(reading->packed, -1) != (la_int64_t)size) {
        return error_set(err, ERROR_DAMAGED, "there is something behind its end");
    }
    return 0;
}

static int read_all(struct reading *reading, struct error *err)
{
    struct archive_entry *entry;
    int code;

    if (lseek(reading->fd, 0, SEEK_SET) != 0) {
        return error_errno(err, errno, "cannot read the archive");
    }
    if (open_packed(reading, err) < 0 || open_tar(reading, err) < 0) {
        return -1;
    }
    while ((code = la->archive_read_next_header(reading->tar, &entry)) == ARCHIVE_OK) {
        if (signals_check(err) < 0 || read_entry(reading, entry, err) < 0) {
            return -1;
        }
    }
    return code == ARCHIVE_EOF ? check_end(reading, err)
                               : damaged(reading, reading->tar, "it cannot be read", err);
}

int tarball_read(int fd, enum pack_format format, const struct tarball_calls *calls,
                 struct error *err)
{
    struct reading reading = {.fd = fd, .format = format, .calls = calls};

    if (tarball_ready(err) < 0) {
        return -1;
    }
    locale_t before CLEANUP(tarball_restore_locale) = tarball_use_utf8();
    (void)before;
    reading.block = arena_alloc(&reading.arena, BLOCK_BYTES);
    reading.packed = la->archive_read_new();
    reading.tar = la->archive_read_new();
    if (reading.packed == NULL || reading.tar == NULL) {
        memory_exhausted();
    }
    int result = read_all(&reading, err);
    la->archive_read_free(reading.tar);
    la->archive_read_free(reading.packed);
    arena_free(&reading.arena);
    return result;
}
