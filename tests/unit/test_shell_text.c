#include "test.h"

#include "manifest/shell_text.h"

/* Each command on a line, its words between '|'. */
static struct str commands_of(struct arena *arena, struct str text)
{
    struct shell_text read = shell_text_read(arena, text);
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < read.count; i++) {
        for (size_t j = 0; j < read.commands[i].count; j++) {
            buf_addf(&buf, "%s%.*s", j > 0 ? "|" : "", STR_ARG(read.commands[i].words[j].text));
        }
        buf_add_char(&buf, '\n');
    }
    return buf_str(&buf);
}

static void expect(const char *text, const char *commands)
{
    struct arena arena CLEANUP(arena_free) = {0};

    assert_string_equal(commands_of(&arena, str_from(text)).s, commands);
}

static void words_are_those_of_the_shell(void **state)
{
    (void)state;
    expect("a b\\ c 'd e' \"f $(g h) i\" # j\nk;l&&m|n",
           "g|h\na|b\\ c|'d e'|\"f $(g h) i\"\nk\nl\nm\nn\n");
    expect("a \\\n b", "a|b\n");
    expect("A=b C+=d E[1]=f g", "g\n");
    expect("x=(a 'b)' c) d", "d\n");
    expect("a 2>&1 >b <c &>d e", "a|e\n");
    expect("if a; then b; elif c; then d; else e; fi", "a\nb\nc\nd\ne\n");
    expect("a `b \"c\"` d", "b|\"c\"\na|`b \"c\"`|d\n");
    expect("a <(b c) (d)", "b|c\na\nd\n");
    expect("((a < b)) && c $((d + 1))", "c|$((d + 1))\n");
    expect("a ${b:-c d} $'e f'", "a|${b:-c d}|$'e f'\n");
}

static void what_no_program_gets_is_left_out(void **state)
{
    (void)state;
    expect("a <<X b\n c $(d)\nX\ne", "a|b\ne\n");
    expect("a <<-'X'\n b\n\tX\nc <<< \"d e\" f", "a\nc|f\n");
    expect("[[ a && b || c ]] && d", "d\n");
}

static void functions_and_builtins_are_no_programs(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct shell_text text =
        shell_text_read(&arena, STR("f() { a; }; function g { b; }\nf\ng\necho\nexec c\n"));
    static const char *const PROGRAMS = "110001";
    size_t first, count = 0;
    (void)state;

    for (size_t i = 0; i < text.count; i++) {
        bool is_program = shell_command_is_program(&text, &text.commands[i], &first);
        assert_int_equal(is_program, PROGRAMS[count++] == '1');
    }
    assert_int_equal(count, 6);
    assert_int_equal(first, 1);
}

static void a_text_that_does_not_end_is_read_to_its_end(void **state)
{
    static const char *const TEXTS[] = {"'",  "\"",    "$(",  "${", "`", "a <<X",
                                        "((", "[[",    "x=(", "\\", "<", "a <<<",
                                        ")",  "$((\"", "f(",  "&>", "$", "$'"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        size_t count;
        commands_of(&arena, str_from(TEXTS[i]));
        shell_word_expansions(&arena, str_from(TEXTS[i]), &count);
        assert_int_equal(count, 0);
    }
}

static void depth_and_words_have_limits(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf deep = buf_make(&arena, BUF_MAX_DEFAULT), many = buf_make(&arena, BUF_MAX_DEFAULT);
    struct shell_text read;
    size_t words = 0;
    (void)state;

    for (size_t i = 0; i < 100000; i++) {
        buf_add(&deep, STR("$("));
        buf_add(&many, STR("a b "));
    }
    shell_text_read(&arena, buf_str(&deep));
    read = shell_text_read(&arena, buf_str(&many));
    for (size_t i = 0; i < read.count; i++) {
        words += read.commands[i].count;
    }
    assert_int_equal(words, SHELL_WORDS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_the_shell),
        cmocka_unit_test(what_no_program_gets_is_left_out),
        cmocka_unit_test(functions_and_builtins_are_no_programs),
        cmocka_unit_test(a_text_that_does_not_end_is_read_to_its_end),
        cmocka_unit_test(depth_and_words_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
