#include "manifest_lines.h"

static void unknown_names_are_reported_with_the_nearest(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {one: a, two: '${params.one}'}\n"
                 "inputs: {bin: {from: a, to: a/}}\n"
                 "outputs: {out: a/b}\n"
                 "command:\n"
                 "  - ${params.mdoe}\n"
                 "  - ${vars.on}\n"
                 "  - ${inputs.bni.path}\n"
                 "  - ${outputs.uot.path}\n"
                 "  - ${params.zzzzz}\n"
                 "  - {files: bn}\n"
                 "  - {each: '${params.lits}', args: ['${each}']}\n"
                 "  - {when: {fsat: true}, args: [x]}\n"
                 "  - ${params.text}${params.n}${vars.two}\n",
                 "9:22 reference: there is no param 'one'\n"
                 "  ? 'one' is a var: ${vars.one}\n"
                 "13:5 reference: there is no param 'mdoe'\n"
                 "  ? did you mean 'mode'?\n"
                 "14:5 reference: there is no var 'on'\n"
                 "  ? did you mean 'one'?\n"
                 "15:5 reference: there is no input 'bni'\n"
                 "  ? did you mean 'bin'?\n"
                 "16:5 reference: there is no output 'uot'\n"
                 "  ? did you mean 'out'?\n"
                 "17:5 reference: there is no param 'zzzzz'\n"
                 "  ? declared: mode, fast, list, text, n\n"
                 "18:13 reference: there is no input 'bn'\n"
                 "  ? did you mean 'bin'?\n"
                 "19:13 reference: there is no param 'lits'\n"
                 "  ? did you mean 'list'?\n"
                 "20:13 reference: there is no param or var 'fsat'\n"
                 "  ? did you mean 'fast'?\n");
}

static void a_missing_name_is_reported_once(void **state)
{
    (void)state;
    expect_lines("command: ['${params.x}', '-${params.x}', '${vars.x}']\n",
                 "3:12 reference: there is no param 'x'\n"
                 "  @ 3:28 used here too\n"
                 "  ? the manifest declares no param\n"
                 "3:43 reference: there is no var 'x'\n"
                 "  ? the manifest declares no var\n");
}

static void an_element_stands_in_its_item_alone(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "env: {A: '${each}'}\n"
                 "workdir: ${each}\n"
                 "outputs: {o: '${each}'}\n"
                 "command:\n"
                 "  - x${params.mode}${params.text}${params.n}\n"
                 "  - {when: {fast: true}, args: ['${each}']}\n"
                 "  - {each: '${params.list}', args: ['=${each}']}\n"
                 "  - ${each}\n",
                 "9:11 placeholder: '${each}' cannot stand in the variable 'A'\n"
                 "  ? '${each}' is known in the 'args' of an item with 'each' only\n"
                 "10:10 placeholder: '${each}' cannot stand in 'workdir'\n"
                 "  ? '${each}' is known in the 'args' of an item with 'each' only\n"
                 "11:15 placeholder: '${each}' cannot stand in the path of output 'o'\n"
                 "  ? '${each}' is known in the 'args' of an item with 'each' only\n"
                 "14:34 placeholder: '${each}' cannot stand in an item of 'command'\n"
                 "  ? '${each}' is known in the 'args' of an item with 'each' only\n"
                 "16:5 placeholder: '${each}' cannot stand in an item of 'command'\n"
                 "  ? '${each}' is known in the 'args' of an item with 'each' only\n");
}

static void each_needs_a_list(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "command: ['${params.mode}${params.n}${params.fast}', {each: '${params.text}', "
                 "args: ['${each}']}, {each: '${params.list}', args: [a]}]\n",
                 "9:62 placeholder: 'each' needs a list, and param 'text' is of type string\n"
                 "  @ 7:3 declared here\n");
}

static void with_stands_in_the_place_of_its_input_alone(void **state)
{
    (void)state;
    expect_lines(
        "inputs:\n"
        "  x: {from: a, with: {p: b, q: '${with.p}'}, to: 'x/${with.q}/${with.pp}/'}\n"
        "  y: {from: a, to: 'y/${with.p}/'}\n"
        "env: {A: '${with.p}'}\n"
        "command: [x]\n",
        "4:33 placeholder: '${with.p}' cannot stand in the 'with' value 'q'\n"
        "  ? the values of 'with' are known in 'to', 'commit' and 'else' of their input only\n"
        "4:63 reference: input 'x' has no 'pp' in its 'with'\n"
        "  ? did you mean 'p'?\n"
        "5:23 reference: input 'y' has no 'p' in its 'with'\n"
        "6:11 placeholder: '${with.p}' cannot stand in the variable 'A'\n"
        "  ? the values of 'with' are known in 'to', 'commit' and 'else' of their input only\n");
}

static void the_path_of_an_input_stands_in_commands_variables_and_vars(void **state)
{
    (void)state;
    expect_lines("vars: {v: '${inputs.x.path}/z', w: 'a/${vars.v}'}\n"
                 "inputs:\n"
                 "  x: {from: a, to: a/}\n"
                 "  y: {from: a, with: {p: '${inputs.x.path}', q: '${vars.w}'}, to: "
                 "'b/${inputs.x.path}/${vars.w}/'}\n"
                 "outputs: {o: '${inputs.x.path}/${vars.w}'}\n"
                 "workdir: ${inputs.x.path}/${vars.v}\n"
                 "env: {A: '${inputs.x.path}${vars.w}'}\n"
                 "command: [x, '${inputs.x.path}${vars.w}']\n",
                 "6:27 placeholder: '${inputs.x.path}' cannot stand in the 'with' value 'p'\n"
                 "  ? the path of an input can stand in 'command', 'env' and 'vars'\n"
                 "6:50 placeholder: '${vars.w}' is made of '${inputs.x.path}', which cannot stand "
                 "in the 'with' value 'q'\n"
                 "  @ 3:12 brought in here\n"
                 "6:70 placeholder: '${inputs.x.path}' cannot stand in 'to' of input 'y'\n"
                 "  ? the path of an input can stand in 'command', 'env' and 'vars'\n"
                 "6:87 placeholder: '${vars.w}' is made of '${inputs.x.path}', which cannot stand "
                 "in 'to' of input 'y'\n"
                 "  @ 3:12 brought in here\n"
                 "7:15 placeholder: '${inputs.x.path}' cannot stand in the path of output 'o'\n"
                 "  ? the path of an input can stand in 'command', 'env' and 'vars'\n"
                 "7:32 placeholder: '${vars.w}' is made of '${inputs.x.path}', which cannot stand "
                 "in the path of output 'o'\n"
                 "  @ 3:12 brought in here\n"
                 "8:10 placeholder: '${inputs.x.path}' cannot stand in 'workdir'\n"
                 "  ? the path of an input can stand in 'command', 'env' and 'vars'\n"
                 "8:27 placeholder: '${vars.v}' is made of '${inputs.x.path}', which cannot stand "
                 "in 'workdir'\n"
                 "  @ 3:12 brought in here\n");
}

static void the_path_of_an_output_stands_in_the_working_folder_too(void **state)
{
    (void)state;
    expect_lines("vars: {v: '${outputs.o.path}'}\n"
                 "inputs:\n"
                 "  y: {from: a, with: {p: '${outputs.o.path}', q: '${vars.v}'}, to: "
                 "'b/${outputs.o.path}${vars.v}/'}\n"
                 "outputs: {o: a, p: '${outputs.o.path}', q: '${vars.v}'}\n"
                 "workdir: ${outputs.o.path}/${vars.v}\n"
                 "env: {A: '${outputs.o.path}${vars.v}'}\n"
                 "command: [x, '${outputs.o.path}']\n",
                 "5:27 placeholder: '${outputs.o.path}' cannot stand in the 'with' value 'p'\n"
                 "  ? the path of an output can stand in 'command', 'env', 'vars', 'clean', "
                 "'stdout' and 'workdir'\n"
                 "5:51 placeholder: '${vars.v}' is made of '${outputs.o.path}', which cannot stand "
                 "in the 'with' value 'q'\n"
                 "  @ 3:12 brought in here\n"
                 "5:71 placeholder: '${outputs.o.path}' cannot stand in 'to' of input 'y'\n"
                 "  ? the path of an output can stand in 'command', 'env', 'vars', 'clean', "
                 "'stdout' and 'workdir'\n"
                 "5:88 placeholder: '${vars.v}' is made of '${outputs.o.path}', which cannot stand "
                 "in 'to' of input 'y'\n"
                 "  @ 3:12 brought in here\n"
                 "6:21 placeholder: '${outputs.o.path}' cannot stand in the path of output 'p'\n"
                 "  ? the path of an output can stand in 'command', 'env', 'vars', 'clean', "
                 "'stdout' and 'workdir'\n"
                 "6:45 placeholder: '${vars.v}' is made of '${outputs.o.path}', which cannot stand "
                 "in the path of output 'q'\n"
                 "  @ 3:12 brought in here\n");
}

static void no_path_is_made_of_addresses(void **state)
{
    (void)state;
    expect_lines("vars: {v: '${job.root}/a'}\n"
                 "inputs: {y: {from: a, with: {p: '${job.url}'}, to: '${job.url}/'}}\n"
                 "outputs: {o: '${job.root}/x', p: '${vars.v}', q: "
                 "'a/${job.name}-${job.commit}-${job.short-commit}-${job.env}'}\n"
                 "command: [x, '${job.root}${job.url}${vars.v}']\n",
                 "4:53 placeholder: '${job.url}' cannot stand in 'to' of input 'y'\n"
                 "  ? paths are relative to the workspace root\n"
                 "5:15 placeholder: '${job.root}' cannot stand in the path of output 'o'\n"
                 "  ? paths are relative to the workspace root\n"
                 "5:35 placeholder: '${vars.v}' is made of '${job.root}', which cannot stand in "
                 "the path of output 'p'\n"
                 "  @ 3:12 brought in here\n");
}

static void a_list_stands_in_no_text(void **state)
{
    (void)state;
    expect_lines(
        "params:\n"
        "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
        "  fast: {type: bool, default: false}\n"
        "  list: {type: list, of: {type: string}, default: [a]}\n"
        "  text: {required: true}\n"
        "  n: {type: int, min: 1, max: 9, default: 1}\n"
        "vars: {v: '${params.list}'}\n"
        "inputs:\n"
        "  x:\n"
        "    from: a\n"
        "    to: ${params.list}/\n"
        "    with:\n"
        "      a: ${params.list}\n"
        "      b: x${params.list}\n"
        "      c: ['${params.list}']\n"
        "env: {A: '${params.list}${vars.v}'}\n"
        "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
        "\"${params.list}\", args: [b]}]\n",
        "9:12 placeholder: param 'list' is a list and cannot stand in var 'v'\n"
        "  @ 6:3 declared here\n"
        "  ? use an item with 'each': {each: \"${params.list}\", args: [\"${each}\"]}\n"
        "13:9 placeholder: param 'list' is a list and cannot stand in 'to' of input 'x'\n"
        "  @ 6:3 declared here\n"
        "16:11 placeholder: param 'list' is a list and cannot stand in the 'with' value 'b'\n"
        "  @ 6:3 declared here\n"
        "  ? a list stands alone in 'with': b: \"${params.list}\"\n"
        "17:12 placeholder: param 'list' is a list and cannot stand in the 'with' value 'c'\n"
        "  @ 6:3 declared here\n"
        "  ? a list stands alone in 'with': c: \"${params.list}\"\n"
        "18:11 placeholder: param 'list' is a list and cannot stand in the variable 'A'\n"
        "  @ 6:3 declared here\n"
        "  ? use an item with 'each': {each: \"${params.list}\", args: [\"${each}\"]}\n");
}

static void columns_are_made_of_params_vars_and_the_job(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {v: '${inputs.x.path}', w: '${params.n}'}\n"
                 "inputs: {x: {from: a, to: b/}}\n"
                 "select:\n"
                 "  mode:\n"
                 "    pypi: {c: '${inputs.x.path}', d: '${params.n}${vars.w}${job.name}'}\n"
                 "    pr: {c: '${vars.v}', d: '${outputs.o.path}'}\n"
                 "outputs: {o: a}\n"
                 "env: {A: '${vars.c}${vars.d}'}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "13:16 placeholder: '${inputs.x.path}' cannot stand in column 'c'\n"
                 "  ? the path of an input can stand in 'command', 'env' and 'vars'\n"
                 "14:14 placeholder: '${vars.v}' is made of '${inputs.x.path}', which cannot stand "
                 "in column 'c'\n"
                 "  @ 9:12 brought in here\n"
                 "14:30 placeholder: '${outputs.o.path}' cannot stand in column 'd'\n"
                 "  ? the path of an output can stand in 'command', 'env', 'vars', 'clean', "
                 "'stdout' and 'workdir'\n");
}

static void a_null_stands_alone(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "select: {mode: {pypi: {a: x, b: null}, pr: {a: y, b: z}}}\n"
                 "vars: {c: '${vars.b}', d: 'q${vars.a}${vars.b}'}\n"
                 "env: {B: '${vars.b}', C: 'x${vars.c}'}\n"
                 "command:\n"
                 "  - x${params.text}${params.n}${params.fast}\n"
                 "  - ${vars.b}\n"
                 "  - --d=${vars.d}\n"
                 "  - --b=${vars.b}\n"
                 "  - {each: '${params.list}', args: ['${vars.c}', 'x${vars.c}']}\n",
                 "10:38 select: '${vars.b}' is null where mode=pypi, and stands in other text\n"
                 "  @ 9:30 null here\n"
                 "  ? let it stand alone, or move the other text into the cells\n"
                 "11:28 select: '${vars.c}' is null where mode=pypi, and stands in other text\n"
                 "  @ 9:30 null here\n"
                 "  ? let it stand alone, or move the other text into the cells\n"
                 "16:9 select: '${vars.b}' is null where mode=pypi, and stands in other text\n"
                 "  @ 9:30 null here\n"
                 "  ? let it stand alone, or move the other text into the cells\n"
                 "17:52 select: '${vars.c}' is null where mode=pypi, and stands in other text\n"
                 "  @ 9:30 null here\n"
                 "  ? let it stand alone, or move the other text into the cells\n");
}

static void a_null_is_no_path(void **state)
{
    (void)state;
    expect_lines(
        "params:\n"
        "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
        "  fast: {type: bool, default: false}\n"
        "  list: {type: list, of: {type: string}, default: [a]}\n"
        "  text: {required: true}\n"
        "  n: {type: int, min: 1, max: 9, default: 1}\n"
        "select: {mode: {pypi: {b: null}, pr: {b: z}}}\n"
        "inputs:\n"
        "  x: {from: a, with: {p: '${vars.b}', q: ['${vars.b}', a], r: 'x${vars.b}'}, to: "
        "'${vars.b}'}\n"
        "  y: {from: a, with: {p: '${vars.b}'}, to: '${with.p}/'}\n"
        "outputs: {o: '${vars.b}'}\n"
        "workdir: ${vars.b}\n"
        "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
        "\"${params.list}\", args: [b]}]\n",
        "11:65 select: '${vars.b}' is null where mode=pypi, and stands in other text\n"
        "  @ 9:24 null here\n"
        "  ? let it stand alone, or move the other text into the cells\n"
        "11:83 select: '${vars.b}' is null where mode=pypi, and 'to' of input 'x' must be text\n"
        "  @ 9:24 null here\n"
        "  ? give each row a text, or add a 'when' that leaves out mode=pypi\n"
        "12:45 select: '${with.p}' is null where mode=pypi, and stands in other text\n"
        "  @ 9:24 null here\n"
        "  ? let it stand alone, or move the other text into the cells\n"
        "13:15 select: '${vars.b}' is null where mode=pypi, and the path of output 'o' must be "
        "text\n"
        "  @ 9:24 null here\n"
        "  ? give each row a text, or add a 'when' that leaves out mode=pypi\n"
        "14:10 select: '${vars.b}' is null where mode=pypi, and 'workdir' must be text\n"
        "  @ 9:24 null here\n"
        "  ? give each row a text, or add a 'when' that leaves out mode=pypi\n");
}

static void a_condition_may_keep_the_null_away(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "select: {mode: {pypi: {b: null}, pr: {b: z}}}\n"
                 "inputs:\n"
                 "  x: {from: a, with: {r: 'x${vars.b}'}, to: '${vars.b}', when: {mode: pr}}\n"
                 "outputs:\n"
                 "  o: {path: '${vars.b}/x', when: {mode: {not: pypi}}}\n"
                 "  p: {path: 'p/${vars.b}', when: {mode: pypi}}\n"
                 "env: {A: {when: {mode: pr}, value: 'x${vars.b}'}}\n"
                 "command: [x, '${params.text}${params.n}${params.fast}', {each: '${params.list}', "
                 "when: {mode: pr}, args: ['x${vars.b}']}]\n",
                 "14:16 select: '${vars.b}' is null where mode=pypi, and stands in other text\n"
                 "  @ 9:24 null here\n"
                 "  ? let it stand alone, or move the other text into the cells\n");
}

static void a_bare_name_is_told_what_it_may_have_meant(void **state)
{
    (void)state;
    expect_lines("params: {m: {default: x}}\n"
                 "vars: {v: '${params.m}'}\n"
                 "command: ['${m}', 'a${v}', '${zzz}']\n",
                 "5:12 placeholder: unknown placeholder '${m}'\n"
                 "  ? write $${m} for the text itself\n"
                 "  ? did you mean '${params.m}'?\n"
                 "5:21 placeholder: unknown placeholder '${v}'\n"
                 "  ? write $${v} for the text itself\n"
                 "  ? did you mean '${vars.v}'?\n"
                 "5:29 placeholder: unknown placeholder '${zzz}'\n"
                 "  ? write $${zzz} for the text itself\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_names_are_reported_with_the_nearest),
        cmocka_unit_test(a_missing_name_is_reported_once),
        cmocka_unit_test(an_element_stands_in_its_item_alone),
        cmocka_unit_test(each_needs_a_list),
        cmocka_unit_test(with_stands_in_the_place_of_its_input_alone),
        cmocka_unit_test(the_path_of_an_input_stands_in_commands_variables_and_vars),
        cmocka_unit_test(the_path_of_an_output_stands_in_the_working_folder_too),
        cmocka_unit_test(no_path_is_made_of_addresses),
        cmocka_unit_test(a_list_stands_in_no_text),
        cmocka_unit_test(columns_are_made_of_params_vars_and_the_job),
        cmocka_unit_test(a_null_stands_alone),
        cmocka_unit_test(a_null_is_no_path),
        cmocka_unit_test(a_condition_may_keep_the_null_away),
        cmocka_unit_test(a_bare_name_is_told_what_it_may_have_meant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
