#include "test.h"

#include "base/error.h"
#include "run/marker.h"

#define HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

struct world {
    struct arena arena;
    struct marker marker;
    struct error err;
};

static int setup(void **state)
{
    struct world *w = test_calloc(1, sizeof *w);
    w->marker = (struct marker){
        .done = true,
        .run = STR("00112233445566778899aabbccddeeff"),
        .address = STR("dev/0123456789abcdef0123456789abcdef01234567/ship/to=a"),
        .step = STR("push"),
        .digest = STR(HEX),
        .command = STR("push 'a b'"),
        .user = STR("login"),
        .host_name = STR("laptop"),
        .pid = 12,
        .ci_system = STR("GitHub Actions"),
        .ci_run_url = STR("https://example.invalid/runs/1"),
        .started_ms = 1700000000000,
        .finished_ms = 1700000060000,
    };
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    arena_free(&w->arena);
    test_free(w);
    return 0;
}

static struct marker read_back(struct world *w, struct str text)
{
    struct marker marker;
    if (marker_parse(text, &w->arena, &marker, &w->err) != 0) {
        fail_msg("%s", w->err.message);
    }
    return marker;
}

static void what_is_written_is_read_back(void **state)
{
    struct world *w = *state;
    struct marker read = read_back(w, marker_format(&w->marker, &w->arena));
    assert_true(read.done);
    assert_str(read.run, w->marker.run.s);
    assert_str(read.address, w->marker.address.s);
    assert_str(read.step, "push");
    assert_str(read.digest, HEX);
    assert_str(read.command, "push 'a b'");
    assert_str(read.user, "login");
    assert_str(read.host_name, "laptop");
    assert_int_equal(read.pid, 12);
    assert_str(read.ci_system, "GitHub Actions");
    assert_str(read.ci_run_url, "https://example.invalid/runs/1");
    assert_int_equal(read.started_ms, 1700000000000);
    assert_int_equal(read.finished_ms, 1700000060000);
    w->marker.done = false;
    assert_false(read_back(w, marker_format(&w->marker, &w->arena)).done);
}

static void who_it_was_is_said_with_the_time_of_the_end(void **state)
{
    struct world *w = *state;
    assert_str(marker_who(&w->marker, &w->arena),
               "login@laptop (process 12) at 2023-11-14T22:14:20Z, GitHub Actions, "
               "https://example.invalid/runs/1");
    w->marker.done = false;
    w->marker.ci_system = w->marker.ci_run_url = STR("");
    w->marker.user = STR("lo\x1b[1mgin");
    assert_str(marker_who(&w->marker, &w->arena),
               "lo\\x1b[1mgin@laptop (process 12) at 2023-11-14T22:13:20Z");
    /* A person has written "done". */
    w->marker.done = true;
    w->marker.finished_ms = 0;
    assert_true(str_ends(marker_who(&w->marker, &w->arena), STR("22:13:20Z")));
}

static void a_long_command_is_cut_between_characters(void **state)
{
    struct world *w = *state;
    struct buf command = buf_make(&w->arena, 10000);
    buf_add(&command, STR("x"));
    while (command.n < 5000) {
        buf_add(&command, STR("\xC3\xBC"));
    }
    w->marker.command = buf_str(&command);
    struct str read = read_back(w, marker_format(&w->marker, &w->arena)).command;
    assert_int_equal(read.n, MARKER_COMMAND_MAX - 1);
    assert_true(str_ends(read, STR("\xC3\xBC")));
}

static struct str replaced(struct world *w, const char *from, const char *to)
{
    struct str text = marker_format(&w->marker, &w->arena);
    const char *at = strstr(text.s, from);
    if (at == NULL) {
        fail_msg("'%s' is not in the text", from);
    }
    return str_format(&w->arena, "%.*s%s%s", (int)(at - text.s), text.s, to, at + strlen(from));
}

static void assert_refused(struct world *w, struct str text, enum error_kind kind,
                           const char *words)
{
    struct marker marker;
    w->err = (struct error){0};
    assert_int_equal(marker_parse(text, &w->arena, &marker, &w->err), -1);
    if (strstr(w->err.message, words) == NULL || w->err.kind != kind) {
        fail_msg("kind %d of '%s'", (int)w->err.kind, w->err.message);
    }
}

static void every_field_must_be_there_and_of_its_kind(void **state)
{
    static const struct {
        const char *from, *to, *words;
    } CASES[] = {
        {"\"jobrun_effect\": 1", "\"jobrun_effect\": \"1\"", "its version"},
        {"\"jobrun_effect\": 1", "\"jobrun_effect\": 0", "its version"},
        {"\"state\": \"done\"", "\"state\": \"\"", "its state"},
        {"\"state\": \"done\"", "\"state\": true", "its state"},
        {"\"run\": \"0011", "\"ran\": \"0011", "a text"},
        {"\"run\": \"00112233445566778899aabbccddeeff\"", "\"run\": \"\"", "its run"},
        {"\"address\"", "\"addres\"", "a text"},
        {"\"step\": \"push\"", "\"step\": 1", "a text"},
        {"\"digest\": \"9", "\"digest\": \"X", "its digest"},
        {"\"command\"", "\"comand\"", "a text"},
        {"\"user\"", "\"usr\"", "a text"},
        {"\"host\"", "\"hst\"", "a text"},
        {"\"pid\": 12", "\"pid\": 0", "its process"},
        {"\"pid\": 12", "\"pid\": \"12\"", "its process"},
        {"\"ci\"", "\"cj\"", "a text"},
        {"\"url\"", "\"uri\"", "a text"},
        {"\"started_ms\": 1", "\"started_ms\": -1", "a time"},
        {"\"finished_ms\": 1", "\"finished_ms\": 99999", "a time"},
        {"\"finished_ms\"", "\"finished\"", "a time"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        assert_refused(w, replaced(w, CASES[i].from, CASES[i].to), ERROR_DAMAGED, CASES[i].words);
    }
    assert_refused(w, STR(""), ERROR_DAMAGED, "");
    assert_refused(w, STR("[]"), ERROR_DAMAGED, "its version");
}

static void no_part_of_a_marker_is_one(void **state)
{
    struct world *w = *state;
    struct str text = str_trim(marker_format(&w->marker, &w->arena));
    for (size_t n = 0; n < text.n; n++) {
        assert_refused(w, str_copy(&w->arena, str_slice(text, 0, n)), ERROR_DAMAGED, "");
    }
}

static void a_newer_version_is_no_damage(void **state)
{
    struct world *w = *state;
    assert_refused(w, replaced(w, "\"jobrun_effect\": 1", "\"jobrun_effect\": 2"),
                   ERROR_NOT_ALLOWED, "a newer jobrun wrote it");
}

static void its_size_has_a_limit(void **state)
{
    struct world *w = *state;
    struct buf text = buf_make(&w->arena, 2 * MARKER_BYTES_MAX);
    buf_add(&text, marker_format(&w->marker, &w->arena));
    buf_add_repeat(&text, ' ', MARKER_BYTES_MAX - text.n);
    assert_true(read_back(w, buf_str(&text)).done);
    buf_add_char(&text, ' ');
    assert_refused(w, buf_str(&text), ERROR_LIMIT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_back, setup, teardown),
        cmocka_unit_test_setup_teardown(who_it_was_is_said_with_the_time_of_the_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_long_command_is_cut_between_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(every_field_must_be_there_and_of_its_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(no_part_of_a_marker_is_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_newer_version_is_no_damage, setup, teardown),
        cmocka_unit_test_setup_teardown(its_size_has_a_limit, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
