/* Uploads: the queue of what is not there yet. */
#include "store/gcs_sending.h"

/* --- the queue --- */

static struct sending *free_slot(struct uploads *uploads)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (!uploads->slots[i].uploads) {
            return &uploads->slots[i];
        }
    }
    return NULL;
}

static int feed(void *context, bool *more, struct error *err)
{
    struct uploads *uploads = context;
    struct sending *sending = uploads->next < uploads->count ? free_slot(uploads) : NULL;
    if (!sending) {
        *more = uploads->next < uploads->count;
        return 0;
    }
    size_t index = uploads->order[uploads->next++];
    *sending = (struct sending){.uploads = uploads,
                                .index = index,
                                .transfer = &uploads->transfers[index],
                                .fd = -1,
                                .session = GCS_SESSION_NONE};
    sending->attempt = gcs_uuid(&sending->arena);
    sum_begin(&sending->sum);
    if (sending_open(sending, err) != 0) {
        return -1;
    }
    sending_begin(sending);
    return 0;
}

static void stop_all(struct uploads *uploads)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct sending *sending = &uploads->slots[i];
        if (sending->uploads) {
            sending_close(sending);
        }
    }
}

/* --- all together --- */

/* What is not there, the largest first. */
static void put_in_order(struct uploads *uploads, struct arena *arena, size_t count,
                         const bool *is_there)
{
    size_t *all = gcs_largest_first(arena, uploads->transfers, count);
    uploads->order = all;
    for (size_t i = 0; i < count; i++) {
        if (!is_there[all[i]]) {
            uploads->order[uploads->count++] = all[i];
        }
    }
}

static int end_present(const struct uploads *uploads, size_t count, const bool *is_there,
                       struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (is_there[i] && uploads->calls->done(uploads->calls->context, i, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int send_all(struct uploads *uploads, struct arena *arena, struct error *err)
{
    const struct http_work work = {.feed = feed, .context = uploads};
    if (uploads->count == 0) {
        return 0;
    }
    uploads->slots = arena_array(arena, HTTP_CONNECTIONS_MAX, sizeof *uploads->slots);
    gcs_session_sweep(uploads->gcs->settings.state_folder);
    int status = http_run(uploads->gcs->http, &work, err);
    stop_all(uploads);
    return status;
}

int gcs_upload(struct store *store, struct transfer *transfers, size_t count,
               const struct transfer_calls *calls, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct gcs_store *gcs = gcs_of(store);
    struct uploads uploads = {.gcs = gcs, .transfers = transfers, .calls = calls};
    bool *is_there = arena_array(&scratch, count, sizeof *is_there);
    if (gcs_ready(gcs, err) != 0 ||
        gcs_find_present(gcs, &scratch, transfers, count, is_there, err) != 0 ||
        end_present(&uploads, count, is_there, err) != 0) {
        return -1;
    }
    put_in_order(&uploads, &scratch, count, is_there);
    return send_all(&uploads, &scratch, err);
}
