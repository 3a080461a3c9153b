#include "manifest_lines.h"

static void an_input_is_a_mapping(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs:\n"
                 "  x: build\n"
                 "  y: null\n"
                 "  z: [a]\n",
                 "5:6 type: input 'x' must be a mapping, not text\n"
                 "  ? write {from: job, to: folder/}\n"
                 "6:6 type: input 'y' must be a mapping, not null\n"
                 "  ? write {from: job, to: folder/}\n"
                 "7:6 type: input 'z' must be a mapping, not a list\n"
                 "  ? write {from: job, to: folder/}\n");
}

static void an_input_needs_a_producer(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs: {x: {}}\n",
                 "4:10 missing-key: input 'x' has no 'from'\n");
}

static void a_misspelt_key_of_an_input_is_not_missing_as_well(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs: {x: {form: a, to: b/}}\n",
                 "4:14 unknown-key: unknown key 'form' in input 'x'\n"
                 "  ? did you mean 'from'?\n");
}

static void keys_of_inputs_that_are_not_built_are_refused_by_name(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs:\n"
                 "  x:\n"
                 "    from: a\n"
                 "    to: b/\n"
                 "    unpack: tar.gz\n",
                 "8:5 not-built: key 'unpack' is part of the language, but this version of jobrun "
                 "does not have it yet\n");
}

static void else_needs_an_optional_input_and_a_place(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs:\n"
                 "  a: {from: a, else: c}\n"
                 "  b: {from: b, to: b, optional: false, else: c}\n"
                 "  c: {from: c, to: c, optional: true, else: [d]}\n",
                 "5:22 conflict: 'else' of input 'a' is never used: the input is not optional\n"
                 "  ? add 'optional: true', or leave 'else' out\n"
                 "5:22 missing-key: 'else' of input 'a' has no place to land at\n"
                 "  ? add 'to': a folder, ending in '/', or a file\n"
                 "6:46 conflict: 'else' of input 'b' is never used: the input is not optional\n"
                 "  @ 6:33 not optional\n"
                 "  ? add 'optional: true', or leave 'else' out\n"
                 "7:45 type: 'else' must be text, not a list\n");
}

static void a_commit_is_a_revision(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs:\n"
                 "  a: {from: a, to: a, commit: \"\"}\n"
                 "  b: {from: b, to: b, commit: --all}\n",
                 "5:31 value: '' is no revision\n"
                 "  ? write a full id, or what git resolves: a tag, a branch, HEAD~1\n"
                 "6:31 value: '--all' is no revision\n"
                 "  ? write a full id, or what git resolves: a tag, a branch, HEAD~1\n");
}

static void a_table_of_an_input_has_texts(void **state)
{
    (void)state;
    expect_lines(
        "command: [x]\n"
        "inputs:\n"
        "  a: {from: a, to: a, select: []}\n"
        "  b: {from: b, to: b, with: {p: [x]}, select: {p: x}}\n"
        "  c: {from: c, to: c, with: {p: [x]}, select: {p: {x: x}}}\n"
        "  d: {from: d, to: d, with: {p: [x]}, select: {p: {x: {f: null, G: a}}}}\n",
        "5:31 type: 'select' must be a mapping, not a list\n"
        "6:51 type: the table of 'p' must be a mapping, not text\n"
        "7:55 type: row 'x' must be a mapping, not text\n"
        "8:59 type: column 'f' must be text, not null\n"
        "8:65 name: 'G' cannot be the name of a column\n"
        "  ? use lower-case letters, digits and '-', beginning with a letter, at most 100 of "
        "them\n");
}

static void names_in_inputs_have_to_be_names(void **state)
{
    (void)state;
    expect_lines(
        "command: [x]\n"
        "inputs:\n"
        "  X_1:\n"
        "    from: A B\n"
        "    output: -o\n"
        "    to: b/\n"
        "    with: {Q: a}\n",
        "5:3 name: 'X_1' cannot be the name of an input\n"
        "  ? use lower-case letters, digits and '-', beginning with a letter, at most 100 of them\n"
        "6:11 name: 'A B' cannot be the name of a job\n"
        "  ? use lower-case letters, digits and, between them, '.', '_' and '-', at most 100 of "
        "them\n"
        "7:13 name: '-o' cannot be the name of an output\n"
        "  ? use lower-case letters, digits and, between them, '.', '_' and '-', at most 100 of "
        "them\n"
        "9:12 name: 'Q' cannot be the name of a param\n"
        "  ? use lower-case letters, digits and '-', beginning with a letter, at most 100 of "
        "them\n");
}

static void the_values_of_with_are_text_or_lists_of_it(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs:\n"
                 "  x:\n"
                 "    from: a\n"
                 "    to: b/\n"
                 "    optional: yes\n"
                 "    with:\n"
                 "      r: []\n"
                 "      s: {}\n"
                 "      t: null\n"
                 "      u: [a, [b]]\n",
                 "8:15 type: 'optional' must be true or false, not 'yes'\n"
                 "10:10 value: 'with' value 'r' must not be an empty list\n"
                 "11:10 type: 'with' value 's' must be text, not a mapping\n"
                 "12:10 type: 'with' value 't' must be text, not null\n"
                 "13:14 type: an item of 'with' value 'u' must be text, not a list\n");
}

static void inputs_and_with_are_mappings(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "inputs: {x: {from: a, to: b/, with: [a]}}\n",
                 "4:37 type: 'with' must be a mapping, not a list\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_input_is_a_mapping),
        cmocka_unit_test(an_input_needs_a_producer),
        cmocka_unit_test(a_misspelt_key_of_an_input_is_not_missing_as_well),
        cmocka_unit_test(keys_of_inputs_that_are_not_built_are_refused_by_name),
        cmocka_unit_test(else_needs_an_optional_input_and_a_place),
        cmocka_unit_test(a_commit_is_a_revision),
        cmocka_unit_test(a_table_of_an_input_has_texts),
        cmocka_unit_test(names_in_inputs_have_to_be_names),
        cmocka_unit_test(the_values_of_with_are_text_or_lists_of_it),
        cmocka_unit_test(inputs_and_with_are_mappings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
