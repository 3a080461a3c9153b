#include "run/arrival.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "run/last_folder.h"
#include "run/off_limits.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Folders that stay open from the look to the undoing, which then needs to open
 * nothing; more than a few are opened again. */
#define OPEN_MAX 64

struct placing {
    struct arena *arena;
    struct arrival *arrivals;
    size_t count;
    struct str open_path[OPEN_MAX];
    int open_fd[OPEN_MAX];
    size_t open_count;
    size_t at; /* which of them was used last */
    struct last_folder last;
};

static int compare_arrivals(const void *a, const void *b)
{
    const struct arrival *x = a;
    const struct arrival *y = b;
    struct str left = x->landing->destination;
    struct str right = y->landing->destination;
    int order = path_compare(path_folder(left), path_folder(right));

    return order != 0 ? order : str_compare(left, right);
}

void arrivals_sort(struct arrival *arrivals, size_t count)
{
    if (count > 1) {
        qsort(arrivals, count, sizeof *arrivals, compare_arrivals);
    }
}

/* --- folders --- */

static int folder_of(struct placing *placing, const struct arrival *arrival, int *folder,
                     struct error *err)
{
    struct str path = path_folder(arrival->landing->destination);

    for (size_t i = 0; i < placing->open_count; i++) {
        size_t at = (placing->at + i) % placing->open_count;
        if (str_equal(placing->open_path[at], path)) {
            placing->at = at;
            *folder = placing->open_fd[at];
            return 0;
        }
    }
    if (last_folder_open(&placing->last, path, folder, err) < 0) {
        return -1;
    }
    if (placing->open_count < OPEN_MAX) {
        placing->at = placing->open_count++;
        placing->open_path[placing->at] = path;
        placing->open_fd[placing->at] = fd_take(&placing->last.fd);
        last_folder_close(&placing->last);
    }
    return 0;
}

static void close_folders(struct placing *placing)
{
    for (size_t i = 0; i < placing->open_count; i++) {
        fd_close(&placing->open_fd[i]);
    }
    last_folder_close(&placing->last);
}

static const char *name_of(struct placing *placing, const struct arrival *arrival)
{
    return str_copy(placing->arena, path_last_name(arrival->landing->destination)).s;
}

/* --- looking --- */

static int cannot_place(const struct arrival *arrival, struct error *err)
{
    return error_prefix(err, "cannot put '%.*s' into place",
                        STR_ARG(arrival->landing->destination));
}

/* A name that no other temporary file has and that is swept like theirs. */
static struct str aside_name(struct arena *arena, struct str temp)
{
    struct str name = path_last_name(temp);

    return str_format(arena, "%.*so", STR_ARG(str_slice(name, 0, name.n - 1)));
}

/* `aside` is set where there is something to keep. */
static int look(struct placing *placing, struct arrival *arrival, struct error *err)
{
    struct stat st;
    int folder;

    if (folder_of(placing, arrival, &folder, err) < 0) {
        return cannot_place(arrival, err);
    }
    if (fstatat(folder, name_of(placing, arrival), &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) {
            return 0;
        }
        error_errno(err, errno, "cannot look at it");
        return cannot_place(arrival, err);
    }
    if (S_ISDIR(st.st_mode)) {
        error_set(err, ERROR_FAILED, "a folder is there");
        return cannot_place(arrival, err);
    }
    arrival->aside = aside_name(placing->arena, arrival->temp);
    return 0;
}

/* --- placing --- */

/* A second name keeps the place filled; where there are no hard links the file
 * makes way for a moment. */
static int keep_aside(int folder, const char *name, struct arrival *arrival, struct error *err)
{
    if (arrival->aside.n == 0 || linkat(folder, name, folder, arrival->aside.s, 0) == 0) {
        return 0;
    }
    if (errno != ENOENT && renameat(folder, name, folder, arrival->aside.s) == 0) {
        return 0;
    }
    int problem = errno;
    arrival->aside = (struct str){0};
    return problem == ENOENT ? 0 : error_errno(err, problem, "cannot keep what is there");
}

static int place(struct placing *placing, struct arrival *arrival, struct error *err)
{
    const char *name = name_of(placing, arrival);
    int folder;

    if (folder_of(placing, arrival, &folder, err) < 0 ||
        keep_aside(folder, name, arrival, err) < 0 ||
        fs_rename(folder, path_last_name(arrival->temp).s, folder, name, true, err) < 0) {
        return cannot_place(arrival, err);
    }
    arrival->temp = (struct str){0};
    arrival->is_placed = true;
    return 0;
}

/* False where what was in the place could not be put back. */
static bool undo(struct placing *placing, struct arrival *arrival)
{
    const char *name = name_of(placing, arrival);
    struct error ignored;
    int folder;

    if (folder_of(placing, arrival, &folder, &ignored) < 0) {
        return false;
    }
    if (arrival->aside.n == 0) {
        return !arrival->is_placed || unlinkat(folder, name, 0) == 0 || errno == ENOENT;
    }
    if (renameat(folder, arrival->aside.s, folder, name) != 0) {
        return false;
    }
    /* Of two names of one file, rename(2) leaves both. */
    unlinkat(folder, arrival->aside.s, 0);
    return true;
}

static void undo_all(struct placing *placing, size_t tried, struct error *err)
{
    for (size_t i = tried; i > 0; i--) {
        struct arrival *arrival = &placing->arrivals[i - 1];
        if ((arrival->is_placed || arrival->aside.n > 0) && !undo(placing, arrival)) {
            error_help(err, "'%.*s' could not be put back as it was: look at it before going on",
                       STR_ARG(arrival->landing->destination));
        }
    }
}

/* What cannot be removed is swept by a later run. */
static void forget_replaced(struct placing *placing)
{
    for (size_t i = 0; i < placing->count; i++) {
        struct arrival *arrival = &placing->arrivals[i];
        struct error ignored;
        int folder;
        if (arrival->aside.n > 0 && folder_of(placing, arrival, &folder, &ignored) == 0) {
            unlinkat(folder, arrival->aside.s, 0);
        }
    }
}

static int place_all(struct placing *placing, struct error *err)
{
    for (size_t i = 0; i < placing->count; i++) {
        struct arrival *arrival = &placing->arrivals[i];
        if (arrival->temp.n > 0 && look(placing, arrival, err) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < placing->count; i++) {
        struct arrival *arrival = &placing->arrivals[i];
        if (arrival->temp.n > 0 && place(placing, arrival, err) < 0) {
            undo_all(placing, i + 1, err);
            return -1;
        }
    }
    forget_replaced(placing);
    return 0;
}

int arrivals_place(struct arena *arena, int root, struct arrival *arrivals, size_t count,
                   struct error *err)
{
    struct placing placing = {
        .arena = arena,
        .arrivals = arrivals,
        .count = count,
        .last = LAST_FOLDER(root),
    };
    int result = place_all(&placing, err);

    close_folders(&placing);
    return result;
}
