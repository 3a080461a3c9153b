#include "run/marker.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "sys/host.h"

#define VERSION_KEY "jobrun_effect"

static struct str cut_command(struct str command)
{
    size_t end = command.n < MARKER_COMMAND_MAX ? command.n : MARKER_COMMAND_MAX;
    /* Not within a character. */
    while (end < command.n && end > 0 && ((unsigned char)command.s[end] & 0xC0) == 0x80) {
        end--;
    }
    return str_slice(command, 0, end);
}

struct str marker_format(const struct marker *marker, struct arena *arena)
{
    struct json *document = json_object(arena);
    struct json *ci = json_object(arena);
    json_set_int(arena, document, VERSION_KEY, MARKER_VERSION);
    json_set_str(arena, document, "state", marker->done ? STR("done") : STR("begun"));
    json_set_str(arena, document, "run", marker->run);
    json_set_str(arena, document, "address", marker->address);
    json_set_str(arena, document, "step", marker->step);
    json_set_str(arena, document, "digest", marker->digest);
    json_set_str(arena, document, "command", cut_command(marker->command));
    json_set_str(arena, document, "user", marker->user);
    json_set_str(arena, document, "host", marker->host_name);
    json_set_int(arena, document, "pid", marker->pid);
    json_set_str(arena, ci, "system", marker->ci_system);
    json_set_str(arena, ci, "url", marker->ci_run_url);
    json_set(arena, document, "ci", ci);
    json_set_int(arena, document, "started_ms", marker->started_ms);
    json_set_int(arena, document, "finished_ms", marker->finished_ms);
    return json_format(arena, document, true);
}

static int damaged(struct error *err, const char *what)
{
    return error_set(err, ERROR_DAMAGED, "it is not a marker that jobrun writes: %s", what);
}

static int check_version(const struct json *document, struct error *err)
{
    int64_t version = 0;
    if (!json_get_int(json_member(document, VERSION_KEY), &version) || version < 1) {
        return damaged(err, "its version is none");
    }
    if (version > MARKER_VERSION) {
        error_set(err, ERROR_NOT_ALLOWED, "a newer jobrun wrote it, in version %lld of the format",
                  (long long)version);
        return error_help(err, "run it with a newer jobrun");
    }
    return 0;
}

static bool read_time(const struct json *document, const char *name, int64_t *ms)
{
    return json_get_int(json_member(document, name), ms) && *ms >= 0 && *ms <= HOST_TIME_MS_MAX;
}

static bool read_texts(const struct json *document, struct marker *marker)
{
    const struct json *ci = json_member(document, "ci");
    return json_get_str(json_member(document, "run"), &marker->run) &&
           json_get_str(json_member(document, "address"), &marker->address) &&
           json_get_str(json_member(document, "step"), &marker->step) &&
           json_get_str(json_member(document, "digest"), &marker->digest) &&
           json_get_str(json_member(document, "command"), &marker->command) &&
           json_get_str(json_member(document, "user"), &marker->user) &&
           json_get_str(json_member(document, "host"), &marker->host_name) &&
           json_get_str(json_member(ci, "system"), &marker->ci_system) &&
           json_get_str(json_member(ci, "url"), &marker->ci_run_url);
}

int marker_parse(struct str text, struct arena *arena, struct marker *marker, struct error *err)
{
    struct json *document = NULL;
    struct str state = {0};
    *marker = (struct marker){0};
    if (json_parse(arena, text, MARKER_BYTES_MAX, &document, err) < 0 ||
        check_version(document, err) < 0) {
        return -1;
    }
    if (!json_get_str(json_member(document, "state"), &state) ||
        (!str_is(state, "begun") && !str_is(state, "done"))) {
        return damaged(err, "its state is neither 'begun' nor 'done'");
    }
    marker->done = str_is(state, "done");
    if (!read_texts(document, marker)) {
        return damaged(err, "a text is missing");
    }
    if (marker->run.n == 0 || !digest_is_sha256_hex(marker->digest)) {
        return damaged(err, "its run or its digest is none");
    }
    if (!json_get_int(json_member(document, "pid"), &marker->pid) || marker->pid <= 0) {
        return damaged(err, "its process is none");
    }
    if (!read_time(document, "started_ms", &marker->started_ms) ||
        !read_time(document, "finished_ms", &marker->finished_ms)) {
        return damaged(err, "a time is missing");
    }
    return 0;
}

static void add_part(struct buf *who, struct str part)
{
    if (part.n > 0) {
        buf_addf(who, ", %.*s", STR_ARG(part));
    }
}

struct str marker_who(const struct marker *marker, struct arena *arena)
{
    bool has_end = marker->done && marker->finished_ms > 0;
    struct buf who = buf_make(arena, BUF_MAX_DEFAULT);
    buf_addf(&who, "%.*s@%.*s (process %lld) at %s", STR_ARG(marker->user),
             STR_ARG(marker->host_name), (long long)marker->pid,
             host_format_time(arena, has_end ? marker->finished_ms : marker->started_ms).s);
    add_part(&who, marker->ci_system);
    add_part(&who, marker->ci_run_url);
    return str_printable(arena, buf_str(&who));
}
