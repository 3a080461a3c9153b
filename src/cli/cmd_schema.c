/* `jobrun schema [NAME]`: what an editor checks and completes files with. */
#include "base/arena.h"
#include "base/error.h"
#include "base/status.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/schema_text.h"

#include <string.h>

#define SCHEMAS_MAX 8

static const struct schema_text *find(const char *name)
{
    for (const struct schema_text *text = SCHEMA_TEXTS; text->name != NULL; text++) {
        if (strcmp(text->name, name) == 0) {
            return text;
        }
    }
    return NULL;
}

static int refuse(const struct report *report, const char *what, const char *text)
{
    struct buf known = buf_make(report->arena, BUF_MAX_DEFAULT);
    struct str names[SCHEMAS_MAX];
    struct error err = {0};
    size_t count = 0;

    for (; count < SCHEMAS_MAX && SCHEMA_TEXTS[count].name != NULL; count++) {
        names[count] = str_from(SCHEMA_TEXTS[count].name);
        buf_addf(&known, "%s%s", count > 0 ? ", " : "", SCHEMA_TEXTS[count].name);
    }
    ptrdiff_t nearest = str_nearest(str_from(text), names, count);
    error_set(&err, ERROR_USAGE, "%s '%s'", what, text);
    if (nearest >= 0) {
        error_help(&err, "did you mean '%.*s'?", STR_ARG(names[nearest]));
    } else {
        error_help(&err, "the schemas are: %.*s", STR_ARG(buf_str(&known)));
    }
    report_error(report, &err);
    return STATUS_USAGE;
}

int cmd_schema(const char *const *arguments, size_t count)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct report report = {.arena = &arena};
    const char *name = count > 0 ? arguments[0] : SCHEMA_TEXTS[0].name;
    const struct schema_text *text = find(name);

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        return command_help("schema");
    }
    if (name[0] == '-') {
        return refuse(&report, "'schema' has no option", name);
    }
    if (text == NULL) {
        return refuse(&report, "there is no schema", name);
    }
    if (count > 1) {
        return refuse(&report, "'schema' takes one name, but is also given", arguments[1]);
    }
    struct str bytes = {(const char *)text->bytes, text->size};
    return report_data(&report, bytes) < 0 ? STATUS_INTERNAL : STATUS_OK;
}
