#include "base/pattern_cost.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/pattern.h"

#define PIECES_MAX 500 /* of one pattern; a larger one is not looked at */
#define PUMPED     40  /* repetitions in a text */
#define FORMS      4   /* in which a piece is written out */
#define TEXT_MAX   4096
#define DEPTH_MAX  50

enum piece_kind { PIECE_CHARACTER, PIECE_SEQUENCE, PIECE_CHOICE, PIECE_NOTHING };

/* One piece of an expression: one character, a sequence, alternatives. */
struct piece {
    enum piece_kind kind;
    char sample; /* of PIECE_CHARACTER: one that it matches */
    struct piece **items;
    size_t count, capacity;
    size_t min, max; /* how often; SIZE_MAX: without end */
};

struct expression {
    struct arena *arena;
    struct str text;
    size_t at;
    size_t piece_count;
    size_t depth;
    bool failed; /* it holds what is not read here */
};

/* --- reading --- */

static struct piece *add_piece(struct expression *e, enum piece_kind kind)
{
    struct piece *piece = arena_alloc(e->arena, sizeof *piece);

    e->failed |= ++e->piece_count > PIECES_MAX;
    *piece = (struct piece){.kind = kind, .min = 1, .max = 1};
    return piece;
}

static char peek(const struct expression *e, size_t ahead)
{
    return e->at + ahead < e->text.n ? e->text.s[e->at + ahead] : '\0';
}

/* A character that an expression for one character matches. */
static char find_sample(struct str one)
{
    static const char FIRST[] = "a0A-_. ";
    struct pattern *pattern CLEANUP(pattern_close) = NULL;
    struct error err = {0};
    size_t offset;

    if (pattern_open(one, &pattern, &offset, &err) < 0) {
        return '\0';
    }
    for (size_t i = 0; i < sizeof FIRST - 1 + 95; i++) {
        char c = i < sizeof FIRST - 1 ? FIRST[i] : (char)(' ' + (int)(i - (sizeof FIRST - 1)));
        if (pattern_match(pattern, (struct str){&c, 1}, &err) == 1) {
            return c;
        }
    }
    return '\0';
}

static struct piece *read_choice(struct expression *e);

/* The length of "[...]". */
static size_t class_length(struct str text)
{
    size_t n = 1;

    n += n < text.n && text.s[n] == '^' ? 1 : 0;
    n += n < text.n && text.s[n] == ']' ? 1 : 0;
    while (n < text.n && text.s[n] != ']') {
        size_t posix =
            str_starts(str_after(text, n), STR("[:")) ? str_index(str_after(text, n), ']') + 1 : 0;
        n += posix > 0 ? posix : text.s[n] == '\\' ? 2 : 1;
    }
    return n + 1;
}

static struct piece *read_character(struct expression *e, size_t length)
{
    struct piece *piece = add_piece(e, PIECE_CHARACTER);
    struct str one = str_slice(e->text, e->at, length);

    e->at += one.n;
    piece->sample = find_sample(one);
    e->failed |= piece->sample == '\0';
    return piece;
}

/* What stands behind "(": a plain or named group, an assertion, or another thing. */
static struct piece *read_group(struct expression *e)
{
    struct str rest = str_after(e->text, e->at);
    bool is_assertion = str_starts(rest, STR("?=")) || str_starts(rest, STR("?!")) ||
                        str_starts(rest, STR("?<=")) || str_starts(rest, STR("?<!"));
    struct piece *group;

    if (str_starts(rest, STR("?:"))) {
        e->at += 2;
    } else if (is_assertion) {
        e->at += rest.s[1] == '<' ? 3 : 2;
    } else if (str_starts(rest, STR("?<")) || str_starts(rest, STR("?P<"))) {
        e->at += str_index(rest, '>') + 1;
    } else if (str_starts(rest, STR("?")) || str_starts(rest, STR("*"))) {
        e->failed = true;
        return add_piece(e, PIECE_NOTHING);
    }
    group = read_choice(e);
    e->failed |= peek(e, 0) != ')';
    e->at++;
    return is_assertion ? add_piece(e, PIECE_NOTHING) : group;
}

static struct piece *read_escape(struct expression *e)
{
    char c = peek(e, 1);

    if (c != '\0' && strchr("bBAzZG", c) != NULL) {
        e->at += 2;
        return add_piece(e, PIECE_NOTHING);
    }
    if (c == 'p' || c == 'P') {
        return read_character(e, peek(e, 2) == '{' ? str_index(str_after(e->text, e->at), '}') + 1
                                                   : 3);
    }
    if (c == 'x' && peek(e, 2) != '{') {
        return read_character(e, 4);
    }
    e->failed |= (c >= '0' && c <= '9') || (c != '\0' && strchr("QEKgkxouNRX", c) != NULL);
    return read_character(e, 2);
}

static struct piece *read_atom(struct expression *e)
{
    switch (peek(e, 0)) {
    case '(':
        e->at++;
        return read_group(e);
    case '[':
        return read_character(e, class_length(str_after(e->text, e->at)));
    case '\\':
        return read_escape(e);
    case '^':
    case '$':
        e->at++;
        return add_piece(e, PIECE_NOTHING);
    default:
        return read_character(e, str_utf8_length(str_after(e->text, e->at)));
    }
}

/* "{2}", "{2,}", "{2,5}"; what is none of them is text. */
static bool read_bounds(struct expression *e, struct piece *piece)
{
    struct str inside = str_after(e->text, e->at + 1);
    struct str low, high;
    int64_t min, max;

    inside = str_slice(inside, 0, str_index(inside, '}'));
    bool has_comma = str_cut(inside, ',', &low, &high);
    if (e->at + 1 + inside.n >= e->text.n || !str_to_int64(low, &min) ||
        (has_comma && high.n > 0 && !str_to_int64(high, &max))) {
        return false;
    }
    piece->min = (size_t)min;
    piece->max = !has_comma ? (size_t)min : high.n > 0 ? (size_t)max : SIZE_MAX;
    e->at += inside.n + 2;
    return true;
}

static void read_quantifier(struct expression *e, struct piece *piece)
{
    char c = peek(e, 0);

    if (c == '*' || c == '+' || c == '?') {
        piece->min = c == '+' ? 1 : 0;
        piece->max = c == '?' ? 1 : SIZE_MAX;
        e->at++;
    } else if (c != '{' || !read_bounds(e, piece)) {
        return;
    }
    if (peek(e, 0) == '+') { /* it never gives back */
        piece->max = piece->min > 1 ? piece->min : 1;
    }
    e->at += peek(e, 0) == '+' || peek(e, 0) == '?' ? 1 : 0;
}

static struct piece *read_sequence(struct expression *e)
{
    struct piece *sequence = add_piece(e, PIECE_SEQUENCE);

    while (e->at < e->text.n && !e->failed && peek(e, 0) != '|' && peek(e, 0) != ')') {
        struct piece *item = read_atom(e);
        if (item->max != 1 || item->min != 1) { /* a group that is the choice itself */
            e->failed = true;
        }
        read_quantifier(e, item);
        *ARENA_PUSH(e->arena, sequence->items, sequence->count, sequence->capacity) = item;
    }
    return sequence;
}

static struct piece *read_choice(struct expression *e)
{
    struct piece *choice = add_piece(e, PIECE_CHOICE);
    bool more = true;

    e->failed |= ++e->depth > DEPTH_MAX;
    while (more && !e->failed) {
        *ARENA_PUSH(e->arena, choice->items, choice->count, choice->capacity) = read_sequence(e);
        more = peek(e, 0) == '|';
        e->at += more ? 1 : 0;
    }
    e->depth--;
    return choice;
}

/* --- texts --- */

/* What a piece can match once; `form` says which alternative, and whether what may be
 * left out is there. */
static void write_piece(struct buf *buf, const struct piece *piece, size_t form)
{
    size_t times = piece->min > 0 ? piece->min : form % 2;

    for (size_t i = 0; i < times && buf->n < TEXT_MAX; i++) {
        if (piece->kind == PIECE_CHARACTER) {
            buf_add_char(buf, piece->sample);
        }
        for (size_t j = 0; piece->kind == PIECE_SEQUENCE && j < piece->count; j++) {
            write_piece(buf, piece->items[j], form);
        }
        if (piece->kind == PIECE_CHOICE && piece->count > 0) {
            write_piece(buf, piece->items[form / 2 % piece->count], form);
        }
    }
}

static bool holds(const struct piece *piece, const struct piece *target)
{
    bool found = piece == target;

    for (size_t i = 0; i < piece->count && !found; i++) {
        found = holds(piece->items[i], target);
    }
    return found;
}

/* The shortest text up to the target, the target many times, and what follows it. */
static void write_around(struct buf *buf, const struct piece *piece, const struct piece *target,
                         size_t form, bool with_rest)
{
    bool was_seen = false;

    if (piece == target) {
        struct piece once = *piece;
        once.min = once.max = 1;
        for (size_t i = 0; i < PUMPED && buf->n < TEXT_MAX; i++) {
            write_piece(buf, &once, form);
        }
        return;
    }
    for (size_t i = 0; i < piece->count; i++) {
        bool is_here = holds(piece->items[i], target);
        if (is_here) {
            write_around(buf, piece->items[i], target, form, with_rest);
        } else if (piece->kind == PIECE_SEQUENCE && (!was_seen || with_rest)) {
            write_piece(buf, piece->items[i], 0);
        }
        was_seen |= is_here;
    }
}

/* --- measuring --- */

struct measurement {
    struct arena *arena;
    const struct piece *root;
    struct pattern *pattern;
    size_t tries;
    struct str slow; /* the text that was found; .s NULL: none yet */
};

static void try_text(struct measurement *m, const struct piece *target, size_t form, bool with_rest,
                     char last)
{
    struct buf buf = buf_make(m->arena, (size_t)2 * TEXT_MAX);
    struct error err = {0};

    if (m->slow.s != NULL || m->tries++ >= PATTERN_COST_TRIES) {
        return;
    }
    write_around(&buf, m->root, target, form, with_rest);
    buf_add_char(&buf, last);
    if (pattern_match(m->pattern, buf_str(&buf), &err) < 0 && err.kind == ERROR_LIMIT) {
        m->slow = buf_str(&buf);
    }
}

static bool is_ambiguous(const struct piece *piece)
{
    bool found = piece->kind == PIECE_CHOICE && piece->count > 1;

    for (size_t i = 0; i < piece->count && !found; i++) {
        const struct piece *item = piece->items[i];
        found = item->max > 1 || item->min == 0 || is_ambiguous(item);
    }
    return found;
}

static void try_piece(struct measurement *m, const struct piece *piece)
{
    if (piece->max >= PUMPED / 2 && is_ambiguous(piece)) {
        for (size_t form = 0; form < FORMS; form++) {
            try_text(m, piece, form, false, '\x01');
            try_text(m, piece, form, false, '\n');
            try_text(m, piece, form, true, '\x01');
            try_text(m, piece, form, true, '\n');
        }
    }
    for (size_t i = 0; i < piece->count && m->slow.s == NULL; i++) {
        try_piece(m, piece->items[i]);
    }
}

/* Without a repetition behind a bracket nothing is repeated within a repetition. */
static bool is_suspect(struct str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.s[i] == ')' && strchr("*+{", text.s[i + 1]) != NULL) {
            return true;
        }
    }
    return false;
}

bool pattern_is_slow(struct arena *arena, struct str text, struct str *with)
{
    struct pattern *pattern CLEANUP(pattern_close) = NULL;
    struct expression e = {.arena = arena, .text = text};
    struct error err = {0};
    size_t offset;

    if (!is_suspect(text)) {
        return false;
    }
    const struct piece *root = read_choice(&e);
    if (e.failed || e.at < text.n || pattern_open(text, &pattern, &offset, &err) < 0) {
        return false;
    }
    struct measurement m = {.arena = arena, .root = root, .pattern = pattern};
    try_piece(&m, root);
    *with = m.slow;
    return m.slow.s != NULL;
}
