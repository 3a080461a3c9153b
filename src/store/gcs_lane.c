#include "store/gcs_lane.h"

#include "store/follower.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/host.h"

#include <errno.h>
#include <unistd.h>

/* How often a file is fetched whose bytes are damaged on their way. */
#define TIMES_MAX 2

/* --- errors --- */

static int cannot_receive(const struct lane *lane, struct error *err)
{
    struct transfer *transfer = lane->file->transfer;
    transfer->is_damaged = err->kind == ERROR_DAMAGED || err->kind == ERROR_NOT_FOUND;
    return gcs_cannot_key(lane->downloads->gcs, GCS_READ, transfer->key, err);
}

static int other_size(const struct lane *lane, uint64_t size_bytes, struct error *err)
{
    return error_set(err, ERROR_DAMAGED, "it has %ju bytes, and should have %ju",
                     (uintmax_t)size_bytes, (uintmax_t)lane->file->transfer->size_bytes);
}

/* "cannot read ..." is put in front where the piece ends. */
static int strange(const struct lane *lane, const char *what, struct error *err)
{
    return gcs_makes_no_sense(url_host(lane->downloads->gcs->place.endpoint), what, err);
}

/* --- what comes --- */

static int write_piece(int fd, const char *bytes, size_t n, uint64_t at, struct error *err)
{
    while (n > 0) {
        ssize_t written = pwrite(fd, bytes, n, (off_t)at);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return error_errno(err, errno, "cannot write the copy");
        }
        bytes += written;
        n -= (size_t)written;
        at += (uint64_t)written;
    }
    return 0;
}

static void tell_progress(const struct downloads *downloads, struct arriving *file, size_t n)
{
    file->came += n;
    if (file->came > file->told) {
        if (downloads->calls->progress) {
            downloads->calls->progress(downloads->calls->context, file->came - file->told);
        }
        file->told = file->came;
    }
}

/* How far the file is there without a gap. */
static uint64_t whole_so_far(struct arriving *file)
{
    while (file->first_open + 1 < file->slice_count &&
           file->slices[file->first_open] == GCS_SLICE_BYTES) {
        file->first_open++;
    }
    return file->first_open * GCS_SLICE_BYTES + file->slices[file->first_open];
}

static int lane_take(void *context, const char *bytes, size_t n, struct error *err)
{
    struct lane *lane = context;
    struct arriving *file = lane->file;
    if (n > lane->end - lane->at) {
        return error_set(err, ERROR_DAMAGED, "it is longer than the %ju bytes that it should have",
                         (uintmax_t)file->transfer->size_bytes);
    }
    if (write_piece(file->fd, bytes, n, lane->at, err) != 0) {
        return -1;
    }
    if (file->follower) {
        file->slices[lane->slice] += n;
        follower_reach(file->follower, whole_so_far(file));
    } else {
        sum_add(&file->sum, lane->at, bytes, n);
    }
    lane->at += n;
    tell_progress(lane->downloads, file, n);
    return 0;
}

static int check_generation(const struct lane *lane, const struct gcs_media *media,
                            struct error *err)
{
    const struct arriving *file = lane->file;
    if (media->generation.n == 0) {
        return strange(lane, "it names no generation", err);
    }
    if (file->generation.n > 0 && !str_equal(file->generation, media->generation)) {
        return error_set(err, ERROR_DAMAGED, "its generation is %.*s, and should be %.*s",
                         STR_ARG(media->generation), STR_ARG(file->generation));
    }
    return 0;
}

/* A part that is not the one that was asked for is not taken; the whole instead of a
 * part is, where the file comes whole. */
static int check_part(struct lane *lane, const struct http_answer *answer, struct error *err)
{
    struct arriving *file = lane->file;
    uint64_t total = 0;
    if (answer->status == 206) {
        struct str range = http_header(answer, &lane->arena, "content-range");
        if (!gcs_content_range(range, lane->at, &total)) {
            return strange(lane, "another part came than was asked for", err);
        }
        return total == file->transfer->size_bytes ? 0 : other_size(lane, total, err);
    }
    if (file->follower) {
        return strange(lane, "the whole came, and a part was asked for", err);
    }
    lane->at = 0;
    file->came = 0;
    sum_begin(&file->sum); /* of the bytes that are written now, in the place of those before */
    return 0;
}

static int lane_begin(void *context, const struct http_answer *answer, struct error *err)
{
    struct lane *lane = context;
    struct arriving *file = lane->file;
    struct gcs_media media = gcs_media_of(&lane->arena, answer);
    if (check_generation(lane, &media, err) != 0 || check_part(lane, answer, err) != 0) {
        return -1;
    }
    if (file->generation.n == 0) {
        file->generation = str_copy(&file->arena, media.generation);
    }
    file->has_crc32c = media.has_crc32c;
    file->crc32c = media.crc32c;
    return 0;
}

/* --- requests --- */

static int lane_again(void *context, const struct http_answer *answer, struct error *err);
static int lane_done(void *context, const struct http_answer *answer, struct error *err);

/* What of the piece is not there yet. */
static void ask_for_rest(struct lane *lane)
{
    struct gcs_store *gcs = lane->downloads->gcs;
    const struct arriving *file = lane->file;
    struct http_request *http = &lane->request.http;
    void *internal = http->internal;
    struct str url = gcs_object_url(&gcs->place, &lane->arena, file->name);
    url = str_format(&lane->arena, "%.*s?alt=media%s%.*s", STR_ARG(url),
                     file->generation.n > 0 ? "&generation=" : "", STR_ARG(file->generation));
    gcs_request_begin(gcs, &lane->arena, &lane->request, "GET", url, &lane->attempts);
    if (file->follower || lane->at > 0) {
        gcs_request_header(&lane->request,
                           str_format(&lane->arena, "range: bytes=%ju-%ju", (uintmax_t)lane->at,
                                      (uintmax_t)(lane->end - 1)));
    }
    http->internal = internal;
    http->sink = (struct http_sink){.begin = lane_begin, .take = lane_take};
    http->again = lane_again;
    http->done = lane_done;
    http->context = lane;
    lane->asked_at = lane->at;
}

static int lane_again(void *context, const struct http_answer *answer, struct error *err)
{
    struct lane *lane = context;
    (void)answer, (void)err;
    if (lane->at > lane->asked_at) {
        attempts_progress(&lane->attempts, (uint64_t)host_monotonic_ms());
    }
    ask_for_rest(lane);
    return 0;
}

/* A piece that the lane has nothing of yet. */
static void begin_piece(struct lane *lane, uint64_t begin, uint64_t end)
{
    arena_free(&lane->arena);
    lane->attempts = (struct attempts){0};
    lane->request.http.internal = NULL;
    lane->at = begin;
    lane->end = end;
    ask_for_rest(lane);
    http_submit(lane->downloads->gcs->http, &lane->request.http);
}

static void begin_slice(struct lane *lane)
{
    struct arriving *file = lane->file;
    uint64_t begin = file->next_slice * GCS_SLICE_BYTES;
    uint64_t left = file->transfer->size_bytes - begin;
    lane->slice = file->next_slice++;
    begin_piece(lane, begin, begin + (left < GCS_SLICE_BYTES ? left : GCS_SLICE_BYTES));
}

static int begin_slices(struct arriving *file, struct error *err)
{
    uint64_t size_bytes = file->transfer->size_bytes;
    file->slice_count = (size_t)((size_bytes + GCS_SLICE_BYTES - 1) / GCS_SLICE_BYTES);
    file->slices = arena_array(&file->arena, file->slice_count, sizeof *file->slices);
    file->next_slice = file->first_open = 0;
    return fs_reserve(file->fd, size_bytes, "the copy", err) != 0
               ? -1
               : follower_begin(&file->arena, file->fd, &file->follower, err);
}

/* From its first byte on. */
static int begin_file(struct lane *lane, struct error *err)
{
    struct arriving *file = lane->file;
    file->came = 0;
    if (file->transfer->size_bytes >= GCS_SLICED_BYTES_MIN) {
        if (begin_slices(file, err) != 0) {
            return cannot_receive(lane, err);
        }
        begin_slice(lane);
        return 0;
    }
    sum_begin(&file->sum);
    begin_piece(lane, 0, file->transfer->size_bytes);
    return 0;
}

/* --- ends --- */

static void leave(struct lane *lane)
{
    lane->file->lanes--;
    lane->file = NULL;
    arena_free(&lane->arena);
}

static int finish(struct lane *lane, struct error *err)
{
    struct arriving *file = lane->file;
    const struct transfer_calls *calls = lane->downloads->calls;
    size_t index = file->index;
    if (fd_close_checked(&file->fd, "the copy", err) != 0) {
        return cannot_receive(lane, err);
    }
    leave(lane);
    arena_free(&file->arena);
    return calls->done(calls->context, index, err);
}

/* The store's own checksum tells whether the bytes are damaged there, or were on
 * their way. */
static int check_file(struct lane *lane, struct error *err)
{
    struct arriving *file = lane->file;
    struct transfer *transfer = file->transfer;
    if (sum_is(&file->sum, transfer)) {
        return finish(lane, err);
    }
    if ((!file->has_crc32c || file->crc32c == transfer->crc32c) && ++file->times < TIMES_MAX) {
        return begin_file(lane, err);
    }
    if (file->sum.size_bytes != transfer->size_bytes) {
        other_size(lane, file->sum.size_bytes, err);
    } else {
        error_set(err, ERROR_DAMAGED, "its SHA-256 is %s, and should be %.*s", file->sum.sha256,
                  STR_ARG(transfer->sha256));
    }
    return cannot_receive(lane, err);
}

/* The last lane at work on a file in slices ends it. */
static int end_slice(struct lane *lane, struct error *err)
{
    struct arriving *file = lane->file;
    if (file->next_slice < file->slice_count) {
        begin_slice(lane);
        return 0;
    }
    if (file->lanes > 1) {
        leave(lane);
        return 0;
    }
    if (follower_end(&file->follower, &file->sum, err) != 0) {
        return cannot_receive(lane, err);
    }
    return check_file(lane, err);
}

static int say_missing(const struct lane *lane, struct error *err)
{
    const struct arriving *file = lane->file;
    if (file->generation.n > 0) {
        error_set(err, ERROR_NOT_FOUND, "its generation %.*s was removed or replaced",
                  STR_ARG(file->generation));
    } else {
        error_set(err, ERROR_NOT_FOUND, "it is not there");
    }
    return cannot_receive(lane, err);
}

static int say_refused(const struct lane *lane, const struct http_answer *answer, struct error *err)
{
    if (answer->failure == ATTEMPT_LOCAL) {
        *err = *answer->error;
        return err->kind == ERROR_INTERRUPTED ? -1 : cannot_receive(lane, err);
    }
    if (answer->status == 404 && !gcs_may_lack_bucket(GCS_READ, answer)) {
        return say_missing(lane, err);
    }
    if (answer->status == 416) {
        error_set(err, ERROR_DAMAGED, "it is shorter than the %ju bytes that it should have",
                  (uintmax_t)lane->file->transfer->size_bytes);
        return cannot_receive(lane, err);
    }
    return gcs_refused(lane->downloads->gcs, GCS_READ, lane->file->transfer->key, false, answer,
                       err);
}

static int lane_done(void *context, const struct http_answer *answer, struct error *err)
{
    struct lane *lane = context;
    if (answer->status != 200 && answer->status != 206) {
        return say_refused(lane, answer, err);
    }
    if (!lane->file->follower) {
        return check_file(lane, err);
    }
    if (lane->at < lane->end) {
        strange(lane, "a part came that is shorter than was asked for", err);
        return cannot_receive(lane, err);
    }
    return end_slice(lane, err);
}

/* --- the beginning --- */

static bool is_generation(struct str text)
{
    int64_t generation;
    return str_to_int64(text, &generation) && generation > 0;
}

int lane_open(struct lane *lane, struct arriving *file, size_t index, struct error *err)
{
    struct downloads *downloads = lane->downloads;
    struct transfer *transfer = &downloads->transfers[index];
    *file = (struct arriving){.index = index, .transfer = transfer, .fd = -1, .lanes = 1};
    lane->file = file;
    if (gcs_name(&downloads->gcs->place, &file->arena, transfer->key, &file->name, err) != 0) {
        return cannot_receive(lane, err);
    }
    if (transfer->version.n > 0 && !is_generation(transfer->version)) {
        error_set(err, ERROR_DAMAGED, "it has no version '%.*s': a generation is a number",
                  STR_ARG(transfer->version));
        return cannot_receive(lane, err);
    }
    file->generation = transfer->version;
    if (downloads->calls->open(downloads->calls->context, index, &file->fd, err) != 0) {
        return -1;
    }
    return begin_file(lane, err);
}

bool arriving_has_more(const struct arriving *file)
{
    return file->lanes > 0 && file->follower && file->next_slice < file->slice_count;
}

void lane_help(struct lane *lane, struct arriving *file)
{
    file->lanes++;
    lane->file = file;
    begin_slice(lane);
}

void arriving_stop(struct arriving *file)
{
    if (file->lanes > 0) {
        follower_stop(&file->follower);
        fd_close(&file->fd);
        arena_free(&file->arena);
    }
}
