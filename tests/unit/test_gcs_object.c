#include "test.h"

#include "base/error.h"
#include "store/gcs_object.h"
#include "store/http.h"

static void checksums_are_base64_with_the_highest_byte_first(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    uint32_t crc = 0;
    (void)state;
    assert_str(gcs_crc32c_format(&arena, 0xe3069283), "4waSgw==");
    assert_true(gcs_crc32c_parse(STR("NT3Yvg=="), &crc));
    assert_int_equal(crc, 0x353dd8be);
    assert_false(gcs_crc32c_parse(STR(""), &crc));
    assert_false(gcs_crc32c_parse(STR("NT3Yvg"), &crc));
    assert_false(gcs_crc32c_parse(STR("NT3YvgNT3Yvg"), &crc));
    assert_false(gcs_crc32c_parse(STR("!T3Yvg=="), &crc));
}

static void the_header_of_checksums_has_any_order(void **state)
{
    static const char *const headers[] = {
        "crc32c=4waSgw==", "crc32c=4waSgw==,md5=XUFAKrxLKna5cZ2REBfFkg==",
        "md5=XUFAKrxLKna5cZ2REBfFkg==, crc32c=4waSgw=="};
    uint32_t crc;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(headers); i++) {
        crc = 0;
        assert_true(gcs_hash_crc32c(str_from(headers[i]), &crc));
        assert_int_equal(crc, 0xe3069283);
    }
    assert_false(gcs_hash_crc32c(STR("md5=XUFAKrxLKna5cZ2REBfFkg=="), &crc));
    assert_false(gcs_hash_crc32c(STR(""), &crc));
    assert_false(gcs_hash_crc32c(STR("crc32c="), &crc));
}

static void what_an_upload_keeps_is_in_its_range(void **state)
{
    uint64_t kept = 1;
    (void)state;
    assert_true(gcs_range_kept(STR(""), &kept));
    assert_int_equal(kept, 0);
    assert_true(gcs_range_kept(STR("bytes=0-4194303"), &kept));
    assert_int_equal(kept, 4194304);
    assert_false(gcs_range_kept(STR("bytes=1-9"), &kept));
    assert_false(gcs_range_kept(STR("bytes=0--1"), &kept));
    assert_false(gcs_range_kept(STR("bytes=0-9223372036854775807"), &kept));
    assert_false(gcs_range_kept(STR("bytes=0-x"), &kept));
}

static void a_part_says_where_it_begins_and_how_large_the_whole_is(void **state)
{
    uint64_t total = 0;
    (void)state;
    assert_true(gcs_content_range(STR("bytes 5-9/10"), 5, &total));
    assert_int_equal(total, 10);
    assert_false(gcs_content_range(STR("bytes 4-9/10"), 5, &total));
    assert_false(gcs_content_range(STR("bytes 5-9/*"), 5, &total));
    assert_false(gcs_content_range(STR("5-9/10"), 5, &total));
    assert_false(gcs_content_range(STR(""), 0, &total));
}

static void an_object_has_a_name_a_generation_and_a_size(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct gcs_object object;
    struct error err;
    (void)state;
    assert_int_equal(
        gcs_object_parse(&arena,
                         STR("{\"name\":\"a\",\"generation\":\"17\",\"size\":\"12\",\"x\":[],"
                             "\"crc32c\":\"4waSgw==\",\"metadata\":{\"sha256\":\"ab\","
                             "\"jobrun-attempt\":\"id\"}}"),
                         &object, &err),
        0);
    assert_str(object.name, "a");
    assert_str(object.generation, "17");
    assert_int_equal(object.size_bytes, 12);
    assert_true(object.has_crc32c);
    assert_int_equal(object.crc32c, 0xe3069283);
    assert_str(object.sha256, "ab");
    assert_str(object.attempt, "id");
    assert_int_equal(gcs_object_parse(&arena,
                                      STR("{\"name\":\"a\",\"generation\":\"1\",\"size\":0}"),
                                      &object, &err),
                     0);
    assert_false(object.has_crc32c);
    assert_null(object.sha256.s);
}

static void what_describes_no_object_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "<html>",
        "[]",
        "{}",
        "{\"name\":\"a\",\"size\":\"1\"}",
        "{\"name\":\"a\",\"generation\":\"0\",\"size\":\"1\"}",
        "{\"name\":\"a\",\"generation\":\"x\",\"size\":\"1\"}",
        "{\"name\":\"a\",\"generation\":\"1\",\"size\":\"-1\"}",
        "{\"name\":\"a\",\"generation\":\"1\",\"size\":\"99999999999999999999\"}",
        "{\"name\":1,\"generation\":\"1\",\"size\":\"1\"}"};
    struct arena arena CLEANUP(arena_free) = {0};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct gcs_object object;
        struct error err = {0};
        assert_int_equal(gcs_object_parse(&arena, str_from(texts[i]), &object, &err), -1);
        assert_non_null(strstr(err.message, "the answer describes no object"));
    }
}

static void an_upload_declares_its_checksum_and_no_encoding(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct gcs_upload_metadata metadata = {.name = STR("a\"b"),
                                           .content_type = STR("text/plain"),
                                           .cache_control = STR("no-store"),
                                           .sha256 = STR("ab"),
                                           .attempt = STR("id"),
                                           .crc32c = 0xe3069283};
    (void)state;
    assert_str(
        gcs_upload_metadata_format(&arena, &metadata),
        "{\"name\":\"a\\\"b\",\"contentType\":\"text/plain\",\"cacheControl\":\"no-store\","
        "\"crc32c\":\"4waSgw==\",\"metadata\":{\"sha256\":\"ab\",\"jobrun-attempt\":\"id\"}}");
}

static void the_headers_of_a_download_name_its_generation(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct http_answer answer = {
        .headers =
            STR("x-goog-generation: 17\nx-goog-hash: md5=x\nx-goog-hash: crc32c=4waSgw==\n")};
    struct gcs_media media = gcs_media_of(&arena, &answer);
    (void)state;
    assert_str(media.generation, "17");
    assert_true(media.has_crc32c);
    answer.headers = STR("x-goog-generation: none\n");
    media = gcs_media_of(&arena, &answer);
    assert_int_equal(media.generation.n, 0);
    assert_false(media.has_crc32c);
}

static void ids_are_random_uuids(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct str a = gcs_uuid(&arena);
    (void)state;
    assert_int_equal(a.n, 36);
    assert_int_equal(a.s[14], '4');
    assert_non_null(strchr("89ab", a.s[19]));
    assert_false(str_equal(a, gcs_uuid(&arena)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_are_base64_with_the_highest_byte_first),
        cmocka_unit_test(the_header_of_checksums_has_any_order),
        cmocka_unit_test(what_an_upload_keeps_is_in_its_range),
        cmocka_unit_test(a_part_says_where_it_begins_and_how_large_the_whole_is),
        cmocka_unit_test(an_object_has_a_name_a_generation_and_a_size),
        cmocka_unit_test(what_describes_no_object_is_refused),
        cmocka_unit_test(an_upload_declares_its_checksum_and_no_encoding),
        cmocka_unit_test(the_headers_of_a_download_name_its_generation),
        cmocka_unit_test(ids_are_random_uuids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
