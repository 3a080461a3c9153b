/* This machine, its user and its clock. */
#ifndef SYS_HOST_H
#define SYS_HOST_H

#include "base/base.h"
#include "base/str.h"

struct arena;

/* "linux-x64", "linux-arm64", "macos-x64", "macos-arm64" or "windows-x64";
 * empty on a machine that is none of them. */
struct str host_platform(void);
struct str host_name(struct arena *arena);
struct str host_user(struct arena *arena); /* "login", else "uid-1000" */
unsigned host_cpu_count(void);

/* Milliseconds of a clock that never goes back; for durations. */
int64_t host_monotonic_ms(void);
/* Milliseconds since 1970-01-01 UTC. */
int64_t host_now_ms(void);
#define HOST_TIME_MS_MAX INT64_C(253402300799999) /* the end of the year 9999 */
/* "2026-01-31T23:59:59Z" (RFC 3339), for any year from 1970 to 9999. */
struct str host_format_time(struct arena *arena, int64_t now_ms);
/* "20260131T235959Z": for file names. */
struct str host_format_time_compact(struct arena *arena, int64_t now_ms);
/* n random bytes from the system. */
void host_random(void *bytes, size_t n);
/* A random id of 32 hexadecimal digits. */
struct str host_random_id(struct arena *arena);

#endif
