#include "lint/ignore.h"

#include "base/arena.h"
#include "manifest/document.h"

#define MARK "jobrun:"
#define WORD "ignore"
#define FORM "# jobrun: ignore[RULE] REASON"

/* One rule of one comment. */
struct ignore {
    struct str name;
    struct span name_span;
    const struct rule *rule; /* NULL: there is none of this name */
    struct span comment;
    struct str reason;
    size_t line; /* whose findings it hides */
    bool is_used;
};

struct ignores ignores_make(struct arena *arena)
{
    return (struct ignores){.arena = arena};
}

static struct str text_of(struct span span)
{
    return str_slice(span.source->text, span.start, span.length);
}

/* The part of a text from `part` on, `n` bytes of it. */
static struct span span_of(const struct source *source, struct str part)
{
    return span_make(source, (size_t)(part.s - source->text.s), part.n);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether nothing but a comment stands on the line. */
static bool is_comment_line(const struct source *source, size_t line)
{
    return str_starts(str_trim(source_line(source, line)), STR("#"));
}

/* The line that a comment is for. */
static size_t line_for(struct span comment)
{
    const struct source *source = comment.source;
    size_t line = source_line_number(source, comment.start);

    if (!is_comment_line(source, line)) {
        return line;
    }
    while (line <= source->line_count && is_comment_line(source, line)) {
        line++;
    }
    return line;
}

/* What stands behind "jobrun:", or false where the comment is not for jobrun. */
static bool find_directive(struct span comment, struct str *directive)
{
    struct str text = str_trim(str_after(text_of(comment), 1));

    if (!str_starts(text, STR(MARK))) {
        return false;
    }
    *directive = str_trim(str_after(text, sizeof MARK - 1));
    return true;
}

/* Takes "ignore" from the front. Anything but that word, or one that was meant to
 * be it, is prose. */
static bool take_word(struct str *directive, struct span comment, struct diags *diags)
{
    static const struct str WORDS[] = {{WORD, sizeof WORD - 1}};
    struct str word = {directive->s, 0};

    while (word.n < directive->n && is_letter(directive->s[word.n])) {
        word.n++;
    }
    if (str_is(word, WORD)) {
        *directive = str_after(*directive, word.n);
        return true;
    }
    if (str_nearest(word, WORDS, 1) == 0) {
        struct diag *d =
            rule_report(diags, RULE_IGNORE_SYNTAX, span_of(comment.source, word),
                        "a comment for jobrun begins with 'ignore', not '%.*s'", STR_ARG(word));
        diag_help(d, "write '%s'", FORM);
    }
    return false;
}

static void report_form(struct span comment, const char *what, struct diags *diags)
{
    struct diag *d = rule_report(diags, RULE_IGNORE_SYNTAX, comment, "%s", what);
    diag_help(d, "write '%s'; several rules as 'ignore[a, b]'", FORM);
}

static void report_unknown(struct str rule, struct span span, struct diags *diags)
{
    struct str names[RULE_COUNT];

    for (size_t i = 0; i < RULE_COUNT; i++) {
        names[i] = str_from(RULES[i].id);
    }
    struct diag *d = rule_report(diags, RULE_IGNORE_RULE, span, "there is no rule '%.*s' to ignore",
                                 STR_ARG(rule));
    if (!diag_help_nearest(d, rule, names, RULE_COUNT)) {
        diag_help(d, "a finding shows its rule in brackets: error[RULE], warning[RULE]");
    }
}

/* What a comment says behind the word: "[a, b] reason". */
struct clause {
    struct span comment;
    struct str rules;
    struct str reason;
};

static bool split_clause(struct str directive, struct clause *clause, struct diags *diags)
{
    size_t end = str_index(directive, ']');

    if (!str_starts(directive, STR("[")) || end == directive.n) {
        report_form(clause->comment, "an ignore names its rules in brackets", diags);
        return false;
    }
    clause->rules = str_slice(directive, 1, end - 1);
    clause->reason = str_trim(str_after(directive, end + 1));
    while (str_starts(clause->reason, STR(":")) || str_starts(clause->reason, STR("-"))) {
        clause->reason = str_trim(str_after(clause->reason, 1));
    }
    if (clause->reason.n == 0) {
        struct diag *d =
            rule_report(diags, RULE_IGNORE_REASON, clause->comment, "an ignore without a reason");
        diag_help(d, "say behind the bracket why this may stay as it is");
    }
    return true;
}

static void add_rules(struct ignores *ignores, struct ignored_text *text,
                      const struct clause *clause, struct diags *diags)
{
    struct str rest = clause->rules;
    bool more = true;

    while (more && text->count < IGNORES_MAX) {
        struct str rule;
        more = str_cut(rest, ',', &rule, &rest);
        rule = str_trim(rule);
        if (rule.n == 0) {
            report_form(clause->comment, "an ignore without the name of a rule", diags);
            return;
        }
        struct span span = span_of(text->source, rule);
        if (rule_find(rule) == NULL) {
            report_unknown(rule, span, diags);
        }
        *ARENA_PUSH(ignores->arena, text->ignores, text->count, text->capacity) =
            (struct ignore){.name = rule,
                            .name_span = span,
                            .rule = rule_find(rule),
                            .comment = clause->comment,
                            .reason = str_printable(ignores->arena, clause->reason),
                            .line = line_for(clause->comment)};
    }
}

static struct ignored_text *find_text(const struct ignores *ignores, const struct source *source)
{
    for (size_t i = ignores->text_count; i > 0; i--) {
        if (ignores->texts[i - 1].source == source) {
            return &ignores->texts[i - 1];
        }
    }
    return NULL;
}

/* Few texts have such comments, and only those are kept and read a second time. */
void ignores_add(struct ignores *ignores, const struct source *source, bool reports_unused,
                 struct diags *diags)
{
    if (!str_contains(source->text, STR(MARK)) || find_text(ignores, source) != NULL) {
        return;
    }
    struct remarks remarks = document_remarks(ignores->arena, source);
    struct ignored_text *text =
        ARENA_PUSH(ignores->arena, ignores->texts, ignores->text_count, ignores->text_capacity);
    *text = (struct ignored_text){.source = source,
                                  .long_texts = remarks.long_texts,
                                  .long_text_count = remarks.long_text_count,
                                  .reports_unused = reports_unused};
    for (size_t i = 0; i < remarks.comment_count; i++) {
        struct clause clause = {.comment = remarks.comments[i]};
        struct str directive;
        if (find_directive(clause.comment, &directive) &&
            take_word(&directive, clause.comment, diags) &&
            split_clause(directive, &clause, diags)) {
            add_rules(ignores, text, &clause, diags);
        }
    }
}

/* The line that a comment must be for to hide what was found at a place. */
static size_t line_of(const struct ignored_text *text, struct span span)
{
    size_t low = 0;
    size_t high = text->long_text_count;

    /* The last that begins at or before the place. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (text->long_texts[middle].start <= span.start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_within =
        low > 0 && span.start < text->long_texts[low - 1].start + text->long_texts[low - 1].length;
    return source_line_number(text->source,
                              is_within ? text->long_texts[low - 1].start : span.start);
}

static struct ignore *find_ignore(const struct ignored_text *text, const struct diag *diag)
{
    size_t line = line_of(text, diag->span);

    for (size_t i = 0; i < text->count; i++) {
        if (text->ignores[i].line == line && str_is(text->ignores[i].name, diag->rule)) {
            return &text->ignores[i];
        }
    }
    return NULL;
}

static bool is_about_ignores(const char *rule)
{
    return rule == rule_id(RULE_IGNORE_SYNTAX) || rule == rule_id(RULE_IGNORE_RULE) ||
           rule == rule_id(RULE_IGNORE_REASON) || rule == rule_id(RULE_IGNORE_UNUSED);
}

static bool hide(void *context, struct diag *diag)
{
    struct ignores *ignores = context;
    struct ignored_text *text =
        diag->span.source != NULL ? find_text(ignores, diag->span.source) : NULL;
    struct ignore *ignore = text != NULL ? find_ignore(text, diag) : NULL;

    if (ignore == NULL || is_about_ignores(diag->rule)) {
        return false;
    }
    ignore->is_used = true;
    if (diag->stops_run) {
        diag_label(diag, ignore->comment, "this cannot hide an error that stops a run");
        return false;
    }
    *ARENA_PUSH(ignores->arena, ignores->hidden, ignores->hidden_count, ignores->hidden_capacity) =
        (struct hidden){.diag = diag, .comment = ignore->comment, .reason = ignore->reason};
    return true;
}

void ignores_apply(struct ignores *ignores, struct diags *diags)
{
    struct diags unheard = diags_make(ignores->arena);

    unheard.limit = 1;
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->span.source != NULL) {
            ignores_add(ignores, diags->items[i]->span.source, false, &unheard);
        }
    }
    diags_take(diags, hide, ignores);
}

static bool search_was_stopped(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        if (diags->items[i]->stops_run) {
            return true;
        }
    }
    return diags->dropped > 0;
}

static void report_unused(const struct ignore *ignore, struct diags *diags)
{
    struct diag *d =
        rule_report(diags, RULE_IGNORE_UNUSED, ignore->name_span,
                    "there is nothing to ignore of the rule '%.*s'", STR_ARG(ignore->name));
    diag_help(d, "remove it, or put it on the line of the finding or alone on the line above");
}

void ignores_report_unused(const struct ignores *ignores, const bool unchecked[RULE_COUNT],
                           struct diags *diags)
{
    if (search_was_stopped(diags)) {
        return;
    }
    for (size_t i = 0; i < ignores->text_count; i++) {
        const struct ignored_text *text = &ignores->texts[i];
        for (size_t j = 0; text->reports_unused && j < text->count; j++) {
            const struct ignore *ignore = &text->ignores[j];
            if (!ignore->is_used && ignore->rule != NULL && !unchecked[ignore->rule - RULES]) {
                report_unused(ignore, diags);
            }
        }
    }
}
