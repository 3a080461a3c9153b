/* Names of jobs: which nobody else may have. */
#include "base/diag.h"
#include "manifest/graph_parts.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"

static void check_clash(const struct manifest *manifest, const struct manifest *other,
                        struct diags *diags)
{
    struct diag *d =
        rule_report(diags, RULE_JOB_CLASH, manifest->name_span,
                    "job '%.*s' is declared by two manifests", STR_ARG(manifest->name));

    diag_label(d, other->name_span, "by this one too");
    diag_note(d, "the outputs of both would have the same address");
    diag_help(d, "give one of them another name");
}

/* The manifest that an input means by the name, where it is not this one. */
static const struct manifest *namesake(const struct graph *graph, const struct graph_job *job)
{
    const struct manifest *manifest = job->manifest;
    const struct manifest *found = NULL;
    bool is_there;

    if (graph->finder != NULL) {
        found = graph->finder->find(graph->finder->context, manifest, manifest->name, &is_there);
    }
    if (found == NULL || found == manifest) {
        found = graph_find(graph, job->workspace, manifest->name)->manifest;
    }
    return found != manifest ? found : NULL;
}

static void check_taken(const struct manifest *manifest, const struct graph_options *options,
                        struct diags *diags)
{
    for (size_t i = 0; i < options->taken_count; i++) {
        if (str_equal(options->taken[i], manifest->name)) {
            struct diag *d = rule_report(diags, RULE_COMMAND_NAME, manifest->name_span,
                                         "job '%.*s' has the name of a command of jobrun",
                                         STR_ARG(manifest->name));
            diag_note(d, "`jobrun %.*s` is the command, and messages print it for the job",
                      STR_ARG(manifest->name));
            diag_help(d, "give the job another name");
        }
    }
}

void graph_check_names(struct graph *graph, const struct graph_options *options,
                       struct diags *diags)
{
    for (size_t i = 0; i < graph->count; i++) {
        const struct graph_job *job = graph->jobs[i];
        const struct manifest *manifest = job->manifest;

        if (!job->is_asked || !name_is_job(manifest->name)) {
            continue;
        }
        const struct manifest *other = namesake(graph, job);
        if (other != NULL) {
            check_clash(manifest, other, diags);
        }
        check_taken(manifest, options, diags);
    }
}
