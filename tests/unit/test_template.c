#include "manifest/template.h"

#include "base/error.h"
#include "manifest/document.h"
#include "test.h"

struct fixture {
    struct arena arena;
    struct diags diags;
    const struct source *source;
    const struct template *template;
};

static void fixture_free(struct fixture *f)
{
    arena_free(&f->arena);
}

/* The template of the first value of a mapping. */
static void parse_yaml(struct fixture *f, struct str yaml)
{
    f->diags = diags_make(&f->arena);
    f->source = source_make(&f->arena, STR("m.yaml"), str_copy(&f->arena, yaml));
    const struct node *root = document_parse(&f->arena, f->source, &f->diags);
    assert_int_equal(f->diags.count, 0);
    f->template = template_parse(&f->arena, root->pairs[0].value, &f->diags);
}

static void parse(struct fixture *f, const char *text)
{
    parse_yaml(f, str_format(&f->arena, "a: '%s'\n", text));
}

static struct str show(struct fixture *f, const struct diag *diag)
{
    struct place place = source_place(f->source, diag->span.start);

    return str_format(&f->arena, "%zu:%zu+%u %s: %.*s", place.line, place.column, diag->span.length,
                      diag->rule, STR_ARG(diag->message));
}

/* The text is refused with one error, and stays in the template as text. */
static void refused(const char *text, const char *expected, const char *help)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct str kept;

    parse(&f, text);
    assert_int_equal(f.diags.error_count, 1);
    assert_str(show(&f, f.diags.items[0]), expected);
    assert_int_equal(f.diags.items[0]->help_count, 1);
    assert_str(f.diags.items[0]->helps[0], help);
    assert_true(template_is_text(f.template, &kept));
    assert_str(kept, text);
}

static void text_without_placeholders_is_itself(void **state)
{
    static const char *const TEXTS[][2] = {
        {"", ""},         {"abc", "abc"},          {"$", "$"},          {"a$b$$", "a$b$$"},
        {"$(x)", "$(x)"}, {"$${HOME}", "${HOME}"}, {"$$${x}", "$${x}"}, {"$${", "${"},
        {"$x }", "$x }"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++) {
        struct fixture f CLEANUP(fixture_free) = {0};
        struct str text = {NULL, 1};
        parse(&f, TEXTS[i][0]);
        assert_int_equal(f.diags.count, 0);
        assert_true(template_is_text(f.template, &text));
        assert_str(text, TEXTS[i][1]);
        assert_non_null(text.s);
        assert_null(template_only_part(f.template));
    }
}

static void check_part(const char *text, enum part_kind kind, const char *name)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct str alone;

    parse(&f, text);
    assert_int_equal(f.diags.count, 0);
    const struct part *part = template_only_part(f.template);
    assert_non_null(part);
    assert_false(template_is_text(f.template, &alone));
    assert_int_equal(part->kind, kind);
    assert_str(part->name, name);
    assert_int_equal(part->span.start, 4);
    assert_int_equal(part->span.length, strlen(text));
}

static void every_placeholder_of_the_language_is_read(void **state)
{
    (void)state;
    check_part("${params.build-type}", PART_PARAM, "build-type");
    check_part("${vars.x2}", PART_VAR, "x2");
    check_part("${inputs.cli.path}", PART_INPUT, "cli");
    check_part("${inputs.path.path}", PART_INPUT, "path");
    check_part("${outputs.wheel.path}", PART_OUTPUT, "wheel");
    check_part("${outputs.a.b_c.path}", PART_OUTPUT, "a.b_c");
    check_part("${outputs.0.path.path}", PART_OUTPUT, "0.path");
    check_part("${with.file}", PART_WITH, "file");
    check_part("${each}", PART_EACH, "");
}

static void every_field_of_a_job_is_read(void **state)
{
    static const char *const FIELDS[] = {"name", "commit", "short-commit", "env", "root", "url"};
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(FIELDS); i++) {
        parse(&f, str_format(&f.arena, "${job.%s}", FIELDS[i]).s);
        assert_int_equal(f.diags.count, 0);
        assert_int_equal(template_only_part(f.template)->kind, PART_JOB);
        assert_int_equal(template_only_part(f.template)->field, i);
    }
}

static void parts_keep_their_order_and_places(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    parse_yaml(&f, STR("a: |\n  x $${y} ${vars.a}${each}\n  ${job.env} $\n"));
    assert_int_equal(f.diags.count, 0);
    assert_int_equal(f.template->count, 6);
    assert_str(f.template->parts[0].text, "x ${y} ");
    assert_int_equal(f.template->parts[1].kind, PART_VAR);
    assert_int_equal(f.template->parts[2].kind, PART_EACH);
    assert_str(f.template->parts[3].text, "\n");
    assert_int_equal(f.template->parts[4].kind, PART_JOB);
    assert_str(f.template->parts[5].text, " $\n");
    struct place place = source_place(f.source, f.template->parts[4].span.start);
    assert_int_equal(place.line, 3);
    assert_int_equal(place.column, 3);
    assert_int_equal(f.template->parts[4].span.length, 10);
    assert_null(template_only_part(f.template));
}

static void a_namespace_is_named_by_its_nearest(void **state)
{
    (void)state;
    refused("a ${param.x}", "1:7+10 placeholder: unknown placeholder '${param.x}'",
            "did you mean '${params.x}'?");
    refused("${output.x.path}", "1:5+16 placeholder: unknown placeholder '${output.x.path}'",
            "did you mean '${outputs.x.path}'?");
    refused("${eahc}", "1:5+7 placeholder: unknown placeholder '${eahc}'",
            "did you mean '${each}'?");
    refused("${var}", "1:5+6 placeholder: unknown placeholder '${var}'",
            "did you mean '${vars.NAME}'?");
    refused("${HOME}", "1:5+7 placeholder: unknown placeholder '${HOME}'",
            "write $${HOME} for the text itself");
    refused("${X:-default}", "1:5+13 placeholder: unknown placeholder '${X:-default}'",
            "write $${X:-default} for the text itself");
    refused("${}", "1:5+3 placeholder: an empty placeholder '${}'",
            "write $${} for the text itself");
}

static void a_field_is_named_by_its_nearest(void **state)
{
    (void)state;
    refused("${inputs.x}", "1:5+11 placeholder: a field is missing in '${inputs.x}'",
            "write ${inputs.x.path}");
    refused("${inputs.x.pth}", "1:5+15 placeholder: unknown field in '${inputs.x.pth}'",
            "write ${inputs.x.path}");
    refused("${outputs.a.b}", "1:5+14 placeholder: a field is missing in '${outputs.a.b}'",
            "write ${outputs.a.b.path}");
    refused("${job.comit}", "1:5+12 placeholder: unknown field in '${job.comit}'",
            "did you mean '${job.commit}'?");
    refused("${job}", "1:5+6 placeholder: unknown field in '${job}'",
            "a job has name, commit, short-commit, env, root, url");
    refused("${each.x}", "1:5+9 placeholder: unknown field in '${each.x}'", "write ${each}");
}

static void names_inside_have_the_form_of_names(void **state)
{
    (void)state;
    refused("${params.X}", "1:5+11 placeholder: no name can be as in '${params.X}'",
            "write ${params.NAME}, with the name of one of the params");
    refused("${vars.a.b}", "1:5+11 placeholder: no name can be as in '${vars.a.b}'",
            "write ${vars.NAME}, with the name of one of the vars");
    refused("${with.}", "1:5+8 placeholder: no name in '${with.}'",
            "write ${with.NAME}, with the name of one of the entries");
    refused("${inputs.9.path}", "1:5+16 placeholder: no name can be as in '${inputs.9.path}'",
            "write ${inputs.NAME.path}, with the name of one of the inputs");
    refused("${outputs.-a.path}", "1:5+18 placeholder: no name can be as in '${outputs.-a.path}'",
            "write ${outputs.NAME.path}, with the name of one of the outputs");
    refused("${ params.x }", "1:5+13 placeholder: white space in '${ params.x }'",
            "write ${params.x}");
}

static void a_placeholder_without_an_end_is_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    refused("a ${params.x b", "1:7+10 placeholder: placeholder '${params.x' is never closed",
            "add '}', or write $${params.x for the text itself");
    refused("${", "1:5+2 placeholder: placeholder '${' is never closed",
            "add '}', or write $${ for the text itself");
    parse(&f, "${params.x ${each}");
    assert_int_equal(f.diags.count, 1);
    assert_str(show(&f, f.diags.items[0]),
               "1:5+10 placeholder: placeholder '${params.x' is never closed");
    assert_int_equal(f.template->count, 2);
    assert_int_equal(f.template->parts[1].kind, PART_EACH);
}

static void every_mistake_of_a_text_is_reported(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    parse(&f, "${A} ${params.x} ${B}");
    assert_int_equal(f.diags.count, 2);
    assert_int_equal(f.template->count, 3);
    assert_str(f.template->parts[0].text, "${A} ");
    assert_str(f.template->parts[2].text, " ${B}");
}

static void texts_and_parts_have_a_limit(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_add_repeat(&text, 'x', TEMPLATE_BYTES_MAX);
    parse(&f, buf_str(&text).s);
    assert_int_equal(f.diags.count, 0);
    buf_add_char(&text, 'x');
    parse(&f, buf_str(&text).s);
    assert_int_equal(f.diags.count, 1);
    assert_str(show(&f, f.diags.items[0]),
               "1:4+65539 limit: the text has 65537 bytes, more than the 65536 that are allowed");
    text.n = 0;
    for (size_t i = 0; i < TEMPLATE_PARTS_MAX; i++) {
        buf_add(&text, STR("${each}"));
    }
    parse(&f, buf_str(&text).s);
    assert_int_equal(f.diags.count, 0);
    assert_int_equal(f.template->count, TEMPLATE_PARTS_MAX);
    buf_add(&text, STR("${each}"));
    parse(&f, buf_str(&text).s);
    assert_int_equal(f.diags.count, 1);
    assert_str(show(&f, f.diags.items[0]),
               "1:4+7009 limit: the text has more than 1000 texts and placeholders");
}

/* Params are their names in brackets, vars are null, `each` is refused. */
static int look_up(void *context, const struct part *part, struct arena *arena, struct str *value,
                   struct error *err)
{
    size_t *calls = context;

    ++*calls;
    if (part->kind == PART_EACH) {
        return error_set(err, ERROR_NOT_FOUND, "nothing here");
    }
    if (part->kind == PART_PARAM) {
        *value = str_format(arena, "<%.*s>", STR_ARG(part->name));
    } else if (part->kind == PART_WITH) {
        *value = str_copy(arena, (struct str){NULL, 0});
    } else if (part->kind == PART_JOB) {
        struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
        buf_add_repeat(&buf, 'x', TEMPLATE_EXPANDED_MAX / 2);
        *value = buf_str(&buf);
    }
    return 0;
}

static void placeholders_are_replaced_by_what_they_mean(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    size_t calls = 0;
    struct scope scope = {look_up, &calls};
    struct error err = {0};
    struct str text = {NULL, 0};

    (void)state;
    parse(&f, "a ${params.x}${params.y}$${z}");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), 0);
    assert_str(text, "a <x><y>${z}");
    assert_int_equal(calls, 2);
    parse(&f, "");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), 0);
    assert_str(text, "");
    assert_non_null(text.s);
    parse(&f, "${with.x}");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), 0);
    assert_non_null(text.s);
    assert_str(text, "");
}

static void null_is_a_whole_value_or_an_error(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    size_t calls = 0;
    struct scope scope = {look_up, &calls};
    struct error err = {0};
    struct str text = STR("old");

    (void)state;
    parse(&f, "${vars.x}");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), 0);
    assert_null(text.s);
    text = STR("old");
    parse(&f, "a${vars.x}");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), -1);
    assert_int_equal(err.kind, ERROR_MANIFEST);
    assert_string_equal(err.message, "'${vars.x}' is null inside of other text");
    assert_str(text, "old");
}

static void a_failed_look_up_and_a_huge_text_are_errors(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    size_t calls = 0;
    struct scope scope = {look_up, &calls};
    struct error err = {0};
    struct str text;

    (void)state;
    parse(&f, "${params.x}${each}${params.y}");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(calls, 2);
    parse(&f, "${job.name}${job.name}");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), 0);
    assert_int_equal(text.n, TEMPLATE_EXPANDED_MAX);
    parse(&f, "${job.name}${job.name}x");
    assert_int_equal(template_expand(f.template, &scope, &f.arena, &text, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void placeholders_in_scripts_are_found_one_after_another(void **state)
{
    static const struct str SCRIPT = {
        "echo ${HOME} ${params.x} $${vars.y}\n${jobs.z} ${with.a ${inputs.i.path}${each}", 78};
    static const char *const FOUND[] = {"${params.x}", "${vars.y}", "${with.", "${inputs.i.path}"};
    size_t from = 0, offset, length;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(FOUND); i++) {
        assert_true(template_find_in_script(SCRIPT, from, &offset, &length));
        assert_str(str_slice(SCRIPT, offset, length), FOUND[i]);
        from = offset + length;
    }
    assert_false(template_find_in_script(SCRIPT, from, &offset, &length));
    assert_false(template_find_in_script(STR("$"), 0, &offset, &length));
    assert_true(template_find_in_script(STR("${outputs.o.path}${job.x}"), 1, &offset, &length));
    assert_int_equal(offset, 17);
}

static void what_other_systems_write_is_told_apart(void **state)
{
    (void)state;
    refused("${{ matrix.x }}-b", "1:5+15 placeholder: jobrun has no '${{ }}'",
            "a param is ${params.NAME}");
    refused("a ${{ x", "1:7+3 placeholder: jobrun has no '${{ }}'", "a param is ${params.NAME}");
}

static void placeholders_do_not_nest(void **state)
{
    (void)state;
    refused("${vars.${params.m}}/x", "1:5+19 placeholder: placeholders do not nest",
            "a table in 'select' gives a var for each value of a param");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_without_placeholders_is_itself),
        cmocka_unit_test(every_placeholder_of_the_language_is_read),
        cmocka_unit_test(every_field_of_a_job_is_read),
        cmocka_unit_test(parts_keep_their_order_and_places),
        cmocka_unit_test(a_namespace_is_named_by_its_nearest),
        cmocka_unit_test(a_field_is_named_by_its_nearest),
        cmocka_unit_test(names_inside_have_the_form_of_names),
        cmocka_unit_test(a_placeholder_without_an_end_is_refused),
        cmocka_unit_test(every_mistake_of_a_text_is_reported),
        cmocka_unit_test(texts_and_parts_have_a_limit),
        cmocka_unit_test(placeholders_are_replaced_by_what_they_mean),
        cmocka_unit_test(null_is_a_whole_value_or_an_error),
        cmocka_unit_test(a_failed_look_up_and_a_huge_text_are_errors),
        cmocka_unit_test(placeholders_in_scripts_are_found_one_after_another),
        cmocka_unit_test(what_other_systems_write_is_told_apart),
        cmocka_unit_test(placeholders_do_not_nest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
