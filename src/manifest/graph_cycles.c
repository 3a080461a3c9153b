/* Jobs that need one another. */
#include "base/arena.h"
#include "base/diag.h"
#include "manifest/graph_parts.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"

/* The jobs on the way from the first to the present one, each by the input before. */
struct walk {
    struct graph_job **way;
    size_t count, capacity;
    struct arena arena;
};

/* The input that leads on from a job of the way. */
static const struct input *taken_input(const struct graph_job *job)
{
    return &job->manifest->inputs[job->next - 1];
}

static void report_cycle(const struct walk *walk, size_t first, struct diags *diags)
{
    const struct graph_job *start = walk->way[first];
    struct buf shown = buf_make(diags->arena, DIAG_TEXT_MAX);

    for (size_t i = first; i < walk->count; i++) {
        walk->way[i]->in_cycle = true;
        buf_addf(&shown, "%.*s -> ", STR_ARG(walk->way[i]->manifest->name));
    }
    struct diag *d = rule_report(diags, RULE_JOB_CYCLE, taken_input(start)->from_span,
                                 "jobs need one another: %.*s%.*s", STR_ARG(buf_str(&shown)),
                                 STR_ARG(start->manifest->name));
    for (size_t i = first; i < walk->count; i++) {
        const struct graph_job *job = walk->way[i];

        diag_label(d, taken_input(job)->from_span, "job '%.*s' needs '%.*s'",
                   STR_ARG(job->manifest->name), STR_ARG(taken_input(job)->from));
    }
    diag_help(d, "take one of these inputs out, or give it a 'commit' so that it comes from an "
                 "earlier one");
}

/* A way from the job back to itself: of those that share jobs with one that was
 * reported nothing is said. A cycle with none of the jobs asked for is not theirs. */
static void close_cycle(const struct walk *walk, const struct graph_job *job, struct diags *diags)
{
    size_t first = walk->count;
    bool is_asked = false, is_known = false;

    do {
        first--;
        is_asked |= walk->way[first]->is_asked;
        is_known |= walk->way[first]->in_cycle;
    } while (walk->way[first] != job);
    if (is_asked && !is_known) {
        report_cycle(walk, first, diags);
    }
}

static void enter(struct walk *walk, struct graph_job *job)
{
    job->visit = JOB_ON_THE_WAY;
    *ARENA_PUSH(&walk->arena, walk->way, walk->count, walk->capacity) = job;
}

/* One input further, or one job back. */
static void step(struct walk *walk, struct diags *diags)
{
    struct graph_job *job = walk->way[walk->count - 1];

    if (job->next == job->manifest->input_count) {
        job->visit = JOB_DONE;
        walk->count--;
        return;
    }
    struct graph_job *producer = job->producers[job->next];
    bool is_edge =
        producer != NULL && producer != job && job->manifest->inputs[job->next].commit == NULL;
    job->next++;
    if (is_edge && producer->visit == JOB_NEW) {
        enter(walk, producer);
    } else if (is_edge && producer->visit == JOB_ON_THE_WAY) {
        close_cycle(walk, producer, diags);
    }
}

void graph_check_cycles(struct graph *graph, struct diags *diags)
{
    struct walk walk = {0};

    for (size_t i = 0; i < graph->count; i++) {
        if (graph->jobs[i]->visit == JOB_NEW) {
            enter(&walk, graph->jobs[i]);
        }
        while (walk.count > 0) {
            step(&walk, diags);
        }
    }
    arena_free(&walk.arena);
}
