#include "manifest_lines.h"

#include "base/error.h"

struct shelf {
    const struct source *sources[2]; /* of a.yaml and b.yaml */
};

static int read_shelf(void *context, struct str path, const struct source **source,
                      struct error *err)
{
    struct shelf *shelf = context;

    if (!str_is(path, "a.yaml") && !str_is(path, "b.yaml")) {
        return error_set(err, ERROR_NOT_FOUND, "there is no '%.*s'", STR_ARG(path));
    }
    *source = shelf->sources[str_is(path, "b.yaml")];
    return 0;
}

static const struct manifest *parse(struct arena *arena, const char *text, const char *a,
                                    const char *b, struct diags *diags)
{
    struct shelf shelf = {{source_make(arena, STR("a.yaml"), str_from(a)),
                           source_make(arena, STR("b.yaml"), str_from(b))}};
    const struct fragment_reader reader = {.read = read_shelf, .context = &shelf};
    struct str whole = str_format(arena, "job: t\nhelp: h\n%s", text);

    return manifest_parse(arena, source_make(arena, STR("t.yaml"), whole), STR("t"), &reader,
                          diags);
}

static void expect(const char *text, const char *a, const char *b, const char *expected)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);

    parse(&arena, text, a, b, &diags);
    assert_str(lines_of(&arena, &diags), expected);
}

static void fragments_come_before_the_manifest_in_their_order(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct manifest *m = parse(&arena,
                                     "include: [b.yaml, a.yaml]\n"
                                     "vars: {own: 'x${vars.of-b}${vars.c}'}\n"
                                     "select: {p: {x: {d: 1}, y: {d: 2}}}\n"
                                     "env: {E: t}\n"
                                     "command: [x, '${vars.own}', '${vars.d}']\n",
                                     "params: {p: {type: enum, values: [x, y], default: x}}\n"
                                     "env: {E: a}\n",
                                     "vars: {of-b: b}\n"
                                     "select: {p: {y: {c: 1}, x: {c: 2}}}\n"
                                     "env: {E: b}\n",
                                     &diags);

    assert_str(lines_of(&arena, &diags), "");
    assert_int_equal(m->param_count, 1);
    assert_str(m->params[0]->span.source->name, "a.yaml");
    assert_int_equal(m->var_count, 4);
    assert_str(m->vars[0].name, "of-b");
    assert_str(m->vars[1].name, "own");
    assert_int_equal(m->select_count, 1);
    assert_int_equal(m->selects[0].row_count, 2);
    assert_int_equal(m->selects[0].rows[0].column_count, 2);
    assert_int_equal(m->env_count, 3);
    assert_str(m->env[0].span.source->name, "b.yaml");
    assert_str(m->env[2].span.source->name, "t.yaml");
}

static void without_a_reader_nothing_is_included(void **state)
{
    (void)state;
    expect_lines("include: [a.yaml]\ncommand: [x, '${params.p}']\n",
                 "3:11 include: nothing can be included here\n");
    expect_lines("include: a.yaml\ncommand: [x]\n",
                 "3:10 type: 'include' must be a list, not text\n"
                 "  ? a list of one is written in brackets too: [...]\n");
}

static void paths_are_plain_texts(void **state)
{
    (void)state;
    expect("include: ['', '/a', 'b${params.p}', [x], c.yaml]\ncommand: [x]\n", "", "",
           "3:11 value: an item of 'include' must not be empty\n"
           "3:15 path: the path of a fragment must not be absolute\n"
           "  ? write it from the manifest's folder\n"
           "3:23 placeholder: a placeholder cannot stand in 'include'\n"
           "  ? fragments are read before params have values\n"
           "3:37 type: an item of 'include' must be text, not a list\n"
           "3:42 include: there is no 'c.yaml'\n");
}

static void what_is_defined_in_two_fragments_is_refused(void **state)
{
    (void)state;
    expect("include: [a.yaml, b.yaml]\ncommand: [x, '${vars.v}']\n", "vars: {v: a}\n",
           "vars: {v: b}\n",
           "1:8 conflict: var 'v' is defined twice\n  @ 1:8 first defined here\n");
    expect("include: [a.yaml, a.yaml]\ncommand: [x]\n", "vars: {v: a}\n", "",
           "3:19 include: 'a.yaml' is included twice\n  @ 3:11 first included here\n");
}

static void what_a_fragment_cannot_hold_is_not_read(void **state)
{
    (void)state;
    expect("include: [a.yaml]\n"
           "params: {p: {type: int, default: 1}}\n"
           "inputs: {i: {from: j, to: i}}\n"
           "outputs: {o: o}\n"
           "constraints: [{require: {p: 1}, message: m}]\n"
           "command: [x, '${inputs.of-a.path}', '${outputs.of-a.path}']\n",
           "constraints: [x, x, x]\n"
           "inputs: {of-a: x, b: x, c: x}\n"
           "outputs: {of-a: /, b: /, c: /}\n",
           "",
           "1:1 unknown-key: a fragment cannot have the key 'constraints'\n"
           "  @ 3:11 included here\n"
           "  ? a fragment may hold params, vars, select and env\n"
           "2:1 unknown-key: a fragment cannot have the key 'inputs'\n"
           "  @ 3:11 included here\n"
           "  ? a fragment may hold params, vars, select and env\n"
           "3:1 unknown-key: a fragment cannot have the key 'outputs'\n"
           "  @ 3:11 included here\n"
           "  ? a fragment may hold params, vars, select and env\n");
}

static void the_limit_of_names_is_that_of_all_files_together(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf a = buf_make(&arena, BUF_MAX_DEFAULT), b = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add(&a, STR("vars:\n"));
    buf_add(&b, STR("vars:\n"));
    for (int i = 0; i < 600; i++) {
        buf_addf(&a, "  a%d: x\n", i);
        buf_addf(&b, "  b%d: x\n", i);
    }
    expect("include: [a.yaml, b.yaml]\ncommand: [x]\n", buf_str(&a).s, buf_str(&b).s,
           "402:3 limit: 'vars' has more than 1000 entries\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_come_before_the_manifest_in_their_order),
        cmocka_unit_test(without_a_reader_nothing_is_included),
        cmocka_unit_test(paths_are_plain_texts),
        cmocka_unit_test(what_is_defined_in_two_fragments_is_refused),
        cmocka_unit_test(what_a_fragment_cannot_hold_is_not_read),
        cmocka_unit_test(the_limit_of_names_is_that_of_all_files_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
