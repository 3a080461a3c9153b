/* diag_format: a diagnostic as text for people, in the way of rustc. */
#include "base/arena.h"
#include "base/diag.h"

#define TAB_COLUMNS     4
#define COLUMNS_MAX     160 /* longer lines are shown in part */
#define COLUMNS_BEFORE  40  /* of what is marked, in such a line */
#define ANNOTATIONS_MAX (DIAG_DETAILS_MAX + 1)

/* One marked place: the diagnostic's own, or a label. */
struct annotation {
    struct span span;
    size_t line;
    size_t order; /* as written; 0 is the diagnostic's own place */
    struct str text;
};

struct painter {
    struct buf *buf;
    const struct diag *diag;
    bool color;
    int gutter; /* columns of the line numbers */
};

static void begin_color(const struct painter *p, const char *sgr)
{
    if (p->color) {
        buf_addf(p->buf, "\x1b[%sm", sgr);
    }
}

static void end_color(const struct painter *p)
{
    if (p->color) {
        buf_add(p->buf, STR("\x1b[0m"));
    }
}

static const char *severity_color(const struct diag *diag)
{
    return diag->severity == SEVERITY_ERROR ? "1;31" : "1;33";
}

#define COLOR_FRAME "1;34"
#define COLOR_BOLD  "1"

static bool is_between(uint32_t c, uint32_t first, uint32_t last)
{
    return c >= first && c <= last;
}

/* Columns that a printable character takes in a terminal. wcwidth() would ask
 * the locale, which this program does not set; these ranges are what names in
 * a manifest can be expected to hold. */
static size_t character_columns(struct str character)
{
    uint32_t c = (unsigned char)character.s[0];

    if (character.n > 1) {
        c &= 0xFFU >> (character.n + 1);
        for (size_t i = 1; i < character.n; i++) {
            c = c << 6 | ((unsigned char)character.s[i] & 0x3FU);
        }
    }
    if (is_between(c, 0x0300, 0x036F) || is_between(c, 0xFE00, 0xFE0F)) {
        return 0;
    }
    return is_between(c, 0x1100, 0x115F) || is_between(c, 0x2E80, 0x303E) ||
                   is_between(c, 0x3041, 0xA4CF) || is_between(c, 0xAC00, 0xD7A3) ||
                   is_between(c, 0xF900, 0xFAFF) || is_between(c, 0xFE30, 0xFE6F) ||
                   is_between(c, 0xFF00, 0xFF60) || is_between(c, 0xFFE0, 0xFFE6) ||
                   is_between(c, 0x1F300, 0x1F64F) || is_between(c, 0x1F900, 0x1F9FF) ||
                   is_between(c, 0x20000, 0x3FFFD)
               ? 2
               : 1;
}

/* The next character of a line as it is shown; *columns is its width. */
static struct str next_shown(struct arena *arena, struct str *line, size_t *columns)
{
    size_t length = str_utf8_length(*line);
    struct str character = str_slice(*line, 0, length > 0 ? length : 1);

    *line = str_after(*line, character.n);
    if (character.s[0] == '\t') {
        *columns = TAB_COLUMNS;
        return STR("    ");
    }
    if (character.n == 1 && character.s[0] >= 0x20 && character.s[0] < 0x7F) {
        *columns = 1;
        return character;
    }
    struct str shown = str_printable(arena, character);
    *columns = str_equal(shown, character) ? character_columns(character) : shown.n;
    return shown;
}

/* Columns of the first n bytes of a line. */
static size_t columns_of(struct arena *arena, struct str line, size_t n)
{
    struct str rest = str_slice(line, 0, n);
    size_t sum = 0;

    while (rest.n > 0) {
        size_t columns;
        next_shown(arena, &rest, &columns);
        sum += columns;
    }
    return sum;
}

/* A line and the part of it that is shown, in columns. */
struct view {
    struct str line;
    size_t line_start; /* offset in the source */
    size_t columns;
    size_t from, to;
};

static struct view view_make(struct arena *arena, const struct annotation *a)
{
    const struct source *source = a->span.source;
    struct view view = {
        .line = source_line(source, a->line),
        .line_start = source->line_starts[a->line - 1],
    };

    view.to = view.columns = columns_of(arena, view.line, view.line.n);
    if (view.columns > COLUMNS_MAX) {
        size_t at = columns_of(arena, view.line, a->span.start - view.line_start);
        view.from = at > COLUMNS_BEFORE ? at - COLUMNS_BEFORE : 0;
        if (view.from > view.columns - COLUMNS_MAX) {
            view.from = view.columns - COLUMNS_MAX;
        }
        view.to = view.from + COLUMNS_MAX;
    }
    return view;
}

/* "   | ", or " 12 | " with a line number. */
static void add_gutter(const struct painter *p, size_t line)
{
    begin_color(p, COLOR_FRAME);
    if (line > 0) {
        buf_addf(p->buf, "%*zu |", p->gutter, line);
    } else {
        buf_addf(p->buf, "%*s |", p->gutter, "");
    }
    end_color(p);
}

static void add_line(const struct painter *p, struct arena *arena, const struct view *view,
                     size_t line_number)
{
    struct str rest = view->line;
    size_t at = 0;

    add_gutter(p, line_number);
    if (rest.n > 0) {
        buf_add_char(p->buf, ' ');
    }
    if (view->from > 0) {
        buf_add(p->buf, STR("..."));
    }
    while (rest.n > 0 && at < view->to) {
        size_t columns;
        struct str shown = next_shown(arena, &rest, &columns);
        if (at >= view->from && at + columns <= view->to) {
            buf_add(p->buf, shown);
        } else if (at + columns > view->from) {
            /* Half of it would be shown: blanks keep the columns below right. */
            size_t end = at + columns < view->to ? at + columns : view->to;
            buf_add_repeat(p->buf, ' ', end - (at > view->from ? at : view->from));
        }
        at += columns;
    }
    if (view->to < view->columns) {
        buf_add(p->buf, STR("..."));
    }
    buf_add_char(p->buf, '\n');
}

static void add_marks(const struct painter *p, struct arena *arena, const struct view *view,
                      const struct annotation *a)
{
    size_t start = a->span.start - view->line_start;
    size_t first = columns_of(arena, view->line, start);
    size_t last = columns_of(arena, view->line, start + a->span.length);

    last = last < view->to ? last : view->to;
    size_t marks = last > first ? last - first : 1;
    add_gutter(p, 0);
    buf_add_repeat(p->buf, ' ', 1 + first - view->from + (view->from > 0 ? 3 : 0));
    begin_color(p, a->order == 0 ? severity_color(p->diag) : COLOR_FRAME);
    buf_add_repeat(p->buf, a->order == 0 ? '^' : '-', marks);
    if (a->text.n > 0) {
        buf_add_char(p->buf, ' ');
        buf_add(p->buf, a->text);
    }
    end_color(p);
    buf_add_char(p->buf, '\n');
}

/* All marked places of one source, in the order of their lines. */
static void add_snippet(const struct painter *p, struct arena *arena,
                        const struct annotation *places, size_t count)
{
    size_t last_line = 0;

    add_gutter(p, 0);
    buf_add_char(p->buf, '\n');
    for (size_t i = 0; i < count; i++) {
        struct view view = view_make(arena, &places[i]);
        bool is_part = view.columns > COLUMNS_MAX;
        if (places[i].line != last_line || is_part) {
            if (last_line > 0 && places[i].line > last_line + 1) {
                begin_color(p, COLOR_FRAME);
                buf_add(p->buf, STR("..."));
                end_color(p);
                buf_add_char(p->buf, '\n');
            }
            add_line(p, arena, &view, places[i].line);
        }
        add_marks(p, arena, &view, &places[i]);
        last_line = places[i].line;
    }
}

static void add_where(const struct painter *p, struct arena *arena, const char *arrow,
                      struct span span)
{
    struct place place = source_place(span.source, span.start);
    struct str name = str_printable(arena, span.source->name);

    buf_addf(p->buf, "%*s", p->gutter, "");
    begin_color(p, COLOR_FRAME);
    buf_addf(p->buf, "%s", arrow);
    end_color(p);
    buf_addf(p->buf, " %.*s:%zu:%zu\n", STR_ARG(name), place.line, place.column);
}

static int compare_annotations(const void *a, const void *b)
{
    const struct annotation *x = a;
    const struct annotation *y = b;

    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

/* Moves those of `source` to `places`, ordered; returns how many. */
static size_t take_places(struct annotation *all, size_t count, const struct source *source,
                          struct annotation *places)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        if (all[i].span.source == source) {
            places[taken++] = all[i];
            all[i].span.source = NULL;
        }
    }
    qsort(places, taken, sizeof *places, compare_annotations);
    return taken;
}

static void add_frames(const struct painter *p, struct arena *arena, struct annotation *all,
                       size_t count)
{
    struct annotation places[ANNOTATIONS_MAX];

    for (size_t i = 0; i < count; i++) {
        if (!all[i].span.source) {
            continue;
        }
        if (i > 0) {
            add_gutter(p, 0);
            buf_add_char(p->buf, '\n');
        }
        add_where(p, arena, i == 0 ? "-->" : ":::", all[i].span);
        add_snippet(p, arena, places, take_places(all, count, all[i].span.source, places));
    }
}

static struct annotation annotation_make(struct span span, struct str text, size_t order)
{
    return (struct annotation){
        .span = span,
        .line = source_place(span.source, span.start).line,
        .order = order,
        .text = text,
    };
}

static int digits_of(size_t number)
{
    int digits = 1;

    while (number >= 10) {
        number /= 10;
        digits++;
    }
    return digits;
}

static void add_detail(const struct painter *p, const char *kind, struct str text)
{
    struct str line;
    bool more = str_cut(text, '\n', &line, &text);

    buf_addf(p->buf, "%*s ", p->gutter, "");
    begin_color(p, COLOR_FRAME);
    buf_add_char(p->buf, '=');
    end_color(p);
    buf_add_char(p->buf, ' ');
    begin_color(p, COLOR_BOLD);
    buf_addf(p->buf, "%s", kind);
    end_color(p);
    buf_addf(p->buf, ": %.*s\n", STR_ARG(line));
    while (more) {
        more = str_cut(text, '\n', &line, &text);
        if (line.n > 0) {
            buf_addf(p->buf, "%*s%.*s", p->gutter + 5 + (int)strlen(kind), "", STR_ARG(line));
        }
        if (line.n > 0 || more) {
            buf_add_char(p->buf, '\n');
        }
    }
}

void diag_format(struct buf *buf, const struct diag *diag, bool color)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct annotation all[ANNOTATIONS_MAX];
    struct painter painter = {.buf = buf, .diag = diag, .color = color, .gutter = 1};
    const struct painter *p = &painter;
    size_t count = 0;

    if (diag->span.source) {
        all[count++] = annotation_make(diag->span, (struct str){0}, 0);
        for (size_t i = 0; i < diag->label_count; i++) {
            const struct label *label = &diag->labels[i];
            if (label->span.source && count < ANNOTATIONS_MAX) {
                all[count++] = annotation_make(label->span, label->text, i + 1);
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        int digits = digits_of(all[i].line);
        painter.gutter = digits > painter.gutter ? digits : painter.gutter;
    }

    begin_color(p, severity_color(diag));
    buf_addf(buf, "%s[%s]", diag->severity == SEVERITY_ERROR ? "error" : "warning", diag->rule);
    end_color(p);
    begin_color(p, COLOR_BOLD);
    buf_addf(buf, ": %.*s", STR_ARG(diag->message));
    end_color(p);
    buf_add_char(buf, '\n');
    add_frames(p, &scratch, all, count);
    for (size_t i = 0; i < diag->note_count; i++) {
        add_detail(p, "note", diag->notes[i]);
    }
    for (size_t i = 0; i < diag->help_count; i++) {
        add_detail(p, "help", diag->helps[i]);
    }
}
