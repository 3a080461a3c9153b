#include "test.h"

#include "base/error.h"
#include "store/gcs_place.h"

static int parse(struct arena *arena, const char *url, const char *emulator,
                 struct gcs_place *place, struct error *err)
{
    return gcs_place_parse(arena, str_from(url), str_from(emulator), place, err);
}

static void addresses_are_buckets_and_prefixes(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    static const struct {
        const char *url, *bucket, *prefix, *address;
    } rows[] = {
        {"gs://bucket", "bucket", "", "gs://bucket/k"},
        {"gs://bucket/", "bucket", "", "gs://bucket/k"},
        {"gs://a.b-c_1/x", "a.b-c_1", "x", "gs://a.b-c_1/x/k"},
        {"gs://bucket/x/y//", "bucket", "x/y", "gs://bucket/x/y/k"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct gcs_place place;
        struct error err;
        assert_int_equal(parse(&arena, rows[i].url, "", &place, &err), 0);
        assert_str(place.bucket, rows[i].bucket);
        assert_str(place.prefix, rows[i].prefix);
        assert_str(place.endpoint, "https://storage.googleapis.com");
        assert_false(place.is_emulator);
        assert_str(gcs_address(&place, &arena, STR("k")), rows[i].address);
    }
}

static void other_addresses_are_refused(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    static const char *const urls[] = {
        "s3://bucket",    "gs://",
        "gs:///x",        "gs://ab",
        "gs://Bucket",    "gs://buck et",
        "gs://-bucket",   "gs://bucket.",
        "gs://bucket//x", "gs://bucket/a/../b",
        "gs://bucket/?",  "gs://bucket/#",
        "gs://bucket/.",  "gs://0123456789012345678901234567890123456789012345678901234567890123"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(urls); i++) {
        struct gcs_place place;
        struct error err = {0};
        assert_int_equal(parse(&arena, urls[i], "", &place, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.message, urls[i]));
        assert_non_null(strstr(err.help, "gs://bucket/prefix"));
    }
}

static void an_emulator_is_named_as_official_clients_take_it(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    static const char *const values[] = {"http://127.0.0.1:9/", "127.0.0.1:9",
                                         "http://127.0.0.1:9/storage/v1/",
                                         "127.0.0.1:9/storage/v1"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        struct gcs_place place;
        struct error err;
        assert_int_equal(parse(&arena, "gs://bucket", values[i], &place, &err), 0);
        assert_true(place.is_emulator);
        assert_str(place.endpoint, "http://127.0.0.1:9");
    }
}

static void a_name_is_one_segment_of_an_url(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct gcs_place place;
    struct error err;
    struct str name = {0};
    (void)state;
    assert_int_equal(parse(&arena, "gs://bucket/p", "", &place, &err), 0);
    assert_int_equal(gcs_name(&place, &arena, STR("a b/\xc3\xa9+~%"), &name, &err), 0);
    assert_str(name, "p/a b/\xc3\xa9+~%");
    assert_str(gcs_object_url(&place, &arena, name),
               "https://storage.googleapis.com/storage/v1/b/bucket/o/p%2Fa%20b%2F%C3%A9%2B~%25");
    assert_str(gcs_list_url(&place, &arena),
               "https://storage.googleapis.com/storage/v1/b/bucket/o");
    assert_str(gcs_upload_url(&place, &arena),
               "https://storage.googleapis.com/upload/storage/v1/b/bucket/o");
    assert_str(gcs_link(&place, &arena, STR("a b/c")),
               "https://storage.cloud.google.com/bucket/p/a%20b/c");
}

static void names_that_google_refuses_are_refused_before(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct gcs_place place;
    struct error err = {0};
    struct str name;
    char longest[GCS_NAME_BYTES_MAX + 1];
    (void)state;
    memset(longest, 'a', sizeof longest);
    assert_int_equal(parse(&arena, "gs://bucket", "", &place, &err), 0);
    assert_int_equal(
        gcs_name(&place, &arena, (struct str){longest, GCS_NAME_BYTES_MAX}, &name, &err), 0);
    assert_int_equal(
        gcs_name(&place, &arena, (struct str){longest, GCS_NAME_BYTES_MAX + 1}, &name, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(gcs_name(&place, &arena, STR(".well-known/acme-challenge/x"), &name, &err),
                     -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(gcs_name(&place, &arena, STR("a\xff"), &name, &err), -1);
    assert_non_null(strstr(err.message, "UTF-8"));
}

static void only_names_below_the_prefix_are_keys(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct gcs_place place;
    struct error err;
    struct str key;
    (void)state;
    assert_int_equal(parse(&arena, "gs://bucket/p", "", &place, &err), 0);
    assert_true(gcs_key_of_name(&place, STR("p/a/b"), &key));
    assert_str(key, "a/b");
    assert_false(gcs_key_of_name(&place, STR("p"), &key));
    assert_false(gcs_key_of_name(&place, STR("p/"), &key));
    assert_false(gcs_key_of_name(&place, STR("px/a"), &key));
    assert_false(gcs_key_of_name(&place, STR("p/a/"), &key));
    assert_false(gcs_key_of_name(&place, STR("p/a//b"), &key));
    assert_false(gcs_key_of_name(&place, STR("p/../b"), &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_buckets_and_prefixes),
        cmocka_unit_test(other_addresses_are_refused),
        cmocka_unit_test(an_emulator_is_named_as_official_clients_take_it),
        cmocka_unit_test(a_name_is_one_segment_of_an_url),
        cmocka_unit_test(names_that_google_refuses_are_refused_before),
        cmocka_unit_test(only_names_below_the_prefix_are_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
