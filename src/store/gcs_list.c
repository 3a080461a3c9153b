/*
 * Lists, page by page. The order is that of the names' bytes, so that a name that is
 * not behind the one before it was shown already: a page came twice.
 */
#include "store/gcs_parts.h"

#include "base/json.h"
#include "base/path.h"
#include "base/table.h"

#include <stdlib.h>

#define PAGE_ITEMS     1000
#define PAGE_BYTES_MAX ((size_t)16 << 20)
#define PAGES_MAX      100000

struct list {
    struct gcs_store *gcs;
    struct str prefix;  /* the key's */
    struct str url;     /* of every page, without its token */
    struct arena arena; /* of the list */
    struct arena page;  /* of the page at hand */
    struct table seen;  /* the tokens of the pages */
    struct str token;   /* of the next page; .n 0: there is none */
    const struct json *json;
    /* The name that was shown last. */
    char last[GCS_NAME_BYTES_MAX];
    size_t last_bytes;
};

static void list_free(struct list *list)
{
    arena_free(&list->page);
    arena_free(&list->arena);
}

static int list_begin(struct list *list, struct gcs_store *gcs, struct str prefix,
                      const char *delimiter, const char *fields, struct error *err)
{
    struct arena *arena = &list->arena;
    if (gcs_ready(gcs, err) != 0) {
        return -1;
    }
    struct str name = path_below(arena, gcs->place.prefix, prefix);
    if (prefix.n == 0 && name.n > 0) {
        name = str_format(arena, "%.*s/", STR_ARG(name));
    }
    list->gcs = gcs;
    list->prefix = prefix;
    list->seen = table_make(arena);
    list->url = str_format(
        arena, "%.*s?prefix=%.*s%s&maxResults=%d&projection=noAcl&prettyPrint=false&fields=%.*s",
        STR_ARG(gcs_list_url(&gcs->place, arena)), STR_ARG(url_escape(arena, name)), delimiter,
        PAGE_ITEMS, STR_ARG(url_escape(arena, str_from(fields))));
    return 0;
}

static int strange(const struct list *list, const char *what, struct error *err)
{
    return gcs_strange(list->gcs, GCS_LIST, list->prefix, what, err);
}

/* A page that leads back to one that came before would be read for ever. */
static int take_token(struct list *list, struct error *err)
{
    struct str token;
    list->token = (struct str){0};
    if (!json_get_str(json_member(list->json, "nextPageToken"), &token) || token.n == 0) {
        return 0;
    }
    list->token = str_copy(&list->arena, token);
    void **seen = table_at(&list->seen, list->token);
    if (*seen) {
        return strange(list, "a page of the list leads back to one before it", err);
    }
    *seen = list;
    if (list->seen.count > PAGES_MAX) {
        error_set(err, ERROR_LIMIT, "it has more than %d pages", PAGES_MAX);
        return gcs_cannot_key(list->gcs, GCS_LIST, list->prefix, err);
    }
    return 0;
}

static int read_page(struct list *list, struct error *err)
{
    struct attempts attempts = {0};
    struct gcs_request request;
    struct http_answer answer;
    struct error problem;
    struct json *json = NULL;
    arena_free(&list->page);
    struct str url = list->url;
    if (list->token.n > 0) {
        struct str token = url_escape(&list->page, list->token);
        url = str_format(&list->page, "%.*s&pageToken=%.*s", STR_ARG(url), STR_ARG(token));
    }
    gcs_request_begin(list->gcs, &list->page, &request, "GET", url, &attempts);
    request.http.sink.max_bytes = PAGE_BYTES_MAX;
    if (gcs_call(list->gcs, &list->page, &request, GCS_LIST, list->prefix, &answer, err) != 0) {
        return -1;
    }
    if (answer.status != 200) {
        return gcs_refused(list->gcs, GCS_LIST, list->prefix, true, &answer, err);
    }
    if (json_parse(&list->page, answer.body, PAGE_BYTES_MAX, &json, &problem) != 0 ||
        !json_is_object(json)) {
        return strange(list, "it is no list", err);
    }
    list->json = json;
    return take_token(list, err);
}

/* Whether the name was not shown yet. */
static bool is_next(struct list *list, struct str name)
{
    struct str last = {list->last, list->last_bytes};
    if (name.n > sizeof list->last || str_compare(name, last) <= 0) {
        return false;
    }
    memcpy(list->last, name.s, name.n);
    list->last_bytes = name.n;
    return true;
}

static int visit_page(struct list *list,
                      bool (*visit)(void *context, struct str key, const struct gcs_object *object),
                      void *context, bool *go_on, struct error *err)
{
    const struct json *items = json_member(list->json, "items");
    for (size_t i = 0; i < json_count(items) && *go_on; i++) {
        struct gcs_object object;
        struct error problem;
        struct str key;
        if (gcs_object_decode(json_item(items, i), &object, &problem) != 0) {
            return strange(list, problem.message, err);
        }
        if (gcs_key_of_name(&list->gcs->place, object.name, &key) && is_next(list, object.name)) {
            *go_on = visit(context, key, &object);
        }
    }
    return 0;
}

int gcs_list_objects(struct gcs_store *gcs, struct str prefix, bool with_checksums,
                     bool (*visit)(void *context, struct str key, const struct gcs_object *object),
                     void *context, struct error *err)
{
    struct list list CLEANUP(list_free) = {0};
    bool go_on = true;
    const char *fields = with_checksums ? "nextPageToken,items(" GCS_OBJECT_FIELDS ")"
                                        : "nextPageToken,items(name,generation,size)";
    if (list_begin(&list, gcs, prefix, "", fields, err) != 0) {
        return -1;
    }
    do {
        if (read_page(&list, err) != 0 || visit_page(&list, visit, context, &go_on, err) != 0) {
            return -1;
        }
    } while (go_on && list.token.n > 0);
    return 0;
}

struct lister {
    struct arena *arena; /* the caller's */
    bool (*visit)(void *context, const struct listed *object);
    void *context;
};

static bool show_object(void *context, struct str key, const struct gcs_object *object)
{
    const struct lister *lister = context;
    struct listed listed = {.key = str_copy(lister->arena, key),
                            .size_bytes = object->size_bytes,
                            .version = str_copy(lister->arena, object->generation)};
    return lister->visit(lister->context, &listed);
}

int gcs_list(struct store *store, struct arena *arena, struct str prefix,
             bool (*visit)(void *context, const struct listed *object), void *context,
             struct error *err)
{
    struct lister lister = {.arena = arena, .visit = visit, .context = context};
    return gcs_list_objects(gcs_of(store), prefix, false, show_object, &lister, err);
}

/* The names of the folders that the page at hand has. */
static void take_folders(struct list *list, struct arena *arena, struct str **names, size_t *count,
                         size_t *capacity)
{
    const struct json *prefixes = json_member(list->json, "prefixes");
    for (size_t i = 0; i < json_count(prefixes); i++) {
        struct str name;
        struct str key;
        if (json_get_str(json_item(prefixes, i), &name) && str_ends(name, STR("/")) &&
            gcs_key_of_name(&list->gcs->place, str_slice(name, 0, name.n - 1), &key) &&
            key.n > list->prefix.n && is_next(list, name)) {
            *ARENA_PUSH(arena, *names, *count, *capacity) =
                str_copy(arena, str_after(key, list->prefix.n));
        }
    }
}

int gcs_list_folders(struct store *store, struct arena *arena, struct str prefix,
                     struct str **names, size_t *count, struct error *err)
{
    struct list list CLEANUP(list_free) = {0};
    size_t capacity = 0;
    *names = NULL;
    *count = 0;
    if (list_begin(&list, gcs_of(store), prefix, "&delimiter=%2F", "nextPageToken,prefixes", err) !=
        0) {
        return -1;
    }
    do {
        if (read_page(&list, err) != 0) {
            return -1;
        }
        take_folders(&list, arena, names, count, &capacity);
    } while (list.token.n > 0);
    /* "a-b/" comes before "a/", but "a" before "a-b". */
    if (*count > 0) {
        qsort(*names, *count, sizeof **names, str_compare_for_sort);
    }
    return 0;
}
