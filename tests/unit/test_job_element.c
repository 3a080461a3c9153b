#include "job_workspace.h"

#define HEAD(name) "job: " name "\nhelp: A job for tests.\n"
#define OTHER      "fedcba9876543210fedcba9876543210fedcba98"

#define MAKER                                                                                 \
    HEAD("maker")                                                                             \
    "params:\n"                                                                               \
    "  part: {type: enum, values: [a, b], default: a}\n"                                      \
    "  parts: {type: list, of: {type: enum, values: [x, y]}, default: [x]}\n"                 \
    "command: [make, \"${params.part}\", {each: \"${params.parts}\", args: [\"${each}\"]}]\n" \
    "outputs: {out: out/}\n"

static const struct job *bind(struct workspace *w, const char *input, bool good)
{
    write_manifest(w, "maker", MAKER);
    write_manifest(w, "use",
                   str_format(&w->arena,
                              HEAD("use") "params: {name: {type: string, default: n}}\n"
                                          "inputs: {x: {from: maker, %s}}\n"
                                          "command: [cat, {urls: x}, --, \"${params.name}\"]\n",
                              input)
                       .s);
    w->catalog = catalog_make(&w->arena, &w->context);
    return good ? bind_good(w, "use", NULL) : bind_job(w, "use", NULL);
}

static void assert_refused(struct workspace *w, const char *input, enum status status,
                           const char *words)
{
    assert_null(bind(w, input, false));
    assert_int_equal(w->diags.error_count, 1);
    if (!str_contains(w->diags.items[0]->message, str_from(words))) {
        fail_msg("'%s' is not in '%.*s'", words, STR_ARG(w->diags.items[0]->message));
    }
    assert_int_equal(w->diags.items[0]->status, status);
    assert_non_null(w->diags.items[0]->span.source);
}

static void the_row_of_a_value_gives_the_cells(void **state)
{
    struct workspace w CLEANUP(workspace_close);

    (void)state;
    workspace_open(&w);
    const struct job *job =
        bind(&w,
             "with: {part: [b, a]}, select: {part: {a: {f: \"1-${params.name}\"}, b: {f: d/2}}}, "
             "to: \"in/${with.f}/\"",
             true);
    assert_int_equal(job->inputs[0].element_count, 2);
    assert_str(job->inputs[0].elements[0].to, "in/d/2/");
    assert_str(job->inputs[0].elements[1].to, "in/1-n/");
    assert_str(job->inputs[0].elements[1].label, "part=a");
}

static void a_value_without_a_row_is_told(void **state)
{
    struct workspace w CLEANUP(workspace_close);

    (void)state;
    workspace_open(&w);
    assert_refused(
        &w, "with: {part: \"${params.name}\"}, select: {part: {a: {f: x}}}, to: \"${with.f}\"",
        STATUS_MANIFEST, "value 'n' of param 'part'");
    assert_refused(
        &w, "with: {parts: [x, y]}, select: {parts: {x: {f: a}, y: {f: b}}}, to: \"${with.f}\"",
        STATUS_MANIFEST, "the table of 'parts' has no row for 'x, y'");
}

static void a_full_id_is_the_commit_of_the_address(void **state)
{
    struct workspace w CLEANUP(workspace_close);

    (void)state;
    workspace_open(&w);
    const struct job *job = bind(&w, "commit: " OTHER, true);
    assert_str(job->inputs[0].elements[0].address.commit, OTHER);
    assert_str(job->address.commit, COMMIT);
    job = bind(&w, "to: in/", true);
    assert_str(job->inputs[0].elements[0].address.commit, COMMIT);
}

static void a_revision_that_is_not_known_is_told_by_who_gave_it(void **state)
{
    struct workspace w CLEANUP(workspace_close);

    (void)state;
    workspace_open(&w);
    assert_refused(&w, "commit: HEAD~1", STATUS_MANIFEST, "no git repository to look it up in");
    assert_refused(&w, "commit: \"${params.name}\"", STATUS_USAGE, "'n' is not a full commit id");
}

static void a_job_may_take_its_own_output_of_another_commit_alone(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    static const char text[] = HEAD("self") "inputs: {old: {from: self, commit: %s}}\n"
                                            "command: [cat, {urls: old}]\n"
                                            "outputs: {out: out/}\n";

    (void)state;
    workspace_open(&w);
    write_manifest(&w, "self", str_format(&w.arena, text, OTHER).s);
    const struct job *job = bind_good(&w, "self", NULL);
    assert_ptr_equal(job->inputs[0].elements[0].producer, job->manifest);
    write_manifest(&w, "self", str_format(&w.arena, text, COMMIT).s);
    w.catalog = catalog_make(&w.arena, &w.context);
    assert_null(bind_job(&w, "self", NULL));
    assert_true(str_contains(w.diags.items[0]->message, STR("made by this job itself")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_row_of_a_value_gives_the_cells),
        cmocka_unit_test(a_value_without_a_row_is_told),
        cmocka_unit_test(a_full_id_is_the_commit_of_the_address),
        cmocka_unit_test(a_revision_that_is_not_known_is_told_by_who_gave_it),
        cmocka_unit_test(a_job_may_take_its_own_output_of_another_commit_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
