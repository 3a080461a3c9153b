#include "manifest/document.h"

#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/document_text.h"
#include "manifest/tree.h"

#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    const struct source *source;
    struct diags *diags;
    bool is_ascii;
    /* libyaml counts characters: the last place that was converted to bytes. */
    size_t mark_index, mark_offset;
    size_t gap_start; /* from here no token was seen yet that may hold a tab */
    bool tab_reported;
    struct arena *texts;
    struct remarks *remarks; /* NULL: they are not asked for */
    struct tree tree;        /* its arena is for the nodes */
};

static size_t offset_of(struct reader *r, const yaml_mark_t *mark)
{
    struct str text = r->source->text;

    if (r->is_ascii) {
        return mark->index < text.n ? mark->index : text.n;
    }
    while (r->mark_index < mark->index && r->mark_offset < text.n) {
        size_t length = str_utf8_length(str_after(text, r->mark_offset));
        r->mark_offset += length > 0 ? length : 1;
        r->mark_index++;
    }
    while (r->mark_index > mark->index && r->mark_offset > 0) {
        do {
            r->mark_offset--;
        } while (r->mark_offset > 0 && ((unsigned char)text.s[r->mark_offset] & 0xC0) == 0x80);
        r->mark_index--;
    }
    return r->mark_offset;
}

static struct span span_between(const struct reader *r, size_t start, size_t end)
{
    return span_make(r->source, start, end > start ? end - start : 0);
}

/* From an offset to what ends a word. */
static struct span word_at(const struct reader *r, size_t start)
{
    struct str text = r->source->text;
    size_t end = start;

    while (end < text.n && strchr(" \t\n,[]{}", text.s[end]) == NULL) {
        end++;
    }
    return span_between(r, start, end);
}

static void refuse_tab(struct reader *r, size_t at)
{
    if (!r->tab_reported) {
        struct diag *d = rule_report(r->diags, RULE_SYNTAX, span_between(r, at, at + 1),
                                     "a tab where only spaces can stand");
        diag_help(d, "write spaces instead");
        r->tab_reported = true;
    }
}

static void note_comment(struct reader *r, size_t start, size_t end)
{
    struct remarks *remarks = r->remarks;

    if (remarks != NULL) {
        *ARENA_PUSH(r->tree.arena, remarks->comments, remarks->comment_count,
                    remarks->comment_capacity) = span_between(r, start, end);
    }
}

/* Between tokens stand comments, and tabs: YAML takes some of them, this language
 * none. */
static void read_gap(struct reader *r, size_t end)
{
    struct str text = r->source->text;

    for (size_t at = r->gap_start; at < end; at++) {
        if (text.s[at] == '#') {
            size_t start = at;
            at += str_index(str_slice(text, at, end - at), '\n');
            note_comment(r, start, at);
        } else if (text.s[at] == '\t') {
            refuse_tab(r, at);
        }
    }
}

/* A text of several lines; one in a block may have a comment behind its '|'. */
static void note_long_text(struct reader *r, const struct node *scalar)
{
    struct str file = str_slice(r->source->text, scalar->span.start, scalar->span.length);
    size_t line_end = str_index(file, '\n');
    size_t hash = str_index(file, '#');
    struct remarks *remarks = r->remarks;

    if (remarks == NULL || (line_end == file.n && scalar->style != NODE_BLOCK)) {
        return;
    }
    *ARENA_PUSH(r->tree.arena, remarks->long_texts, remarks->long_text_count,
                remarks->long_text_capacity) = scalar->span;
    if (scalar->style == NODE_BLOCK && hash < line_end) {
        note_comment(r, scalar->span.start + hash, scalar->span.start + line_end);
    }
}

/* libyaml ends an anchor's name at the first other character, ':' included. */
static size_t anchor_end(const struct reader *r, size_t at)
{
    struct str text = r->source->text;

    do {
        at++;
    } while (at < text.n &&
             ((text.s[at] >= '0' && text.s[at] <= '9') ||
              (text.s[at] >= 'A' && text.s[at] <= 'Z') ||
              (text.s[at] >= 'a' && text.s[at] <= 'z') || text.s[at] == '_' || text.s[at] == '-'));
    return at;
}

/* A node's event begins with its anchor and tag: the offset behind them. The
 * tag is refused. */
static size_t skip_properties(struct reader *r, size_t at, bool has_anchor, bool has_tag)
{
    struct str text = r->source->text;

    while (at < text.n && ((has_anchor && text.s[at] == '&') || (has_tag && text.s[at] == '!'))) {
        if (text.s[at] == '&') {
            at = anchor_end(r, at);
            has_anchor = false;
        } else {
            struct span word = word_at(r, at);
            struct diag *d =
                rule_report(r->diags, RULE_SYNTAX, word, "tags are not part of this language");
            diag_help(d, "quote a value that begins with '!'");
            has_tag = false;
            at += word.length;
        }
        while (at < text.n && strchr(" \t\n#", text.s[at]) != NULL) {
            at += text.s[at] == '#' ? str_index(str_after(text, at), '\n') : 1;
        }
    }
    return at;
}

static struct str anchor_name(const struct reader *r, const yaml_char_t *anchor)
{
    return anchor ? str_copy(r->tree.arena, str_from((const char *)anchor)) : (struct str){NULL, 0};
}

/* Without the line ends that libyaml counts to a block. */
static size_t trim_end(const struct reader *r, size_t start, size_t end)
{
    while (end > start && strchr(" \n", r->source->text.s[end - 1]) != NULL) {
        end--;
    }
    return end;
}

/* The place of an escape for NUL in a text in double quotes, and its length. */
static struct span find_nul(struct span scalar)
{
    static const char *const ESCAPES[] = {"\\0", "\\x00", "\\u0000", "\\U00000000"};
    struct str file = str_slice(scalar.source->text, scalar.start, scalar.length);

    for (size_t at = str_index(file, '\\'); at < file.n;) {
        for (size_t i = 0; i < ARRAY_COUNT(ESCAPES); i++) {
            if (str_starts(str_after(file, at), str_from(ESCAPES[i]))) {
                return span_make(scalar.source, scalar.start + at, strlen(ESCAPES[i]));
            }
        }
        at += 2;
        at += str_index(str_after(file, at), '\\');
    }
    return scalar;
}

/* No text of a manifest can hold NUL: arguments, variables and paths end at it.
 * The text goes on without it. */
static void refuse_nul(struct reader *r, struct node *scalar)
{
    struct buf buf = buf_make(r->texts, DOCUMENT_BYTES_MAX);
    struct str rest = scalar->text;
    struct str piece;

    if (str_index(rest, '\0') == rest.n) {
        return;
    }
    rule_report(r->diags, RULE_SYNTAX, find_nul(scalar->span), "a text cannot hold NUL");
    while (str_cut(rest, '\0', &piece, &rest)) {
        buf_add(&buf, piece);
    }
    buf_add(&buf, piece);
    scalar->text = buf_str(&buf);
}

static int read_scalar(struct reader *r, const yaml_event_t *event)
{
    yaml_scalar_style_t style = event->data.scalar.style;
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    size_t begin = offset_of(r, &event->start_mark);
    size_t end = offset_of(r, &event->end_mark);
    size_t start = skip_properties(r, begin, event->data.scalar.anchor != NULL,
                                   event->data.scalar.tag != NULL);
    struct node *node = arena_alloc(r->tree.arena, sizeof *node);

    node->kind = NODE_SCALAR;
    node->text = str_copy(r->texts, text);
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) {
        node->style = NODE_BLOCK;
        end = trim_end(r, start, end);
    } else if (style != YAML_PLAIN_SCALAR_STYLE) {
        node->style = NODE_QUOTED;
    } else if (text.n == 0) {
        start = end; /* what follows the anchor of nothing is another node */
    }
    node->span = span_between(r, start, end);
    refuse_nul(r, node);
    read_gap(r, start);
    note_long_text(r, node);
    r->gap_start = end;
    return tree_scalar(&r->tree, node, anchor_name(r, event->data.scalar.anchor));
}

static int read_alias(struct reader *r, const yaml_event_t *event)
{
    size_t start = offset_of(r, &event->start_mark);
    size_t end = offset_of(r, &event->end_mark);

    return tree_alias(&r->tree, str_from((const char *)event->data.alias.anchor),
                      span_between(r, start, end));
}

static int read_begin(struct reader *r, const yaml_event_t *event)
{
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *anchor =
        is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    bool has_tag =
        (is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag) != NULL;
    size_t start = skip_properties(r, offset_of(r, &event->start_mark), anchor != NULL, has_tag);

    return tree_begin(&r->tree, is_list ? NODE_SEQUENCE : NODE_MAPPING,
                      span_between(r, start, start + 1), anchor_name(r, anchor));
}

static int read_end(struct reader *r, const yaml_event_t *event)
{
    const struct node *node = r->tree.frames[r->tree.depth - 1].node;
    struct str text = r->source->text;
    size_t start = node->span.start;
    bool bracketed = start < text.n && (text.s[start] == '{' || text.s[start] == '[');

    /* The end mark of a collection without brackets is the next token's. */
    return tree_end(&r->tree, bracketed ? offset_of(r, &event->end_mark) : 0);
}

static int read_document_start(struct reader *r, const yaml_event_t *event)
{
    size_t start = offset_of(r, &event->start_mark);

    if (r->tree.root != NULL) {
        struct diag *d =
            rule_report(r->diags, RULE_SYNTAX, word_at(r, start), "a second document begins here");
        diag_help(d, "a file holds one document: remove this line, or split the file");
        return -1;
    }
    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end) {
        rule_report(r->diags, RULE_SYNTAX, word_at(r, start),
                    "directives are not part of this language");
    }
    return 0;
}

static int read_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return read_document_start(r, event);
    case YAML_SCALAR_EVENT:
        return read_scalar(r, event);
    case YAML_ALIAS_EVENT:
        return read_alias(r, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return read_begin(r, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return read_end(r, event);
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_NO_EVENT:
        break;
    }
    return 0;
}

static void explain_failure(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    struct document_failure failure = {
        .problem = p->problem ? p->problem : "the text is not YAML",
        .context = p->context ? p->context : "",
    };

    if (p->error == YAML_MEMORY_ERROR) {
        memory_exhausted();
    }
    if (p->error == YAML_READER_ERROR) {
        failure.offset = p->problem_offset;
    } else {
        failure.offset = offset_of(r, &p->problem_mark);
        failure.context_offset = offset_of(r, &p->context_mark);
    }
    document_text_explain(r->source, &failure, r->diags);
}

static void close_parser(yaml_parser_t **parser)
{
    yaml_parser_delete(*parser);
}

static int read_events(struct reader *r)
{
    struct str text = r->source->text;
    bool more = true;

    if (!yaml_parser_initialize(&r->parser)) {
        memory_exhausted();
    }
    yaml_parser_t *parser CLEANUP(close_parser) = &r->parser;
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)(text.s ? text.s : ""), text.n);
    while (more) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            explain_failure(r);
            return -1;
        }
        int result = read_event(r, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (result) {
            return -1;
        }
    }
    return 0;
}

static const struct node *read_document(struct arena *nodes, struct arena *texts,
                                        const struct source *source, struct remarks *remarks,
                                        struct diags *diags)
{
    if (!document_text_check(source, diags)) {
        return NULL;
    }
    struct reader *r = arena_alloc(nodes, sizeof *r);
    *r = (struct reader){.source = source,
                         .diags = diags,
                         .is_ascii = str_ascii_length(source->text) == source->text.n,
                         .texts = texts,
                         .remarks = remarks,
                         .tree = {.arena = nodes, .diags = diags}};
    if (read_events(r)) {
        return NULL;
    }
    read_gap(r, source->text.n);
    const struct node *root = r->tree.root;
    if (root == NULL ||
        (root->kind == NODE_SCALAR && root->style == NODE_PLAIN && root->text.n == 0)) {
        struct span top = {.source = source};
        rule_report(diags, RULE_SYNTAX, top, "the file is empty");
        return NULL;
    }
    return root;
}

const struct node *document_parse(struct arena *arena, const struct source *source,
                                  struct diags *diags)
{
    return document_parse_apart(arena, arena, source, diags);
}

const struct node *document_parse_apart(struct arena *nodes, struct arena *texts,
                                        const struct source *source, struct diags *diags)
{
    size_t most = diags->count + DOCUMENT_PROBLEMS_MAX;
    size_t limit = diags->limit;

    diags->limit = most < DIAGS_MAX ? most : DIAGS_MAX;
    const struct node *root = read_document(nodes, texts, source, NULL, diags);
    diags->limit = limit;
    return root;
}

struct remarks document_remarks(struct arena *arena, const struct source *source)
{
    struct remarks remarks = {0};
    struct diags unheard = diags_make(arena);

    unheard.limit = 1;
    read_document(arena, arena, source, &remarks, &unheard);
    return remarks;
}
