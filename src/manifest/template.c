#include "manifest/template.h"

#include "base/arena.h"
#include "base/error.h"
#include "manifest/decode.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

/* The namespaces, and what is written behind a name. */
static const struct namespace
{
    const char *word;
    enum part_kind kind;
    const char *suffix; /* "" where the name ends the placeholder */
}
NAMESPACES[] = {
    {"params", PART_PARAM, ""},        {"vars", PART_VAR, ""},  {"inputs", PART_INPUT, ".path"},
    {"outputs", PART_OUTPUT, ".path"}, {"with", PART_WITH, ""},
};

static const char *const JOB_FIELDS[] = {
    [JOB_FIELD_NAME] = "name",
    [JOB_FIELD_COMMIT] = "commit",
    [JOB_FIELD_SHORT_COMMIT] = "short-commit",
    [JOB_FIELD_ENV] = "env",
    [JOB_FIELD_ROOT] = "root",
    [JOB_FIELD_URL] = "url",
};

/* One placeholder that is being read: `body` is what stands between ${ and }. */
struct reading {
    struct diags *diags;
    struct span span; /* with ${ and } */
    struct str body;
    struct diag *unknown; /* set where the placeholder is of no kind at all */
};

static struct diag *refuse(const struct reading *reading, const char *problem)
{
    return rule_report(reading->diags, RULE_PLACEHOLDER, reading->span, "%s '${%.*s}'", problem,
                       STR_ARG(reading->body));
}

static bool read_named(const struct reading *reading, const struct namespace *space,
                       struct str name, struct part *part)
{
    struct str suffix = str_from(space->suffix);
    bool dots = space->kind == PART_OUTPUT;

    if (suffix.n > 0 && !str_ends(name, suffix)) {
        struct str head, tail;
        bool has_field = !dots && str_cut(name, '.', &head, &tail);
        head = has_field ? head : name;
        struct diag *d = refuse(reading, has_field ? "unknown field in" : "a field is missing in");
        diag_help(d, "write ${%s.%.*s%s}", space->word, STR_ARG(head.n > 0 ? head : STR("NAME")),
                  space->suffix);
        return false;
    }
    name = str_slice(name, 0, name.n - suffix.n);
    if (!(dots ? name_is_job(name) : name_is_param(name))) {
        struct diag *d = refuse(reading, name.n > 0 ? "no name can be as in" : "no name in");
        diag_help(d, "write ${%s.NAME%s}, with the name of one of the %s", space->word,
                  space->suffix, space->kind == PART_WITH ? "entries" : space->word);
        return false;
    }
    part->kind = space->kind;
    part->name = name;
    return true;
}

static bool read_job_field(const struct reading *reading, struct str field, struct part *part)
{
    struct str names[ARRAY_COUNT(JOB_FIELDS)];

    for (size_t i = 0; i < ARRAY_COUNT(JOB_FIELDS); i++) {
        names[i] = str_from(JOB_FIELDS[i]);
        if (str_equal(field, names[i])) {
            part->kind = PART_JOB;
            part->field = (enum job_field)i;
            return true;
        }
    }
    struct diag *d = refuse(reading, "unknown field in");
    ptrdiff_t nearest = str_nearest(field, names, ARRAY_COUNT(names));
    if (nearest >= 0) {
        diag_help(d, "did you mean '${job.%s}'?", JOB_FIELDS[nearest]);
    } else {
        diag_help(d, "a job has name, commit, short-commit, env, root, url");
    }
    return false;
}

static void refuse_unknown(struct reading *reading, struct str head, struct str rest)
{
    struct str words[ARRAY_COUNT(NAMESPACES) + 2];
    size_t count = 0;
    struct diag *d = refuse(reading, "unknown placeholder");

    reading->unknown = d;
    for (; count < ARRAY_COUNT(NAMESPACES); count++) {
        words[count] = str_from(NAMESPACES[count].word);
    }
    words[count++] = STR("job");
    words[count++] = STR("each");
    ptrdiff_t nearest = str_nearest(head, words, count);
    if (nearest < 0) {
        diag_help(d, "write $${%.*s} for the text itself", STR_ARG(reading->body));
    } else if (str_is(words[nearest], "each")) {
        diag_help(d, "did you mean '${each}'?");
    } else {
        diag_help(d, "did you mean '${%.*s.%.*s}'?", STR_ARG(words[nearest]),
                  STR_ARG(rest.n > 0 ? rest : STR("NAME")));
    }
}

/* False where it means nothing: the error is in `diags`. */
static bool read_placeholder(struct reading *reading, struct part *part)
{
    struct str head, rest;
    struct str trimmed = str_trim(reading->body);

    str_cut(reading->body, '.', &head, &rest);
    if (!str_equal(trimmed, reading->body)) {
        struct diag *d = refuse(reading, "white space in");
        diag_help(d, "write ${%.*s}", STR_ARG(trimmed));
        return false;
    }
    if (reading->body.n == 0) {
        diag_help(refuse(reading, "an empty placeholder"), "write $${} for the text itself");
        return false;
    }
    if (str_is(reading->body, "each")) {
        part->kind = PART_EACH;
        return true;
    }
    if (str_is(head, "each")) {
        diag_help(refuse(reading, "unknown field in"), "write ${each}");
        return false;
    }
    if (str_is(head, "job")) {
        return read_job_field(reading, rest, part);
    }
    for (size_t i = 0; i < ARRAY_COUNT(NAMESPACES); i++) {
        if (str_is(head, NAMESPACES[i].word)) {
            return read_named(reading, &NAMESPACES[i], rest, part);
        }
    }
    refuse_unknown(reading, head, rest);
    return false;
}

/* The length of the placeholder at the text's start, or 0: it is not closed
 * before the line or the text ends or another one begins. */
static size_t placeholder_length(struct str text)
{
    for (size_t at = 2; at < text.n && text.s[at] != '\n'; at++) {
        if (text.s[at] == '}') {
            return at + 1;
        }
        if (str_starts(str_after(text, at), STR("${"))) {
            return 0;
        }
    }
    return 0;
}

/* The length of a placeholder with others inside of it, or 0. */
static size_t nest_length(struct str text)
{
    size_t depth = 0;

    for (size_t at = 0; at < text.n && text.s[at] != '\n'; at++) {
        if (str_starts(str_after(text, at), STR("${"))) {
            depth++;
        } else if (text.s[at] == '}' && --depth == 0) {
            return at + 1;
        }
    }
    return 0;
}

/* The length of a `${{ ... }}`, as other systems write it. */
static size_t double_length(struct str text)
{
    struct str line = str_slice(text, 0, str_index(text, '\n'));

    for (size_t at = 3; at < line.n; at++) {
        if (str_starts(str_after(line, at), STR("}}"))) {
            return at + 2;
        }
    }
    return 3;
}

static void refuse_double(const struct node *scalar, size_t at, size_t n, struct diags *diags)
{
    struct diag *d = rule_report(diags, RULE_PLACEHOLDER, node_span_within(scalar, at, n),
                                 "jobrun has no '${{ }}'");
    diag_help(d, "a param is ${params.NAME}");
}

static void refuse_nest(const struct node *scalar, size_t at, size_t n, struct diags *diags)
{
    struct diag *d = rule_report(diags, RULE_PLACEHOLDER, node_span_within(scalar, at, n),
                                 "placeholders do not nest");
    diag_help(d, "a table in 'select' gives a var for each value of a param");
}

static void refuse_unclosed(const struct node *scalar, size_t at, struct diags *diags)
{
    struct str rest = str_after(scalar->text, at);
    size_t n = 2;

    while (n < rest.n && strchr(" \t\n\"'$", rest.s[n]) == NULL) {
        n++;
    }
    struct str written = str_slice(rest, 0, n);
    struct diag *d = rule_report(diags, RULE_PLACEHOLDER, node_span_within(scalar, at, n),
                                 "placeholder '%.*s' is never closed", STR_ARG(written));
    diag_help(d, "add '}', or write $%.*s for the text itself", STR_ARG(written));
}

struct parsing {
    struct arena *arena;
    struct template *template;
    size_t bare_capacity;
    struct str text;     /* what was read since the last placeholder: a part of the scalar's, */
    struct buf gathered; /* or this, where something of that does not belong to it */
};

/* As many parts as there can be, which are few: memory that grows would leave more
 * of it unused in each of the many templates of a manifest. */
static size_t most_parts(struct str text)
{
    bool starts = str_starts(text, STR("${"));
    struct str rest = text;
    struct str head;
    size_t count = 0;

    while (str_cut(rest, '$', &head, &rest)) {
        count += str_starts(rest, STR("{"));
    }
    if (count == 1 && starts && str_index(text, '}') == text.n - 1) {
        return 1;
    }
    count = 2 * count + (starts ? 0 : 1);
    return count < TEMPLATE_PARTS_MAX + 2 ? count : TEMPLATE_PARTS_MAX + 2;
}

/* The template of a node, with a copy of it and room for parts, in one piece. */
static struct template *template_make(struct arena *arena, const struct node *scalar,
                                      size_t part_count)
{
    struct whole {
        struct template template;
        struct node node;
        struct part parts[];
    } *whole = arena_alloc(arena, sizeof *whole + part_count * sizeof(struct part));

    whole->node = *scalar;
    whole->template.node = &whole->node;
    whole->template.parts = whole->parts;
    return &whole->template;
}

static void add_part(struct parsing *parsing, struct part part)
{
    struct template *template = parsing->template;

    if (template->count <= TEMPLATE_PARTS_MAX) {
        template->parts[template->count++] = part;
    }
}

static void add_text(struct parsing *parsing, struct str piece)
{
    if (parsing->text.n == 0) {
        parsing->text = piece;
    } else if (parsing->text.s + parsing->text.n == piece.s) {
        parsing->text.n += piece.n;
    } else {
        if (parsing->text.s != parsing->gathered.bytes) {
            parsing->gathered = buf_make(parsing->arena, TEMPLATE_BYTES_MAX);
            buf_add(&parsing->gathered, parsing->text);
        }
        buf_add(&parsing->gathered, piece);
        parsing->text = buf_str(&parsing->gathered);
    }
}

static void end_text(struct parsing *parsing)
{
    if (parsing->text.n > 0) {
        add_part(parsing, (struct part){.kind = PART_TEXT, .text = parsing->text});
        parsing->text.n = 0;
    }
}

static size_t parse_placeholder(struct parsing *parsing, size_t at, struct str rest,
                                struct diags *diags)
{
    struct template *template = parsing->template;
    bool is_double = str_starts(rest, STR("${{"));
    size_t n = is_double ? double_length(rest) : placeholder_length(rest);

    if (is_double) {
        refuse_double(template->node, at, n, diags);
        add_text(parsing, str_slice(rest, 0, n));
        return n;
    }
    if (n == 0) {
        n = nest_length(rest);
        if (n > 0) {
            refuse_nest(template->node, at, n, diags);
        } else {
            n = 2;
            refuse_unclosed(template->node, at, diags);
        }
        add_text(parsing, str_slice(rest, 0, n));
        return n;
    }
    struct part part = {.span = node_span_within(template->node, at, n)};
    struct reading reading = {diags, part.span, str_slice(rest, 2, n - 3), NULL};
    if (read_placeholder(&reading, &part)) {
        end_text(parsing);
        add_part(parsing, part);
        return n;
    }
    if (reading.unknown != NULL && name_is_param(reading.body)) {
        template->bare = arena_grow(parsing->arena, template->bare, template->bare_count,
                                    &parsing->bare_capacity, sizeof *template->bare);
        template->bare[template->bare_count++] =
            (struct bare_name){str_copy(parsing->arena, reading.body), reading.unknown};
    }
    add_text(parsing, str_slice(rest, 0, n));
    return n;
}

/* What stands at the offset; returns its length. */
static size_t parse_at(struct parsing *parsing, size_t at, struct diags *diags)
{
    const struct node *scalar = parsing->template->node;
    struct str rest = str_after(scalar->text, at);

    if (str_starts(rest, STR("$${"))) {
        add_text(parsing, str_slice(rest, 1, 2));
        return 3;
    }
    if (!str_starts(rest, STR("${"))) {
        size_t n = 1 + str_index(str_after(rest, 1), '$');
        add_text(parsing, str_slice(rest, 0, n));
        return n;
    }
    return parse_placeholder(parsing, at, rest, diags);
}

const struct template *template_parse(struct arena *arena, const struct node *scalar,
                                      struct diags *diags)
{
    bool is_long = scalar->text.n > TEMPLATE_BYTES_MAX;
    size_t most = is_long ? 0 : most_parts(scalar->text);
    struct template *template = template_make(arena, scalar, most);
    struct parsing parsing = {.arena = arena, .template = template};

    if (is_long) {
        rule_report(diags, RULE_LIMIT, scalar->span,
                    "the text has %zu bytes, more than the %d that are allowed", scalar->text.n,
                    TEMPLATE_BYTES_MAX);
        return template;
    }
    for (size_t at = 0; at < scalar->text.n && template->count <= TEMPLATE_PARTS_MAX;) {
        at += parse_at(&parsing, at, diags);
    }
    end_text(&parsing);
    if (template->count > TEMPLATE_PARTS_MAX) {
        rule_report(diags, RULE_LIMIT, scalar->span,
                    "the text has more than %d texts and placeholders", TEMPLATE_PARTS_MAX);
    }
    return template;
}

bool template_is_text(const struct template *template, struct str *text)
{
    if (template->count > 1 || (template->count == 1 && template->parts[0].kind != PART_TEXT)) {
        return false;
    }
    *text = template->count == 1 ? template->parts[0].text : STR("");
    return true;
}

const struct part *template_only_part(const struct template *template)
{
    bool only = template->count == 1 && template->parts[0].kind != PART_TEXT;

    return only ? &template->parts[0] : NULL;
}

int template_expand(const struct template *template, const struct scope *scope, struct arena *arena,
                    struct str *text, struct error *err)
{
    struct buf buf = buf_make(arena, TEMPLATE_EXPANDED_MAX);

    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];
        struct str value = part->kind == PART_TEXT ? part->text : (struct str){0};
        if (part->kind != PART_TEXT && scope->look_up(scope->context, part, arena, &value, err)) {
            return -1;
        }
        if (value.s == NULL && template->count == 1) {
            *text = value;
            return 0;
        }
        if (value.s == NULL) {
            error_set(err, ERROR_MANIFEST, "'${vars.%.*s}' is null inside of other text",
                      STR_ARG(part->name));
            return error_help(err, "null can only be the whole value");
        }
        buf_add(&buf, value);
    }
    if (buf.truncated) {
        return error_set(err, ERROR_LIMIT,
                         "a text grows over %zu bytes when its placeholders "
                         "are replaced",
                         TEMPLATE_EXPANDED_MAX);
    }
    *text = buf_str(&buf);
    return 0;
}

bool template_find_in_script(struct str script, size_t from, size_t *offset, size_t *length)
{
    static const struct str STARTS[] = {
        {"${params.", 9},   {"${vars.", 7}, {"${inputs.", 9},
        {"${outputs.", 10}, {"${job.", 6},  {"${with.", 7},
    };

    for (size_t at = from; at < script.n; at++) {
        at += str_index(str_after(script, at), '$');
        struct str rest = str_after(script, at);
        for (size_t i = 0; i < ARRAY_COUNT(STARTS); i++) {
            if (str_starts(rest, STARTS[i])) {
                size_t n = placeholder_length(rest);
                *offset = at;
                *length = n > 0 ? n : STARTS[i].n;
                return true;
            }
        }
    }
    return false;
}
