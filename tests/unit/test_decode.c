#include "manifest/decode.h"

#include "manifest/document.h"
#include "manifest/template.h"
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

/* The value behind "a: ". */
static const struct node *read_value(struct fixture *f, const char *value)
{
    f->diags = diags_make(&f->arena);
    f->source = source_make(&f->arena, STR("m.yaml"), str_format(&f->arena, "a: %s\n", value));
    f->root = document_parse(&f->arena, f->source, &f->diags);
    assert_int_equal(f->diags.count, 0);
    return f->root->pairs[0].value;
}

/* The only problem, as "column rule: message". */
static void check_said(struct fixture *f, const char *expected)
{
    assert_int_equal(f->diags.error_count, 1);
    const struct diag *d = f->diags.items[0];
    assert_str(str_format(&f->arena, "%zu %s: %.*s", source_place(f->source, d->span.start).column,
                          d->rule, STR_ARG(d->message)),
               expected);
}

static void the_values_of_known_keys_are_found(void **state)
{
    static const char *const KEYS[] = {"one", "two"};
    struct fixture f CLEANUP(fixture_free) = {0};
    const struct node *values[2];

    (void)state;
    const struct node *node = read_value(&f, "{two: x}");
    assert_true(decode_mapping(&f.arena, node, KEYS, 2, values, "thing 'a'", &f.diags));
    assert_null(values[0]);
    assert_str(values[1]->text, "x");
    assert_int_equal(f.diags.count, 0);
    assert_int_equal(source_place(f.source, decode_key_node(node, "two")->span.start).column, 5);
    assert_null(decode_key_node(node, "one"));
    assert_null(decode_key_node(values[1], "one"));
}

static void unknown_keys_are_told_with_the_known_ones(void **state)
{
    static const char *const KEYS[] = {"one", "two"};
    struct fixture f CLEANUP(fixture_free) = {0};
    const struct node *values[2];

    (void)state;
    const struct node *node = read_value(&f, "{xyzzy: x}");
    assert_true(decode_mapping(&f.arena, node, KEYS, 2, values, "thing 'a'", &f.diags));
    check_said(&f, "5 unknown-key: unknown key 'xyzzy' in thing 'a'");
    assert_str(f.diags.items[0]->helps[0], "known keys are: one, two");
    node = read_value(&f, "[x]");
    assert_false(decode_mapping(&f.arena, node, KEYS, 2, values, "thing 'a'", &f.diags));
    assert_null(values[0]);
    check_said(&f, "4 type: thing 'a' must be a mapping, not a list");
}

static void text_is_text_whatever_it_looks_like(void **state)
{
    static const char *const GOOD[][2] = {
        {"no", "no"}, {"1.10", "1.10"}, {"'null'", "null"}, {"'~'", "~"}, {"''", ""}};
    static const char *const BAD[][2] = {
        {"null", "4 type: 'a' must be text, not null"},
        {"~", "4 type: 'a' must be text, not ~"},
        {"", "3 type: the value of 'a' is missing"},
        {"[x]", "4 type: 'a' must be text, not a list"},
        {"{}", "4 type: 'a' must be text, not a mapping"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(GOOD); i++) {
        struct fixture f CLEANUP(fixture_free) = {0};
        struct str text = STR("?");
        assert_true(decode_text(read_value(&f, GOOD[i][0]), "'a'", &f.diags, &text));
        assert_str(text, GOOD[i][1]);
        assert_int_equal(f.diags.count, 0);
    }
    for (size_t i = 0; i < ARRAY_COUNT(BAD); i++) {
        struct fixture f CLEANUP(fixture_free) = {0};
        struct str text = STR("?");
        assert_false(decode_text(read_value(&f, BAD[i][0]), "'a'", &f.diags, &text));
        assert_str(text, "?");
        check_said(&f, BAD[i][1]);
    }
}

static void empty_text_can_be_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct str text;

    (void)state;
    assert_true(decode_filled(read_value(&f, "' '"), "'a'", &f.diags, &text));
    assert_false(decode_filled(read_value(&f, "''"), "'a'", &f.diags, &text));
    check_said(&f, "4 value: 'a' must not be empty");
}

static void a_truth_is_true_or_false(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    bool truth = false;

    (void)state;
    assert_true(decode_bool(read_value(&f, "true"), "'a'", &f.diags, &truth));
    assert_true(truth);
    assert_true(decode_bool(read_value(&f, "'false'"), "'a'", &f.diags, &truth));
    assert_false(truth);
    assert_false(decode_bool(read_value(&f, "True"), "'a'", &f.diags, &truth));
    check_said(&f, "4 type: 'a' must be true or false, not 'True'");
    assert_false(decode_bool(read_value(&f, ""), "'a'", &f.diags, &truth));
    check_said(&f, "3 type: the value of 'a' is missing");
}

static void numbers_are_decimal_and_in_range(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    int64_t whole = 0;
    double number = 0;

    (void)state;
    assert_true(decode_integer(read_value(&f, "'5'"), "'a'", 1, 5, &f.diags, &whole));
    assert_int_equal(whole, 5);
    assert_false(decode_integer(read_value(&f, "6"), "'a'", 1, 5, &f.diags, &whole));
    check_said(&f, "4 value: 'a' must be from 1 to 5");
    assert_false(decode_integer(read_value(&f, "0"), "'a'", 1, INT64_MAX, &f.diags, &whole));
    check_said(&f, "4 value: 'a' must be at least 1");
    assert_false(decode_integer(read_value(&f, "0x5"), "'a'", 1, 5, &f.diags, &whole));
    check_said(&f, "4 type: 'a' must be a whole number, not '0x5'");
    assert_false(decode_integer(read_value(&f, "05"), "'a'", 1, 5, &f.diags, &whole));
    check_said(&f, "4 type: 'a' must be a whole number without leading zeros");
    assert_int_equal(whole, 5);
    assert_true(decode_number(&f.arena, read_value(&f, "-2.5"), "'a'", &f.diags, &number));
    assert_true(number == -2.5);
    assert_false(decode_number(&f.arena, read_value(&f, "x"), "'a'", &f.diags, &number));
    check_said(&f, "4 type: 'a' must be a number, not 'x'");
}

static void lists_keep_the_items_that_are_good(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct str *texts;
    const struct node **nodes;
    const struct template **templates;
    size_t count;

    (void)state;
    assert_true(decode_text_list(&f.arena, read_value(&f, "[x, [y], z]"), "'a'", &f.diags, &texts,
                                 &nodes, &count));
    check_said(&f, "8 type: an item of 'a' must be text, not a list");
    assert_int_equal(count, 2);
    assert_str(texts[1], "z");
    assert_str(nodes[1]->text, "z");
    assert_true(decode_template_list(&f.arena, read_value(&f, "['${each}', null]"), "'a'", &f.diags,
                                     &templates, &count));
    check_said(&f, "16 type: an item of 'a' must be text, not null");
    assert_int_equal(count, 1);
    assert_int_equal(template_only_part(templates[0])->kind, PART_EACH);
    assert_false(
        decode_text_list(&f.arena, read_value(&f, "x"), "'a'", &f.diags, &texts, NULL, &count));
    check_said(&f, "4 type: 'a' must be a list, not text");
}

static void one_is_a_list_of_one(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    const struct node **items;
    size_t count = 9;

    (void)state;
    const struct node *node = read_value(&f, "x");
    assert_true(decode_one_or_more(&f.arena, node, "'a'", &f.diags, &items, &count));
    assert_int_equal(count, 1);
    assert_ptr_equal(items[0], node);
    assert_true(
        decode_one_or_more(&f.arena, read_value(&f, "[x, y]"), "'a'", &f.diags, &items, &count));
    assert_int_equal(count, 2);
    assert_false(
        decode_one_or_more(&f.arena, read_value(&f, "[]"), "'a'", &f.diags, &items, &count));
    check_said(&f, "4 value: 'a' must not be an empty list");
}

static void names_are_refused_with_their_rule(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    assert_true(decode_param_name(read_value(&f, "a-1"), "a param", &f.diags));
    assert_false(decode_param_name(read_value(&f, "A"), "a param", &f.diags));
    check_said(&f, "4 name: 'A' cannot be the name of a param");
    assert_true(decode_job_name(read_value(&f, "a.b_c"), "a job", &f.diags));
    assert_false(decode_job_name(read_value(&f, "a."), "a job", &f.diags));
    check_said(&f, "4 name: 'a.' cannot be the name of a job");
    assert_true(decode_env_name(read_value(&f, "A_1"), "a variable", &f.diags));
    assert_false(decode_env_name(read_value(&f, "A-1"), "a variable", &f.diags));
    check_said(&f, "4 name: 'A-1' cannot be the name of a variable");
    assert_int_equal(f.diags.items[0]->help_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_values_of_known_keys_are_found),
        cmocka_unit_test(unknown_keys_are_told_with_the_known_ones),
        cmocka_unit_test(text_is_text_whatever_it_looks_like),
        cmocka_unit_test(empty_text_can_be_refused),
        cmocka_unit_test(a_truth_is_true_or_false),
        cmocka_unit_test(numbers_are_decimal_and_in_range),
        cmocka_unit_test(lists_keep_the_items_that_are_good),
        cmocka_unit_test(one_is_a_list_of_one),
        cmocka_unit_test(names_are_refused_with_their_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
