/* diag_format: a diagnostic as text for people, in the way of rustc. */
#include "base/arena.h"
#include "base/diag.h"
#include "base/file_url.h"
#include "base/path.h"

#define TAB_COLUMNS     4
#define COLUMNS_MAX     160  /* longer lines are shown in part */
#define COLUMNS_BEFORE  40   /* of what is marked, in such a line */
#define VIEW_BYTES_MAX  2048 /* of a line: characters may take no column */
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
    const struct diag_style *style;
    int gutter; /* columns of the line numbers */
};

static void begin_color(const struct painter *p, const char *sgr)
{
    if (p->style->color) {
        buf_addf(p->buf, "\x1b[%sm", sgr);
    }
}

static void end_color(const struct painter *p)
{
    if (p->style->color) {
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

/* The part of a line that is shown. */
struct view {
    struct str text;
    size_t start; /* of the text, in the source */
    bool cut_before, cut_behind;
};

/* Whether the whole line can be shown. Nothing is read behind what can, so that
 * the length of a line does not matter. */
static bool is_short(struct arena *arena, struct str line)
{
    size_t sum = 0;

    if (line.n > VIEW_BYTES_MAX) {
        return false;
    }
    while (line.n > 0 && sum <= COLUMNS_MAX) {
        size_t columns;
        next_shown(arena, &line, &columns);
        sum += columns;
    }
    return sum <= COLUMNS_MAX;
}

/* The end of the characters from `at` that have room in *columns; what they take
 * is subtracted. */
static size_t end_of_columns(struct arena *arena, struct str line, size_t at, size_t *columns)
{
    struct str rest = str_slice(line, at, VIEW_BYTES_MAX);

    while (rest.n > 0) {
        size_t taken;
        struct str before = rest;
        next_shown(arena, &rest, &taken);
        if (taken > *columns) {
            rest = before;
            break;
        }
        *columns -= taken;
    }
    return (size_t)(rest.s - line.s);
}

/* The same backwards: the start of the characters before `at`. */
static size_t start_of_columns(struct arena *arena, struct str line, size_t at, size_t *columns)
{
    size_t bytes = 0;

    while (at > 0 && bytes < VIEW_BYTES_MAX) {
        size_t n = 1;
        while (n < 4 && n < at && ((unsigned char)line.s[at - n] & 0xC0) == 0x80) {
            n++;
        }
        struct str rest = str_slice(line, at - n, n);
        n = str_utf8_length(rest) == n ? n : 1;
        rest = str_slice(line, at - n, n);
        size_t taken;
        next_shown(arena, &rest, &taken);
        if (taken > *columns) {
            break;
        }
        *columns -= taken;
        at -= n;
        bytes += n;
    }
    return at;
}

static struct view view_make(struct arena *arena, const struct annotation *a)
{
    const struct source *source = a->span.source;
    struct str line = source_line(source, a->line);
    size_t line_start = source->line_starts[a->line - 1];
    size_t mark = a->span.start - line_start;
    size_t before = COLUMNS_BEFORE;
    size_t columns = COLUMNS_MAX;

    if (is_short(arena, line)) {
        return (struct view){.text = line, .start = line_start};
    }
    mark = mark < line.n ? mark : line.n;
    size_t from = start_of_columns(arena, line, mark, &before);
    size_t to = end_of_columns(arena, line, from, &columns);
    if (to == line.n) {
        from = start_of_columns(arena, line, from, &columns);
    }
    return (struct view){
        .text = str_slice(line, from, to - from),
        .start = line_start + from,
        .cut_before = from > 0,
        .cut_behind = to < line.n,
    };
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
    struct str rest = view->text;

    add_gutter(p, line_number);
    if (rest.n > 0) {
        buf_add_char(p->buf, ' ');
    }
    if (view->cut_before) {
        buf_add(p->buf, STR("..."));
    }
    while (rest.n > 0) {
        size_t columns;
        buf_add(p->buf, next_shown(arena, &rest, &columns));
    }
    if (view->cut_behind) {
        buf_add(p->buf, STR("..."));
    }
    buf_add_char(p->buf, '\n');
}

static void add_marks(const struct painter *p, struct arena *arena, const struct view *view,
                      const struct annotation *a)
{
    size_t start = a->span.start - view->start;
    size_t first = columns_of(arena, view->text, start);
    size_t last = columns_of(arena, view->text, start + a->span.length);

    size_t marks = last > first ? last - first : 1;
    add_gutter(p, 0);
    buf_add_repeat(p->buf, ' ', 1 + first + (view->cut_before ? 3 : 0));
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
        bool is_part = view.cut_before || view.cut_behind;
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

/* The start of a hyperlink to the line; false where there is none to make. What
 * stands for the line is what terminals that open files agree on: a fragment. */
static bool begin_link(const struct painter *p, struct arena *arena, const struct source *source,
                       size_t line)
{
    struct str folder = p->style->folder;

    if (folder.s == NULL || str_is(source->name, SOURCE_STDIN)) {
        return false;
    }
    struct str path =
        str_starts(source->name, STR("/")) ? source->name : path_below(arena, folder, source->name);
    struct str url = file_url_format(arena, p->style->host, path);
    buf_addf(p->buf, "\x1b]8;;%.*s#%zu\x1b\\", STR_ARG(url), line);
    return true;
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
    buf_add_char(p->buf, ' ');
    bool is_link = begin_link(p, arena, span.source, place.line);
    buf_addf(p->buf, "%.*s:%zu:%zu", STR_ARG(name), place.line, place.column);
    buf_addf(p->buf, "%s\n", is_link ? "\x1b]8;;\x1b\\" : "");
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
        .line = source_line_number(span.source, span.start),
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

void diag_format(struct buf *buf, const struct diag *diag, const struct diag_style *style)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct annotation all[ANNOTATIONS_MAX];
    struct painter painter = {.buf = buf, .diag = diag, .style = style, .gutter = 1};
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
