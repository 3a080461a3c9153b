#include "run/else.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "job/location.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "run/off_limits.h"
#include "sys/fs.h"

/* NULL where it can be taken. */
static const char *problem_of(const struct context *context, struct arena *arena, struct str path)
{
    struct str plain = path_without_slash(path);
    struct off_limits off_limits = off_limits_make(arena, context->root, context);
    struct error unread = {0};
    struct stat st;
    struct str real, below;

    if (fs_real_path(arena, fs_join(arena, context->root, plain).s, &real, &unread) < 0) {
        return unread.kind == ERROR_NOT_FOUND ? "which is not there"
                                              : str_format(arena, "%s", unread.message).s;
    }
    if (!location_is_within(context->root, real, &below) || below.n == 0) {
        return "which leads out of the workspace";
    }
    if (off_limits_holds(&off_limits, plain) || off_limits_holds(&off_limits, below)) {
        return "which is not a place for a job's files";
    }
    if (stat(real.s, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
        return "which is neither a file nor a folder";
    }
    return str_ends(path, STR("/")) && !S_ISDIR(st.st_mode) ? "which is not a folder" : NULL;
}

bool else_check(const struct context *context, struct arena *arena, const struct input *input,
                struct str path, struct diags *diags)
{
    const char *problem = problem_of(context, arena, path);

    if (problem == NULL) {
        return true;
    }
    struct str shown = context_show_path(context, arena, path_without_slash(path));
    struct diag *diag = rule_report(diags, RULE_PATH, input->otherwise->node->span,
                                    "'else' of input '%.*s' is '%.*s', %s", STR_ARG(input->name),
                                    STR_ARG(shown), problem);
    diag_help(diag, "'else' is a file or folder of the repository, from the workspace root");
    return false;
}
