#include "test.h"

#include "base/error.h"
#include "sys/library.h"

static double (*own_function)(double);

static void a_library_that_is_not_there_says_what_to_install(void **state)
{
    (void)state;
    static const char *const files[] = {"libno-such-thing.so.1", NULL};
    static const struct library_symbol symbols[] = {{"f", &own_function}, {0}};
    const struct library library = {"libthing", files, "libthing1 (Debian)", symbols};
    struct error err = {0};

    assert_int_equal(library_open(&library, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_ALLOWED);
    assert_non_null(strstr(err.message, "libthing cannot be used: "));
    assert_string_equal(err.help, "install it: libthing1 (Debian)");
}

static void one_that_lacks_a_function_is_too_old(void **state)
{
    (void)state;
    static const char *const files[] = {NULL, NULL};
    static const char *const found[] = {"libno-such-thing.so.1",
#ifdef __APPLE__
                                        "libSystem.dylib",
#else
                                        "libm.so.6",
#endif
                                        NULL};
    static const struct library_symbol symbols[] = {
        {"cos", &own_function}, {"no_such_function", &own_function}, {0}};
    static const struct library_symbol good[] = {{"cos", &own_function}, {0}};
    struct library library = {"libm", found, "libc6 (Debian)", symbols};
    struct error err = {0};

    assert_int_equal(library_open(&library, &err), -1);
    assert_string_equal(err.message, "libm cannot be used: this version of it is too old");
    library.symbols = good;
    err = (struct error){0};
    assert_int_equal(library_open(&library, &err), 0);
    assert_true(own_function(0.0) == 1.0);
    library.files = files;
    assert_int_equal(library_open(&library, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_that_is_not_there_says_what_to_install),
        cmocka_unit_test(one_that_lacks_a_function_is_too_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
