/* What must not be published: the values of the job's secrets. */
#include "job/job.h"
#include "run/outputs.h"
#include "run/outputs_match.h"
#include "run/secrets.h"

#define RULE_ID "secret"

static struct span span_of(const struct job *job, struct str output)
{
    for (size_t i = 0; i < job->manifest->output_count; i++) {
        if (str_equal(job->outputs[i].output->name, output)) {
            return match_span(&job->outputs[i], 0);
        }
    }
    return (struct span){0};
}

static void report(const struct job *job, const struct output_file *file, struct str secret,
                   const char *where, struct diags *diags)
{
    struct diag *diag = diag_error(
        diags, STATUS_NOT_ALLOWED, RULE_ID, span_of(job, file->entry->output),
        "output '%.*s': %s '%.*s' holds the value of secret '%.*s', so nothing is "
        "published",
        STR_ARG(file->entry->output), where, STR_ARG(file->workspace_path), STR_ARG(secret));
    diag_help(diag, "change the command so that it does not write %.*s there", STR_ARG(secret));
}

void outputs_check_secrets(const struct job *job, const struct outputs *outputs,
                           struct diags *diags)
{
    const struct secrets *secrets = outputs->secrets;
    for (size_t i = 0; secrets != NULL && i < outputs->count; i++) {
        const struct output_file *file = &outputs->files[i];
        struct str in_path = secrets_find(secrets, file->entry->path);
        struct str in_target = secrets_find(secrets, file->entry->target);
        if (file->secret.s != NULL) {
            report(job, file, file->secret, "file", diags);
        } else if (in_path.s != NULL) {
            report(job, file, in_path, "the name", diags);
        } else if (in_target.s != NULL) {
            report(job, file, in_target, "the target of link", diags);
        }
    }
}
