#include "test.h"

#include "base/diag.h"
#include "manifest/footprint.h"
#include "manifest/manifest.h"

static const struct manifest *parse(struct arena *arena, const char *body)
{
    struct diags diags = diags_make(arena);
    struct str text = str_format(arena, "job: t\nhelp: h\ncommand: [x]\n%s", body);
    const struct manifest *m =
        manifest_parse(arena, source_make(arena, STR("t.yaml"), text), STR("t"), NULL, &diags);

    assert_non_null(m);
    if (diags.error_count > 0) {
        fail_msg("%.*s", STR_ARG(diags.items[0]->message));
    }
    return m;
}

static struct str joined(struct arena *arena, struct footprint footprint)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < footprint.count; i++) {
        buf_addf(&buf, "%s%.*s", i > 0 ? " " : "", STR_ARG(footprint.globs[i]));
    }
    return buf_str(&buf);
}

static void expect_outputs(const char *body, const char *globs)
{
    struct arena arena CLEANUP(arena_free) = {0};

    assert_str(joined(&arena, footprint_of_outputs(parse(&arena, body), &arena)), globs);
}

static void expect_inputs(const char *body, const char *globs)
{
    struct arena arena CLEANUP(arena_free) = {0};

    assert_str(joined(&arena, footprint_of_inputs(parse(&arena, body), &arena)), globs);
}

static void a_job_without_outputs_has_none(void **state)
{
    (void)state;
    expect_outputs("", "");
    expect_inputs("", "");
}

static void literal_paths_are_themselves(void **state)
{
    (void)state;
    expect_outputs("outputs: {b: dist/*.whl, a: a.txt, c: folder/, d: a.txt.sig}\n",
                   "a.txt a.txt.sig dist/*.whl folder/**");
}

static void every_path_of_a_list_counts(void **state)
{
    (void)state;
    expect_outputs("outputs: {a: [b.txt, a/, \"c/*.whl\"]}\n", "a/** b.txt c/*.whl");
}

static void the_file_of_standard_output_is_a_product(void **state)
{
    (void)state;
    expect_outputs("stdout: said.txt\noutputs: {a: b.txt}\n", "b.txt said.txt");
}

static void finite_values_are_enumerated(void **state)
{
    (void)state;
    expect_outputs("params: {p: {type: enum, values: [x, y], default: x},\n"
                   "         b: {type: bool, default: true}}\n"
                   "outputs: {o: 'd/${params.p}-${params.p}-${params.b}.whl'}\n",
                   "d/x-x-false.whl d/x-x-true.whl d/y-y-false.whl d/y-y-true.whl");
}

static void the_cells_of_a_table_go_with_their_values(void **state)
{
    (void)state;
    expect_outputs("params: {p: {type: enum, values: [x, y], default: x}}\n"
                   "select: {p: {x: {c: a/b}, y: {c: 'q${params.p}'}}}\n"
                   "vars: {v: 'd/${vars.c}'}\n"
                   "outputs: {o: '${vars.v}/${params.p}/'}\n",
                   "d/a/b/x/** d/qy/y/**");
}

static void a_condition_leaves_out_its_values(void **state)
{
    (void)state;
    expect_outputs("params: {p: {type: enum, values: [x, y, z], default: x}}\n"
                   "select: {p: {x: {c: a}, y: {c: b}, z: {c: null}}}\n"
                   "outputs: {o: {path: 'd/${vars.c}', when: {p: {not: [z]}}},\n"
                   "          q: {path: 'e/${params.p}', when: {p: y}}}\n",
                   "d/a d/b e/y");
}

static void unknown_values_are_wildcards(void **state)
{
    (void)state;
    expect_outputs("params: {s: {required: true}, n: {type: int, default: 1}}\n"
                   "outputs: {a: 'd/${params.s}${params.n}/x', b: '${params.s}*.whl',\n"
                   "          c: 'e/${params.s}/**/f', d: '${job.name}/${job.commit}/'}\n",
                   "*.whl d/*/x e/*/**/f t/*/**");
}

static void a_path_value_takes_what_lies_behind_it(void **state)
{
    (void)state;
    expect_outputs("params: {p: {type: path, required: true}}\n"
                   "outputs: {a: 'd/e-${params.p}/x', b: '${params.p}/y'}\n",
                   "*/y d/**");
}

static void inputs_land_by_the_values_of_with(void **state)
{
    (void)state;
    expect_inputs("params: {p: {type: enum, values: [x, y], default: x},\n"
                  "         l: {type: list, of: {type: enum, values: [k, m]}, default: [k]},\n"
                  "         s: {type: list, of: {type: string}, default: [k]}}\n"
                  "inputs:\n"
                  "  a: {from: a, with: {f: '${params.p}'}, to: 'a/${with.f}/'}\n"
                  "  b: {from: a, with: {f: [u, 'v${params.p}']}, to: 'b/${with.f}.bin'}\n"
                  "  c: {from: a, with: {f: '${params.l}'}, to: 'c/${with.f}/'}\n"
                  "  d: {from: a, with: {f: '${params.s}'}, to: 'd/${with.f}/'}\n",
                  "a/x/** a/y/** b/u.bin b/vx.bin b/vy.bin c/k/** c/m/** d/*/**");
}

/* `count` enums of ten values and one output made of all of them. */
static const char *ten_to_the(struct arena *arena, int count, const char *more)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    buf_add(&buf, STR("params:\n"));
    for (int i = 0; i < count; i++) {
        buf_addf(&buf, "  p%d: {type: enum, values: [a,b,c,d,e,f,g,h,i,j], default: a}\n", i);
    }
    buf_add(&buf, STR("outputs:\n  o: d/"));
    for (int i = 0; i < count; i++) {
        buf_addf(&buf, "${params.p%d}", i);
    }
    buf_addf(&buf, "\n%s", more);
    return buf_str(&buf).s;
}

static void too_many_values_become_wildcards(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    const struct manifest *most = parse(&arena, ten_to_the(&arena, 3, ""));
    const struct manifest *over = parse(&arena, ten_to_the(&arena, 3, "  q: 'e/${params.p0}'\n"));
    const struct manifest *far_over = parse(&arena, ten_to_the(&arena, 9, ""));

    assert_int_equal(footprint_of_outputs(most, &arena).count, FOOTPRINT_MAX);
    assert_str(joined(&arena, footprint_of_outputs(over, &arena)), "d/* e/*");
    assert_str(joined(&arena, footprint_of_outputs(far_over, &arena)), "d/*");
}

static void texts_that_double_do_not_explode(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add(&buf, STR("vars:\n"));
    for (int i = 0; i < 500; i++) {
        buf_addf(&buf, "  v%d: ${vars.v%d}${vars.v%d}\n", i, i + 1, i + 1);
    }
    buf_add(&buf, STR("  v500: x\noutputs: {o: 'd/${vars.v0}', p: 'e/${vars.v499}'}\n"));
    assert_str(joined(&arena, footprint_of_outputs(parse(&arena, buf_str(&buf).s), &arena)),
               "d/** e/xx");
}

static void what_the_globs_match_is_covered(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    const struct manifest *m = parse(&arena, "params: {s: {required: true}}\n"
                                             "outputs: {a: 'dist/${params.s}/*.whl', b: out/}\n");
    const struct footprint footprint = footprint_of_outputs(m, &arena);
    const struct footprint none = footprint_of_inputs(m, &arena);

    assert_true(footprint_covers(&footprint, STR("dist/1.2/a.whl")));
    assert_true(footprint_covers(&footprint, STR("out/a/b/c")));
    assert_false(footprint_covers(&footprint, STR("dist/a.whl")));
    assert_false(footprint_covers(&footprint, STR("src/out/a")));
    assert_false(footprint_covers(&none, STR("dist/1.2/a.whl")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_without_outputs_has_none),
        cmocka_unit_test(literal_paths_are_themselves),
        cmocka_unit_test(every_path_of_a_list_counts),
        cmocka_unit_test(the_file_of_standard_output_is_a_product),
        cmocka_unit_test(finite_values_are_enumerated),
        cmocka_unit_test(the_cells_of_a_table_go_with_their_values),
        cmocka_unit_test(a_condition_leaves_out_its_values),
        cmocka_unit_test(unknown_values_are_wildcards),
        cmocka_unit_test(a_path_value_takes_what_lies_behind_it),
        cmocka_unit_test(inputs_land_by_the_values_of_with),
        cmocka_unit_test(too_many_values_become_wildcards),
        cmocka_unit_test(texts_that_double_do_not_explode),
        cmocka_unit_test(what_the_globs_match_is_covered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
