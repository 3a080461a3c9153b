#include "manifest_lines.h"

static void a_path_is_plainly_inside_of_the_workspace(void **state)
{
    (void)state;
    expect_lines("params: {text: {required: true}}\n"
                 "outputs:\n"
                 "  a: /abs\n"
                 "  b: a/../b\n"
                 "  c: ./x\n"
                 "  d: a//b\n"
                 "  e: 'a\\b'\n"
                 "  f: \"a\\tb\"\n"
                 "  g: ''\n"
                 "  h: .\n"
                 "  i: a/./b\n"
                 "  j: /\n"
                 "  k: .git/x\n"
                 "  l: .jobrun/x\n"
                 "  m: sub/.GIT/x\n"
                 "  n: a//\n"
                 "command: ['${params.text}']\n",
                 "5:6 path: the path of output 'a' is absolute\n"
                 "  ? paths are relative to the workspace root\n"
                 "6:8 path: the path of output 'b' holds '..'\n"
                 "  ? paths stay inside of the workspace\n"
                 "7:6 path: the path of output 'c' holds '.'\n"
                 "  ? write 'x'\n"
                 "8:8 path: the path of output 'd' has an empty segment\n"
                 "  ? write one '/' between folders\n"
                 "9:8 path: the path of output 'e' holds a backslash\n"
                 "  ? write '/' between folders\n"
                 "10:6 path: the path of output 'f' holds a control character\n"
                 "11:7 path: the path of output 'g' is empty\n"
                 "12:6 path: the path of output 'h' holds '.'\n"
                 "13:8 path: the path of output 'i' holds '.'\n"
                 "14:6 path: the path of output 'j' is absolute\n"
                 "  ? paths are relative to the workspace root\n"
                 "15:6 path: the path of output 'k' leads into '.git'\n"
                 "16:6 path: the path of output 'l' leads into '.jobrun'\n"
                 "17:10 path: the path of output 'm' leads into '.GIT'\n"
                 "18:8 path: the path of output 'n' has an empty segment\n"
                 "  ? write one '/' between folders\n");
}

static void what_stands_around_placeholders_is_enough_to_tell(void **state)
{
    (void)state;
    expect_lines("params: {text: {required: true}}\n"
                 "outputs:\n"
                 "  a: ${params.text}/../x\n"
                 "  b: ../${params.text}\n"
                 "  c: ./${params.text}/x\n"
                 "  d: ${params.text}//x\n"
                 "  e: /${params.text}\n"
                 "command: [x]\n",
                 "5:21 path: the path of output 'a' holds '..'\n"
                 "  ? paths stay inside of the workspace\n"
                 "6:6 path: the path of output 'b' holds '..'\n"
                 "  ? paths stay inside of the workspace\n"
                 "7:6 path: the path of output 'c' holds '.'\n"
                 "  ? leave './' out\n"
                 "8:21 path: the path of output 'd' has an empty segment\n"
                 "  ? write one '/' between folders\n"
                 "9:6 path: the path of output 'e' is absolute\n"
                 "  ? paths are relative to the workspace root\n");
}

static void good_paths_are_good(void **state)
{
    (void)state;
    expect_lines("params: {text: {required: true}}\n"
                 "inputs: {i: {from: a, to: a/b/}}\n"
                 "outputs:\n"
                 "  a: a/\n"
                 "  b: a/**/b/*.whl\n"
                 "  c: ${params.text}.${params.text}\n"
                 "  d: '[ab]/?..x'\n"
                 "  e: .github/x\n"
                 "  f: $${x\n"
                 "workdir: a/b/\n"
                 "command: [x]\n",
                 "");
}

static void wildcards_stand_in_the_paths_of_outputs_alone(void **state)
{
    (void)state;
    expect_lines(
        "inputs: {a: {from: a, to: 'a/*'}, b: {from: a, to: ./b/}, c: {from: a, to: ../c}}\n"
        "workdir: w?\n"
        "outputs: {a: 'a/[b'}\n"
        "command: [x]\n",
        "3:28 path: 'to' of input 'a' holds a wildcard\n"
        "  ? wildcards are for 'clean' and the paths of outputs\n"
        "3:52 path: 'to' of input 'b' holds '.'\n"
        "  ? write 'b/'\n"
        "3:76 path: 'to' of input 'c' holds '..'\n"
        "  ? paths stay inside of the workspace\n"
        "4:10 path: 'workdir' holds a wildcard\n"
        "  ? wildcards are for 'clean' and the paths of outputs\n"
        "5:15 pattern: the path of output 'a' is no pattern of paths: unclosed '['\n");
}

static void a_path_is_judged_for_all_values(void **state)
{
    (void)state;
    expect_lines("params: {mode: {type: enum, values: [pypi, pr], default: pr}}\n"
                 "vars: {up: '../${params.mode}', abs: /x}\n"
                 "select: {mode: {pypi: {d: .., g: '*.whl', n: null}, pr: {d: a, g: b, n: ..}}}\n"
                 "outputs:\n"
                 "  a: ${vars.up}/x\n"
                 "  b: a/${vars.d}/x\n"
                 "  c: ${vars.abs}\n"
                 "  d: x/${vars.g}\n"
                 "  e: {path: 'a/${vars.d}/y', when: {mode: pr}}\n"
                 "  f: {path: 'b/${vars.n}', when: {mode: {not: pypi}}}\n"
                 "workdir: ${vars.g}\n"
                 "inputs: {i: {from: a, with: {p: [.., b]}, to: 'x/${with.p}/'}}\n"
                 "command: [x]\n",
                 "7:6 path: the path of output 'a' becomes '../pypi/x', which holds '..'\n"
                 "  = with mode=pypi\n"
                 "8:6 path: the path of output 'b' becomes 'a/../x', which holds '..'\n"
                 "  = with mode=pypi\n"
                 "9:6 path: the path of output 'c' becomes '/x', which is absolute\n"
                 "12:13 path: the path of output 'f' becomes 'b/..', which holds '..'\n"
                 "  = with mode=pr\n"
                 "13:10 path: 'workdir' becomes '*.whl', which holds a wildcard\n"
                 "  = with mode=pypi\n"
                 "14:47 path: 'to' of input 'i' becomes 'x/../', which holds '..'\n");
}

static void a_path_with_an_unknown_name_is_reported_once(void **state)
{
    (void)state;
    expect_lines("outputs: {a: '${params.x}/..', b: '${vars.y}', c: 'x/${params.x'}\n"
                 "command: [x]\n",
                 "3:15 reference: there is no param 'x'\n"
                 "  ? the manifest declares no param\n"
                 "3:27 path: the path of output 'a' holds '..'\n"
                 "  ? paths stay inside of the workspace\n"
                 "3:36 reference: there is no var 'y'\n"
                 "  ? the manifest declares no var\n"
                 "3:54 placeholder: placeholder '${params.x' is never closed\n"
                 "  ? add '}', or write $${params.x for the text itself\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_plainly_inside_of_the_workspace),
        cmocka_unit_test(what_stands_around_placeholders_is_enough_to_tell),
        cmocka_unit_test(good_paths_are_good),
        cmocka_unit_test(wildcards_stand_in_the_paths_of_outputs_alone),
        cmocka_unit_test(a_path_is_judged_for_all_values),
        cmocka_unit_test(a_path_with_an_unknown_name_is_reported_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
