/*
 * Gets tokens as a store does, for tests of credentials alone:
 *
 *     google_token [--emulator] [COMMAND ...]
 *
 *     get       prints the SHA-256 of the token, or "none"
 *     show      prints the token itself
 *     refuse    the store did not accept it: prints whether another one can be had
 *     describe, next-step, quota-project, remark
 *     gone=TEXT once all is closed: prints whether the text is nowhere in the memory of
 *               this process but on its stack
 *
 * An error is printed as jobrun prints it; the exit status is 1, 2 where the command
 * line is wrong, and the name of the error's kind stands behind it.
 */
#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "store/google_auth.h"
#include "sys/signals.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#define SCHEME "Bearer "

#define GONE "gone="
/* Larger areas hold nothing: a sanitizer reserves them. */
#define AREA_BYTES_MAX ((uint64_t)1 << 30)

struct session {
    struct arena *arena;
    struct google_auth *auth;
    struct str authorization; /* the last one */
};

static void say(const char *name, struct str text)
{
    printf("%s: %.*s\n", name, STR_ARG(text));
}

static const char *kind_name(enum error_kind kind)
{
    switch (kind) {
    case ERROR_USAGE:
        return "usage";
    case ERROR_NOT_ALLOWED:
        return "not allowed";
    case ERROR_DAMAGED:
        return "damaged";
    case ERROR_UNREACHABLE:
        return "unreachable";
    case ERROR_LIMIT:
        return "limit";
    case ERROR_INTERRUPTED:
        return "interrupted";
    default:
        return "another";
    }
}

static int fail(const struct error *err)
{
    fflush(stdout);
    fprintf(stderr, "error: %s\n", err->message);
    if (err->help[0]) {
        fprintf(stderr, "help: %s\n", err->help);
    }
    fprintf(stderr, "kind: %s\n", kind_name(err->kind));
    return 1;
}

static int get(struct session *session, bool in_full, struct error *err)
{
    const struct http_authority *authority = google_auth_authority(session->auth);

    if (authority->get(authority->context, session->arena, &session->authorization, err) != 0) {
        return -1;
    }
    if (session->authorization.n == 0) {
        say("get", STR("none"));
        return 0;
    }
    if (!str_starts(session->authorization, STR(SCHEME))) {
        BUG("the authorization does not begin with '" SCHEME "'");
    }
    struct str token = str_after(session->authorization, sizeof SCHEME - 1);
    say(in_full ? "show" : "get", in_full ? token : sha256_hex(session->arena, token));
    return 0;
}

static int run(struct session *session, const char *command, struct error *err)
{
    struct str name = str_from(command);
    if (str_starts(name, STR(GONE))) {
        return 0;
    }
    const struct http_authority *authority = google_auth_authority(session->auth);

    if (str_is(name, "get") || str_is(name, "show")) {
        return get(session, str_is(name, "show"), err);
    }
    if (str_is(name, "refuse")) {
        bool another = authority->refused(authority->context, session->authorization);
        say(command, another ? STR("another") : STR("no other"));
    } else if (str_is(name, "describe")) {
        say(command, google_auth_describe(session->auth, session->arena));
    } else if (str_is(name, "next-step")) {
        say(command, google_auth_next_step(session->auth, session->arena));
    } else if (str_is(name, "quota-project")) {
        say(command, google_auth_quota_project(session->auth));
    } else if (str_is(name, "remark")) {
        say(command, google_auth_remark(session->auth));
    } else {
        return error_set(err, ERROR_USAGE, "'%s' is no command", command);
    }
    return 0;
}

static bool is_in_area(int memory, uint64_t start, uint64_t end, struct str text)
{
    static char window[1 << 16];
    bool is_there = false;

    for (uint64_t at = start; at < end && !is_there; at += sizeof window - text.n) {
        size_t n = end - at < sizeof window ? (size_t)(end - at) : sizeof window;
        ssize_t got = pread(memory, window, n, (off_t)at);
        is_there = got > 0 && memmem(window, (size_t)got, text.s, text.n) != NULL;
        /* The window is a part of the memory too. */
        memory_wipe(window, sizeof window);
    }
    return is_there;
}

static bool is_in_memory(struct str text)
{
    FILE *areas = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    bool is_there = false;
    char line[512];

    while (areas && fgets(line, sizeof line, areas)) {
        char *rest;
        uint64_t start = strtoull(line, &rest, 16);
        uint64_t end = strtoull(rest + 1, &rest, 16);
        if (rest[1] == 'r' && rest[2] == 'w' && !strstr(line, "[stack]") &&
            end - start < AREA_BYTES_MAX) {
            is_there = is_in_area(memory, start, end, text) || is_there;
        }
    }
    if (areas) {
        fclose(areas);
    }
    close(memory);
    return is_there;
}

int main(int argc, char **argv)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct session session = {.arena = &arena};
    struct error err = {0};
    bool is_emulator = argc > 1 && str_is(str_from(argv[1]), "--emulator");

    if (signals_begin(&err) != 0 ||
        google_auth_open(&arena, is_emulator, &session.auth, &err) != 0) {
        return fail(&err);
    }
    for (int i = is_emulator ? 2 : 1; i < argc; i++) {
        if (run(&session, argv[i], &err) != 0) {
            google_auth_close(&session.auth);
            return fail(&err);
        }
    }
    google_auth_close(&session.auth);
    arena_wipe(&arena);
    for (int i = 1; i < argc; i++) {
        if (str_starts(str_from(argv[i]), STR(GONE))) {
            struct str text = str_after(str_from(argv[i]), sizeof GONE - 1);
            printf("gone: %s\n", is_in_memory(text) ? "no" : "yes");
        }
    }
    return 0;
}
