#include "test.h"

#include "base/digest.h"

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* The examples of FIPS 180-2, appendix B, and the empty message. */
static void sha256_gives_the_digests_of_fips(void **state)
{
    (void)state;
    assert_str(sha256_hex(&arena, STR("abc")),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_str(sha256_hex(&arena, STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_str(sha256_hex(&arena, (struct str){0}),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void sha256_may_be_fed_in_pieces(void **state)
{
    (void)state;
    unsigned char digest[SHA256_BYTES];
    struct sha256 sha;
    char piece[997];

    memset(piece, 'a', sizeof piece);
    sha256_begin(&sha);
    for (size_t left = 1000000; left > 0;) {
        size_t n = left < sizeof piece ? left : sizeof piece;
        sha256_add(&sha, piece, n);
        sha256_add(&sha, NULL, 0);
        left -= n;
    }
    sha256_end(&sha, digest);
    assert_str(digest_hex(&arena, digest, sizeof digest),
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void a_state_may_be_copied_and_continued(void **state)
{
    (void)state;
    unsigned char digest[SHA256_BYTES];
    struct sha256 sha;

    sha256_begin(&sha);
    sha256_add(&sha, "ab", 2);
    struct sha256 copy = sha;
    sha256_add(&sha, "x", 1);
    sha256_end(&sha, digest);
    sha256_add(&copy, "c", 1);
    sha256_end(&copy, digest);
    assert_true(
        str_equal(digest_hex(&arena, digest, sizeof digest), sha256_hex(&arena, STR("abc"))));
}

static void only_64_lower_case_digits_are_a_digest(void **state)
{
    (void)state;
    struct str good = sha256_hex(&arena, STR("abc"));
    char *bad = arena_copy(&arena, good.s, good.n);

    assert_true(digest_is_sha256_hex(good));
    assert_false(digest_is_sha256_hex(str_slice(good, 0, 63)));
    assert_false(digest_is_sha256_hex(str_format(&arena, "%s0", good.s)));
    assert_false(digest_is_sha256_hex(STR("")));
    bad[10] = 'A';
    assert_false(digest_is_sha256_hex(str_from(bad)));
    bad[10] = 'g';
    assert_false(digest_is_sha256_hex(str_from(bad)));
}

static void assert_crc(const void *bytes, size_t n, uint32_t expected)
{
    assert_int_equal(crc32c(0, bytes, n), expected);
    assert_int_equal(crc32c_by_table(0, bytes, n), expected);
}

/* RFC 3720, appendix B.4. */
static void crc32c_gives_the_checksums_of_rfc_3720(void **state)
{
    (void)state;
    static const unsigned char read_pdu[48] = {
        0x01, 0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02,
    };
    unsigned char bytes[32];

    memset(bytes, 0, sizeof bytes);
    assert_crc(bytes, sizeof bytes, 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    assert_crc(bytes, sizeof bytes, 0x62A8AB43);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)i;
    }
    assert_crc(bytes, sizeof bytes, 0x46DD794E);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(31 - i);
    }
    assert_crc(bytes, sizeof bytes, 0x113FDB5C);
    assert_crc(read_pdu, sizeof read_pdu, 0xD9963A56);
    assert_crc("123456789", 9, 0xE3069283);
    assert_crc("", 0, 0);
}

static void crc32c_continues_and_agrees_with_the_table(void **state)
{
    (void)state;
    unsigned char bytes[1024];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 131 + i / 7);
    }
    uint32_t whole = crc32c(0, bytes, sizeof bytes);
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        uint32_t head = crc32c(0, bytes, cut);
        assert_int_equal(head, crc32c_by_table(0, bytes, cut));
        assert_int_equal(crc32c(head, bytes + cut, sizeof bytes - cut), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_digests_of_fips),
        cmocka_unit_test(sha256_may_be_fed_in_pieces),
        cmocka_unit_test(a_state_may_be_copied_and_continued),
        cmocka_unit_test(only_64_lower_case_digits_are_a_digest),
        cmocka_unit_test(crc32c_gives_the_checksums_of_rfc_3720),
        cmocka_unit_test(crc32c_continues_and_agrees_with_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
