#include "test.h"

#include "base/digest.h"
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
        cmocka_unit_test(a_file_lies_below_content_and_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
