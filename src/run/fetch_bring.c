/* What lands, brought under temporary names. */
#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "run/fetch_parts.h"
#include "run/hash.h"
#include "run/landing.h"
#include "run/listener.h"
#include "run/state_folder.h"
#include "run/stores.h"
#include "store/store.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* --- folders and temporary files --- */

/* Remembers those that it makes. */
static int make_folders(struct fetching *fetching, struct str path, struct error *err)
{
    size_t first = fetching->made_count;
    struct stat st = {0};
    struct error looked = {0};

    for (struct str above = path; above.n > 0; above = path_folder(above)) {
        const char *text = str_copy(fetching->arena, above).s;
        if (fs_stat_beneath(fetching->root, text, &st, &looked) == 0 ||
            looked.kind != ERROR_NOT_FOUND) {
            break;
        }
        *ARENA_PUSH(fetching->arena, fetching->made, fetching->made_count,
                    fetching->made_capacity) = above;
    }
    if (looked.kind == ERROR_NONE && S_ISDIR(st.st_mode)) {
        return 0;
    }
    for (size_t i = first, j = fetching->made_count; i + 1 < j; i++, j--) {
        struct str swapped = fetching->made[i];
        fetching->made[i] = fetching->made[j - 1];
        fetching->made[j - 1] = swapped;
    }
    return fs_make_folders_beneath(fetching->root, str_copy(fetching->arena, path).s, err);
}

/* Those alone that were made and that nobody has put anything into. */
void fetch_remove_folders(struct fetching *fetching)
{
    for (size_t i = fetching->made_count; i > 0; i--) {
        int folder CLEANUP(fd_close) = -1;
        const char *name;
        struct error ignored;
        const char *path = str_copy(fetching->arena, fetching->made[i - 1]).s;
        if (fs_open_parent_beneath(fetching->root, path, &folder, &name, &ignored) == 0) {
            unlinkat(folder, name, AT_REMOVEDIR);
        }
    }
}

/* Borrows the folder of a landing, made and swept when it is the first there. */
static int open_folder(struct fetching *fetching, struct str path, int *folder, struct error *err)
{
    bool is_new = !fetching->folder.is_known || !str_equal(fetching->folder.path, path);

    if (is_new && path.n > 0 && make_folders(fetching, path, err) < 0) {
        return -1;
    }
    if (last_folder_open(&fetching->folder, path, folder, err) < 0) {
        return -1;
    }
    if (is_new) {
        fs_temp_sweep(*folder);
    }
    return 0;
}

int fetch_temp(struct fetching *fetching, struct arrival *arrival, int *folder, int *fd,
               const char **name, struct error *err)
{
    const struct landing *landing = arrival->landing;
    struct str parent =
        landing->unpack != PACK_NONE ? STR(STATE_TEMP) : path_folder(landing->destination);
    struct str made;

    if (open_folder(fetching, parent, folder, err) < 0) {
        return -1;
    }
    if (fs_temp_create(fetching->arena, *folder, fd, &made, err) < 0) {
        return error_prefix(err, "cannot write in folder '%.*s'",
                            STR_ARG(parent.n > 0 ? parent : STR(".")));
    }
    arrival->temp = path_below(fetching->arena, parent, made);
    *name = made.s;
    return 0;
}

void fetch_remove_temps(struct fetching *fetching, struct arrival *arrivals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct error ignored;
        if (arrivals[i].temp.n > 0 &&
            fs_remove_beneath(fetching->root, arrivals[i].temp.s, &ignored) < 0) {
            continue; /* the next run that lands here sweeps it */
        }
    }
}

int fetch_set_mode(int fd, const struct arrival *arrival, struct error *err)
{
    const struct landing *landing = arrival->landing;
    mode_t mode = landing->unpack != PACK_NONE ? 0600 : (mode_t)landing->entry->mode;

    if (fchmod(fd, mode) != 0) {
        return error_errno(err, errno, "cannot set the mode of '%.*s'",
                           STR_ARG(landing->destination));
    }
    return 0;
}

/* --- from the store --- */

/* Those of the arrivals that a store sends. */
struct download {
    struct fetching *fetching;
    struct arrival *arrivals;
    size_t arrival_count;
    struct transfer *transfers;
    size_t *of_transfer; /* the arrival of each */
    size_t count;
};

static int open_transfer(void *context, size_t index, int *fd, struct error *err)
{
    struct download *download = context;
    struct fetching *fetching = download->fetching;
    struct arrival *arrival = &download->arrivals[download->of_transfer[index]];
    int folder;
    const char *name;

    if (fetch_temp(fetching, arrival, &folder, fd, &name, err) < 0) {
        return -1;
    }
    if (fetch_set_mode(*fd, arrival, err) < 0) {
        fd_close(fd);
        return -1;
    }
    return 0;
}

static int transfer_done(void *context, size_t index, struct error *err)
{
    (void)context;
    (void)index;
    (void)err;
    return 0;
}

static void report_progress(void *context, uint64_t bytes)
{
    const struct download *download = context;

    listener_progress(download->fetching->listener, bytes);
}

static bool is_download(const struct arrival *arrival)
{
    return arrival->landing->entry->kind == ENTRY_FILE && !arrival->is_unpacked &&
           arrival->landing->supply->state == SUPPLY_THERE;
}

static void help_make_again(const struct download *download, struct error *err)
{
    struct fetching *fetching = download->fetching;
    const struct context *context = fetching->context;

    for (size_t i = 0; i < download->count && err->help[0] == '\0'; i++) {
        if (download->transfers[i].is_damaged) {
            const struct arrival *arrival = &download->arrivals[download->of_transfer[i]];
            struct str command = element_command(arrival->landing->supply->element, context,
                                                 fetching->arena, context->config.run_prefix);
            error_help(err, "make and publish it again: %.*s --force", STR_ARG(command));
        }
    }
}

/* The files that come from one store: one queue. */
static int prepare(struct download *download, const struct store *store, struct error *err)
{
    struct arena *arena = download->fetching->arena;

    download->transfers = arena_array(arena, download->arrival_count, sizeof(struct transfer));
    download->of_transfer = arena_array(arena, download->arrival_count, sizeof(size_t));
    for (size_t i = 0; i < download->arrival_count; i++) {
        const struct entry *entry = download->arrivals[i].landing->entry;
        const struct supply *supply = download->arrivals[i].landing->supply;
        struct store *source = NULL;
        if (!is_download(&download->arrivals[i])) {
            continue;
        }
        if (stores_get(download->fetching->stores, supply->address.environment, &source, err) < 0) {
            return -1;
        }
        if (source == store) {
            download->of_transfer[download->count] = i;
            download->transfers[download->count++] = (struct transfer){
                .key = address_file_key(arena, &supply->address, supply->content, entry->output,
                                        entry->path),
                .version = entry->version,
                .size_bytes = entry->size_bytes,
                .sha256 = entry->sha256,
                .crc32c = entry->crc32c,
            };
        }
    }
    return 0;
}

static int download_from(struct fetching *fetching, struct store *store, struct arrival *arrivals,
                         size_t count, struct error *err)
{
    struct download download = {.fetching = fetching, .arrivals = arrivals, .arrival_count = count};
    struct transfer_calls calls = {
        .open = open_transfer,
        .done = transfer_done,
        .progress = report_progress,
        .context = &download,
    };

    if (prepare(&download, store, err) < 0) {
        return -1;
    }
    if (download.count > 0 &&
        store_download(store, download.transfers, download.count, &calls, err) < 0) {
        help_make_again(&download, err);
        return error_prefix(err, "cannot fetch the inputs");
    }
    for (size_t i = 0; i < download.count; i++) {
        fetching->cached_count += download.transfers[i].was_cached;
    }
    return 0;
}

static int download_all(struct fetching *fetching, struct arrival *arrivals, size_t count,
                        struct error *err)
{
    const struct stores *stores = fetching->stores;

    for (size_t i = 0; i < stores->count; i++) {
        if (!stores->items[i].is_shared &&
            download_from(fetching, stores->items[i].store, arrivals, count, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* --- from this machine --- */

/* Copies the file that was hashed when the input was looked up; whether it is
 * still the same is asked of the copies, all together. */
static int copy_local(struct fetching *fetching, struct arrival *arrival, struct error *err)
{
    const struct landing *landing = arrival->landing;
    struct str source = landing_source(fetching->arena, landing);
    int from CLEANUP(fd_close) = open(source.s, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int to CLEANUP(fd_close) = -1;
    int folder;
    const char *name;

    if (from < 0) {
        return error_errno(err, errno, "cannot open '%.*s'", STR_ARG(source));
    }
    if (fetch_temp(fetching, arrival, &folder, &to, &name, err) < 0 ||
        fs_copy(from, to, landing->entry->size_bytes, source.s, err) < 0) {
        return -1;
    }
    listener_progress(fetching->listener, landing->entry->size_bytes);
    return 0;
}

static int check_local(struct fetching *fetching, struct arrival *const *copied, size_t count,
                       struct error *err)
{
    struct hash_file *files = arena_array(fetching->arena, count, sizeof *files);

    for (size_t i = 0; i < count; i++) {
        const struct arrival *arrival = copied[i];
        files[i] = (struct hash_file){
            .root_fd = fetching->root,
            .path = arrival->temp.s,
            .size_bytes = arrival->landing->entry->size_bytes,
        };
    }
    if (hash_files(fetching->arena, files, count, HASH_ALL, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const struct arrival *arrival = copied[i];
        if (!str_equal(files[i].sha256, arrival->landing->entry->sha256)) {
            return error_set(err, ERROR_DAMAGED, "'%.*s' changed while the job was being prepared",
                             STR_ARG(landing_source(fetching->arena, arrival->landing)));
        }
        int fd CLEANUP(fd_close) = -1;
        if (fs_open_beneath(fetching->root, arrival->temp.s, O_RDONLY, 0, &fd, err) < 0 ||
            fetch_set_mode(fd, arrival, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int copy_all_local(struct fetching *fetching, struct arrival *arrivals, size_t count,
                          struct error *err)
{
    struct arrival **copied = arena_array(fetching->arena, count, sizeof *copied);
    size_t copied_count = 0;

    for (size_t i = 0; i < count; i++) {
        struct arrival *arrival = &arrivals[i];
        if (arrival->landing->entry->kind != ENTRY_FILE || arrival->is_unpacked ||
            is_download(arrival)) {
            continue;
        }
        if (signals_check(err) < 0 || copy_local(fetching, arrival, err) < 0) {
            return -1;
        }
        copied[copied_count++] = arrival;
    }
    return check_local(fetching, copied, copied_count, err);
}

int fetch_bring(struct fetching *fetching, struct arrival *arrivals, size_t count,
                struct error *err)
{
    return download_all(fetching, arrivals, count, err) < 0
               ? -1
               : copy_all_local(fetching, arrivals, count, err);
}

/* --- what has no bytes --- */

/* A link under a temporary name: the name of a file that made way for it. */
static int make_link(struct fetching *fetching, struct arrival *arrival, struct error *err)
{
    const char *target = str_copy(fetching->arena, arrival->landing->entry->target).s;
    int fd CLEANUP(fd_close) = -1;
    int folder;
    const char *name;

    if (fetch_temp(fetching, arrival, &folder, &fd, &name, err) < 0) {
        return -1;
    }
    if (unlinkat(folder, name, 0) != 0 || symlinkat(target, folder, name) != 0) {
        return error_errno(err, errno, "cannot make the link '%.*s'",
                           STR_ARG(arrival->landing->destination));
    }
    return 0;
}

/* What is in an archive makes its folder; of an empty one the folder is all. */
static int make_empty(struct fetching *fetching, struct error *err)
{
    for (size_t i = 0; i < fetching->archive_count; i++) {
        const struct archive *archive = &fetching->archives[i];
        if (archive->contents.count == 0 &&
            make_folders(fetching, archive->arrival->landing->destination, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int fetch_make(struct fetching *fetching, struct error *err)
{
    for (size_t i = 0; i < fetching->count; i++) {
        struct arrival *arrival = &fetching->arrivals[i];
        const struct landing *landing = arrival->landing;
        if (landing->entry->kind == ENTRY_LINK && make_link(fetching, arrival, err) < 0) {
            return -1;
        }
        if (landing->entry->kind == ENTRY_FOLDER &&
            make_folders(fetching, landing->destination, err) < 0) {
            return -1;
        }
    }
    return make_empty(fetching, err);
}
