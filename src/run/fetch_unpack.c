/* Archives: what is in them, and their files brought beside their places. */
#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "run/contents.h"
#include "run/fetch_parts.h"
#include "run/listener.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/tarball.h"

#include <fcntl.h>
#include <inttypes.h>

/* A file of this machine is not made again, and no other receipt brings a better
 * one: whoever named it is told which one it was. */
static int cannot_unpack_local(const struct supply *supply, struct error *err)
{
    bool is_else = supply->otherwise.s != NULL;
    struct str path = is_else ? supply->otherwise : supply->local_path;

    if (err->kind == ERROR_DAMAGED) {
        err->kind = is_else ? ERROR_MANIFEST : ERROR_USAGE;
        error_help(err, "name the archive, or a folder that stands for what is in it");
    }
    return error_prefix(err, "cannot unpack '%.*s', which stands for input '%.*s'", STR_ARG(path),
                        STR_ARG(supply->input->input->name));
}

static int cannot_unpack(struct fetching *fetching, const struct archive *archive,
                         struct error *err)
{
    const struct landing *landing = archive->arrival->landing;
    const struct context *context = fetching->context;

    if (landing->supply->state == SUPPLY_LOCAL) {
        return cannot_unpack_local(landing->supply, err);
    }
    /* What jobrun packed itself it can pack again. */
    if (err->kind == ERROR_DAMAGED && landing->entry->packed != PACK_NONE) {
        struct str command = element_command(landing->supply->element, context, fetching->arena,
                                             context->config.run_prefix);
        error_help(err, "make and publish it again: %.*s --force", STR_ARG(command));
    }
    return error_prefix(err, "cannot unpack '%.*s' of input '%.*s'", STR_ARG(landing->entry->path),
                        STR_ARG(landing->supply->input->input->name));
}

static int open_archive(struct fetching *fetching, const struct archive *archive, int *fd,
                        struct error *err)
{
    return fs_open_beneath(fetching->root, archive->arrival->temp.s, O_RDONLY, 0, fd, err);
}

/* --- what is in them --- */

/* A receipt says what jobrun packed; --input does not. */
static int check_receipt(const struct archive *archive, struct error *err)
{
    const struct landing *landing = archive->arrival->landing;
    const struct entry *entry = landing->entry;
    uint64_t count = 0;
    uint64_t bytes = 0;

    if (entry->packed == PACK_NONE || landing->supply->state != SUPPLY_THERE) {
        return 0;
    }
    for (size_t i = 0; i < archive->contents.count; i++) {
        count += archive->contents.entries[i].kind != ENTRY_FOLDER;
        bytes += archive->contents.entries[i].size_bytes;
    }
    if (count == entry->packed_count && bytes == entry->packed_bytes) {
        return 0;
    }
    return error_set(err, ERROR_DAMAGED,
                     "it holds %" PRIu64 " files of %" PRIu64 " bytes, its receipt says %" PRIu64
                     " of %" PRIu64,
                     count, bytes, entry->packed_count, entry->packed_bytes);
}

static int list_archive(struct fetching *fetching, struct archive *archive, struct error *err)
{
    const struct landing *landing = archive->arrival->landing;
    int fd CLEANUP(fd_close) = -1;
    uint64_t free_bytes;
    uint64_t total_bytes;

    if (open_archive(fetching, archive, &fd, err) < 0 ||
        fs_room(fetching->root, &free_bytes, &total_bytes, err) < 0 ||
        contents_read(fetching->arena, fd, landing->unpack, landing->entry->output, total_bytes,
                      &archive->contents, err) < 0) {
        return -1;
    }
    return check_receipt(archive, err);
}

static void add_landings(struct fetching *fetching, const struct archive *archive)
{
    const struct landing *from = archive->arrival->landing;

    for (size_t i = 0; i < archive->contents.count; i++) {
        const struct entry *entry = &archive->contents.entries[i];
        fetching->landings[fetching->landing_count++] = (struct landing){
            .supply = from->supply,
            .entry = entry,
            .destination = path_below(fetching->arena, from->destination, entry->path),
        };
    }
}

int fetch_list_archives(struct fetching *fetching, struct error *err)
{
    struct landing *plain = fetching->landings;
    size_t count = fetching->plain_count;

    fetching->archives =
        arena_array(fetching->arena, fetching->archive_count, sizeof *fetching->archives);
    for (size_t i = 0; i < fetching->archive_count; i++) {
        struct archive *archive = &fetching->archives[i];
        archive->arrival = &fetching->archive_arrivals[i];
        if (list_archive(fetching, archive, err) < 0) {
            return cannot_unpack(fetching, archive, err);
        }
        count += archive->contents.count;
    }
    if (count > PLAN_LANDINGS_MAX) {
        return error_set(err, ERROR_LIMIT, "the inputs have more than %d files", PLAN_LANDINGS_MAX);
    }
    fetching->landings = arena_array(fetching->arena, count, sizeof *fetching->landings);
    for (size_t i = 0; i < fetching->plain_count; i++) {
        fetching->landings[i] = plain[i];
    }
    for (size_t i = 0; i < fetching->archive_count; i++) {
        add_landings(fetching, &fetching->archives[i]);
    }
    return 0;
}

/* --- their files --- */

struct unpacking {
    struct fetching *fetching;
    const struct archive *archive;
    size_t next;             /* the entry that comes */
    struct arrival *arrival; /* of the one that is being read; NULL: nothing to write */
    int fd;
    struct sha256 sha;
};

/* The second reading must see what the first one has seen. */
static int changed(struct error *err)
{
    return error_set(err, ERROR_DAMAGED, "it changed while it was unpacked");
}

static int begin(void *context, const struct tarball_item *item, struct error *err)
{
    struct unpacking *unpacking = context;
    size_t i = unpacking->next++;
    int folder;
    const char *name;

    unpacking->arrival = NULL;
    if (i >= unpacking->archive->contents.count) {
        return changed(err);
    }
    if (item->kind != FS_FILE || unpacking->archive->arrivals[i] == NULL) {
        return 0;
    }
    unpacking->arrival = unpacking->archive->arrivals[i];
    sha256_begin(&unpacking->sha);
    return fetch_temp(unpacking->fetching, unpacking->arrival, &folder, &unpacking->fd, &name, err);
}

static int data(void *context, const void *bytes, size_t n, struct error *err)
{
    struct unpacking *unpacking = context;

    if (unpacking->arrival == NULL) {
        return 0;
    }
    sha256_add(&unpacking->sha, bytes, n);
    listener_progress(unpacking->fetching->listener, n);
    return fd_write_all(unpacking->fd, bytes, n, unpacking->arrival->temp.s, err);
}

static int end(void *context, struct error *err)
{
    struct unpacking *unpacking = context;
    struct arena scratch CLEANUP(arena_free) = {0};
    unsigned char digest[SHA256_BYTES];

    if (unpacking->arrival == NULL) {
        return 0;
    }
    sha256_end(&unpacking->sha, digest);
    if (!str_equal(digest_hex(&scratch, digest, sizeof digest),
                   unpacking->arrival->landing->entry->sha256)) {
        return changed(err);
    }
    if (fetch_set_mode(unpacking->fd, unpacking->arrival, err) < 0) {
        return -1;
    }
    return fd_close_checked(&unpacking->fd, unpacking->arrival->temp.s, err);
}

static int unpack(struct fetching *fetching, const struct archive *archive, struct error *err)
{
    struct unpacking unpacking = {.fetching = fetching, .archive = archive, .fd = -1};
    struct tarball_calls calls = {begin, data, end, &unpacking};
    int fd CLEANUP(fd_close) = -1;

    if (open_archive(fetching, archive, &fd, err) < 0) {
        return -1;
    }
    int result = tarball_read(fd, archive->arrival->landing->unpack, &calls, err);
    fd_close(&unpacking.fd);
    return result;
}

/* Asked before the first file is written, for all archives together. */
static int check_room(struct fetching *fetching, struct error *err)
{
    uint64_t needed = 0;
    uint64_t free_bytes;
    uint64_t total_bytes;

    for (size_t i = 0; i < fetching->count; i++) {
        const struct arrival *arrival = &fetching->arrivals[i];
        needed += arrival->is_unpacked ? arrival->landing->entry->size_bytes : 0;
    }
    if (fs_room(fetching->root, &free_bytes, &total_bytes, err) < 0) {
        return -1;
    }
    if (needed <= free_bytes) {
        return 0;
    }
    struct str wanted = size_show(fetching->arena, needed);
    struct str there = size_show(fetching->arena, free_bytes);
    return error_set(err, ERROR_FAILED,
                     "cannot unpack the inputs: %.*s are needed, and the disk has %.*s left",
                     STR_ARG(wanted), STR_ARG(there));
}

/* The arrival of each entry, in the order of the archive. */
static void find_arrivals(struct fetching *fetching)
{
    size_t count = fetching->landing_count - fetching->plain_count;
    struct arrival **all = arena_array(fetching->arena, count, sizeof *all);

    for (size_t i = 0; i < fetching->count; i++) {
        struct arrival *arrival = &fetching->arrivals[i];
        size_t number = (size_t)(arrival->landing - fetching->landings);
        if (arrival->is_unpacked) {
            all[number - fetching->plain_count] = arrival;
        }
    }
    for (size_t i = 0; i < fetching->archive_count; i++) {
        fetching->archives[i].arrivals = all;
        all += fetching->archives[i].contents.count;
    }
}

static bool has_files_to_unpack(const struct archive *archive)
{
    for (size_t i = 0; i < archive->contents.count; i++) {
        if (archive->arrivals[i] != NULL && archive->contents.entries[i].kind == ENTRY_FILE) {
            return true;
        }
    }
    return false;
}

int fetch_unpack(struct fetching *fetching, struct error *err)
{
    if (fetching->archive_count == 0) {
        return 0;
    }
    if (check_room(fetching, err) < 0) {
        return -1;
    }
    find_arrivals(fetching);
    for (size_t i = 0; i < fetching->archive_count; i++) {
        const struct archive *archive = &fetching->archives[i];
        if (has_files_to_unpack(archive) && unpack(fetching, archive, err) < 0) {
            return cannot_unpack(fetching, archive, err);
        }
    }
    return 0;
}
