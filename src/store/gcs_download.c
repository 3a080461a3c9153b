/* Downloads: the queue of files, and of slices of large ones. */
#include "store/gcs_lane.h"

static struct lane *idle_lane(struct downloads *downloads)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (!downloads->lanes[i].file) {
            return &downloads->lanes[i];
        }
    }
    return NULL;
}

/* Others may work on it only when it is known which version it is. */
static struct arriving *file_to_help(struct downloads *downloads)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct arriving *file = &downloads->files[i];
        if (arriving_has_more(file) && file->generation.n > 0 && file->lanes < GCS_SLICES_MAX) {
            return file;
        }
    }
    return NULL;
}

static struct arriving *free_file(struct downloads *downloads)
{
    size_t i = 0;
    while (downloads->files[i].lanes > 0) {
        i++; /* an idle lane works on none of them */
    }
    return &downloads->files[i];
}

static int feed(void *context, bool *more, struct error *err)
{
    struct downloads *downloads = context;
    struct lane *lane = idle_lane(downloads);
    struct arriving *file = file_to_help(downloads);
    *more = downloads->next < downloads->count;
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX && !*more; i++) {
        *more = arriving_has_more(&downloads->files[i]);
    }
    if (!lane) {
        return 0;
    }
    if (file) {
        lane_help(lane, file);
        return 0;
    }
    return downloads->next < downloads->count
               ? lane_open(lane, free_file(downloads), downloads->order[downloads->next++], err)
               : 0;
}

static void stop_all(struct downloads *downloads)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        arena_free(&downloads->lanes[i].arena);
        arriving_stop(&downloads->files[i]);
    }
}

int gcs_download(struct store *store, struct transfer *transfers, size_t count,
                 const struct transfer_calls *calls, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct gcs_store *gcs = gcs_of(store);
    struct downloads downloads = {
        .gcs = gcs, .transfers = transfers, .calls = calls, .count = count};
    const struct http_work work = {.feed = feed, .context = &downloads};
    if (gcs_ready(gcs, err) != 0) {
        return -1;
    }
    downloads.order = gcs_largest_first(&scratch, transfers, count);
    downloads.lanes = arena_array(&scratch, HTTP_CONNECTIONS_MAX, sizeof *downloads.lanes);
    downloads.files = arena_array(&scratch, HTTP_CONNECTIONS_MAX, sizeof *downloads.files);
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        downloads.lanes[i].downloads = &downloads;
    }
    int status = http_run(gcs->http, &work, err);
    stop_all(&downloads);
    return status;
}
