/*
 * A server on 127.0.0.1 that answers as a test says: request number i is answered
 * with step i, those after the last step with the last one. Each connection has a
 * thread; nothing here asserts but the start.
 */
#ifndef TESTS_UNIT_HTTP_SERVER_H
#define TESTS_UNIT_HTTP_SERVER_H

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_CONNECTIONS_MAX 256
#define SERVER_REQUESTS_MAX    64 /* that are remembered */

enum then {
    KEEP,
    CLOSE,
    RESET, /* the connection breaks, as when the server dies */
    STALL  /* nothing more comes, but the connection stays until the server ends */
};

struct step {
    const char *answer;
    enum then then;
    size_t answer_bytes; /* 0: up to its NUL */
    bool is_early;       /* it is sent before the body of the request is read; what is left of
                            that is read as long as it comes */
};

struct seen {
    char head[4096]; /* request line and headers */
    char body[4096]; /* the first of it */
    size_t body_bytes;
    unsigned connection;
};

struct server {
    int listener, port;
    int end[2]; /* readable once the server is to end */
    char url[64];
    const struct step *steps;
    size_t step_count;
    pthread_t thread;
    pthread_t connections[SERVER_CONNECTIONS_MAX];
    pthread_mutex_t mutex; /* guards what follows */
    unsigned connection_count;
    size_t request_count;
    struct seen seen[SERVER_REQUESTS_MAX];
};

struct connection {
    struct server *server;
    int fd;
    unsigned number;
};

static bool server_waits(struct server *server, int fd)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = server->end[0], .events = POLLIN}};
    while (poll(fds, 2, -1) < 0) {
    }
    return fds[1].revents == 0;
}

/* Up to the empty line; what came behind it stands behind it. 0: the end. */
static size_t server_read_head(struct server *server, int fd, char *bytes, size_t size,
                               size_t *head_bytes)
{
    size_t n = 0;
    while (n + 1 < size && server_waits(server, fd)) {
        ssize_t got = recv(fd, bytes + n, size - 1 - n, 0);
        if (got <= 0) {
            return 0;
        }
        n += (size_t)got;
        bytes[n] = '\0';
        char *end = strstr(bytes, "\r\n\r\n");
        if (end) {
            *head_bytes = (size_t)(end - bytes) + 4;
            return n;
        }
    }
    return 0;
}

static size_t server_content_length(const char *head)
{
    const char *at = strstr(head, "Content-Length: ");
    return at ? strtoul(at + strlen("Content-Length: "), NULL, 10) : 0;
}

static void server_read_body(struct server *server, int fd, struct seen *seen, size_t length)
{
    static _Thread_local char block[65536];
    while (seen->body_bytes < length && server_waits(server, fd)) {
        ssize_t got = recv(fd, block, sizeof block, 0);
        if (got <= 0) {
            break;
        }
        for (ssize_t i = 0; i < got && seen->body_bytes + (size_t)i < sizeof seen->body - 1; i++) {
            seen->body[seen->body_bytes + (size_t)i] = block[i];
        }
        seen->body_bytes += (size_t)got;
    }
}

static struct step server_next_step(struct server *server)
{
    pthread_mutex_lock(&server->mutex);
    size_t i = server->request_count++;
    pthread_mutex_unlock(&server->mutex);
    return server->steps[i < server->step_count ? i : server->step_count - 1];
}

static void server_remember(struct server *server, const struct seen *seen, size_t index)
{
    pthread_mutex_lock(&server->mutex);
    if (index < SERVER_REQUESTS_MAX) {
        server->seen[index] = *seen;
    }
    pthread_mutex_unlock(&server->mutex);
}

static bool server_send(int fd, const struct step *step)
{
    size_t n = step->answer_bytes > 0 ? step->answer_bytes : strlen(step->answer);
    for (size_t at = 0; at < n;) {
        ssize_t sent = send(fd, step->answer + at, n - at, MSG_NOSIGNAL);
        if (sent < 0) {
            return false;
        }
        at += (size_t)sent;
    }
    return true;
}

/* False: the connection is at its end. */
static bool server_handle(struct server *server, int fd, unsigned number)
{
    struct seen seen = {.connection = number};
    size_t head_bytes = 0;
    size_t n = server_read_head(server, fd, seen.head, sizeof seen.head, &head_bytes);
    if (n == 0) {
        return false;
    }
    size_t length = server_content_length(seen.head);
    seen.body_bytes = n - head_bytes;
    memcpy(seen.body, seen.head + head_bytes, seen.body_bytes);
    seen.head[head_bytes] = '\0';
    pthread_mutex_lock(&server->mutex);
    size_t index = server->request_count;
    pthread_mutex_unlock(&server->mutex);
    struct step step = server_next_step(server);
    if (!step.is_early) {
        server_read_body(server, fd, &seen, length);
    }
    server_remember(server, &seen, index);
    if (!server_send(fd, &step)) {
        return false;
    }
    if (step.is_early) {
        shutdown(fd, SHUT_WR);
        server_read_body(server, fd, &seen, SIZE_MAX);
    }
    if (step.then == RESET) {
        struct linger at_once = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    while (step.then == STALL && server_waits(server, -1)) {
    }
    return step.then == KEEP;
}

static void *server_connection(void *argument)
{
    struct connection *connection = argument;
    while (server_handle(connection->server, connection->fd, connection->number)) {
    }
    close(connection->fd);
    free(connection);
    return NULL;
}

static void *server_accept(void *argument)
{
    struct server *server = argument;
    while (server_waits(server, server->listener)) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0 || server->connection_count == SERVER_CONNECTIONS_MAX) {
            break;
        }
        struct connection *connection = malloc(sizeof *connection);
        *connection = (struct connection){server, fd, server->connection_count};
        pthread_create(&server->connections[server->connection_count], NULL, server_connection,
                       connection);
        pthread_mutex_lock(&server->mutex);
        server->connection_count++;
        pthread_mutex_unlock(&server->mutex);
    }
    return NULL;
}

static inline void server_start(struct server *server, const struct step *steps, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *server = (struct server){.steps = steps, .step_count = count};
    pthread_mutex_init(&server->mutex, NULL);
    assert_int_equal(pipe(server->end), 0);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listener, SERVER_CONNECTIONS_MAX), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
    assert_int_equal(pthread_create(&server->thread, NULL, server_accept, server), 0);
}

/* After it nothing changes any more. */
static inline void server_end(struct server *server)
{
    assert_int_equal(write(server->end[1], "x", 1), 1);
    pthread_join(server->thread, NULL);
    for (unsigned i = 0; i < server->connection_count; i++) {
        pthread_join(server->connections[i], NULL);
    }
    close(server->listener);
    close(server->end[0]);
    close(server->end[1]);
    pthread_mutex_destroy(&server->mutex);
}

#endif
