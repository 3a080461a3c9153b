#include "manifest_lines.h"

#include "manifest/graph.h"

struct world {
    struct arena arena;
    struct diags diags;
    struct graph graph;
};

static void open_world(struct world *w)
{
    *w = (struct world){0};
    w->diags = diags_make(&w->arena);
    w->graph = graph_make(&w->arena, NULL);
}

static void add_to(struct world *w, const char *workspace, const char *name, const char *text)
{
    struct str whole = str_format(&w->arena, "job: %s\nhelp: h\n%s", name, text);
    const struct source *source =
        source_make(&w->arena, str_format(&w->arena, "%s.yaml", name), whole);

    graph_add(&w->graph, manifest_parse(&w->arena, source, str_from(name), NULL, &w->diags),
              str_from(workspace));
}

static void add(struct world *w, const char *name, const char *text)
{
    add_to(w, "", name, text);
}

/* Asserts all that is found, and ends the world. */
static void expect(struct world *w, const char *expected)
{
    const struct graph_options options = {0};

    graph_check(&w->graph, &options, &w->diags);
    assert_string_equal(lines_of(&w->arena, &w->diags).s, expected);
    arena_free(&w->arena);
}

#define BUILD                                                                     \
    "params:\n"                                                                   \
    "  os: {type: enum, values: [linux, macos], default: linux}\n"                \
    "  mode: {type: enum, values: [debug, release], default: debug}\n"            \
    "constraints: [{when: {os: macos}, require: {mode: release}, message: no}]\n" \
    "select: {os: {linux: {kind: elf}, macos: {kind: macho}}}\n"                  \
    "command: [x, \"${params.os}${params.mode}${vars.kind}\"]\n"                  \
    "outputs:\n"                                                                  \
    "  all: a\n"                                                                  \
    "  elf: {path: b, when: {kind: elf}}\n"

static void a_value_is_proved_through_vars_tables_and_conditions(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    add(&w, "build", BUILD);
    add(&w, "use",
        "params:\n"
        "  p: {type: enum, values: [a, b, c], default: a}\n"
        "  q: {type: bool, default: true}\n"
        "select: {p: {a: {os: linux}, b: {os: macos}, c: {os: windows}}}\n"
        "inputs:\n"
        "  x: {from: build, output: all, with: {os: '${vars.os}', mode: release}, to: x/, when: "
        "{q: "
        "true}}\n"
        "  y: {from: build, output: all, with: {os: '${vars.os}', mode: release}, to: y/, when: "
        "{p: "
        "{not: c}}}\n"
        "command: [x]\n"
        "env: {Q: '${params.q}'}\n");
    expect(&w, "8:44 with: value 'windows' of param 'os' of job 'build' is not one of linux, "
               "macos\n"
               "  @ 4:28 the values of job 'build'\n"
               "  = job 'use' gives it for p=c\n");
}

static void an_output_is_proved_with_what_its_condition_is_made_of(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    add(&w, "build", BUILD);
    add(&w, "use",
        "params:\n"
        "  os: {type: enum, values: [linux, macos], default: linux}\n"
        "  fast: {type: bool, default: true}\n"
        "constraints: [{when: {fast: true}, require: {os: linux}, message: no}]\n"
        "inputs:\n"
        "  bad: {from: build, output: elf, with: {os: '${params.os}', mode: release}, to: x/}\n"
        "  good: {from: build, output: elf, with: {os: '${params.os}', mode: release}, to: y/, "
        "when: "
        "{fast: true}}\n"
        "command: [x]\n");
    expect(&w, "8:30 output-when: job 'build' does not make output 'elf' when kind=macho\n"
               "  @ 11:24 it is made only when this holds\n"
               "  = job 'use' asks for it with os=macos\n"
               "  ? give the input a 'when' of its own, or other values in its 'with'\n");
}

static void a_constraint_of_the_producer_holds_for_its_consumers(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    add(&w, "build", BUILD);
    add(&w, "use",
        "inputs:\n"
        "  x: {from: build, output: all, with: {os: macos}, to: x/}\n"
        "  y: {from: build, output: all, with: {os: macos, mode: release}, to: y/}\n"
        "command: [x]\n");
    expect(&w, "4:40 with: job 'build' refuses os=macos, mode=debug: no\n"
               "  @ 6:44 required by this\n");
}

static void of_a_text_the_default_and_what_a_condition_names_are_proved(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    add(&w, "build",
        "params: {n: {type: int, min: 1, max: 9, default: 1}}\n"
        "command: [x, '${params.n}']\n"
        "outputs: {o: a}\n");
    add(&w, "use",
        "params:\n"
        "  a: {type: string, pattern: '.*', default: x}\n"
        "  b: {type: int, min: 1, max: 9, default: 2}\n"
        "  c: {type: int, default: 3}\n"
        "inputs:\n"
        "  a: {from: build, with: {n: '${params.a}'}, to: a/}\n"
        "  b: {from: build, with: {n: '${params.b}'}, to: b/}\n"
        "  c: {from: build, with: {n: '${params.c}'}, to: c/}\n"
        "  d: {from: build, with: {n: '${params.c}'}, to: d/, when: {c: [4, 10]}}\n"
        "  e: {from: build, with: {n: '${params.c}'}, to: e/, when: {c: [4, 5]}}\n"
        "command: [x]\n");
    expect(&w, "8:30 with: value 'x' of param 'n' of job 'build' is not a whole number\n"
               "  @ 3:10 the param of job 'build'\n"
               "  = job 'use' gives it for a=x\n"
               "10:30 ~wide-param: param 'c' takes more than param 'n' of job 'build': '0' is less "
               "than 1\n"
               "  @ 6:3 it takes '0'\n"
               "  @ 3:10 the param of job 'build'\n"
               "  ? declare 'c' as job 'build' does\n"
               "11:30 with: value '10' of param 'n' of job 'build' is more than 9\n"
               "  @ 3:10 the param of job 'build'\n"
               "  = job 'use' gives it for c=10\n");
}

static void every_cycle_is_found_once_however_long_it_is(void **state)
{
    enum { COUNT = 5000 };
    struct world w;

    (void)state;
    open_world(&w);
    for (size_t i = 0; i < COUNT; i++) {
        struct str name = str_format(&w.arena, "j%zu", i);
        struct str text = str_format(
            &w.arena, "inputs: {x: {from: j%zu, to: x/}}\ncommand: [x]\noutputs: {o: a}\n",
            (i + 1) % COUNT);
        add(&w, name.s, text.s);
    }
    add(&w, "z",
        "inputs: {x: {from: z, commit: HEAD~1, to: x/}, y: {from: j0, to: y/}}\ncommand: "
        "[x]\noutputs: {o: a}\n");
    graph_check(&w.graph, &(struct graph_options){0}, &w.diags);
    assert_int_equal(w.diags.count, 1);
    assert_true(str_starts(w.diags.items[0]->message, STR("jobs need one another: j0 -> j1 -> ")));
    assert_int_equal(w.diags.items[0]->label_count, DIAG_DETAILS_MAX);
    arena_free(&w.arena);
}

static void two_cycles_are_two_problems_and_an_edge_of_another_commit_is_none(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    add(&w, "a",
        "inputs: {b: {from: b, to: x/}, c: {from: c, to: y/}}\ncommand: [x]\noutputs: {o: a}\n");
    add(&w, "b", "inputs: {a: {from: a, to: x/, optional: true}}\ncommand: [x]\noutputs: {o: a}\n");
    add(&w, "c", "inputs: {d: {from: d, to: x/}}\ncommand: [x]\noutputs: {o: a}\n");
    add(&w, "d",
        "inputs: {c: {from: c, to: x/}, e: {from: e, to: y/}}\ncommand: [x]\noutputs: {o: a}\n");
    add(&w, "e", "inputs: {d: {from: d, commit: HEAD~1, to: x/}}\ncommand: [x]\noutputs: {o: a}\n");
    graph_check(&w.graph, &(struct graph_options){0}, &w.diags);
    diags_sort(&w.diags);
    assert_int_equal(w.diags.count, 2);
    assert_str(w.diags.items[0]->message, "jobs need one another: a -> b -> a");
    assert_str(w.diags.items[1]->message, "jobs need one another: c -> d -> c");
    arena_free(&w.arena);
}

static void names_are_told_apart_by_workspace(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    add_to(&w, "/here", "a", "command: [x]\n");
    add_to(&w, "/there", "a", "command: [x]\n");
    add_to(&w, "/here", "a", "command: [y]\n");
    expect(&w, "1:6 job-clash: job 'a' is declared by two manifests\n"
               "  @ 1:6 by this one too\n"
               "  = the outputs of both would have the same address\n"
               "  ? give one of them another name\n");
}

static void what_takes_too_long_is_said_once(void **state)
{
    struct world w;
    struct buf params, with, inputs;

    (void)state;
    open_world(&w);
    params = buf_make(&w.arena, BUF_MAX_DEFAULT);
    with = buf_make(&w.arena, BUF_MAX_DEFAULT);
    inputs = buf_make(&w.arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < 12; i++) {
        buf_addf(&params, "  p%zu: {type: bool, default: true}\n", i);
        buf_addf(&with, "${params.p%zu}", i);
    }
    for (size_t i = 0; i < 10; i++) {
        buf_addf(&inputs, "  x%zu: {from: build, with: {t: '%s'}, to: x%zu/}\n", i,
                 buf_str(&with).s, i);
    }
    add(&w, "build",
        "params: {t: {default: a}}\ncommand: [x, -t, '${params.t}']\noutputs: {o: a}\n");
    add(&w, "use",
        str_format(&w.arena, "params:\n%sinputs:\n%scommand: [x]\n", buf_str(&params).s,
                   buf_str(&inputs).s)
            .s);
    graph_check(&w.graph, &(struct graph_options){0}, &w.diags);
    assert_int_equal(w.diags.count, 1);
    assert_string_equal(w.diags.items[0]->rule, "unproved");
    assert_true(str_contains(w.diags.items[0]->notes[0], STR("200000 steps")));
    arena_free(&w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_proved_through_vars_tables_and_conditions),
        cmocka_unit_test(an_output_is_proved_with_what_its_condition_is_made_of),
        cmocka_unit_test(a_constraint_of_the_producer_holds_for_its_consumers),
        cmocka_unit_test(of_a_text_the_default_and_what_a_condition_names_are_proved),
        cmocka_unit_test(every_cycle_is_found_once_however_long_it_is),
        cmocka_unit_test(two_cycles_are_two_problems_and_an_edge_of_another_commit_is_none),
        cmocka_unit_test(names_are_told_apart_by_workspace),
        cmocka_unit_test(what_takes_too_long_is_said_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
