#include "test.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/table.h"
#include "job/address.h"
#include "manifest/manifest.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static struct value text(const char *text)
{
    return (struct value){.text = str_from(text)};
}

static struct param *param(struct arena *arena, const char *name, bool variant)
{
    struct param *param = arena_alloc(arena, sizeof *param);

    *param = (struct param){.name = str_from(name), .variant = variant};
    return param;
}

static void a_variant_is_sorted_by_name_and_encoded(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct str items[] = {STR("one"), STR("two+2")};
    struct param *params[] = {
        param(&arena, "z", true),        param(&arena, "mode", true),
        param(&arena, "jobs", false),    param(&arena, "mode-x", true),
        param(&arena, "features", true),
    };
    struct value values[] = {
        text("a/b c"),
        text(""),
        text("8"),
        text("true"),
        {.is_list = true, .items = items, .count = 2},
    };
    struct manifest manifest = {.params = params, .param_count = ARRAY_COUNT(params)};

    (void)state;
    assert_str(address_variant(&arena, &manifest, values),
               "features=one+two%2B2,mode=,mode-x=true,z=a%2Fb%20c");
}

static void a_job_without_variant_params_has_no_variant_segment(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct param *params[] = {param(&arena, "jobs", false)};
    struct value values[] = {text("8")};
    struct manifest manifest = {.params = params, .param_count = 1};
    struct address address = {.environment = STR("dev"), .commit = STR(COMMIT), .job = STR("b")};

    (void)state;
    address.variant = address_variant(&arena, &manifest, values);
    assert_str(address.variant, "");
    assert_str(address_key(&arena, &address), "dev/" COMMIT "/b");
    assert_str(address_receipt_key(&arena, &address), "dev/" COMMIT "/b/receipt.json");
}

static void a_long_variant_becomes_its_digest(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    char bytes[200];
    struct param *params[] = {param(&arena, "x", true)};
    struct manifest manifest = {.params = params, .param_count = 1};

    (void)state;
    memset(bytes, 'v', sizeof bytes);
    struct value fits = {.text = {bytes, 198}};
    struct value over = {.text = {bytes, 199}};
    assert_int_equal(address_variant(&arena, &manifest, &fits).n, 200);

    struct str whole = address_variant_long(&arena, &manifest, &over);
    assert_int_equal(whole.n, 201);
    struct str hex = sha256_hex(&arena, whole);
    assert_str(address_variant(&arena, &manifest, &over),
               str_format(&arena, "sha256=%.*s", STR_ARG(hex)).s);
}

static const char *const ODD[] = {"",    "a",   "b",     "A", "+", ",",  "=", "%",
                                  "%2B", "a+b", "a,b=c", "/", ".", "..", " ", "\xc3\xa9"};

/* What addresses were seen: a second of one fails the test. */
static void expect_new(struct table *seen, struct str variant)
{
    void **known = table_at(seen, variant);

    if (*known != NULL) {
        fail_msg("two values have the address '%.*s'", STR_ARG(variant));
    }
    *known = seen;
}

static void no_two_texts_share_an_address(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct param *params[] = {param(&arena, "a", true), param(&arena, "a-b", true)};
    struct manifest manifest = {.params = params, .param_count = ARRAY_COUNT(params)};
    struct table seen = table_make(&arena);

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ODD); i++) {
        for (size_t j = 0; j < ARRAY_COUNT(ODD); j++) {
            struct value values[] = {text(ODD[i]), text(ODD[j])};
            expect_new(&seen, address_variant(&arena, &manifest, values));
        }
    }
}

/* All lists of up to two elements that a param with these elements takes. */
static void expect_new_lists(struct arena *arena, const struct domain *domain)
{
    struct param *params[] = {param(arena, "l", true)};
    struct manifest manifest = {.params = params, .param_count = 1};
    struct table seen = table_make(arena);

    for (size_t i = 0; i <= ARRAY_COUNT(ODD); i++) {
        for (size_t j = 0; j <= ARRAY_COUNT(ODD); j++) {
            struct error err = {0};
            struct str items[2];
            struct value canonical;
            struct value list = {.is_list = true, .items = items};
            if (i < ARRAY_COUNT(ODD)) {
                items[list.count++] = str_from(ODD[i]);
            }
            if (j < ARRAY_COUNT(ODD)) {
                items[list.count++] = str_from(ODD[j]);
            }
            bool is_shown_before = i == ARRAY_COUNT(ODD) && j < ARRAY_COUNT(ODD);
            if (!is_shown_before &&
                domain_check_value(domain, arena, &list, &canonical, &err) == 0) {
                expect_new(&seen, address_variant(arena, &manifest, &canonical));
            }
        }
    }
    assert_true(seen.count > 100);
}

static void no_two_lists_share_an_address(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    const struct domain element = {.type = TYPE_STRING, .has_min_length = true};
    struct domain list = {.type = TYPE_LIST, .of = &element};

    (void)state;
    expect_new_lists(&arena, &list);
    list.has_min_length = true;
    expect_new_lists(&arena, &list);
}

static void a_value_that_is_the_digest_of_another_has_its_own_address(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    char bytes[300];
    struct param *params[] = {param(&arena, "sha256", true)};
    struct manifest manifest = {.params = params, .param_count = 1};

    (void)state;
    memset(bytes, 'v', sizeof bytes);
    struct value value = {.text = {bytes, sizeof bytes}};
    struct str first = address_variant(&arena, &manifest, &value);
    struct value digest = {.text = str_after(first, sizeof "sha256=" - 1)};
    assert_int_equal(digest.text.n, 64);
    assert_false(str_equal(address_variant(&arena, &manifest, &digest), first));
}

static void a_file_lies_below_content_and_output(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct address address = {
        .environment = STR("CI"),
        .commit = STR(COMMIT),
        .job = STR("build"),
        .variant = STR("platform=linux-x64"),
    };

    (void)state;
    assert_str(address_key(&arena, &address), "CI/" COMMIT "/build/platform=linux-x64");
    assert_str(
        address_file_key(&arena, &address, STR("00112233445566ff"), STR("bin"), STR("d/tool")),
        "CI/" COMMIT "/build/platform=linux-x64/00112233445566ff/bin/d/tool");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variant_is_sorted_by_name_and_encoded),
        cmocka_unit_test(a_job_without_variant_params_has_no_variant_segment),
        cmocka_unit_test(a_long_variant_becomes_its_digest),
        cmocka_unit_test(no_two_texts_share_an_address),
        cmocka_unit_test(no_two_lists_share_an_address),
        cmocka_unit_test(a_value_that_is_the_digest_of_another_has_its_own_address),
        cmocka_unit_test(a_file_lies_below_content_and_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
