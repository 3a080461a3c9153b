#include "manifest/document_text.h"

#include "manifest/decode.h"
#include "manifest/document.h"

static struct span span_at(const struct source *source, size_t start, size_t length)
{
    return span_make(source, start, str_slice(source->text, start, length).n);
}

static bool check_encoding(const struct source *source, struct diags *diags)
{
    struct str text = source->text;
    size_t at;

    if (str_starts(text, STR("\xEF\xBB\xBF"))) {
        struct diag *d = rule_report(diags, RULE_SYNTAX, span_at(source, 0, 3),
                                     "the file begins with a byte-order mark");
        diag_help(d, "save it as UTF-8 without a byte-order mark");
        return false;
    }
    if (str_starts(text, STR("\xFF\xFE")) || str_starts(text, STR("\xFE\xFF"))) {
        struct diag *d =
            rule_report(diags, RULE_SYNTAX, span_at(source, 0, 2), "the file is UTF-16, not UTF-8");
        diag_help(d, "save it as UTF-8 without a byte-order mark");
        return false;
    }
    at = str_index(text, '\0');
    if (at < text.n) {
        rule_report(diags, RULE_SYNTAX, span_at(source, at, 1), "there is a NUL byte in the file");
        return false;
    }
    at = str_utf8_invalid_at(text);
    if (at < text.n) {
        rule_report(diags, RULE_SYNTAX, span_at(source, at, 1), "the file is not UTF-8 here");
        return false;
    }
    return true;
}

/* What YAML alone takes for the end of a line, with the escape for it. */
static const struct line_end {
    struct str bytes;
    const char *name, *escape;
} LINE_ENDS[] = {{{"\xC2\x85", 2}, "U+0085", "\\u0085"},
                 {{"\xE2\x80\xA8", 3}, "U+2028", "\\u2028"},
                 {{"\xE2\x80\xA9", 3}, "U+2029", "\\u2029"}};

static bool check_line_ends(const struct source *source, struct diags *diags)
{
    struct str text = source->text;
    size_t at = 0;

    for (; (at += str_ascii_length(str_after(text, at))) < text.n; at++) {
        for (size_t i = 0; i < ARRAY_COUNT(LINE_ENDS); i++) {
            const struct line_end *end = &LINE_ENDS[i];
            if (str_starts(str_after(text, at), end->bytes)) {
                struct diag *d =
                    rule_report(diags, RULE_SYNTAX, span_at(source, at, end->bytes.n),
                                "the line ends with %s, which only YAML knows", end->name);
                diag_help(d, "remove it, or write \"%s\" in a text in double quotes", end->escape);
                return false;
            }
        }
    }
    at = str_index(text, '\r');
    if (at < text.n) {
        bool crlf = str_starts(str_after(text, at), STR("\r\n"));
        struct diag *d = rule_report(diags, RULE_SYNTAX, span_at(source, at, 0),
                                     "the line ends with %s", crlf ? "CR LF" : "CR");
        diag_help(d, "convert the line ends to LF");
        return false;
    }
    return true;
}

/* The first line at or behind *line that begins like this; 0: none. */
static size_t find_line(const struct source *source, size_t line, struct str start)
{
    for (; line <= source->line_count; line++) {
        if (str_starts(source_line(source, line), start)) {
            return line;
        }
    }
    return 0;
}

static struct span marker_span(const struct source *source, size_t line)
{
    return span_at(source, source_offset(source, line, 1), 7);
}

static bool check_merge(const struct source *source, struct diags *diags)
{
    size_t ours = find_line(source, 1, STR("<<<<<<< "));

    if (ours == 0) {
        return true;
    }
    struct diag *d =
        rule_report(diags, RULE_SYNTAX, marker_span(source, ours), "merge-conflict marker");
    size_t middle = find_line(source, ours, STR("======="));
    size_t theirs = find_line(source, ours, STR(">>>>>>> "));
    if (middle > 0) {
        diag_label(d, marker_span(source, middle), "the other side begins here");
    }
    if (theirs > 0) {
        diag_label(d, marker_span(source, theirs), "and ends here");
    }
    diag_help(d, "resolve the conflict and remove the markers");
    return false;
}

bool document_text_check(const struct source *source, struct diags *diags)
{
    if (source->text.n > DOCUMENT_BYTES_MAX) {
        rule_report(diags, RULE_LIMIT, span_at(source, 0, 0),
                    "the file has %zu bytes, more than the %zu that are allowed", source->text.n,
                    DOCUMENT_BYTES_MAX);
        return false;
    }
    return check_encoding(source, diags) && check_line_ends(source, diags) &&
           check_merge(source, diags);
}

/* The line of an offset: its start, and its text. */
static struct str line_at(const struct source *source, size_t offset, size_t *start)
{
    struct place place = source_place(source, offset);

    *start = source->line_starts[place.line - 1];
    return source_line(source, place.line);
}

static bool explain_tab(const struct source *source, size_t offset, struct diags *diags)
{
    size_t start;
    struct str line = line_at(source, offset, &start);
    size_t at = 0;

    while (at < line.n && line.s[at] == ' ') {
        at++;
    }
    if (at == line.n || line.s[at] != '\t') {
        at = offset - start;
    }
    if (at >= line.n || line.s[at] != '\t') {
        return false;
    }
    struct diag *d = rule_report(diags, RULE_SYNTAX, span_at(source, start + at, 1),
                                 "a tab where YAML takes only spaces");
    diag_help(d, "indent with spaces");
    return true;
}

/* Offset of the first `${` of the line outside of quotes and comments. */
static size_t unquoted_placeholder(struct str line)
{
    char quote = '\0';

    for (size_t i = 0; i < line.n; i++) {
        char c = line.s[i];
        if (quote == '"' && c == '\\') {
            i++;
        } else if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#' && i > 0 && line.s[i - 1] == ' ') {
            return line.n;
        } else if (str_starts(str_after(line, i), STR("${"))) {
            return i;
        }
    }
    return line.n;
}

/* From the placeholder at `at` to both ends of the value that it stands in. */
static struct str unquoted_value(struct str line, size_t at)
{
    size_t start = at;
    size_t depth = 0;

    while (start > 0 && strchr(" ,[{", line.s[start - 1]) == NULL) {
        start--;
    }
    for (; at < line.n; at++) {
        char c = line.s[at];
        if (c == '{') {
            depth++;
        } else if (depth > 0) {
            depth -= c == '}';
        } else if (strchr(" ,]}", c) != NULL) {
            break;
        }
    }
    return str_slice(line, start, at - start);
}

static bool explain_placeholder(const struct source *source, const struct document_failure *failure,
                                struct diags *diags)
{
    bool in_flow =
        strstr(failure->problem, "',' or '") != NULL || strstr(failure->context, "flow ") != NULL;
    size_t start;
    struct str line = line_at(source, failure->offset, &start);
    size_t at = in_flow ? unquoted_placeholder(line) : line.n;

    if (at == line.n) {
        return false;
    }
    struct str value = unquoted_value(line, at);
    struct diag *d = rule_report(diags, RULE_SYNTAX,
                                 span_at(source, (size_t)(value.s - source->text.s), value.n),
                                 "a placeholder inside of { } or [ ] needs quotes");
    diag_help(d, "quote the value: \"%.*s\"", STR_ARG(value));
    return true;
}

/* The value at the offset, as far as it can be told without reading YAML. */
static struct str value_at(const struct source *source, size_t offset)
{
    size_t start;
    struct str line = line_at(source, offset, &start);
    struct str before = str_slice(line, 0, offset - start);
    struct str value = str_after(line, offset - start);
    bool in_flow = str_index(before, '[') < before.n || str_index(before, '{') < before.n;
    size_t n = 0;

    while (n < value.n && !str_starts(str_after(value, n), STR(" #")) &&
           !(in_flow && strchr(",]}", value.s[n]) != NULL)) {
        n++;
    }
    return str_trim(str_slice(value, 0, n));
}

/* What a value cannot begin with, because YAML has another use for it. */
static bool explain_first_character(const struct source *source,
                                    const struct document_failure *failure, struct diags *diags)
{
    bool at_context = strstr(failure->context, "scanning an alias") != NULL ||
                      strstr(failure->context, "scanning an anchor") != NULL ||
                      strstr(failure->context, "ing a tag") != NULL ||
                      strstr(failure->context, "ing a %TAG") != NULL ||
                      strstr(failure->context, "ing a directive") != NULL ||
                      strstr(failure->problem, "undefined tag") != NULL;
    bool at_problem = strstr(failure->problem, "cannot start any token") != NULL;
    size_t offset = at_context ? failure->context_offset : failure->offset;

    if (!at_context && !at_problem) {
        return false;
    }
    struct str rest = str_after(source->text, offset);
    struct str first = str_slice(rest, 0, str_utf8_length(rest));
    struct str value = value_at(source, offset);
    if (str_is(first, "%") && source_place(source, offset).column == 1) {
        rule_report(diags, RULE_SYNTAX, span_at(source, offset, value.n),
                    "directives are not part of this language");
        return true;
    }
    struct diag *d = rule_report(diags, RULE_SYNTAX, span_at(source, offset, first.n),
                                 "a value that begins with '%.*s' needs quotes", STR_ARG(first));
    if (!str_contains(value, STR("'")) && value.n <= 80) {
        diag_help(d, "quote the value: '%.*s'", STR_ARG(value));
    }
    return true;
}

static const struct explanation {
    const char *problem; /* part of libyaml's text */
    const char *message;
    const char *help; /* NULL: none */
    bool at_context;  /* the mistake is where the thing begins */
} EXPLANATIONS[] = {
    {"mapping values are not allowed", "a ': ' where no value can begin",
     "quote the value if ': ' is part of it; else check the indentation", false},
    {"did not find expected key", "this does not belong to the mapping above it",
     "check the indentation, and that text with '#', ': ' or quotes inside is quoted", false},
    {"could not find expected ':'", "a key without a value",
     "write 'key: value', or indent the line as part of the value above", true},
    {"did not find expected '-' indicator", "this does not belong to the list above it",
     "begin each item of a list with '- ', all at the same column", false},
    {"did not find expected ',' or ']'", "expected ',' or ']' in a list", NULL, false},
    {"did not find expected ',' or '}'", "expected ',' or '}' in a mapping", NULL, false},
    {"did not find expected node content", "a value is missing here", NULL, false},
    {"did not find expected <document start>", "this does not belong to what is above it",
     "check the indentation", false},
    {"block sequence entries are not allowed", "a list cannot begin on the line of its key",
     "begin it with '- ' on the next line, or write it as [a, b]", false},
    {"found unexpected end of stream", "a quote that is never closed", NULL, true},
    {"found unexpected document indicator", "a quote that is never closed", NULL, true},
    {"found unknown escape character", "an unknown escape in a text in double quotes",
     "in single quotes a backslash stands for itself", false},
    {"hexdecimal", "a broken escape in a text in double quotes",
     "in single quotes a backslash stands for itself", false},
    {"invalid Unicode character escape", "an escape that stands for no character", NULL, false},
    {"did not find expected comment or line break", "text behind the '|' or '>' of a block",
     "begin the text of the block on the next line", false},
    {"indentation indicator", "a block with an impossible indentation", NULL, false},
    {"control characters are not allowed", "a character that YAML does not allow", NULL, false},
};

void document_text_explain(const struct source *source, const struct document_failure *failure,
                           struct diags *diags)
{
    size_t count = ARRAY_COUNT(EXPLANATIONS);
    size_t i = 0;

    if (explain_tab(source, failure->offset, diags) ||
        explain_placeholder(source, failure, diags) ||
        explain_first_character(source, failure, diags)) {
        return;
    }
    while (i < count && strstr(failure->problem, EXPLANATIONS[i].problem) == NULL) {
        i++;
    }
    if (i == count) {
        rule_report(diags, RULE_SYNTAX, span_at(source, failure->offset, 1), "%s",
                    failure->problem);
        return;
    }
    const struct explanation *e = &EXPLANATIONS[i];
    size_t offset = e->at_context ? failure->context_offset : failure->offset;
    struct diag *d = rule_report(diags, RULE_SYNTAX, span_at(source, offset, 1), "%s", e->message);
    if (e->help != NULL) {
        diag_help(d, "%s", e->help);
    }
    if (strstr(failure->problem, "',' or '") != NULL) {
        diag_label(d, span_at(source, failure->context_offset, 1), "it began here");
    }
}
