#include "run/publish.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "job/job.h"
#include "run/listener.h"
#include "run/stored.h"
#include "store/store.h"
#include "sys/fs.h"

#include <fcntl.h>

/* The transfers of the files, and where each of them lies. */
struct sending {
    const struct job *job;
    const struct listener *listener;
    struct transfer *transfers;
    struct entry **entries; /* of each */
    const char **paths;
    size_t count;
};

static int open_file(void *context, size_t index, int *fd, struct error *err)
{
    const struct sending *sending = context;

    return fs_open_beneath(sending->job->context->root_fd, sending->paths[index],
                           O_RDONLY | O_NONBLOCK, 0, fd, err);
}

static int file_done(void *context, size_t index, struct error *err)
{
    (void)context;
    (void)index;
    (void)err;
    return 0;
}

static void report_progress(void *context, uint64_t bytes)
{
    const struct sending *sending = context;

    listener_progress(sending->listener, bytes);
}

static void prepare(struct arena *arena, const struct receipt *receipt,
                    const struct outputs *outputs, struct str folder, struct sending *sending)
{
    sending->transfers = arena_array(arena, outputs->count, sizeof *sending->transfers);
    sending->entries = arena_array(arena, outputs->count, sizeof *sending->entries);
    sending->paths = arena_array(arena, outputs->count, sizeof *sending->paths);
    for (size_t i = 0; i < outputs->count; i++) {
        struct entry *entry = outputs->files[i].entry;
        if (entry->kind == ENTRY_FILE) {
            sending->entries[sending->count] = entry;
            sending->paths[sending->count] = str_copy(arena, outputs->files[i].workspace_path).s;
            sending->transfers[sending->count++] = (struct transfer){
                .key =
                    address_file_key(arena, &receipt->address, folder, entry->output, entry->path),
                .size_bytes = entry->size_bytes,
                .sha256 = entry->sha256,
                .crc32c = entry->crc32c,
            };
        }
    }
}

/* `folder`: where in the receipt's address. */
static int send_files(struct arena *arena, const struct job *job, struct store *store,
                      const struct receipt *receipt, const struct outputs *outputs,
                      struct str folder, const struct listener *listener,
                      struct published *published, struct error *err)
{
    struct sending sending = {.job = job, .listener = listener};
    struct transfer_calls calls = {
        .open = open_file,
        .done = file_done,
        .progress = report_progress,
        .context = &sending,
    };

    prepare(arena, receipt, outputs, folder, &sending);
    if (sending.count == 0) {
        return 0;
    }
    if (store_upload(store, sending.transfers, sending.count, &calls, err) < 0) {
        return error_prefix(err, "cannot publish job '%.*s'", STR_ARG(job->manifest->name));
    }
    for (size_t i = 0; i < sending.count; i++) {
        sending.entries[i]->version = sending.transfers[i].version;
        if (!sending.transfers[i].was_there) {
            published->sent_bytes += sending.transfers[i].size_bytes;
        }
    }
    return 0;
}

static bool has_versions(const struct receipt *receipt)
{
    for (size_t i = 0; i < receipt->artifact.count; i++) {
        if (receipt->artifact.entries[i].version.n > 0) {
            return true;
        }
    }
    return false;
}

/* The files, and then the text of the receipt, whose entries are those of the outputs:
 * with the versions that they have there. What is too large to be recorded is not sent
 * either. */
static int send_all(struct arena *arena, const struct job *job, struct store *store,
                    const struct receipt *receipt, const struct outputs *outputs, struct str folder,
                    const struct listener *listener, struct published *published, struct str *text,
                    struct error *err)
{
    if (receipt_format(receipt, arena, text, err) < 0 ||
        send_files(arena, job, store, receipt, outputs, folder, listener, published, err) < 0) {
        return -1;
    }
    return has_versions(receipt) ? receipt_format(receipt, arena, text, err) : 0;
}

/* Somebody's receipt is there that was not there before: this very attempt's,
 * whose answer was lost, or that of another run. */
static int settle_race(struct arena *arena, struct store *store, const struct receipt *receipt,
                       struct published *published, const struct error *conflict, struct error *err)
{
    struct stored stored = {0};

    if (stored_read(arena, store, &receipt->address, &stored, err) < 0) {
        if (err->kind == ERROR_NOT_FOUND) {
            *err = *conflict;
            return -1;
        }
        return error_prefix(err,
                            "another run published job '%.*s' meanwhile, and its receipt "
                            "cannot be read",
                            STR_ARG(receipt->address.job));
    }
    if (str_equal(stored.receipt.publish_id, receipt->publish_id)) {
        return 0;
    }
    if (str_equal(stored.receipt.artifact.content, receipt->artifact.content)) {
        published->was_there = true;
        return 0;
    }
    published->kept_winner = true;
    published->winner = stored.receipt;
    error_set(err, ERROR_CONFLICT,
              "another run published different files of job '%.*s' meanwhile (%.*s@%.*s); theirs "
              "stay",
              STR_ARG(receipt->address.job), STR_ARG(str_printable(arena, stored.receipt.user)),
              STR_ARG(str_printable(arena, stored.receipt.host_name)));
    return error_help(err, "run it again to compare with what is there now");
}

int publish(struct arena *arena, const struct job *job, struct store *store,
            const struct receipt *receipt, const struct outputs *outputs, struct str replaces,
            const struct listener *listener, struct published *published, struct error *err)
{
    struct str text;
    struct error conflict = {0};
    struct str key = address_receipt_key(arena, &receipt->address);
    struct precondition precondition = {.kind = STORE_IF_ABSENT};

    *published = (struct published){0};
    if (!str_equal(receipt->artifact.content, outputs->artifact.content)) {
        BUG("a receipt of other outputs");
    }
    if (send_all(arena, job, store, receipt, outputs, outputs->artifact.content, listener,
                 published, &text, err) < 0) {
        return -1;
    }
    if (replaces.n > 0) {
        precondition = (struct precondition){.kind = STORE_IF_VERSION, .version = replaces};
    }
    if (store_write(store, key, text, RECEIPT_CONTENT_TYPE, precondition, &conflict) == 0) {
        return 0;
    }
    if (conflict.kind != ERROR_CONFLICT) {
        *err = conflict;
        return error_prefix(err, "cannot write the receipt of job '%.*s'",
                            STR_ARG(job->manifest->name));
    }
    return settle_race(arena, store, receipt, published, &conflict, err);
}

int publish_failure(struct arena *arena, const struct job *job, struct store *store,
                    const struct receipt *receipt, const struct outputs *outputs, struct str folder,
                    const struct listener *listener, struct error *err)
{
    struct published published = {0};
    struct precondition precondition = {.kind = STORE_IF_ABSENT};
    struct str key = str_format(arena, "%.*s/%.*s/failure.json",
                                STR_ARG(address_key(arena, &receipt->address)), STR_ARG(folder));
    struct str text;

    if (!receipt->is_failure) {
        BUG("the receipt of a success");
    }
    if (send_all(arena, job, store, receipt, outputs, folder, listener, &published, &text, err) <
        0) {
        return -1;
    }
    return store_write(store, key, text, RECEIPT_CONTENT_TYPE, precondition, err);
}
