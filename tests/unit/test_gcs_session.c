#include "store_world.h"

#include "store/gcs_session.h"
#include "sys/host.h"

#define ENDPOINT "https://storage.googleapis.com"
#define URI      ENDPOINT "/upload/storage/v1/b/bucket/o?upload_id=1"

static int begin(void **state)
{
    *state = world_begin();
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static struct str state_folder(struct world *world)
{
    return str_from(world_path(world, "files"));
}

static struct gcs_session_of a_file(void)
{
    return (struct gcs_session_of){.endpoint = STR(ENDPOINT),
                                   .address = STR("gs://bucket/k"),
                                   .sha256 = STR("ab"),
                                   .size_bytes = 5};
}

static struct gcs_session open_session(struct world *world, struct gcs_session_of of)
{
    struct gcs_session session;
    gcs_session_open(&world->arena, state_folder(world), &of, &session);
    return session;
}

static void keep(struct world *world)
{
    struct gcs_session session = open_session(world, a_file());
    assert_int_equal(session.uri.n, 0);
    gcs_session_keep(&session, STR(URI));
    gcs_session_close(&session);
}

static void a_session_that_was_kept_is_found_by_the_same_file_alone(void **state)
{
    struct world *world = *state;
    struct gcs_session_of other = a_file();
    keep(world);
    struct gcs_session session = open_session(world, a_file());
    assert_str(session.uri, URI);
    gcs_session_close(&session);
    other.size_bytes++;
    session = open_session(world, other);
    assert_int_equal(session.uri.n, 0);
    gcs_session_close(&session);
    other = a_file();
    other.endpoint = STR("https://storage.googleapis.co");
    session = open_session(world, other);
    assert_int_equal(session.uri.n, 0);
    gcs_session_close(&session);
}

static void a_session_that_was_dropped_is_gone(void **state)
{
    struct world *world = *state;
    keep(world);
    struct gcs_session session = open_session(world, a_file());
    gcs_session_drop(&session);
    gcs_session_close(&session);
    keep(world); /* finds none */
}

static void a_session_in_use_is_nobody_elses(void **state)
{
    struct world *world = *state;
    keep(world);
    struct gcs_session first = open_session(world, a_file());
    struct gcs_session second = open_session(world, a_file());
    assert_str(first.uri, URI);
    assert_int_equal(second.uri.n, 0);
    gcs_session_keep(&second, STR(URI "2"));
    gcs_session_drop(&second);
    gcs_session_close(&second);
    gcs_session_close(&first);
    first = open_session(world, a_file());
    assert_str(first.uri, URI);
    gcs_session_close(&first);
}

static const char *only_file(struct world *world)
{
    struct str id = STR("gs://bucket/k\nab\n5");
    return str_format(&world->arena, "%s/%s.session", state_folder(world).s,
                      sha256_hex(&world->arena, id).s)
        .s;
}

static void what_is_too_old_is_swept_and_not_used(void **state)
{
    struct world *world = *state;
    keep(world);
    struct timespec times[2] = {{0}};
    times[0].tv_sec = times[1].tv_sec = (time_t)((host_now_ms() - GCS_SESSION_MS_MAX) / 1000) - 1;
    gcs_session_sweep(state_folder(world));
    assert_true(fs_exists(only_file(world)));
    assert_int_equal(utimensat(AT_FDCWD, only_file(world), times, 0), 0);
    struct gcs_session session = open_session(world, a_file());
    assert_int_equal(session.uri.n, 0);
    gcs_session_sweep(state_folder(world));
    assert_true(fs_exists(only_file(world))); /* it is in use */
    gcs_session_close(&session);
    gcs_session_sweep(state_folder(world));
    assert_false(fs_exists(only_file(world)));
}

static void a_file_that_is_no_session_is_none(void **state)
{
    static const char elsewhere[] = "{\"address\": \"gs://bucket/k\", \"sha256\": \"ab\", "
                                    "\"uri\": \"https://elsewhere/\"}";
    static const char *const texts[] = {"", "{", "[]", "{\"uri\": 5}", elsewhere};
    struct world *world = *state;
    keep(world);
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        write_file(only_file(world), str_from(texts[i]));
        struct gcs_session session = open_session(world, a_file());
        assert_int_equal(session.uri.n, 0);
        gcs_session_close(&session);
    }
}

static void without_a_folder_nothing_is_kept(void **state)
{
    struct world *world = *state;
    struct gcs_session_of of = a_file();
    struct gcs_session session;
    gcs_session_open(&world->arena, (struct str){0}, &of, &session);
    gcs_session_keep(&session, STR(URI));
    gcs_session_drop(&session);
    gcs_session_close(&session);
    gcs_session_sweep((struct str){0});
    gcs_session_sweep(STR("/nowhere"));
}

static void an_uri_elsewhere_is_not_the_endpoints(void **state)
{
    (void)state;
    assert_true(gcs_session_uri_is_own(STR(ENDPOINT), STR(URI)));
    assert_false(gcs_session_uri_is_own(STR(ENDPOINT), STR(ENDPOINT)));
    assert_false(gcs_session_uri_is_own(STR(ENDPOINT), STR(ENDPOINT ".evil.example/x")));
    assert_false(gcs_session_uri_is_own(STR(ENDPOINT), STR("http://storage.googleapis.com/x")));
    assert_false(gcs_session_uri_is_own(STR(ENDPOINT), STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session_that_was_kept_is_found_by_the_same_file_alone,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_session_that_was_dropped_is_gone, begin, end),
        cmocka_unit_test_setup_teardown(a_session_in_use_is_nobody_elses, begin, end),
        cmocka_unit_test_setup_teardown(what_is_too_old_is_swept_and_not_used, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_session_is_none, begin, end),
        cmocka_unit_test_setup_teardown(without_a_folder_nothing_is_kept, begin, end),
        cmocka_unit_test(an_uri_elsewhere_is_not_the_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
