/* `jobrun lint --format github`: annotations of GitHub Actions. */
#include "base/arena.h"
#include "cli/findings.h"

/* As Actions reads it back; in a property also what ends one. */
static void add_escaped(struct buf *buf, struct str text, bool is_property)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        if (c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ','))) {
            buf_addf(buf, "%%%02X", (unsigned)(unsigned char)c);
        } else {
            buf_add_char(buf, c);
        }
    }
}

static void add_property(struct buf *buf, const char *name, struct str text)
{
    buf_addf(buf, "%s=", name);
    add_escaped(buf, text, true);
}

static void add_place(struct buf *buf, const struct findings *f, struct span span)
{
    struct region region = region_of(span);
    struct str path;
    findings_path(f, span.source, &path);
    add_property(buf, "file", str_printable(f->arena, path));
    buf_addf(buf, ",line=%zu,endLine=%zu,", region.start.line, region.end.line);
    if (region.start.line == region.end.line) {
        size_t end = region.end.column;
        buf_addf(buf, "col=%zu,endColumn=%zu,", region.start.column,
                 end > region.start.column ? end - 1 : end);
    }
}

/* "manifests/a.yaml:3:1: " */
static void add_where(struct buf *message, const struct findings *f, struct span span)
{
    if (span.source != NULL) {
        struct place place = source_place(span.source, span.start);
        struct str name = findings_name(f, span.source);
        buf_addf(message, "%.*s:%zu:%zu: ", STR_ARG(name), place.line, place.column);
    }
}

static struct str message_of(const struct findings *f, const struct diag *diag)
{
    struct buf message = buf_make(f->arena, BUF_MAX_DEFAULT);
    add_where(&message, f, diag->span);
    buf_addf(&message, "%.*s [%s]", STR_ARG(diag->message), diag->rule);
    for (size_t i = 0; i < diag->label_count; i++) {
        buf_add_char(&message, '\n');
        add_where(&message, f, diag->labels[i].span);
        buf_add(&message, diag->labels[i].text);
    }
    for (size_t i = 0; i < diag->note_count; i++) {
        buf_addf(&message, "\nnote: %.*s", STR_ARG(diag->notes[i]));
    }
    for (size_t i = 0; i < diag->help_count; i++) {
        buf_addf(&message, "\nhelp: %.*s", STR_ARG(diag->helps[i]));
    }
    return buf_str(&message);
}

struct str findings_github(const struct findings *f)
{
    struct buf buf = buf_make(f->arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < f->diags->count; i++) {
        const struct diag *diag = f->diags->items[i];
        buf_addf(&buf, "::%s ", diag->severity == SEVERITY_ERROR ? "error" : "warning");
        if (diag->span.source != NULL) {
            add_place(&buf, f, diag->span);
        }
        add_property(&buf, "title", str_format(f->arena, "jobrun: %s", diag->rule));
        buf_add(&buf, STR("::"));
        add_escaped(&buf, message_of(f, diag), false);
        buf_add_char(&buf, '\n');
    }
    return buf_str(&buf);
}
