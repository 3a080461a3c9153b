#include "test.h"

#include "store/http.h"

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void all_but_the_unreserved_is_escaped(void **state)
{
    (void)state;
    assert_str(url_escape(&arena, STR("AZaz09-._~")), "AZaz09-._~");
    assert_str(url_escape(&arena, STR("a/b c+d%e?f#g&h=i")), "a%2Fb%20c%2Bd%25e%3Ff%23g%26h%3Di");
    assert_str(url_escape(&arena, STR("\xc3\xa9\n\xff")), "%C3%A9%0A%FF");
    assert_str(url_escape(&arena, (struct str){0}), "");
}

static void the_host_is_what_is_connected_to(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
    } rows[] = {{"https://storage.googleapis.com/storage/v1", "storage.googleapis.com"},
                {"HTTP://LocalHost:80?x", "LocalHost:80"},
                {"https://[::1]:443/", "[::1]:443"},
                {"https://user:pass@host/", ""},
                {"https://evil\\@host/", ""},
                {"https://host%2Eevil/", ""},
                {"https://ho st/", ""},
                {"https://host#x@y", "host"},
                {"https://host", "host"},
                {"https://", ""},
                {"ftp://host/", ""},
                {"host/path", ""},
                {"", ""}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        assert_str(url_host(str_from(rows[i].url)), rows[i].host);
    }
}

static void loopback_is_this_machine_alone(void **state)
{
    (void)state;
    static const char *const here[] = {"http://127.0.0.1:8080/x", "http://127.1.2.3",
                                       "https://localhost/",      "http://LOCALHOST:1",
                                       "http://[::1]:80/",        "http://[::1]"};
    static const char *const elsewhere[] = {"http://127.0.0.1.example.com/",
                                            "http://localhost.example.com",
                                            "http://10.0.0.1/",
                                            "http://127.0.0.1@example.com/",
                                            "http://127.0.0/",
                                            "http://127.0.0.256/",
                                            "http://127.0.0.1.1/",
                                            "http://[::2]/",
                                            "ftp://127.0.0.1/",
                                            "http://127.0..1/",
                                            "localhost",
                                            ""};
    for (size_t i = 0; i < ARRAY_COUNT(here); i++) {
        if (!url_is_loopback(str_from(here[i]))) {
            fail_msg("'%s' is here", here[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(elsewhere); i++) {
        if (url_is_loopback(str_from(elsewhere[i]))) {
            fail_msg("'%s' is not here", elsewhere[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_but_the_unreserved_is_escaped, free_arena),
        cmocka_unit_test_teardown(the_host_is_what_is_connected_to, free_arena),
        cmocka_unit_test_teardown(loopback_is_this_machine_alone, free_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
