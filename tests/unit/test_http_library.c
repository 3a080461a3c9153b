/* What a machine without libcurl says. The name is looked for among what there is to
 * load, which a process decides at its start: so this program is started anew. */
#include "temp_folder.h"

#include "store/http.h"

#include <sys/wait.h>

#define ANEW "JOBRUN_TEST_ANEW"

static int open_without(void)
{
    struct error err = {0};
    struct http *http = NULL;
    struct arena arena = {0};
    const struct http_options options = {0};
    bool is_right = http_open(&arena, &options, &http, &err) == -1 && !http &&
                    err.kind == ERROR_NOT_ALLOWED &&
                    strstr(err.message, "libcurl, which asks remote stores, cannot be used: ") &&
                    strstr(err.help, "install it: libcurl4 (Debian, Ubuntu), ");
    printf("%s; %s\n", err.message, err.help);
    arena_free(&arena);
    return is_right ? 0 : 1;
}

static void without_libcurl_it_says_what_to_install(void **state)
{
    (void)state;
#ifndef __linux__
    skip(); /* macOS always has one */
#endif
    int status = -1;
    temp_write("libcurl.so.4", "no library");
    temp_write("libcurl-gnutls.so.4", "no library");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setenv("LD_LIBRARY_PATH", temp.path, 1);
        setenv(ANEW, "1", 1);
        execl("/proc/self/exe", "test_http_library", NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    if (getenv(ANEW)) {
        return open_without();
    }
    const struct CMUnitTest tests[] = {
        temp_test(without_libcurl_it_says_what_to_install),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
