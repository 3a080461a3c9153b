#include "cli/findings.h"

#include "base/arena.h"
#include "job/location.h"
#include "sys/fs.h"

bool findings_format_parse(struct str name, enum findings_format *format)
{
    static const char *const NAMES[] = {[FORMAT_TEXT] = "text",
                                        [FORMAT_JSON] = "json",
                                        [FORMAT_SARIF] = "sarif",
                                        [FORMAT_GITHUB] = "github"};
    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++) {
        if (str_is(name, NAMES[i])) {
            *format = (enum findings_format)i;
            return true;
        }
    }
    return false;
}

size_t findings_warning_count(const struct findings *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->diags->count; i++) {
        count += findings->diags->items[i]->severity == SEVERITY_WARNING;
    }
    return count;
}

bool findings_path(const struct findings *findings, const struct source *source, struct str *path)
{
    *path = source->name;
    if (str_is(source->name, SOURCE_STDIN) || findings->folder.n == 0) {
        return false;
    }
    struct str absolute =
        location_normal(findings->arena, fs_join(findings->arena, findings->folder, source->name));
    if (location_is_within(findings->top, absolute, path) && path->n > 0) {
        return true;
    }
    *path = absolute;
    return false;
}

struct str findings_name(const struct findings *findings, const struct source *source)
{
    return str_printable(findings->arena, source->name);
}

struct region region_of(struct span span)
{
    return (struct region){
        .start = source_place(span.source, span.start),
        .end = source_place(span.source, span.start + span.length),
    };
}
