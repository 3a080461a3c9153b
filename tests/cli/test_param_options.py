"""Every type and option of a param: values that it takes, and those that it refuses."""
import json

import pytest

# The declaration, its value as the command gets it without any flag, then flags
# that are taken and flags that are refused with a reason.
CASES = {
    "string": ("{type: string, default: x}", "x", [("a b", "a b")], [("", "empty")]),
    "string is the default type": ("{default: x}", "x", [("0123", "0123"), ("no", "no")], []),
    "min-length 0": ("{type: string, min-length: 0, default: ''}", "", [("", ""), ("a", "a")], []),
    "min-length": ("{type: string, min-length: 2, default: ab}", "ab", [("äö", "äö")], [("a", "2")]),
    "max-length": ("{type: string, max-length: 2, default: ab}", "ab", [("äö", "äö")], [("abc", "2")]),
    "pattern": (r"{type: string, pattern: 'v\d+', default: v1}", "v1", [("v22", "v22")],
                [("xv1", "pattern"), ("v1x", "pattern"), ("v1\n", "pattern")]),
    "pattern that takes nothing": ("{type: string, pattern: 'a*', default: a}", "a", [("", "")], [("b", "pattern")]),
    "enum": ("{type: enum, values: [debug, release], default: debug}", "debug", [("release", "release")],
             [("relase", "did you mean 'release'?"), ("Debug", "one of"), ("", "")]),
    "int": ("{type: int, default: 4}", "4", [("-1", "-1"), ("0", "0")],
            [("1.5", "whole"), ("x", "whole"), ("007", "7"), ("99999999999999999999", "")]),
    "int with bounds": ("{type: int, min: 1, max: 8, default: 4}", "4", [("1", "1"), ("8", "8")],
                        [("0", "1"), ("9", "8")]),
    "number": ("{type: number, default: 0.5}", "0.5", [("-2", "-2")], [("1,5", "number"), ("nan", ""), ("0x1p3", "")]),
    "number with bounds": ("{type: number, min: 0, max: 1, default: 0.5}", "0.5", [("0", "0"), ("1", "1")],
                           [("1.01", "1"), ("-0.1", "0")]),
    "path": ("{type: path, default: a/b}", "a/b", [("c", "c")], [("", "")]),
    "required": ("{type: string, required: true}", None, [("x", "x")], []),
    "values of an enum are text": ("{type: enum, values: [no, 1.10, 'null'], default: no}", "no",
                                   [("1.10", "1.10"), ("null", "null")], []),
}


@pytest.fixture
def told(workspace):
    def run(declaration, *arguments, env=None):
        workspace.manifest("told", f"params:\n  p: {declaration[:-1]}, help: P}}\ncommand: [printf, '%s', '${{params.p}}']\n")
        return workspace.run("told", *arguments, env=env)
    workspace.commit()
    return run


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_param_takes_what_its_declaration_allows_and_nothing_else(told, case):
    declaration, default, good, bad = case
    if default is None:
        assert "'p'" in told(declaration).fails(2).err
    else:
        assert told(declaration).ok().out == default
    for value, becomes in good:
        assert told(declaration, f"--p={value}").ok().out == becomes
    for value, reason in bad:
        result = told(declaration, f"--p={value}").fails(2)
        assert result.out == "" and reason in result.err and "'p'" in result.err, (value, result)


@pytest.mark.parametrize("value", ["/abs", "..", "../x", "a/../b"])
def test_a_path_may_be_absolute_or_go_up_only_where_it_is_no_path_of_the_workspace(workspace, value):
    workspace.manifest("told", "params: {p: {type: path, default: a/b, help: P}}\nclean: ['${params.p}/x']\n"
                       "command: [printf, '%s', '${params.p}']\n")
    workspace.commit()
    assert workspace.run("told", "--p", "c/d").ok().out == "c/d"
    assert workspace.run("told", "--p", value).fails(2).out == ""


def test_a_bool_is_a_flag_and_its_no_form(workspace):
    workspace.manifest("told", "params: {b: {type: bool, default: true, help: B}}\ncommand: [echo, '${params.b}']\n")
    workspace.commit()
    assert workspace.run("told").ok().out == "true\n"
    assert workspace.run("told", "--no-b").ok().out == "false\n"
    assert workspace.run("told", "--no-b", "--b").fails(2).out == ""
    assert "'yes'" in workspace.run("told", "-P", "b=yes").fails(2).err


LISTS = {
    "of text": ("{type: list, of: {type: string}, default: [x, 'y z']}", ["x", "y z"],
                [(["a"], ["a"]), (["a", "a"], ["a", "a"])], [([""], "empty")]),
    "of ints": ("{type: list, of: {type: int, min: 1}, default: [1]}", ["1"], [(["2", "3"], ["2", "3"])],
                [(["0"], "1"), (["x"], "whole")]),
    "of an enum": ("{type: list, of: {type: enum, values: [a, b, c]}, default: [b, a]}", ["a", "b"],
                   [(["c", "a"], ["a", "c"])], [(["d"], "one of"), (["a", "a"], "")]),
    "all of an enum": ("{type: list, of: {type: enum, values: [b, a]}, default: all}", ["b", "a"],
                       [(["a"], ["a"])], []),
    "lengths": ("{type: list, of: {type: string}, min-length: 1, max-length: 2, default: [a]}", ["a"],
                [(["a", "b"], ["a", "b"])], [(["a", "b", "c"], "2")]),
    "may be empty": ("{type: list, of: {type: string}, min-length: 0, default: []}", [], [(["a"], ["a"])], []),
}


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS)
def test_a_list_takes_what_its_elements_allow(workspace, case):
    declaration, default, good, bad = case
    workspace.manifest("told", f"params:\n  p: {declaration[:-1]}, help: P}}\n"
                       "command:\n  - python3\n  - -c\n  - 'import json, sys; print(json.dumps(sys.argv[1:]))'\n"
                       "  - {each: '${params.p}', args: ['${each}']}\n")
    workspace.commit()

    def run(values):
        return workspace.run("told", *[word for value in values for word in ("--p", value)])
    assert json.loads(run([]).ok().out) == default
    for values, becomes in good:
        assert json.loads(run(values).ok().out) == becomes
    for values, reason in bad:
        result = run(values).fails(2)
        assert result.out == "" and reason in result.err, (values, result)


def test_the_command_line_wins_over_the_variable_and_both_are_checked(told):
    declaration = "{type: enum, values: [a, b], default: a, env: GIVEN}"
    assert told(declaration, env={"GIVEN": "b"}).ok().out == "b"
    assert told(declaration, "--p", "a", env={"GIVEN": "b"}).ok().out == "a"
    assert "GIVEN" in told(declaration, env={"GIVEN": "c"}).fails(2).err


def test_what_is_no_variant_is_no_part_of_the_address(workspace):
    workspace.ignore("/out/")
    workspace.manifest("made", """\
        params:
          kind: {type: string, default: k, help: K}
          jobs: {type: int, default: 1, variant: false, help: J}
        script: mkdir -p out && echo "$PARAM_KIND $PARAM_JOBS" > out/x
        outputs: {o: out/x}
        """)
    workspace.commit()
    workspace.run("made").ok()
    assert "nothing to do" in workspace.run("made", "--jobs", "2").ok().err
    assert "published" in workspace.run("made", "--kind", "l").ok().err
    assert sorted(p.parent.name for p in workspace.receipts()) == ["kind=k", "kind=l"]


# What lint refuses of a declaration, with a word of the message.
WRONG = {
    "unknown option": ("{type: string, defalt: x}", "did you mean 'default'?"),
    "no mapping": ("string", "must be a mapping"),
    "pattern of an int": ("{type: int, pattern: x, default: 1}", "pattern"),
    "values of a string": ("{type: string, values: [a], default: a}", "values"),
    "values not a list": ("{type: enum, values: a, default: a}", "must be a list"),
    "value twice": ("{type: enum, values: [a, a], default: a}", "'a'"),
    "of of a string": ("{type: string, of: {type: int}, default: a}", "of"),
    "list of lists": ("{type: list, of: {type: list, of: {type: string}}, default: [a]}", "list"),
    "min of a bool": ("{type: bool, min: 1, default: true}", "min"),
    "min-length of a number": ("{type: number, min-length: 1, default: 1}", "min-length"),
    "negative length": ("{type: string, min-length: -1, default: a}", "min-length"),
    "lengths that exclude all": ("{type: string, min-length: 3, max-length: 2, default: a}", "length"),
    "default out of bounds": ("{type: int, min: 2, default: 1}", "default"),
    "all of text": ("{type: list, of: {type: string}, default: all}", "all"),
    "host of no platform": ("{type: enum, values: [a, b], default: host}", "host"),
    "required is a truth": ("{type: string, required: maybe}", "true or false"),
    "required and false": ("{type: string, required: false}", "default"),
    "variant is a truth": ("{type: string, default: a, variant: 1}", "true or false"),
    "env is a name": ("{type: string, default: a, env: A-B}", "A-B"),
    "help is text": ("{type: string, default: a, help: [a]}", "must be text"),
    "null is no default": ("{type: string, default: null}", "null"),
}


@pytest.mark.parametrize("declaration,said", WRONG.values(), ids=WRONG)
def test_a_declaration_that_makes_no_sense_is_refused_in_its_place(workspace, declaration, said):
    workspace.manifest("wrong", f"params:\n  p: {declaration}\ncommand: [echo, '${{params.p}}']\n")
    result = workspace.run("lint", "manifests/wrong.yaml").fails(1)
    assert said in result.err, result
    assert "manifests/wrong.yaml:4:" in result.err
