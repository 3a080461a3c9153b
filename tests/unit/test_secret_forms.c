#include "test.h"

#include "run/matcher.h"
#include "run/secret_forms.h"

static struct arena arena;
static struct forms forms;

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void forms_of(struct str value)
{
    forms = (struct forms){.arena = &arena};
    forms_add(&forms, value);
    for (size_t i = 0; i < forms.count; i++) {
        assert_true(forms.items[i].n >= MATCHER_TEXT_BYTES_MIN);
    }
}

static bool has(const char *form)
{
    bool found = false;
    for (size_t i = 0; i < forms.count && !found; i++) {
        found = str_is(forms.items[i], form);
    }
    return found;
}

#define assert_has(form)                             \
    do {                                             \
        if (!has(form)) {                            \
            fail_msg("there is no form '%s'", form); \
        }                                            \
    } while (0)

static void base64_at_each_place_of_a_group(void **state)
{
    (void)state;
    forms_of(STR("abc>?~"));
    assert_has("YWJjPj9+"); /* of "abc>?~" */
    assert_has("YWJjPj9-"); /* with the other alphabet */
    assert_has("FiYz4/f");  /* "xabc>?~" is eGFiYz4/fg== */
    assert_has("FiYz4/fg"); /* and that at its end */
    assert_has("FiYz4_f");
    assert_has("hYmM+P3"); /* "xyabc>?~" is eHlhYmM+P34= */
    assert_has("hYmM+P34");
    assert_false(has("eGFiYz4/fg")); /* the first characters are others' too */
}

static void long_base64_is_broken_into_lines(void **state)
{
    (void)state;
    struct buf value = buf_make(&arena, 200), line = buf_make(&arena, 200);
    buf_add_repeat(&value, '\0', 60);
    buf_add_repeat(&line, 'A', 64);
    forms_of(buf_str(&value));
    assert_has(buf_str(&line).s);
    assert_has("AAAAAAAAAAAAAAAA"); /* what is left of 80 */
    buf_add_repeat(&line, 'A', 12);
    assert_has(buf_str(&line).s);
    assert_has("AAAA");
}

static void percent_encoding_by_several_sets(void **state)
{
    (void)state;
    forms_of(STR("a b/c~\xC3\xBF!"));
    assert_has("a%20b%2Fc~%C3%BF%21");
    assert_has("a%20b%2fc~%c3%bf%21");
    assert_has("a%20b/c~%C3%BF%21");
    assert_has("a%20b%2Fc~%C3%BF!");
    assert_has("a+b%2Fc%7E%C3%BF%21");
}

static void json_and_its_liberties(void **state)
{
    (void)state;
    forms_of(STR("\"/\\\n\x01\x7F<\xC3\xA9\xF0\x9F\x98\x80"));
    assert_has("\\\"/\\\\\\n\\u0001\x7F<\xC3\xA9\xF0\x9F\x98\x80");
    assert_has("\\\"\\/\\\\\\n\\u0001\x7F<\xC3\xA9\xF0\x9F\x98\x80");
    assert_has("\\\"/\\\\\\n\\u0001\\u007f<\\u00e9\\ud83d\\ude00");
    assert_has("\\\"/\\\\\\n\\u0001\\u007F<\\u00E9\\uD83D\\uDE00");
    assert_has("\\\"/\\\\\\n\\u0001\x7F\\u003c\xC3\xA9\xF0\x9F\x98\x80");
}

static void words_of_a_shell(void **state)
{
    (void)state;
    forms_of(STR("it's $1\t\"\x1b"));
    assert_has("it'\\''s $1\t\"\x1b");
    assert_has("it'\"'\"'s $1\t\"\x1b");
    assert_has("it's \\$1\t\\\"\x1b");
    assert_has("it\\'s\\ \\$1\\\t\\\"\x1b");
    assert_has("it\\'s $1\\t\"\\E");
    assert_has("it's $1\\t\"\\x1b"); /* as jobrun shows it */
}

static void lines_and_line_ends(void **state)
{
    (void)state;
    forms_of(STR("  first \r\n\nabc\nsecond\r\n"));
    assert_has("first");
    assert_has("second");
    assert_has("  first \r\n\nabc\nsecond");
    assert_false(has("abc"));
    assert_str(forms_core(STR("abcd\r\n\n")), "abcd");
    assert_str(forms_core(STR("abc\n\n")), "abc\n\n");
    /* What is not UTF-8 is bytes. */
    forms_of(STR("\xFF\xFE\xFD\xFC"));
    assert_has("%FF%FE%FD%FC");
    assert_has("\xFF\xFE\xFD\xFC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(base64_at_each_place_of_a_group, forget),
        cmocka_unit_test_teardown(long_base64_is_broken_into_lines, forget),
        cmocka_unit_test_teardown(percent_encoding_by_several_sets, forget),
        cmocka_unit_test_teardown(json_and_its_liberties, forget),
        cmocka_unit_test_teardown(words_of_a_shell, forget),
        cmocka_unit_test_teardown(lines_and_line_ends, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
