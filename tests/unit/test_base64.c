#include "test.h"

#include "base/base64.h"

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* RFC 4648, section 10. */
static const struct {
    const char *bytes, *standard, *url;
} VECTORS[] = {{"", "", ""},
               {"f", "Zg==", "Zg"},
               {"fo", "Zm8=", "Zm8"},
               {"foo", "Zm9v", "Zm9v"},
               {"foob", "Zm9vYg==", "Zm9vYg"},
               {"fooba", "Zm9vYmE=", "Zm9vYmE"},
               {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
               {"\xfb\xff\xbf", "+/+/", "-_-_"}};

static void texts_are_those_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(VECTORS); i++) {
        struct str bytes = str_from(VECTORS[i].bytes);
        assert_str(base64_encode(&arena, BASE64_STANDARD, bytes), VECTORS[i].standard);
        assert_str(base64_encode(&arena, BASE64_URL, bytes), VECTORS[i].url);
    }
}

static void texts_are_read_back(void **state)
{
    (void)state;
    struct str bytes;
    for (size_t i = 0; i < ARRAY_COUNT(VECTORS); i++) {
        assert_true(base64_decode(&arena, BASE64_STANDARD, str_from(VECTORS[i].standard), &bytes));
        assert_str(bytes, VECTORS[i].bytes);
        assert_true(base64_decode(&arena, BASE64_URL, str_from(VECTORS[i].url), &bytes));
        assert_str(bytes, VECTORS[i].bytes);
    }
    assert_true(base64_decode(&arena, BASE64_URL, STR("Zg=="), &bytes));
    assert_str(bytes, "f");
}

static void every_byte_survives(void **state)
{
    (void)state;
    char all[256];
    struct str bytes;
    for (size_t i = 0; i < sizeof all; i++) {
        all[i] = (char)i;
    }
    for (size_t n = 0; n <= sizeof all; n++) {
        for (int alphabet = BASE64_STANDARD; alphabet <= BASE64_URL; alphabet++) {
            struct str text =
                base64_encode(&arena, (enum base64_alphabet)alphabet, (struct str){all, n});
            assert_true(base64_decode(&arena, (enum base64_alphabet)alphabet, text, &bytes));
            assert_true(str_equal(bytes, (struct str){all, n}));
        }
    }
}

static void what_is_no_base64_is_refused(void **state)
{
    (void)state;
    static const char *const standard[] = {
        "Z",    "Zg",    "Zg=",  "Zg===", "Zg==Zg==", "=",    "====",       "Zh==",
        "Zm9=", "Zm9v ", "Z m9", "-_-_",  "Zm9v\n",   "Zm=v", "\xc3\xa9Zg", "Zg=a"};
    static const char *const url[] = {"Z", "Zg=", "+/+/", "Zh", "Zm9", "Zg==="};
    struct str bytes;
    for (size_t i = 0; i < ARRAY_COUNT(standard); i++) {
        if (base64_decode(&arena, BASE64_STANDARD, str_from(standard[i]), &bytes)) {
            fail_msg("'%s' is taken", standard[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(url); i++) {
        if (base64_decode(&arena, BASE64_URL, str_from(url[i]), &bytes)) {
            fail_msg("'%s' is taken", url[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(texts_are_those_of_the_rfc, free_arena),
        cmocka_unit_test_teardown(texts_are_read_back, free_arena),
        cmocka_unit_test_teardown(every_byte_survives, free_arena),
        cmocka_unit_test_teardown(what_is_no_base64_is_refused, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
