/* What every unit test includes first: cmocka and what cmocka needs before it. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

/* Compares a struct str with a C string and shows both where they differ. */
#define assert_str(text, expected)                                                       \
    do {                                                                                 \
        struct str text_ = (text);                                                       \
        struct str expected_ = str_from(expected);                                       \
        if (!str_equal(text_, expected_))                                                \
            fail_msg("got '%.*s', expected '%.*s'", STR_ARG(text_), STR_ARG(expected_)); \
    } while (0)

#endif
