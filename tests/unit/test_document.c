#include "manifest/document.h"
#include "manifest/rule.h"
#include "test.h"

struct fixture {
    struct arena arena;
    struct diags diags;
    const struct source *source;
    const struct node *root;
};

static void fixture_free(struct fixture *f)
{
    arena_free(&f->arena);
}

static void read_text(struct fixture *f, struct str text)
{
    f->diags = diags_make(&f->arena);
    f->source = source_make(&f->arena, STR("m.yaml"), str_copy(&f->arena, text));
    f->root = document_parse(&f->arena, f->source, &f->diags);
}

/* "line:column rule: message" */
static struct str show(struct fixture *f, const struct diag *diag)
{
    struct place place = source_place(f->source, diag->span.start);

    return str_format(&f->arena, "%zu:%zu %s: %.*s", place.line, place.column, diag->rule,
                      STR_ARG(diag->message));
}

/* Exactly one error, and whether the rest is usable. An empty help: not asked. */
static void check_bytes(struct str text, bool usable, const char *expected, const char *help)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    read_text(&f, text);
    assert_int_equal(f.diags.error_count, 1);
    assert_str(show(&f, f.diags.items[0]), expected);
    assert_int_equal(f.diags.items[0]->status, STATUS_MANIFEST);
    assert_int_equal(f.root != NULL, usable);
    if (help[0]) {
        assert_int_equal(f.diags.items[0]->help_count, 1);
        assert_str(f.diags.items[0]->helps[0], help);
    }
}

static void refused(const char *text, const char *expected, const char *help)
{
    check_bytes(str_from(text), false, expected, help);
}

static void reported(const char *text, const char *expected, const char *help)
{
    check_bytes(str_from(text), true, expected, help);
}

static void accept(struct fixture *f, const char *text)
{
    read_text(f, str_from(text));
    if (f->diags.count > 0) {
        fail_msg("%s", show(f, f->diags.items[0]).s);
    }
    assert_non_null(f->root);
}

static struct str spanned(const struct fixture *f, struct span span)
{
    return str_slice(f->source->text, span.start, span.length);
}

static void scalars_stay_as_they_were_written(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    static const char *const WORDS[] = {"no", "0123", "1.10", "0o7", "True", "null", "~"};

    (void)state;
    accept(&f, "- no\n- 0123\n- 1.10\n- 0o7\n- True\n- null\n- ~\n- \"null\"\n-\n- ''\n- |\n  x\n");
    assert_int_equal(f.root->kind, NODE_SEQUENCE);
    assert_int_equal(f.root->count, 11);
    for (size_t i = 0; i < ARRAY_COUNT(WORDS); i++) {
        assert_str(f.root->items[i]->text, WORDS[i]);
        assert_int_equal(f.root->items[i]->style, NODE_PLAIN);
        assert_int_equal(node_is_null(f.root->items[i]), i == 5);
    }
    assert_false(node_is_null(f.root->items[7]));
    assert_int_equal(f.root->items[7]->style, NODE_QUOTED);
    assert_int_equal(f.root->items[8]->style, NODE_PLAIN);
    assert_str(f.root->items[8]->text, "");
    assert_int_equal(f.root->items[9]->style, NODE_QUOTED);
    assert_int_equal(f.root->items[10]->style, NODE_BLOCK);
    assert_str(f.root->items[10]->text, "x\n");
}

static void a_mapping_keeps_the_order_of_the_file(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    accept(&f, "---\nz: 1\na: {c: [2]}\n\"m\": 3\n...\n# end\n");
    assert_int_equal(f.root->kind, NODE_MAPPING);
    assert_int_equal(f.root->count, 3);
    assert_str(f.root->pairs[0].key->text, "z");
    assert_str(f.root->pairs[2].key->text, "m");
    assert_str(node_find(node_find(f.root, "a"), "c")->items[0]->text, "2");
    assert_null(node_find(f.root, "b"));
    assert_null(node_find(f.root->pairs[0].value, "b"));
    assert_string_equal(node_kind_name(f.root), "a mapping");
    assert_string_equal(node_kind_name(node_find(node_find(f.root, "a"), "c")), "a list");
    assert_string_equal(node_kind_name(f.root->pairs[0].value), "text");
}

static void spans_cover_what_was_written(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    accept(
        &f,
        "# \xC3\xA9\na: \"\xC3\xA9\" \nb: [x, {y: z}] # c\nc:\n  d: e\n  f:\n    - g\n    - h\n\n"
        "s: |  # head\n  one\n\n  two\n\n\nt: &n  \xE2\x82\xAC uro\nu: *n\nv:\n");
    const struct pair *pairs = f.root->pairs;
    assert_str(spanned(&f, pairs[0].key->span), "a");
    assert_str(spanned(&f, pairs[0].value->span), "\"\xC3\xA9\"");
    assert_str(spanned(&f, pairs[1].value->span), "[x, {y: z}]");
    assert_str(spanned(&f, pairs[1].value->items[1]->span), "{y: z}");
    assert_str(spanned(&f, pairs[2].value->span), "d: e\n  f:\n    - g\n    - h");
    assert_str(spanned(&f, pairs[3].value->span), "|  # head\n  one\n\n  two");
    assert_str(spanned(&f, pairs[4].value->span), "\xE2\x82\xAC uro");
    assert_ptr_equal(pairs[5].value, pairs[4].value);
    assert_str(pairs[5].value->text, "\xE2\x82\xAC uro");
    assert_str(spanned(&f, pairs[6].value->span), "");
    assert_int_equal(source_place(f.source, pairs[6].value->span.start).column, 3);
}

static void anchors_are_not_part_of_a_span(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    accept(&f, "a: &x # c\n  &y b: c\nd: &z [e]\nf: &v\ng: *y\n");
    const struct pair *pairs = f.root->pairs;
    assert_str(spanned(&f, pairs[0].value->span), "&y b: c");
    assert_str(spanned(&f, pairs[0].value->pairs[0].key->span), "b");
    assert_str(spanned(&f, pairs[1].value->span), "[e]");
    assert_str(spanned(&f, pairs[2].value->span), "");
    assert_str(pairs[3].value->text, "b");
    /* A colon ends the name of an anchor. */
    reported("&0f:\n", "1:4 syntax: a key is missing here", "");
}

static void check_within(const char *text, const char *part, const char *expected)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    accept(&f, text);
    const struct node *node = f.root->pairs[0].value;
    const char *found = strstr(node->text.s, part);
    assert_non_null(found);
    struct span span = node_span_within(node, (size_t)(found - node->text.s), strlen(part));
    assert_str(str_after(f.source->text, span.start), expected);
    if (span.length != node->span.length) {
        assert_str(spanned(&f, span), part);
    }
}

static void a_place_within_a_scalar_is_found_where_it_stands(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    check_within("a: xyz\n", "yz", "yz\n");
    check_within("a: 'xyz'\n", "yz", "yz'\n");
    check_within("a: \"x\\ny ${z}\"\n", "${z}", "${z}\"\n");
    check_within("a: \"${z}\\n\"\n", "${z}", "${z}\\n\"\n");
    check_within("a: one\n  two three\n", "one", "one\n  two three\n");
    check_within("a: one\n  two three\n", "three", "three\n");
    check_within("a: |\n\n    one\n      two\n   \n    end\n", "two", "two\n   \n    end\n");
    check_within("a: |2\n    one\n    two\n", "wo", "wo\n");
    check_within("a: |-\n  one\n  two", "wo", "wo");
    /* Not there as it is: the whole scalar. */
    check_within("a: \"\\tb\\t\"\n", "b", "\"\\tb\\t\"\n");
    check_within("a: >\n  one\n  two\n", "two", ">\n  one\n  two\n");
    accept(&f, "a: |\n  one\n  two\nb: c\n");
    const struct node *block = f.root->pairs[0].value;
    assert_str(spanned(&f, node_span_within(block, 2, 3)), "e\n  t");
    assert_str(spanned(&f, node_span_within(block, 0, 99)), "|\n  one\n  two");
    assert_str(spanned(&f, node_span_within(f.root->pairs[1].value, 2, 1)), "c");
}

static void bytes_that_are_no_manifest_are_named(void **state)
{
    (void)state;
    refused("", "1:1 syntax: the file is empty", "");
    refused("# only\n\n# comments\n", "1:1 syntax: the file is empty", "");
    refused("---\n", "1:1 syntax: the file is empty", "");
    refused("\xEF\xBB\xBFjob: a\n", "1:1 syntax: the file begins with a byte-order mark",
            "save it as UTF-8 without a byte-order mark");
    refused("\xFF\xFEj", "1:1 syntax: the file is UTF-16, not UTF-8", "");
    check_bytes(STR("job: a\nx: \0\n"), false, "2:4 syntax: there is a NUL byte in the file", "");
    refused("job: \xC3\xA9\xFF\n", "1:7 syntax: the file is not UTF-8 here", "");
    refused("job: a\r\nx: b\r\n", "1:7 syntax: the line ends with CR LF",
            "convert the line ends to LF");
    refused("job: a\rx: b\n", "1:7 syntax: the line ends with CR", "convert the line ends to LF");
    refused("a: \x01\n", "1:4 syntax: a character that YAML does not allow", "");
}

static void a_merge_conflict_is_told_so(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    read_text(&f, STR("a: b\n<<<<<<< ours\nc: d\n=======\nc: e\n>>>>>>> theirs\n"));
    assert_null(f.root);
    assert_int_equal(f.diags.count, 1);
    assert_str(show(&f, f.diags.items[0]), "2:1 syntax: merge-conflict marker");
    assert_int_equal(f.diags.items[0]->label_count, 2);
    assert_int_equal(source_place(f.source, f.diags.items[0]->labels[0].span.start).line, 4);
    assert_int_equal(source_place(f.source, f.diags.items[0]->labels[1].span.start).line, 6);
    /* Without an opening marker it is text. */
    accept(&f, "a: |\n  =======\n");
}

static void tabs_outside_of_text_are_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    refused("a:\n\tb: c\n", "2:1 syntax: a tab where YAML takes only spaces", "indent with spaces");
    refused("a:\n  \tb: c\n", "2:3 syntax: a tab where YAML takes only spaces", "");
    refused("-\ta\n", "1:2 syntax: a tab where YAML takes only spaces", "");
    reported("a:\tb\n", "1:3 syntax: a tab where only spaces can stand", "");
    reported("a: b\t\nc:\td\n", "1:5 syntax: a tab where only spaces can stand", "");
    accept(&f, "a: b # x\ty\n# \tz\nc: 'd\te'\nf: |\n  g\th\n");
}

static void what_yaml_has_and_this_language_has_not_is_refused(void **state)
{
    (void)state;
    refused("a: b\n---\nc: d\n", "2:1 syntax: a second document begins here",
            "a file holds one document: remove this line, or split the file");
    refused("a: b\n...\n---\nc: d\n", "3:1 syntax: a second document begins here", "");
    reported("a: !!str b\n", "1:4 syntax: tags are not part of this language",
             "quote a value that begins with '!'");
    reported("a: &x !y [b]\n", "1:7 syntax: tags are not part of this language", "");
    reported("!x\na: b\n", "1:1 syntax: tags are not part of this language", "");
    refused("a: !x!y z\n", "1:4 syntax: a value that begins with '!' needs quotes", "");
    reported("%YAML 1.1\n---\na: b\n", "1:1 syntax: directives are not part of this language", "");
    refused("%FOO x\n---\na: b\n", "1:1 syntax: directives are not part of this language", "");
    reported("a: &x {b: c}\nd:\n  <<: *x\n", "3:3 syntax: '<<' is not part of this language",
             "write the keys out");
}

static void keys_are_plain_text_and_given_once(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    reported("a: b\nc:\n  d: 1\n  e: 2\n  d: 3\n", "5:3 duplicate-key: key 'd' is given twice", "");
    reported("{a: b, \"a\": c}\n", "1:8 duplicate-key: key 'a' is given twice", "");
    reported("a: b\n?\n: c\n", "2:2 syntax: a key is missing here", "");
    reported("? |\n  a\n: b\n", "1:3 syntax: a key must be plain text, not a block", "");
    refused("? [a]\n: b\n", "1:3 syntax: a key must be plain text, not a list", "");
    refused("x: {{ a }}\n", "1:5 syntax: a key must be plain text, not a mapping",
            "quote a value that begins with '{'");
    refused("x: &k a\n*k : b\n", "2:1 syntax: a key must be plain text, not an alias", "");
    read_text(&f, STR("a: 1\na: 2\n"));
    assert_int_equal(f.root->count, 1);
    assert_str(f.root->pairs[0].value->text, "1");
    assert_int_equal(f.diags.items[0]->label_count, 1);
    assert_int_equal(f.diags.items[0]->labels[0].span.start, 0);
}

static void an_unquoted_placeholder_needs_quotes(void **state)
{
    (void)state;
    refused("a: {b: ${params.x}}\n", "1:8 syntax: a placeholder inside of { } or [ ] needs quotes",
            "quote the value: \"${params.x}\"");
    refused("a: ['${b}', x/${params.x}-y, z]\n",
            "1:13 syntax: a placeholder inside of { } or [ ] needs quotes",
            "quote the value: \"x/${params.x}-y\"");
}

static void a_value_with_a_first_character_of_yaml_needs_quotes(void **state)
{
    (void)state;
    refused("a: *.whl\n", "1:4 syntax: a value that begins with '*' needs quotes",
            "quote the value: '*.whl'");
    refused("a: *x\n", "1:4 syntax: unknown alias '*x'",
            "quote a value that begins with '*': '*x'");
    refused("a: && b\n", "1:4 syntax: a value that begins with '&' needs quotes",
            "quote the value: '&& b'");
    refused("a: @b c # d\n", "1:4 syntax: a value that begins with '@' needs quotes",
            "quote the value: '@b c'");
    refused("a: [@b, c]\n", "1:5 syntax: a value that begins with '@' needs quotes",
            "quote the value: '@b'");
    refused("a: `b`\n", "1:4 syntax: a value that begins with '`' needs quotes", "");
    refused("a: %b\n", "1:4 syntax: a value that begins with '%' needs quotes", "");
}

static void mistakes_of_syntax_are_told_in_plain_words(void **state)
{
    (void)state;
    refused("a: b: c\n", "1:5 syntax: a ': ' where no value can begin",
            "quote the value if ': ' is part of it; else check the indentation");
    refused("a:\n  b: c\n d: e\n", "3:2 syntax: this does not belong to the mapping above it", "");
    refused("a: \"b\" c\n", "1:8 syntax: this does not belong to the mapping above it", "");
    refused("a: b\nc\nd: e\n", "2:1 syntax: a key without a value", "");
    refused("a:\n  - b\n  c: d\n", "3:3 syntax: this does not belong to the list above it", "");
    refused("  a: b\nc: d\n", "2:1 syntax: this does not belong to what is above it",
            "check the indentation");
    refused("a: [b\nc: d\n", "2:2 syntax: expected ',' or ']' in a list", "");
    refused("a: {b: c\nd: e}\n", "2:2 syntax: expected ',' or '}' in a mapping", "");
    refused("a: [b,,c]\n", "1:7 syntax: a value is missing here", "");
    refused("a: - b\n", "1:4 syntax: a list cannot begin on the line of its key", "");
    refused("a: 'b\nc: d\n", "1:4 syntax: a quote that is never closed", "");
    refused("a: \"\\d\"\n", "1:5 syntax: an unknown escape in a text in double quotes",
            "in single quotes a backslash stands for itself");
    refused("a: |x\n  y\n", "1:5 syntax: text behind the '|' or '>' of a block", "");
}

static void places_count_characters(void **state)
{
    (void)state;
    refused("\xC3\xA9: '\xF0\x9F\x98\x80'\n\xE2\x82\xAC: b: c\n",
            "2:5 syntax: a ': ' where no value can begin", "");
}

static struct buf repeat(struct arena *arena, const char *text, size_t times)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < times; i++) {
        buf_add(&buf, str_from(text));
    }
    return buf;
}

static void a_file_of_more_than_a_mebibyte_is_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_add(&text, STR("a: "));
    buf_add_repeat(&text, 'x', DOCUMENT_BYTES_MAX - 4);
    buf_add_char(&text, '\n');
    assert_int_equal(text.n, DOCUMENT_BYTES_MAX);
    accept(&f, buf_str(&text).s);
    buf_add_char(&text, '\n');
    refused(buf_str(&text).s,
            "1:1 limit: the file has 1048577 bytes, more than the 1048576 that are allowed", "");
}

static void sixty_five_levels_are_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = repeat(&f.arena, "[", 64);

    (void)state;
    buf_add_char(&text, 'x');
    buf_add_repeat(&text, ']', 64);
    accept(&f, buf_str(&text).s);
    text = repeat(&f.arena, "[", 65);
    buf_add_repeat(&text, ']', 65);
    refused(buf_str(&text).s,
            "1:65 limit: the file has too many levels, more than the 64 that are allowed", "");
    text = repeat(&f.arena, "[", DOCUMENT_BYTES_MAX);
    refused(buf_str(&text).s,
            "1:65 limit: the file has too many levels, more than the 64 that are allowed", "");
    text = repeat(&f.arena, "- ", DOCUMENT_BYTES_MAX / 2);
    refused(buf_str(&text).s,
            "1:129 limit: the file has too many levels, more than the 64 that are allowed", "");
}

static void ten_thousand_values_are_the_most(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = repeat(&f.arena, "- x\n", 9999);

    (void)state;
    accept(&f, buf_str(&text).s);
    assert_int_equal(f.root->count, 9999);
    buf_add(&text, STR("- y\n"));
    refused(buf_str(&text).s,
            "10000:3 limit: the file has too many values, more than the 10000 that are allowed",
            "");
}

static void aliases_count_with_all_that_they_stand_for(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    /* 1 + 1 + 10, then 1 + 1 + 10 * 11, 1 + 1 + 10 * 111: "d" begins to overflow. */
    buf_add(&text, STR("a: &a [1,2,3,4,5,6,7,8,9,0]\n"));
    for (char level = 'b'; level <= 'd'; level++) {
        buf_addf(&text, "%c: &%c [", level, level);
        for (size_t i = 0; i < 10; i++) {
            buf_addf(&text, "%s*%c", i > 0 ? "," : "", level - 1);
        }
        buf_add(&text, STR("]\n"));
    }
    refused(buf_str(&text).s,
            "4:29 limit: the file has too many values, more than the 10000 that are allowed", "");
}

static void a_thousand_aliases_are_the_most(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_add(&text, STR("- &a x\n"));
    for (size_t i = 0; i < DOCUMENT_ALIASES_MAX; i++) {
        buf_add(&text, STR("- *a\n"));
    }
    accept(&f, buf_str(&text).s);
    assert_int_equal(f.root->count, 1001);
    buf_add(&text, STR("- *a\n"));
    refused(buf_str(&text).s,
            "1002:3 limit: the file has too many aliases, more than the 1000 that are allowed", "");
}

static void levels_count_through_aliases(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    /* 40 levels below the root, and an alias to them at 24 or 25. */
    for (size_t depth = 23; depth <= 24; depth++) {
        text.n = 0;
        buf_add(&text, STR("- &a "));
        buf_add_repeat(&text, '[', 40);
        buf_add_repeat(&text, ']', 40);
        buf_add(&text, STR("\n- "));
        buf_add_repeat(&text, '[', depth);
        buf_add(&text, STR(" *a "));
        buf_add_repeat(&text, ']', depth);
        if (depth == 23) {
            accept(&f, buf_str(&text).s);
        } else {
            refused(buf_str(&text).s,
                    "2:28 limit: with this alias the file has too many levels, more than the 64 "
                    "that are allowed",
                    "");
        }
    }
    /* 20 and 20 and 30 levels, the last behind an alias behind an alias. */
    text.n = 0;
    buf_add(&text, STR("- &a "));
    buf_add_repeat(&text, '[', 30);
    buf_add_repeat(&text, ']', 30);
    buf_add(&text, STR("\n- &b "));
    buf_add_repeat(&text, '[', 20);
    buf_add(&text, STR(" *a "));
    buf_add_repeat(&text, ']', 20);
    buf_add(&text, STR("\n- "));
    buf_add_repeat(&text, '[', 20);
    buf_add(&text, STR(" *b "));
    buf_add_repeat(&text, ']', 20);
    refused(buf_str(&text).s,
            "3:24 limit: with this alias the file has too many levels, more than the 64 that are "
            "allowed",
            "");
}

static void an_alias_inside_of_what_it_means_is_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    refused("a: &x [b, *x]\n", "1:11 syntax: alias '*x' stands inside of what it means", "");
    refused("&x {a: {b: *x}}\n", "1:12 syntax: alias '*x' stands inside of what it means", "");
    /* The newest of a name counts. */
    accept(&f, "a: &x [&x b, *x]\nc: *x\n");
    assert_str(node_find(f.root, "c")->text, "b");
}

static void every_rule_has_its_row(void **state)
{
    (void)state;
    for (int i = 0; i < RULE_COUNT; i++) {
        assert_true(strlen(RULES[i].id) > 0 && strlen(RULES[i].group) > 0);
        assert_true(strlen(RULES[i].summary) > 0);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(RULES[i].id, RULES[k].id);
        }
    }
    assert_string_equal(rule_id(RULE_UNKNOWN_KEY), "unknown-key");
}

static void line_ends_that_only_yaml_knows_are_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    refused("# \xC3\xA9\na: '\xE2\x82\xAC\xE2\x80\xA8'\n",
            "2:6 syntax: the line ends with U+2028, which only YAML knows",
            "remove it, or write \"\\u2028\" in a text in double quotes");
    refused("a: |\n  b\xE2\x80\xA9\n",
            "2:4 syntax: the line ends with U+2029, which only YAML knows", "");
    refused("# \xC2\x85"
            "a: b\n",
            "1:3 syntax: the line ends with U+0085, which only YAML knows", "");
    accept(&f, "a: \"\\u2028\xC3\x85\xE2\x80\xA7\"\n");
    assert_str(f.root->pairs[0].value->text, "\xE2\x80\xA8\xC3\x85\xE2\x80\xA7");
}

static void nul_is_refused_in_every_text_as_an_escape_too(void **state)
{
    static const char *const ESCAPES[] = {"\\0", "\\x00", "\\u0000", "\\U00000000"};
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ESCAPES); i++) {
        struct str text = str_format(&f.arena, "a:\n  - \"x\\\\0%sy\"\n", ESCAPES[i]);
        reported(text.s, "2:10 syntax: a text cannot hold NUL", "");
    }
    reported("\"a\\0b\": c\n", "1:3 syntax: a text cannot hold NUL", "");
    accept(&f, "a: '\\0'\n");
    assert_str(f.root->pairs[0].value->text, "\\0");
}

static void of_many_problems_the_first_hundred_are_kept(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_add_char(&text, '{');
    for (size_t i = 0; i < 1001; i++) {
        buf_add(&text, STR("a,"));
    }
    buf_add_char(&text, '}');
    read_text(&f, buf_str(&text));
    assert_int_equal(f.diags.count, DOCUMENT_PROBLEMS_MAX);
    assert_int_equal(f.diags.error_count, 1000);
    assert_int_equal(f.diags.dropped, 1000 - DOCUMENT_PROBLEMS_MAX);
    /* Those of what comes after are kept as ever. */
    diag_error(&f.diags, STATUS_MANIFEST, "r", (struct span){0}, "another");
    assert_int_equal(f.diags.count, DOCUMENT_PROBLEMS_MAX + 1);
}

/* The comments of a text, and in brackets its texts of several lines. */
static void remarks(const char *text, const char *expected)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    read_text(&f, str_from(text));
    struct remarks found = document_remarks(&f.arena, f.source);
    struct buf buf = buf_make(&f.arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < found.comment_count; i++) {
        buf_addf(&buf, "%.*s;", STR_ARG(spanned(&f, found.comments[i])));
    }
    for (size_t i = 0; i < found.long_text_count; i++) {
        buf_addf(&buf, "[%.*s]", STR_ARG(spanned(&f, found.long_texts[i])));
    }
    assert_str(buf_str(&buf), expected);
}

static void comments_are_told_from_what_looks_like_one(void **state)
{
    (void)state;
    remarks("# a\nx: y # b\n# c", "# a;# b;# c;");
    remarks("x: 'y # b' # c\n", "# c;");
    remarks("x: y#b\n", "");
    remarks("x: \"y\n # b\"\nz: 1 # c\n", "# c;[\"y\n # b\"]");
    remarks("x: | # head\n  # body\n  text\n# c\n", "# head;# c;[| # head\n  # body\n  text]");
    remarks("x: |\n  # body # no head\ny: 1\n", "[|\n  # body # no head]");
    remarks("x: [a, # b\n  # c\n  {d: e}] # f\n", "# b;# c;# f;");
    remarks("x: &a # b\n  y # c\nz: *a # d\n", "# b;# c;# d;");
    remarks("x: plain\n  goes on\ny: 1 # b\n", "# b;[plain\n  goes on]");
    remarks("x:\n- |-\n  a\n- b # c\n", "# c;[|-\n  a]");
}

static void of_a_broken_text_the_comments_before_the_problem_are_known(void **state)
{
    (void)state;
    remarks("# a\nx: y\nz: [ # b\n", "# a;");
    remarks("", "");
    remarks("\xff # a\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_stay_as_they_were_written),
        cmocka_unit_test(a_mapping_keeps_the_order_of_the_file),
        cmocka_unit_test(spans_cover_what_was_written),
        cmocka_unit_test(anchors_are_not_part_of_a_span),
        cmocka_unit_test(a_place_within_a_scalar_is_found_where_it_stands),
        cmocka_unit_test(bytes_that_are_no_manifest_are_named),
        cmocka_unit_test(a_merge_conflict_is_told_so),
        cmocka_unit_test(tabs_outside_of_text_are_refused),
        cmocka_unit_test(what_yaml_has_and_this_language_has_not_is_refused),
        cmocka_unit_test(keys_are_plain_text_and_given_once),
        cmocka_unit_test(an_unquoted_placeholder_needs_quotes),
        cmocka_unit_test(a_value_with_a_first_character_of_yaml_needs_quotes),
        cmocka_unit_test(mistakes_of_syntax_are_told_in_plain_words),
        cmocka_unit_test(places_count_characters),
        cmocka_unit_test(a_file_of_more_than_a_mebibyte_is_refused),
        cmocka_unit_test(sixty_five_levels_are_refused),
        cmocka_unit_test(ten_thousand_values_are_the_most),
        cmocka_unit_test(aliases_count_with_all_that_they_stand_for),
        cmocka_unit_test(a_thousand_aliases_are_the_most),
        cmocka_unit_test(levels_count_through_aliases),
        cmocka_unit_test(an_alias_inside_of_what_it_means_is_refused),
        cmocka_unit_test(every_rule_has_its_row),
        cmocka_unit_test(line_ends_that_only_yaml_knows_are_refused),
        cmocka_unit_test(nul_is_refused_in_every_text_as_an_escape_too),
        cmocka_unit_test(of_many_problems_the_first_hundred_are_kept),
        cmocka_unit_test(comments_are_told_from_what_looks_like_one),
        cmocka_unit_test(of_a_broken_text_the_comments_before_the_problem_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
