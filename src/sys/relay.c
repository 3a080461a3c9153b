#include "sys/relay.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"
#include "sys/host.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)256 << 10)
#define IDLE_MS     100

static int make_pipe(int *read_end, int *write_end, struct error *err)
{
    int ends[2];
    if (fd_pipe(ends, err) != 0) {
        return -1;
    }
    *read_end = ends[0];
    *write_end = ends[1];
    fd_enlarge_pipe(*read_end);
    return fd_set_nonblocking(*read_end, err);
}

int relay_begin(struct relay *relay, struct arena *arena, const struct process_spec *spec,
                int write_ends[2], struct error *err)
{
    *relay = (struct relay){.spec = spec,
                            .fds = {-1, -1},
                            .chunk = arena_alloc(arena, CHUNK_BYTES),
                            .idle_ms = RELAY_NEVER};
    for (int i = 0; i < 2; i++) {
        if (make_pipe(&relay->fds[i], &write_ends[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

void relay_close(struct relay *relay)
{
    fd_close(&relay->fds[PROCESS_STDOUT]);
    fd_close(&relay->fds[PROCESS_STDERR]);
}

static int hand_on(struct relay *relay, enum process_stream stream, struct str bytes,
                   struct error *err)
{
    const struct process_spec *spec = relay->spec;
    return relay->dropping || !spec->output ? 0 : spec->output(spec->context, stream, bytes, err);
}

static int end_stream(struct relay *relay, enum process_stream stream, struct error *err)
{
    fd_close(&relay->fds[stream]);
    return hand_on(relay, stream, STR(""), err);
}

int relay_read(struct relay *relay, enum process_stream stream, struct error *err)
{
    /* Both streams may have one backlog, which the other has just filled. */
    if (relay_backlog(relay, stream).full) {
        return 0;
    }
    ssize_t n = read(relay->fds[stream], relay->chunk, CHUNK_BYTES);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    if (n <= 0) {
        return end_stream(relay, stream, err);
    }
    struct str bytes = {relay->chunk, (size_t)n};
    relay->idle_ms = host_monotonic_ms() + IDLE_MS;
    if (hand_on(relay, stream, bytes, err) != 0) {
        return -1;
    }
    if (relay->finishing) {
        size_t *unread = &relay->unread[stream];
        *unread -= bytes.n < *unread ? bytes.n : *unread;
        if (*unread == 0) {
            return end_stream(relay, stream, err);
        }
    }
    return 0;
}

int relay_drain(struct relay *relay, enum process_stream stream, struct error *err)
{
    return relay->dropping ? 0 : relay->spec->drain(relay->spec->context, stream, err);
}

int relay_idle(struct relay *relay, struct error *err)
{
    const struct process_spec *spec = relay->spec;
    relay->idle_ms = RELAY_NEVER;
    return relay->dropping || !spec->idle ? 0 : spec->idle(spec->context, err);
}

int relay_finish(struct relay *relay, struct error *err)
{
    int failed = 0;
    relay->finishing = true;
    for (int i = PROCESS_STDOUT; i <= PROCESS_STDERR; i++) {
        int n = 0;
        if (relay->fds[i] < 0) {
            continue;
        }
        if (ioctl(relay->fds[i], FIONREAD, &n) == 0 && n > 0) {
            relay->unread[i] = (size_t)n;
        } else if (end_stream(relay, (enum process_stream)i, err) != 0) {
            failed = -1;
            relay_drop(relay);
        }
    }
    return failed;
}

void relay_drop(struct relay *relay)
{
    relay->dropping = true;
}

void relay_give_up(struct relay *relay)
{
    if (!relay->dropping && relay->spec->give_up) {
        relay->spec->give_up(relay->spec->context);
    }
}

struct process_backlog relay_backlog(const struct relay *relay, enum process_stream stream)
{
    const struct process_spec *spec = relay->spec;
    return relay->dropping || !spec->backlog ? (struct process_backlog){.fd = -1}
                                             : spec->backlog(spec->context, stream);
}

bool relay_is_held_up(const struct relay *relay)
{
    for (int i = PROCESS_STDOUT; i <= PROCESS_STDERR; i++) {
        if (relay->fds[i] >= 0 && relay_backlog(relay, (enum process_stream)i).full) {
            return true;
        }
    }
    return false;
}

bool relay_is_done(const struct relay *relay)
{
    for (int i = PROCESS_STDOUT; i <= PROCESS_STDERR; i++) {
        if (relay->fds[i] >= 0 || relay_backlog(relay, (enum process_stream)i).fd >= 0) {
            return false;
        }
    }
    return true;
}
