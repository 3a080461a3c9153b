#include "sys/host.h"

#include "base/arena.h"
#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

_Static_assert(sizeof(time_t) >= 8, "times after 2038 need a time_t of 64 bits");

/* 9999-12-31T23:59:59Z */
#define LAST_SECOND INT64_C(253402300799)

struct str host_platform(void)
{
#if defined(__linux__) && defined(__x86_64__)
    return STR("linux-x64");
#elif defined(__linux__) && defined(__aarch64__)
    return STR("linux-arm64");
#elif defined(__APPLE__) && defined(__x86_64__)
    return STR("macos-x64");
#elif defined(__APPLE__) && defined(__aarch64__)
    return STR("macos-arm64");
#elif defined(_WIN64) && defined(_M_X64)
    return STR("windows-x64");
#else
    return STR("");
#endif
}

struct str host_name(struct arena *arena)
{
    char name[256] = {0};
    /* A name that is cut need not end in NUL. */
    if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') {
        return STR("localhost");
    }
    return str_copy(arena, str_from(name));
}

struct str host_user(struct arena *arena)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    uid_t uid = geteuid();
    struct passwd entry;
    struct passwd *found = NULL;
    for (size_t size = 4096; size <= (size_t)1 << 20; size *= 4) {
        char *strings = arena_alloc(&scratch, size);
        int problem = getpwuid_r(uid, &entry, strings, size, &found);
        if (problem != ERANGE && problem != EINTR) {
            break;
        }
    }
    if (found && found->pw_name && found->pw_name[0] != '\0') {
        return str_copy(arena, str_from(found->pw_name));
    }
    return str_format(arena, "uid-%lu", (unsigned long)uid);
}

unsigned host_cpu_count(void)
{
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0) {
        return (unsigned)CPU_COUNT(&allowed);
    }
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        BUG("clock %d cannot be read", (int)clock);
    }
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t host_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t host_now_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

/* A time outside of the years that have four digits becomes the nearest one
 * that is not. */
static struct tm utc(int64_t now_ms)
{
    int64_t second = now_ms / 1000;
    if (now_ms < 0) {
        second = 0;
    }
    if (second > LAST_SECOND) {
        second = LAST_SECOND;
    }
    time_t time = (time_t)second;
    struct tm parts = {0};
    gmtime_r(&time, &parts);
    return parts;
}

struct str host_format_time(struct arena *arena, int64_t now_ms)
{
    struct tm t = utc(now_ms);
    return str_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.tm_year + 1900, t.tm_mon + 1,
                      t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

struct str host_format_time_compact(struct arena *arena, int64_t now_ms)
{
    struct tm t = utc(now_ms);
    return str_format(arena, "%04d%02d%02dT%02d%02d%02dZ", t.tm_year + 1900, t.tm_mon + 1,
                      t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

/* For kernels without the system call. */
static bool random_from_device(void *bytes, size_t n)
{
    int fd CLEANUP(fd_close) = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    char *next = bytes;
    while (fd >= 0 && n > 0) {
        ssize_t got = read(fd, next, n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        next += got;
        n -= (size_t)got;
    }
    return fd >= 0;
}

void host_random(void *bytes, size_t n)
{
    unsigned char *next = bytes;
    while (n > 0) {
        size_t part = n < 256 ? n : 256; /* what getentropy(3) gives at once */
        if (getentropy(next, part) != 0) {
            if (!random_from_device(next, n)) {
                BUG("the system gives no random bytes");
            }
            return;
        }
        next += part;
        n -= part;
    }
}

struct str host_random_id(struct arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    char text[2 * sizeof bytes];
    host_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return str_copy(arena, (struct str){text, sizeof text});
}
