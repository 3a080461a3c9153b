#include "manifest/graph.h"

#include "base/arena.h"
#include "base/diag.h"
#include "manifest/graph_parts.h"
#include "manifest/manifest.h"
#include "manifest/producer.h"

struct graph graph_make(struct arena *arena, const struct graph_finder *finder)
{
    return (struct graph){.arena = arena,
                          .finder = finder,
                          .by_manifest = table_make(arena),
                          .by_name = table_make(arena)};
}

/* The job of the manifest, which is another one for each pointer. */
static struct graph_job *job_of(struct graph *graph, const struct manifest *manifest)
{
    const char *pointer = arena_copy(graph->arena, &manifest, sizeof manifest);
    struct graph_job **job =
        (struct graph_job **)table_at(&graph->by_manifest, (struct str){pointer, sizeof manifest});

    if (*job == NULL) {
        *job = arena_alloc(graph->arena, sizeof **job);
        (*job)->manifest = manifest;
        *ARENA_PUSH(graph->arena, graph->jobs, graph->count, graph->capacity) = *job;
    }
    return *job;
}

static struct str key_of(struct arena *arena, struct str workspace, struct str name)
{
    return str_format(arena, "%.*s\n%.*s", STR_ARG(workspace), STR_ARG(name));
}

void graph_add(struct graph *graph, const struct manifest *manifest, struct str workspace)
{
    struct graph_job *job = job_of(graph, manifest);
    void **first = table_at(&graph->by_name, key_of(graph->arena, workspace, manifest->name));

    job->is_asked = true;
    job->workspace = workspace;
    if (*first == NULL) {
        *first = job;
    }
}

struct graph_job *graph_find(const struct graph *graph, struct str workspace, struct str name)
{
    struct arena scratch CLEANUP(arena_free) = {0};

    return table_find(&graph->by_name, key_of(&scratch, workspace, name));
}

static const struct manifest *find(const struct graph *graph, const struct graph_job *consumer,
                                   struct str job, bool *is_there)
{
    *is_there = false;
    if (graph->finder != NULL) {
        return graph->finder->find(graph->finder->context, consumer->manifest, job, is_there);
    }
    const struct graph_job *added = graph_find(graph, consumer->workspace, job);
    return added != NULL ? added->manifest : NULL;
}

static void report_missing(const struct graph *graph, const struct input *input,
                           struct diags *diags)
{
    struct str *names = NULL;
    size_t count = 0;

    if (graph->finder != NULL) {
        graph->finder->names(graph->finder->context, &names, &count);
    } else {
        names = arena_array(graph->arena, graph->count, sizeof *names);
        for (; count < graph->count; count++) {
            names[count] = graph->jobs[count]->manifest->name;
        }
    }
    producer_report_missing(input, names, count, diags);
}

/* Finds who makes the job's inputs; those join the graph. */
static void find_producers(struct graph *graph, struct graph_job *job, struct diags *diags)
{
    const struct manifest *manifest = job->manifest;

    job->producers = arena_array(graph->arena, manifest->input_count, sizeof *job->producers);
    for (size_t i = 0; i < manifest->input_count; i++) {
        const struct input *input = &manifest->inputs[i];
        bool is_there;

        if (!name_is_job(input->from)) {
            continue;
        }
        if (str_equal(input->from, manifest->name)) {
            job->producers[i] = job;
            continue;
        }
        const struct manifest *producer = find(graph, job, input->from, &is_there);
        if (producer != NULL) {
            job->producers[i] = job_of(graph, producer);
        } else if (job->is_asked && !is_there) {
            report_missing(graph, input, diags);
        }
    }
}

void graph_check(struct graph *graph, const struct graph_options *options, struct diags *diags)
{
    /* The list grows while it is walked. */
    for (size_t i = 0; i < graph->count; i++) {
        find_producers(graph, graph->jobs[i], diags);
    }
    for (size_t i = 0; i < graph->count; i++) {
        if (graph->jobs[i]->is_asked) {
            graph_check_inputs(graph->jobs[i], diags);
        }
    }
    graph_check_cycles(graph, diags);
    graph_check_names(graph, options, diags);
}
