#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "run/arrival.h"
#include "run/fetch.h"
#include "run/hash.h"
#include "run/landing.h"
#include "run/last_folder.h"
#include "run/listener.h"
#include "run/off_limits.h"
#include "run/stores.h"
#include "store/store.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct fetching {
    struct arena *arena;
    const struct context *context;
    int root;
    struct stores *stores;
    const struct listener *listener;
    struct arrival *arrivals; /* sorted by folder */
    size_t count;
    size_t *of_transfer; /* the arrival of each transfer */
    struct last_folder folder;
    struct str *made; /* folders that were not there, each after the one that it lies in */
    size_t made_count, made_capacity;
};

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
static void remove_made_folders(struct fetching *fetching)
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

static int make_temp(struct fetching *fetching, struct arrival *arrival, int *folder, int *fd,
                     const char **name, struct error *err)
{
    struct str parent = path_folder(arrival->landing->destination);
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

static void remove_temps(struct fetching *fetching)
{
    for (size_t i = 0; i < fetching->count; i++) {
        struct error ignored;
        if (fetching->arrivals[i].temp.n > 0 &&
            fs_remove_beneath(fetching->root, fetching->arrivals[i].temp.s, &ignored) < 0) {
            continue; /* the next run that lands here sweeps it */
        }
    }
}

static int set_mode(int fd, const struct arrival *arrival, struct error *err)
{
    if (fchmod(fd, (mode_t)arrival->landing->entry->mode) != 0) {
        return error_errno(err, errno, "cannot set the mode of '%.*s'",
                           STR_ARG(arrival->landing->destination));
    }
    return 0;
}

/* --- from the store --- */

static int open_transfer(void *context, size_t index, int *fd, struct error *err)
{
    struct fetching *fetching = context;
    struct arrival *arrival = &fetching->arrivals[fetching->of_transfer[index]];
    int folder;
    const char *name;

    if (make_temp(fetching, arrival, &folder, fd, &name, err) < 0) {
        return -1;
    }
    if (set_mode(*fd, arrival, err) < 0) {
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
    const struct fetching *fetching = context;

    listener_progress(fetching->listener, bytes);
}

static bool is_download(const struct landing *landing)
{
    return landing->entry->kind == ENTRY_FILE && landing->supply->state == SUPPLY_THERE;
}

static void help_make_again(struct fetching *fetching, const struct transfer *transfers,
                            size_t count, struct error *err)
{
    const struct context *context = fetching->context;

    for (size_t i = 0; i < count && err->help[0] == '\0'; i++) {
        if (transfers[i].is_damaged) {
            const struct arrival *arrival = &fetching->arrivals[fetching->of_transfer[i]];
            struct str command = element_command(arrival->landing->supply->element, context,
                                                 fetching->arena, context->config.run_prefix);
            error_help(err, "make and publish it again: %.*s --force", STR_ARG(command));
        }
    }
}

/* The files that come from one store: one queue. */
static int download_from(struct fetching *fetching, struct store *store, struct error *err)
{
    struct arena *arena = fetching->arena;
    struct transfer *transfers = arena_array(arena, fetching->count, sizeof *transfers);
    struct transfer_calls calls = {
        .open = open_transfer,
        .done = transfer_done,
        .progress = report_progress,
        .context = fetching,
    };
    size_t count = 0;

    for (size_t i = 0; i < fetching->count; i++) {
        const struct landing *landing = fetching->arrivals[i].landing;
        const struct supply *supply = landing->supply;
        struct store *source = NULL;
        if (!is_download(landing)) {
            continue;
        }
        if (stores_get(fetching->stores, supply->address.environment, &source, err) < 0) {
            return -1;
        }
        if (source == store) {
            fetching->of_transfer[count] = i;
            transfers[count++] = (struct transfer){
                .key = address_file_key(arena, &supply->address, supply->content,
                                        landing->entry->output, landing->entry->path),
                .version = landing->entry->version,
                .size_bytes = landing->entry->size_bytes,
                .sha256 = landing->entry->sha256,
                .crc32c = landing->entry->crc32c,
            };
        }
    }
    if (count > 0 && store_download(store, transfers, count, &calls, err) < 0) {
        help_make_again(fetching, transfers, count, err);
        return error_prefix(err, "cannot fetch the inputs");
    }
    return 0;
}

static int download(struct fetching *fetching, struct error *err)
{
    const struct stores *stores = fetching->stores;

    fetching->of_transfer =
        arena_array(fetching->arena, fetching->count, sizeof *fetching->of_transfer);
    for (size_t i = 0; i < stores->count; i++) {
        if (!stores->items[i].is_shared &&
            download_from(fetching, stores->items[i].store, err) < 0) {
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
    if (make_temp(fetching, arrival, &folder, &to, &name, err) < 0 ||
        fs_copy(from, to, landing->entry->size_bytes, source.s, err) < 0) {
        return -1;
    }
    listener_progress(fetching->listener, landing->entry->size_bytes);
    return 0;
}

static int check_local(struct fetching *fetching, const size_t *copied, size_t count,
                       struct error *err)
{
    struct hash_file *files = arena_array(fetching->arena, count, sizeof *files);

    for (size_t i = 0; i < count; i++) {
        const struct arrival *arrival = &fetching->arrivals[copied[i]];
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
        const struct arrival *arrival = &fetching->arrivals[copied[i]];
        if (!str_equal(files[i].sha256, arrival->landing->entry->sha256)) {
            return error_set(err, ERROR_DAMAGED, "'%.*s' changed while the job was being prepared",
                             STR_ARG(landing_source(fetching->arena, arrival->landing)));
        }
        int fd CLEANUP(fd_close) = -1;
        if (fs_open_beneath(fetching->root, arrival->temp.s, O_RDONLY, 0, &fd, err) < 0 ||
            set_mode(fd, arrival, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int copy_all_local(struct fetching *fetching, struct error *err)
{
    size_t *copied = arena_array(fetching->arena, fetching->count, sizeof *copied);
    size_t count = 0;

    for (size_t i = 0; i < fetching->count; i++) {
        const struct landing *landing = fetching->arrivals[i].landing;
        if (landing->entry->kind != ENTRY_FILE || is_download(landing)) {
            continue;
        }
        if (signals_check(err) < 0 || copy_local(fetching, &fetching->arrivals[i], err) < 0) {
            return -1;
        }
        copied[count++] = i;
    }
    return check_local(fetching, copied, count, err);
}

/* --- into place --- */

/* A link under a temporary name: the name of a file that made way for it. */
static int make_link(struct fetching *fetching, struct arrival *arrival, struct error *err)
{
    const char *target = str_copy(fetching->arena, arrival->landing->entry->target).s;
    int fd CLEANUP(fd_close) = -1;
    int folder;
    const char *name;

    if (make_temp(fetching, arrival, &folder, &fd, &name, err) < 0) {
        return -1;
    }
    if (unlinkat(folder, name, 0) != 0 || symlinkat(target, folder, name) != 0) {
        return error_errno(err, errno, "cannot make the link '%.*s'",
                           STR_ARG(arrival->landing->destination));
    }
    return 0;
}

static int make_links_and_folders(struct fetching *fetching, struct error *err)
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
    return 0;
}

static int bring(struct fetching *fetching, struct error *err)
{
    if (download(fetching, err) < 0 || copy_all_local(fetching, err) < 0 ||
        make_links_and_folders(fetching, err) < 0 || signals_check(err) < 0) {
        return -1;
    }
    return arrivals_place(fetching->arena, fetching->root, fetching->arrivals, fetching->count,
                          err);
}

static void say_result(const struct fetching *fetching, struct str job, uint64_t bytes,
                       size_t in_place)
{
    struct str size = size_show(fetching->arena, bytes);

    if (fetching->count == 0) {
        listener_say(fetching->listener, "%.*s: %s in place already", STR_ARG(job),
                     in_place == 1 ? "the input's file is" : "all files of the inputs are");
    } else if (in_place == 0) {
        listener_say(fetching->listener, "%.*s: fetched %zu file%s, %.*s", STR_ARG(job),
                     fetching->count, fetching->count == 1 ? "" : "s", STR_ARG(size));
    } else {
        listener_say(fetching->listener,
                     "%.*s: fetched %zu file%s, %.*s; %zu more in place already", STR_ARG(job),
                     fetching->count, fetching->count == 1 ? "" : "s", STR_ARG(size), in_place);
    }
}

int fetch_land(struct arena *arena, const struct plan *plan, struct stores *stores,
               const struct listener *listener, struct error *err)
{
    const struct context *context = plan->job->context;
    struct arena scratch CLEANUP(arena_free) = {0};
    struct off_limits off_limits = off_limits_make(&scratch, context->root, context);
    bool *in_place = arena_array(&scratch, plan->landing_count, sizeof *in_place);
    struct fetching fetching = {
        .arena = &scratch,
        .context = context,
        .root = context->root_fd,
        .folder = LAST_FOLDER(context->root_fd),
        .stores = stores,
        .listener = listener,
    };
    uint64_t bytes = 0;

    (void)arena;
    if (plan->landing_count == 0) {
        return 0;
    }
    if (landings_check(context->root_fd, plan->landings, plan->landing_count, &off_limits, err) <
            0 ||
        landings_in_place(context->root_fd, plan->landings, plan->landing_count, in_place, err) <
            0) {
        return -1;
    }
    fetching.arrivals = arena_array(&scratch, plan->landing_count, sizeof *fetching.arrivals);
    for (size_t i = 0; i < plan->landing_count; i++) {
        if (!in_place[i]) {
            fetching.arrivals[fetching.count++].landing = &plan->landings[i];
            bytes += plan->landings[i].entry->size_bytes;
        }
    }
    arrivals_sort(fetching.arrivals, fetching.count);
    listener_phase(listener, PHASE_FETCH, bytes);
    int result = bring(&fetching, err);
    last_folder_close(&fetching.folder);
    if (result < 0) {
        remove_temps(&fetching);
        remove_made_folders(&fetching);
        return -1;
    }
    say_result(&fetching, plan->job->manifest->name, bytes, plan->landing_count - fetching.count);
    return 0;
}
