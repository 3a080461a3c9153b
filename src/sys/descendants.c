#include "sys/descendants.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/dir.h"
#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* One process; the kernel bounds their number. */
struct entry {
    pid_t pid;
    pid_t parent;
    pid_t group;
    bool ended; /* a zombie */
    bool ours;  /* descends from this process, but not from a foreign child */
};

struct table {
    struct entry *entries;
    size_t count, capacity;
};

static bool contains(const pid_t *pids, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++) {
        if (pids[i] == pid) {
            return true;
        }
    }
    return false;
}

/* The next number of a line of them. */
static bool take_number(struct str *line, pid_t *number)
{
    struct str word;
    int64_t value;
    str_cut(*line, ' ', &word, line);
    if (!str_to_int64(word, &value)) {
        return false;
    }
    *number = (pid_t)value;
    return true;
}

/* The text of /proc/<pid>/stat: pid (any name) state parent group ... */
static bool parse_stat(struct str text, struct entry *entry)
{
    size_t end = text.n;
    while (end > 0 && text.s[end - 1] != ')') {
        end--;
    }
    struct str rest = str_after(text, end);
    if (end == 0 || rest.n < 4) {
        return false;
    }
    entry->ended = rest.s[1] == 'Z' || rest.s[1] == 'X';
    rest = str_after(rest, 3);
    return take_number(&rest, &entry->parent) && take_number(&rest, &entry->group);
}

static bool read_entry(int proc, const char *name, struct entry *entry)
{
    char path[64];
    char text[1024];
    int64_t pid;
    if (!str_to_int64(str_from(name), &pid)) {
        return false;
    }
    snprintf(path, sizeof path, "%s/stat", name);
    int fd CLEANUP(fd_close) = openat(proc, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    entry->pid = (pid_t)pid;
    return n > 0 && parse_stat((struct str){text, (size_t)n}, entry);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;
    return (left->pid > right->pid) - (left->pid < right->pid);
}

static void mark_ours(const struct descendants *left, struct table *table)
{
    pid_t self = getpid();
    bool grew = table->count > 0;
    if (grew) {
        qsort(table->entries, table->count, sizeof *table->entries, compare_entries);
    }
    while (grew) {
        grew = false;
        for (size_t i = 0; i < table->count; i++) {
            struct entry *entry = &table->entries[i];
            if (entry->ours || entry->pid == left->keeper ||
                contains(left->foreign, left->foreign_count, entry->pid)) {
                continue;
            }
            struct entry key = {.pid = entry->parent};
            const struct entry *parent = bsearch(&key, table->entries, table->count,
                                                 sizeof *table->entries, compare_entries);
            entry->ours = entry->parent == self || (parent && parent->ours);
            grew = grew || entry->ours;
        }
    }
}

/* False where /proc does not tell: it is not there, or of another namespace. */
static bool read_processes(struct arena *arena, struct table *table)
{
    char self[32];
    int64_t pid;
    ssize_t n = readlink("/proc/self", self, sizeof self);
    if (n <= 0 || !str_to_int64((struct str){self, (size_t)n}, &pid) || pid != getpid()) {
        return false;
    }
    int fd CLEANUP(fd_close) = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    DIR *dir CLEANUP(dir_close) = dir_open(&fd);
    const char *name;
    while (dir && (name = dir_next(dir))) {
        struct entry entry = {0};
        if (read_entry(dirfd(dir), name, &entry)) {
            *ARENA_PUSH(arena, table->entries, table->count, table->capacity) = entry;
        }
    }
    return dir != NULL;
}

static bool read_table(const struct descendants *left, struct arena *arena, struct table *table)
{
    if (!read_processes(arena, table)) {
        return false;
    }
    mark_ours(left, table);
    return true;
}

/* Whether this process has children at all, without a look at /proc. */
static bool has_children(void)
{
    siginfo_t info = {0};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

void descendants_begin(struct descendants *left, struct arena *arena)
{
    *left = (struct descendants){.arena = arena};
#ifdef __linux__
    int before = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &before);
    left->was_subreaper = before != 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
    struct arena scratch CLEANUP(arena_free) = {0};
    struct table table = {0};
    pid_t self = getpid();
    if (!has_children()) {
        return;
    }
    left->foreign_unknown = !read_table(left, &scratch, &table);
    for (size_t i = 0; i < table.count; i++) {
        if (table.entries[i].parent == self) {
            *ARENA_PUSH(arena, left->foreign, left->foreign_count, left->foreign_capacity) =
                table.entries[i].pid;
        }
    }
}

void descendants_end(struct descendants *left)
{
#ifdef __linux__
    if (!left->was_subreaper) {
        prctl(PR_SET_CHILD_SUBREAPER, 0);
    }
#endif
    left->command = 0;
}

/* Those that ended while there are children that are not ours to reap. */
static void reap_by_table(struct descendants *left)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct table table = {0};
    pid_t self = getpid();
    if (!read_table(left, &scratch, &table)) {
        return;
    }
    for (size_t i = 0; i < table.count; i++) {
        const struct entry *entry = &table.entries[i];
        if (entry->ours && entry->ended && entry->parent == self && entry->pid != left->command) {
            waitpid(entry->pid, NULL, WNOHANG);
        }
    }
}

static bool reap_which(struct descendants *left, pid_t which, int *status)
{
    bool found = false;
    pid_t pid;
    int word;
    while ((pid = waitpid(which, &word, WNOHANG)) > 0) {
        if (pid != left->command || left->command_reaped) {
            continue;
        }
        found = true;
        left->command_reaped = true;
        *status = word;
    }
    return found;
}

bool descendants_reap(struct descendants *left, int *status)
{
    if (left->foreign_count == 0 && !left->foreign_unknown) {
        return reap_which(left, -1, status);
    }
    bool found = !left->command_reaped && reap_which(left, left->command, status);
    found = reap_which(left, -left->command, status) || found;
    if (left->command_reaped) {
        reap_by_table(left);
    }
    return found;
}

static bool group_exists(const struct descendants *left)
{
    return kill(-left->command, 0) == 0;
}

bool descendants_group_runs(pid_t group)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct table table = {0};
    if (kill(-group, 0) != 0) {
        return false;
    }
    if (!read_processes(&scratch, &table)) {
        return true;
    }
    for (size_t i = 0; i < table.count; i++) {
        if (table.entries[i].group == group && !table.entries[i].ended) {
            return true;
        }
    }
    return false;
}

bool descendants_any(struct descendants *left)
{
#ifdef __linux__
    if (!has_children()) {
        return false;
    }
    if (left->foreign_unknown) {
        return group_exists(left);
    }
    if (left->foreign_count == 0) {
        return true;
    }
    /* A process that is made while the table is read may be missing in it, but
     * hardly twice. */
    for (int i = 0; i < 2; i++) {
        struct arena scratch CLEANUP(arena_free) = {0};
        struct table table = {0};
        if (!read_table(left, &scratch, &table)) {
            return group_exists(left);
        }
        for (size_t j = 0; j < table.count; j++) {
            if (table.entries[j].ours && !table.entries[j].ended) {
                return true;
            }
        }
    }
    /* What has ended since the last look is not left behind unreaped. */
    reap_by_table(left);
    return false;
#else
    (void)has_children;
    return group_exists(left);
#endif
}

/* Whether the process is a new one. */
static bool remember(struct descendants *left, pid_t pid)
{
    if (contains(left->known, left->known_count, pid)) {
        return false;
    }
    if (left->known_count < DESCENDANTS_KNOWN_MAX) {
        *ARENA_PUSH(left->arena, left->known, left->known_count, left->known_capacity) = pid;
    }
    return true;
}

static void send_to(struct descendants *left, pid_t pid, int signal_number, bool only_new)
{
    if (!remember(left, pid) && only_new) {
        return;
    }
    kill(pid, signal_number);
    if (signal_number != SIGKILL) {
        kill(pid, SIGCONT);
    }
}

void descendants_signal(struct descendants *left, int signal_number, bool only_new)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct table table = {0};
    if (!read_table(left, &scratch, &table)) {
        if (group_exists(left)) {
            send_to(left, -left->command, signal_number, only_new);
        }
        return;
    }
    for (size_t i = 0; i < table.count; i++) {
        if (table.entries[i].ours && !table.entries[i].ended) {
            send_to(left, table.entries[i].pid, signal_number, only_new);
        }
    }
}
