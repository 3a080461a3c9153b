#include "store/gcs.h"

#include "base/path.h"
#include "store/gcs_parts.h"

#include <stdlib.h>

#define NO_STORE "no-store"
#define NOTHING  "0" /* the generation of what is not there */
/* How often something that others change is read again, and how often bytes are sent
 * or fetched again that a checksum shows to be damaged on their way. */
#define RACES_MAX 5
#define TRIES_MAX 2

/* --- opening --- */

bool gcs_store_is(struct str url)
{
    return str_starts(url, STR("gs://"));
}

static void say_emulator(const struct gcs_store *gcs)
{
    const struct store_settings *settings = &gcs->settings;
    if (gcs->place.is_emulator && settings->say) {
        settings->say(settings->say_context,
                      str_format(gcs->store.arena,
                                 "the store '%.*s' is an emulator's, at %.*s (" GCS_EMULATOR ")",
                                 STR_ARG(gcs->store.url), STR_ARG(gcs->place.endpoint)));
    }
}

int gcs_ready(struct gcs_store *gcs, struct error *err)
{
    struct http_options options = {.allow_plain = gcs->place.is_emulator};
    if (gcs->http) {
        return 0;
    }
    if ((!gcs->auth &&
         google_auth_open(gcs->store.arena, gcs->place.is_emulator, &gcs->auth, err) != 0) ||
        http_open(gcs->store.arena, &options, &gcs->http, err) != 0) {
        return error_prefix(err, "cannot use the store '%.*s'", STR_ARG(gcs->store.url));
    }
    say_emulator(gcs);
    return 0;
}

static void gcs_close(struct store *store)
{
    struct gcs_store *gcs = gcs_of(store);
    http_close(&gcs->http);
    google_auth_close(&gcs->auth);
}

static struct str store_address_of(const struct store *store, struct arena *arena, struct str key)
{
    return gcs_address(&gcs_of_const(store)->place, arena, key);
}

static struct str store_link_of(const struct store *store, struct arena *arena, struct str key)
{
    const struct gcs_place *place = &gcs_of_const(store)->place;
    return place->is_emulator ? (struct str){0} : gcs_link(place, arena, key);
}

/* --- reading --- */

/* *again: what came is not what the server says that it sent. */
static int read_once(struct gcs_store *gcs, struct arena *arena, struct str key, struct str name,
                     size_t max_bytes, struct object *object, bool *again, struct error *err)
{
    struct attempts attempts = {0};
    struct gcs_request request;
    struct http_answer answer;
    struct str url = gcs_object_url(&gcs->place, arena, name);
    url = str_format(arena, "%.*s?alt=media", STR_ARG(url));
    gcs_request_begin(gcs, arena, &request, "GET", url, &attempts);
    request.http.sink.max_bytes = max_bytes;
    if (gcs_call(gcs, arena, &request, GCS_READ, key, &answer, err) != 0) {
        return -1;
    }
    if (answer.status != 200) {
        return gcs_refused(gcs, GCS_READ, key, true, &answer, err);
    }
    struct gcs_media media = gcs_media_of(arena, &answer);
    if (media.generation.n == 0) {
        return gcs_strange(gcs, GCS_READ, key, "it names no generation", err);
    }
    *again = media.has_crc32c && crc32c(0, answer.body.s, answer.body.n) != media.crc32c;
    *object = (struct object){.bytes = answer.body,
                              .size_bytes = answer.body.n,
                              .version = str_copy(arena, media.generation)};
    return 0;
}

static int gcs_read(struct store *store, struct arena *arena, struct str key, size_t max_bytes,
                    struct object *object, struct error *err)
{
    struct gcs_store *gcs = gcs_of(store);
    struct str name;
    if (gcs_ready(gcs, err) != 0) {
        return -1;
    }
    if (gcs_name(&gcs->place, arena, key, &name, err) != 0) {
        return gcs_cannot_key(gcs, GCS_READ, key, err);
    }
    for (int i = 0; i < TRIES_MAX; i++) {
        bool again = false;
        if (read_once(gcs, arena, key, name, max_bytes, object, &again, err) != 0) {
            return -1;
        }
        if (!again) {
            return 0;
        }
    }
    error_set(err, ERROR_DAMAGED, "its checksum is not that of the bytes that came, %d times",
              TRIES_MAX);
    return gcs_cannot_key(gcs, GCS_READ, key, err);
}

/* --- writing --- */

/* One write of a small object. */
struct writing {
    struct gcs_store *gcs;
    struct arena *arena;
    struct str key, name;
    struct str bytes;
    const char *content_type;
    struct str generation; /* what it replaces */
};

static enum gcs_doing doing_of(const struct writing *writing)
{
    return str_is(writing->generation, NOTHING) ? GCS_CREATE : GCS_REPLACE;
}

static void insert_begin(const struct writing *writing, struct str attempt,
                         struct gcs_request *request, struct attempts *attempts)
{
    struct arena *arena = writing->arena;
    const struct gcs_place *place = &writing->gcs->place;
    struct gcs_upload_metadata metadata = {
        .name = writing->name,
        .content_type = str_from(writing->content_type),
        .cache_control = STR(NO_STORE),
        .sha256 = sha256_hex(arena, writing->bytes),
        .attempt = attempt,
        .crc32c = crc32c(0, writing->bytes.s, writing->bytes.n),
    };
    struct gcs_multipart body = gcs_multipart_make(
        arena, gcs_upload_metadata_format(arena, &metadata), metadata.content_type);
    struct str url = gcs_upload_url(place, arena);
    struct str query = gcs_write_query(arena, "multipart", writing->generation);
    url = str_format(arena, "%.*s%.*s", STR_ARG(url), STR_ARG(query));
    gcs_request_begin(writing->gcs, arena, request, "POST", url, attempts);
    gcs_request_header(request, body.content_type);
    struct buf head = buf_make(arena, body.head.n + writing->bytes.n);
    buf_add(&head, body.head);
    buf_add(&head, writing->bytes);
    request->http.source.head = buf_str(&head);
    request->http.source.tail = body.tail;
}

/* Whether what is there was made by this very write, whose answer was lost. */
static bool is_own(struct gcs_store *gcs, struct arena *arena, struct str key, struct str attempt)
{
    struct gcs_object object = {0};
    struct error ignored;
    return gcs_look(gcs, arena, key, &object, &ignored) == 0 && str_equal(object.attempt, attempt);
}

static int check_written(const struct writing *writing, const struct http_answer *answer,
                         struct error *err)
{
    struct gcs_object object;
    struct error problem;
    if (gcs_object_parse(writing->arena, answer->body, &object, &problem) != 0) {
        return gcs_strange(writing->gcs, doing_of(writing), writing->key, problem.message, err);
    }
    if (object.size_bytes != writing->bytes.n) {
        return gcs_strange(writing->gcs, doing_of(writing), writing->key, "it has another size",
                           err);
    }
    return 0;
}

static int write_once(const struct writing *writing, bool *again, struct error *err)
{
    struct gcs_store *gcs = writing->gcs;
    struct attempts attempts = {0};
    struct gcs_request request;
    struct http_answer answer;
    struct str attempt = gcs_uuid(writing->arena);
    insert_begin(writing, attempt, &request, &attempts);
    if (gcs_call(gcs, writing->arena, &request, doing_of(writing), writing->key, &answer, err) !=
        0) {
        return -1;
    }
    if (answer.status == 200 || answer.status == 201) {
        return check_written(writing, &answer, err);
    }
    if (answer.status == 412 && attempts.count > 0 &&
        is_own(gcs, writing->arena, writing->key, attempt)) {
        return 0;
    }
    *again = gcs_is_mismatch(writing->arena, &answer);
    return gcs_refused(gcs, doing_of(writing), writing->key, true, &answer, err);
}

static int write_object(const struct writing *writing, struct error *err)
{
    bool again = true;
    int status = -1;
    for (int i = 0; i < TRIES_MAX && again && status != 0; i++) {
        again = false;
        status = write_once(writing, &again, err);
    }
    return status;
}

/* The generation of what is there. */
static int current_generation(struct gcs_store *gcs, struct arena *arena, struct str key,
                              struct str *generation, struct error *err)
{
    struct gcs_object object = {0};
    struct error problem = {0};
    *generation = STR(NOTHING);
    if (gcs_look(gcs, arena, key, &object, &problem) == 0) {
        *generation = object.generation;
        return 0;
    }
    if (problem.kind == ERROR_NOT_FOUND) {
        return 0;
    }
    *err = problem;
    return -1;
}

/* Whatever is there is replaced; who else writes meanwhile is replaced too. */
static int write_always(struct writing *writing, struct error *err)
{
    int status = -1;
    for (int i = 0; i < RACES_MAX && status != 0; i++) {
        if (current_generation(writing->gcs, writing->arena, writing->key, &writing->generation,
                               err) != 0) {
            return -1;
        }
        status = write_object(writing, err);
        if (status != 0 && err->kind != ERROR_CONFLICT) {
            return -1;
        }
    }
    return status;
}

static int gcs_write(struct store *store, struct str key, struct str bytes,
                     const char *content_type, struct precondition precondition, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct gcs_store *gcs = gcs_of(store);
    struct writing writing = {.gcs = gcs,
                              .arena = &scratch,
                              .key = key,
                              .bytes = bytes,
                              .content_type = content_type,
                              .generation = STR(NOTHING)};
    if (gcs_ready(gcs, err) != 0) {
        return -1;
    }
    if (gcs_name(&gcs->place, &scratch, key, &writing.name, err) != 0) {
        return gcs_cannot_key(gcs, GCS_CREATE, key, err);
    }
    if (precondition.kind == STORE_ALWAYS) {
        return write_always(&writing, err);
    }
    if (precondition.kind == STORE_IF_VERSION) {
        writing.generation = url_escape(&scratch, precondition.version);
    }
    return write_object(&writing, err);
}

/* --- removing --- */

/* Whether this call removed it, and the answer that said so was lost. */
static bool was_removed(struct gcs_store *gcs, struct arena *arena, struct str key, int status)
{
    struct str generation = {0};
    struct error ignored;
    return status == 404 ||
           (status == 412 && current_generation(gcs, arena, key, &generation, &ignored) == 0 &&
            str_is(generation, NOTHING));
}

static int remove_once(struct gcs_store *gcs, struct arena *arena, struct str key, struct str name,
                       struct str generation, struct error *err)
{
    struct attempts attempts = {0};
    struct gcs_request request;
    struct http_answer answer;
    struct str url = gcs_object_url(&gcs->place, arena, name);
    url = str_format(arena, "%.*s?ifGenerationMatch=%.*s", STR_ARG(url),
                     STR_ARG(url_escape(arena, generation)));
    gcs_request_begin(gcs, arena, &request, "DELETE", url, &attempts);
    if (gcs_call(gcs, arena, &request, GCS_REMOVE, key, &answer, err) != 0) {
        return -1;
    }
    if (answer.status == 204 || answer.status == 200 ||
        (attempts.count > 0 && was_removed(gcs, arena, key, answer.status))) {
        return 0;
    }
    return gcs_refused(gcs, GCS_REMOVE, key, true, &answer, err);
}

static int remove_always(struct gcs_store *gcs, struct arena *arena, struct str key,
                         struct str name, struct error *err)
{
    int status = -1;
    for (int i = 0; i < RACES_MAX && status != 0; i++) {
        struct gcs_object object = {0};
        if (gcs_look(gcs, arena, key, &object, err) != 0) {
            return -1;
        }
        status = remove_once(gcs, arena, key, name, object.generation, err);
        if (status != 0 && err->kind != ERROR_CONFLICT) {
            return -1;
        }
    }
    return status;
}

static int gcs_remove(struct store *store, struct str key, struct precondition precondition,
                      struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct gcs_store *gcs = gcs_of(store);
    struct str name;
    if (gcs_ready(gcs, err) != 0) {
        return -1;
    }
    if (gcs_name(&gcs->place, &scratch, key, &name, err) != 0) {
        return gcs_cannot_key(gcs, GCS_REMOVE, key, err);
    }
    return precondition.kind == STORE_ALWAYS
               ? remove_always(gcs, &scratch, key, name, err)
               : remove_once(gcs, &scratch, key, name, precondition.version, err);
}

/* gcs.h says why. */
static int gcs_check_write(struct store *store, struct str prefix, struct error *err)
{
    (void)store, (void)prefix, (void)err;
    return 0;
}

static const struct backend BACKEND = {
    .close = gcs_close,
    .address = store_address_of,
    .link = store_link_of,
    .read = gcs_read,
    .write = gcs_write,
    .list = gcs_list,
    .list_folders = gcs_list_folders,
    .remove = gcs_remove,
    .check_write = gcs_check_write,
    .download = gcs_download,
    .upload = gcs_upload,
};

int gcs_store_open(struct arena *arena, struct str url, enum store_mode mode,
                   const struct store_settings *settings, struct store **store, struct error *err)
{
    struct gcs_store *gcs = arena_alloc(arena, sizeof *gcs);
    if (gcs_place_parse(arena, url, str_from(getenv(GCS_EMULATOR)), &gcs->place, err) != 0) {
        return -1;
    }
    gcs->settings = *settings;
    gcs->store = (struct store){.backend = &BACKEND,
                                .arena = arena,
                                .url = gcs_address(&gcs->place, arena, (struct str){0}),
                                .mode = mode};
    *store = &gcs->store;
    return 0;
}
