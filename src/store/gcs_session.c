#include "store/gcs_session.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/host.h"

#include <fcntl.h>
#include <unistd.h>

#define SESSION_BYTES_MAX ((size_t)16 << 10)
#define SUFFIX            ".session"

static bool open_folder(struct str state_folder, int *folder)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error ignored;
    const char *path = str_copy(&scratch, state_folder).s;
    return fs_make_folders(path, 0700, &ignored) == 0 &&
           fs_open_folder(path, folder, &ignored) == 0;
}

bool gcs_session_uri_is_own(struct str endpoint, struct str uri)
{
    return uri.n > endpoint.n && str_starts(uri, endpoint) && uri.s[endpoint.n] == '/';
}

/* Opens and locks the file. False where another run has it, or a sweep took it between
 * the two. */
static bool open_locked(int folder, const char *name, int flags, int *fd)
{
    struct error ignored;
    struct stat st;
    if (fs_open_beneath(folder, name, O_RDWR | flags, 0600, fd, &ignored) != 0) {
        return false;
    }
    if (fs_lock(*fd, false, "a session", &ignored) == 0 && fstat(*fd, &st) == 0 &&
        S_ISREG(st.st_mode) && st.st_nlink > 0) {
        return true;
    }
    fd_close(fd);
    return false;
}

static bool is_too_old(const struct stat *st)
{
    return fs_modified_ns(st) / 1000000 < host_now_ms() - GCS_SESSION_MS_MAX;
}

static bool says(const struct json *json, const char *name, struct str wanted)
{
    struct str text;
    return json_get_str(json_member(json, name), &text) && str_equal(text, wanted);
}

static void read_uri(struct arena *arena, struct gcs_session *session)
{
    struct error ignored;
    struct stat st;
    struct json *json = NULL;
    struct str uri;
    char *text = arena_alloc(arena, SESSION_BYTES_MAX);
    size_t got;
    if (fstat(session->fd, &st) != 0 || is_too_old(&st) ||
        fd_read_full(session->fd, text, SESSION_BYTES_MAX, &got, "a session", &ignored) != 0 ||
        json_parse(arena, (struct str){text, got}, SESSION_BYTES_MAX, &json, &ignored) != 0) {
        return;
    }
    if (says(json, "address", session->of.address) && says(json, "sha256", session->of.sha256) &&
        json_get_str(json_member(json, "uri"), &uri) &&
        gcs_session_uri_is_own(session->of.endpoint, uri)) {
        session->uri = uri;
    }
}

void gcs_session_open(struct arena *arena, struct str state_folder, const struct gcs_session_of *of,
                      struct gcs_session *session)
{
    *session = GCS_SESSION_NONE;
    session->of = *of;
    if (state_folder.n == 0 || !open_folder(state_folder, &session->folder)) {
        return;
    }
    struct str id = str_format(arena, "%.*s\n%.*s\n%ju", STR_ARG(of->address), STR_ARG(of->sha256),
                               (uintmax_t)of->size_bytes);
    session->name = str_format(arena, "%.*s" SUFFIX, STR_ARG(sha256_hex(arena, id)));
    if (open_locked(session->folder, session->name.s, 0, &session->fd)) {
        read_uri(arena, session);
    }
}

void gcs_session_keep(struct gcs_session *session, struct str uri)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error ignored;
    struct json *json = json_object(&scratch);
    if (session->folder < 0 || (session->fd < 0 && !open_locked(session->folder, session->name.s,
                                                                O_CREAT, &session->fd))) {
        return;
    }
    json_set_str(&scratch, json, "address", session->of.address);
    json_set_str(&scratch, json, "sha256", session->of.sha256);
    json_set_str(&scratch, json, "uri", uri);
    struct str text = json_format(&scratch, json, true);
    if (ftruncate(session->fd, 0) != 0 || lseek(session->fd, 0, SEEK_SET) != 0 ||
        fd_write_all(session->fd, text.s, text.n, "a session", &ignored) != 0) {
        gcs_session_drop(session);
    }
}

void gcs_session_drop(struct gcs_session *session)
{
    if (session->fd >= 0) {
        unlinkat(session->folder, session->name.s, 0);
        fd_close(&session->fd);
    }
    session->uri = (struct str){0};
}

void gcs_session_close(struct gcs_session *session)
{
    fd_close(&session->fd);
    fd_close(&session->folder);
}

static enum fs_walk remove_old(void *context, const struct fs_entry *entry, struct error *err)
{
    const int *folder = context;
    int fd CLEANUP(fd_close) = -1;
    (void)err;
    if (entry->kind == FS_FILE && str_ends(entry->path, STR(SUFFIX)) && is_too_old(&entry->st) &&
        open_locked(*folder, entry->path.s, 0, &fd)) {
        unlinkat(*folder, entry->path.s, 0);
    }
    return FS_WALK_SKIP;
}

void gcs_session_sweep(struct str state_folder)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error ignored;
    int folder CLEANUP(fd_close) = -1;
    if (state_folder.n > 0 &&
        fs_open_folder(str_copy(&scratch, state_folder).s, &folder, &ignored) == 0 &&
        fs_walk(folder, "", remove_old, &folder, &ignored) != 0) {
        return; /* what cannot be removed now is removed another time */
    }
}
