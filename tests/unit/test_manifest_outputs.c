#include "manifest_lines.h"

static void an_output_is_a_path_or_a_mapping(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: null\n"
                 "  b: {}\n"
                 "  c: {pth: a}\n"
                 "  -d: a\n",
                 "5:6 type: 'path' must be text, not null\n"
                 "6:3 missing-key: output 'b' has no 'path'\n"
                 "7:7 unknown-key: unknown key 'pth' in output 'c'\n"
                 "  ? did you mean 'path'?\n"
                 "8:3 name: '-d' cannot be the name of an output\n"
                 "  ? use lower-case letters, digits and, between them, '.', '_' and '-', at most "
                 "100 of them\n");
}

static void a_path_may_be_a_list_of_texts(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: [a, b/*]\n"
                 "  b: {path: [c/, d]}\n",
                 "");
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: []\n"
                 "  b: {path: [a, [b], null]}\n",
                 "5:6 value: 'path' must not be empty\n"
                 "6:17 type: an item of 'path' must be text, not a list\n"
                 "6:22 type: an item of 'path' must be text, not null\n");
}

static void every_path_of_a_list_is_checked(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: [a, ../b, a]\n"
                 "  b: [c, a]\n",
                 "5:10 path: the path of output 'a' holds '..'\n"
                 "  ? paths stay inside of the workspace\n"
                 "5:16 conflict: output 'a' has one path twice\n"
                 "  @ 5:7 the same path\n"
                 "6:10 conflict: output 'b' has the path of output 'a'\n"
                 "  @ 5:7 the same path\n"
                 "  ? a file can belong to one output only\n");
}

static void what_an_output_is_published_after_is_one_of_three_words(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: {path: a, on: success}\n"
                 "  b: {path: b, on: failure}\n"
                 "  c: {path: c, on: always}\n"
                 "  d: {path: d, on: failures}\n"
                 "  e: {path: e, on: [failure]}\n",
                 "8:20 value: 'on' must be 'success', 'failure' or 'always', not 'failures'\n"
                 "  ? did you mean 'failure'?\n"
                 "9:20 type: 'on' must be text, not a list\n");
}

static void an_output_is_packed_in_a_format_that_there_is(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: {path: a/, pack: tar.zst}\n"
                 "  b: {path: b/, pack: tar.gz}\n"
                 "  c: {path: c/, pack: zip}\n"
                 "  d: {path: d/, pack: true}\n",
                 "7:23 value: 'pack' must be 'tar.zst' or 'tar.gz', not 'zip'\n"
                 "8:23 value: 'pack' must be 'tar.zst' or 'tar.gz', not 'true'\n");
}

static void counts_are_whole_numbers(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: {path: a/*, count: -1}\n"
                 "  b: {path: b/*, min: 01}\n"
                 "  c: {path: c/*, max: 0}\n"
                 "  d: {path: d/*, count: many}\n"
                 "  e: {path: e/*, count: 0}\n"
                 "  f: {path: f/*, min: 0}\n",
                 "5:25 value: 'count' must be at least 1\n"
                 "  ? write optional: true where it may be absent\n"
                 "6:23 type: 'min' must be a whole number without leading zeros\n"
                 "  ? write 1\n"
                 "7:23 value: 'max' must be at least 1\n"
                 "8:25 type: 'count' must be a whole number, not 'many'\n"
                 "9:25 value: 'count' must be at least 1\n"
                 "  ? write optional: true where it may be absent\n"
                 "10:23 value: 'min' must be at least 1\n"
                 "  ? write optional: true where it may be absent\n");
}

static void a_count_excludes_a_minimum_and_a_maximum(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs:\n"
                 "  a: {path: a/*, count: 1, min: 1}\n"
                 "  b: {path: b/*, max: 2, count: 1}\n",
                 "5:28 conflict: 'min' excludes 'count'\n"
                 "  @ 5:18 the exact number is said here\n"
                 "6:18 conflict: 'max' excludes 'count'\n"
                 "  @ 6:26 the exact number is said here\n");
}

static void a_minimum_is_not_more_than_the_maximum(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs: {a: {path: a/*, min: 3, max: 2}}\n",
                 "4:31 conflict: 'min' is more than 'max'\n"
                 "  @ 4:39 'max' is 2\n");
}

static void an_output_has_a_truth_and_a_text(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs: {a: {path: a, optional: 1, help: [x]}}\n",
                 "4:34 type: 'optional' must be true or false, not '1'\n"
                 "4:43 type: 'help' must be text, not a list\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_is_a_path_or_a_mapping),
        cmocka_unit_test(a_path_may_be_a_list_of_texts),
        cmocka_unit_test(every_path_of_a_list_is_checked),
        cmocka_unit_test(what_an_output_is_published_after_is_one_of_three_words),
        cmocka_unit_test(an_output_is_packed_in_a_format_that_there_is),
        cmocka_unit_test(counts_are_whole_numbers),
        cmocka_unit_test(a_count_excludes_a_minimum_and_a_maximum),
        cmocka_unit_test(a_minimum_is_not_more_than_the_maximum),
        cmocka_unit_test(an_output_has_a_truth_and_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
