#include "run/fetch.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "run/fetch_parts.h"
#include "run/landing.h"
#include "run/listener.h"
#include "run/off_limits.h"
#include "run/stores.h"
#include "store/cache.h"
#include "store/store.h"
#include "sys/signals.h"

static void say_result(const struct fetching *fetching, struct str job, uint64_t bytes,
                       size_t in_place)
{
    struct arena *arena = fetching->arena;
    struct str size = size_show(arena, bytes);
    struct str cached = fetching->cached_count == 0
                            ? STR("")
                            : str_format(arena, " (%zu from the cache)", fetching->cached_count);

    if (fetching->count == 0) {
        listener_say(fetching->listener, "%.*s: %s in place already", STR_ARG(job),
                     in_place == 1 ? "the input's file is" : "all files of the inputs are");
    } else if (in_place == 0) {
        listener_say(fetching->listener, "%.*s: fetched %zu file%s, %.*s%.*s", STR_ARG(job),
                     fetching->count, fetching->count == 1 ? "" : "s", STR_ARG(size),
                     STR_ARG(cached));
    } else {
        listener_say(fetching->listener,
                     "%.*s: fetched %zu file%s, %.*s%.*s; %zu more in place already", STR_ARG(job),
                     fetching->count, fetching->count == 1 ? "" : "s", STR_ARG(size),
                     STR_ARG(cached), in_place);
    }
}

/* That the cache cannot be used, once in a run. */
static void say_cache_remark(const struct fetching *fetching)
{
    struct str remark = cache_remark(fetching->stores->settings.cache);

    if (remark.n > 0) {
        listener_say(fetching->listener, "note: %.*s", STR_ARG(remark));
        listener_say(fetching->listener, "  to do without one: 'cache: {size: 0B}' in jobrun.yaml");
    }
}

/* The plan's landings, with archives apart from all others. */
static void sort_out(struct fetching *fetching, const struct plan *plan)
{
    struct arena *arena = fetching->arena;

    fetching->landings = arena_array(arena, plan->landing_count, sizeof *fetching->landings);
    fetching->archive_arrivals =
        arena_array(arena, plan->landing_count, sizeof *fetching->archive_arrivals);
    for (size_t i = 0; i < plan->landing_count; i++) {
        if (plan->landings[i].unpack == PACK_NONE) {
            fetching->landings[fetching->landing_count++] = plan->landings[i];
        } else {
            fetching->archive_arrivals[fetching->archive_count++].landing = &plan->landings[i];
        }
    }
    fetching->plain_count = fetching->landing_count;
}

static int bring_archives(struct fetching *fetching, struct error *err)
{
    uint64_t bytes = 0;

    if (fetching->archive_count == 0) {
        return 0;
    }
    for (size_t i = 0; i < fetching->archive_count; i++) {
        bytes += fetching->archive_arrivals[i].landing->entry->size_bytes;
    }
    listener_phase(fetching->listener, PHASE_FETCH, bytes);
    return fetch_bring(fetching, fetching->archive_arrivals, fetching->archive_count, err) < 0
               ? -1
               : fetch_list_archives(fetching, err);
}

/* Of what came out of archives it could not be asked before. */
static int check_repositories(struct fetching *fetching, struct error *err)
{
    struct plan plan = *fetching->plan;

    if (fetching->archive_count == 0) {
        return 0;
    }
    plan.landings = fetching->landings;
    plan.landing_count = fetching->landing_count;
    return fetch_check_repositories(fetching->arena, &plan, err);
}

/* What is not in place is an arrival. */
static int choose_arrivals(struct fetching *fetching, uint64_t *bytes, struct error *err)
{
    const struct context *context = fetching->context;
    struct off_limits off_limits = off_limits_make(fetching->arena, context->root, context);
    size_t count = fetching->landing_count;
    bool *in_place = arena_array(fetching->arena, count, sizeof *in_place);

    if (landings_check(fetching->root, fetching->landings, count, &off_limits, err) < 0 ||
        landings_in_place(fetching->root, fetching->landings, count, in_place, err) < 0) {
        return -1;
    }
    fetching->arrivals = arena_array(fetching->arena, count, sizeof *fetching->arrivals);
    for (size_t i = 0; i < count; i++) {
        if (!in_place[i]) {
            struct arrival *arrival = &fetching->arrivals[fetching->count++];
            arrival->landing = &fetching->landings[i];
            arrival->is_unpacked = i >= fetching->plain_count;
            *bytes += arrival->landing->entry->size_bytes;
        }
    }
    arrivals_sort(fetching->arrivals, fetching->count);
    return 0;
}

static int bring_and_place(struct fetching *fetching, uint64_t *bytes, struct error *err)
{
    if (bring_archives(fetching, err) < 0 || check_repositories(fetching, err) < 0 ||
        choose_arrivals(fetching, bytes, err) < 0) {
        return -1;
    }
    listener_phase(fetching->listener, PHASE_FETCH, *bytes);
    if (fetch_bring(fetching, fetching->arrivals, fetching->count, err) < 0 ||
        fetch_unpack(fetching, err) < 0 || fetch_make(fetching, err) < 0 ||
        signals_check(err) < 0) {
        return -1;
    }
    return arrivals_place(fetching->arena, fetching->root, fetching->arrivals, fetching->count,
                          err);
}

int fetch_land(struct arena *arena, const struct plan *plan, struct stores *stores,
               const struct listener *listener, struct error *err)
{
    const struct context *context = plan->job->context;
    struct arena scratch CLEANUP(arena_free) = {0};
    struct fetching fetching = {
        .arena = &scratch,
        .plan = plan,
        .context = context,
        .root = context->root_fd,
        .folder = LAST_FOLDER(context->root_fd),
        .stores = stores,
        .listener = listener,
    };
    uint64_t bytes = 0;

    (void)arena;
    if (plan->landing_count == 0) {
        return 0;
    }
    sort_out(&fetching, plan);
    int result = bring_and_place(&fetching, &bytes, err);
    last_folder_close(&fetching.folder);
    say_cache_remark(&fetching);
    fetch_remove_temps(&fetching, fetching.archive_arrivals, fetching.archive_count);
    if (result < 0) {
        fetch_remove_temps(&fetching, fetching.arrivals, fetching.count);
        fetch_remove_folders(&fetching);
        return -1;
    }
    say_result(&fetching, plan->job->manifest->name, bytes,
               fetching.landing_count - fetching.count);
    return 0;
}
