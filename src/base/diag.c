#include "base/diag.h"

#include "base/arena.h"

struct diags diags_make(struct arena *arena)
{
    return (struct diags){.arena = arena};
}

/* Cuts a character that lost its end with the buffer's, then says so. */
static struct str mark_cut(struct arena *arena, struct str text)
{
    size_t back = 0;

    while (back < 3 && back < text.n && ((unsigned char)text.s[text.n - 1 - back] & 0xC0) == 0x80) {
        back++;
    }
    if (back < text.n && (unsigned char)text.s[text.n - 1 - back] >= 0xC0) {
        text.n -= back + 1;
    }
    return str_format(arena, "%.*s...", STR_ARG(text));
}

static struct str format_text(struct arena *arena, const char *format, va_list args)
{
    struct buf buf = buf_make(arena, DIAG_TEXT_MAX);

    buf_vaddf(&buf, format, args);
    return buf.truncated ? mark_cut(arena, buf_str(&buf)) : buf_str(&buf);
}

/* Line by line, with the line ends kept. */
static struct str printable_lines(struct arena *arena, struct str text)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    struct str line;

    while (str_cut(text, '\n', &line, &text)) {
        buf_add(&buf, str_printable(arena, line));
        buf_add_char(&buf, '\n');
    }
    buf_add(&buf, str_printable(arena, line));
    return buf_str(&buf);
}

static struct diag *diag_overflow(struct diags *diags, enum severity severity, enum status status)
{
    diags->dropped++;
    if (!diags->overflow) {
        diags->overflow = arena_alloc(diags->arena, sizeof *diags->overflow);
        *diags->overflow = (struct diag){.owner = diags, .severity = severity, .rule = "dropped"};
    }
    if (severity == SEVERITY_ERROR) {
        diags->overflow->severity = severity;
        diags->overflow->status = status_worse(diags->overflow->status, status);
    }
    return diags->overflow;
}

struct diag *diag_vadd(struct diags *diags, enum severity severity, enum status status,
                       const char *rule, struct span span, const char *format, va_list args)
{
    diags->error_count += severity == SEVERITY_ERROR;
    if (diags->count >= (diags->limit > 0 ? diags->limit : DIAGS_MAX)) {
        return diag_overflow(diags, severity, status);
    }
    struct diag *diag = arena_alloc(diags->arena, sizeof *diag);
    struct str message = format_text(diags->arena, format, args);
    *diag = (struct diag){
        .owner = diags,
        .severity = severity,
        .status = severity == SEVERITY_ERROR ? status : STATUS_OK,
        .rule = rule,
        .message = str_printable(diags->arena, message),
        .span = span,
    };
    *ARENA_PUSH(diags->arena, diags->items, diags->count, diags->capacity) = diag;
    return diag;
}

struct diag *diag_error(struct diags *diags, enum status status, const char *rule, struct span span,
                        const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct diag *diag = diag_vadd(diags, SEVERITY_ERROR, status, rule, span, format, args);
    va_end(args);
    return diag;
}

struct diag *diag_warning(struct diags *diags, const char *rule, struct span span,
                          const char *format, ...)
{
    va_list args;

    va_start(args, format);
    struct diag *diag = diag_vadd(diags, SEVERITY_WARNING, STATUS_OK, rule, span, format, args);
    va_end(args);
    return diag;
}

static bool keeps(const struct diag *diag, size_t detail_count)
{
    return diag != diag->owner->overflow && detail_count < DIAG_DETAILS_MAX;
}

static void add_help(struct diag *diag, struct str text)
{
    if (keeps(diag, diag->help_count)) {
        *ARENA_PUSH(diag->owner->arena, diag->helps, diag->help_count, diag->help_capacity) = text;
    }
}

struct diag *diag_from_error(struct diags *diags, enum status status, const char *rule,
                             struct span span, const struct error *err)
{
    struct diag *diag = diag_error(diags, status, rule, span, "%s", err->message);

    if (err->help[0]) {
        add_help(diag, printable_lines(diags->arena, str_from(err->help)));
    }
    return diag;
}

void diag_label(struct diag *diag, struct span span, const char *format, ...)
{
    struct arena *arena = diag->owner->arena;
    va_list args;

    if (!keeps(diag, diag->label_count)) {
        return;
    }
    va_start(args, format);
    struct str text = str_printable(arena, format_text(arena, format, args));
    va_end(args);
    *ARENA_PUSH(arena, diag->labels, diag->label_count, diag->label_capacity) =
        (struct label){.span = span, .text = text};
}

static struct str format_lines(struct arena *arena, const char *format, va_list args)
{
    struct str text = format_text(arena, format, args);

    return strchr(format, '\n') ? printable_lines(arena, text) : str_printable(arena, text);
}

void diag_note(struct diag *diag, const char *format, ...)
{
    struct arena *arena = diag->owner->arena;
    va_list args;

    if (!keeps(diag, diag->note_count)) {
        return;
    }
    va_start(args, format);
    *ARENA_PUSH(arena, diag->notes, diag->note_count, diag->note_capacity) =
        format_lines(arena, format, args);
    va_end(args);
}

void diag_help(struct diag *diag, const char *format, ...)
{
    va_list args;

    if (!keeps(diag, diag->help_count)) {
        return;
    }
    va_start(args, format);
    add_help(diag, format_lines(diag->owner->arena, format, args));
    va_end(args);
}

bool diag_help_nearest(struct diag *diag, struct str written, const struct str *names, size_t count)
{
    ptrdiff_t nearest = str_nearest(written, names, count);

    if (nearest < 0) {
        return false;
    }
    diag_help(diag, "did you mean '%.*s'?", STR_ARG(names[nearest]));
    return true;
}

enum status diags_status(const struct diags *diags)
{
    enum status worst = diags->overflow ? diags->overflow->status : STATUS_OK;

    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->severity == SEVERITY_ERROR) {
            worst = status_worse(worst, diags->items[i]->status);
        }
    }
    return worst;
}

void diags_stop_run(struct diags *diags, size_t from)
{
    for (size_t i = from; i < diags->count; i++) {
        diags->items[i]->stops_run |= diags->items[i]->severity == SEVERITY_ERROR;
    }
}

void diags_take(struct diags *diags, bool (*takes)(void *context, struct diag *diag), void *context)
{
    size_t kept = 0;

    for (size_t i = 0; i < diags->count; i++) {
        struct diag *diag = diags->items[i];
        if (takes(context, diag)) {
            diags->error_count -= diag->severity == SEVERITY_ERROR;
        } else {
            diags->items[kept++] = diag;
        }
    }
    diags->count = kept;
}

static int compare_places(const struct span *a, const struct span *b)
{
    if (!a->source || !b->source) {
        return !a->source - !b->source;
    }
    int order = str_compare(a->source->name, b->source->name);
    return order != 0 ? order : (a->start > b->start) - (a->start < b->start);
}

struct sortable {
    struct diag *diag;
    size_t index; /* keeps the order of what is equal: qsort does not */
};

static int compare_sortables(const void *a, const void *b)
{
    const struct sortable *x = a;
    const struct sortable *y = b;
    int order = compare_places(&x->diag->span, &y->diag->span);

    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static bool is_repeat(const struct diag *a, const struct diag *b)
{
    return a->severity == b->severity && a->span.length == b->span.length &&
           strcmp(a->rule, b->rule) == 0 && str_equal(a->message, b->message);
}

/* Whether one before items[count], at the same place, says the same. */
static bool is_said(struct diag *const *items, size_t count, const struct diag *diag)
{
    for (size_t i = count; i > 0 && compare_places(&items[i - 1]->span, &diag->span) == 0; i--) {
        if (is_repeat(items[i - 1], diag)) {
            return true;
        }
    }
    return false;
}

void diags_sort(struct diags *diags)
{
    size_t kept = 0;

    if (diags->count == 0) {
        return;
    }
    struct sortable *sorted = arena_array(diags->arena, diags->count, sizeof *sorted);
    for (size_t i = 0; i < diags->count; i++) {
        sorted[i] = (struct sortable){.diag = diags->items[i], .index = i};
    }
    qsort(sorted, diags->count, sizeof *sorted, compare_sortables);
    for (size_t i = 0; i < diags->count; i++) {
        struct diag *diag = sorted[i].diag;
        if (is_said(diags->items, kept, diag)) {
            diags->error_count -= diag->severity == SEVERITY_ERROR;
        } else {
            diags->items[kept++] = diag;
        }
    }
    diags->count = kept;
}
