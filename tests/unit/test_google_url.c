#include "test.h"

#include "base/error.h"
#include "store/google_url.h"

static void assert_allowed(const char *url, enum google_service service, bool allowed)
{
    struct error err = {0};
    int status = google_url_check(str_from(url), service, "member", &err);

    if ((status == 0) != allowed) {
        fail_msg("'%s': %s", url, status == 0 ? "allowed" : err.message);
    }
    if (status != 0) {
        assert_int_equal(err.kind, ERROR_NOT_ALLOWED);
        assert_non_null(strstr(err.message, "'member'"));
    }
}

static void each_service_has_its_own_hosts(void **state)
{
    (void)state;
    static const char IMPERSONATION[] =
        "https://iamcredentials.googleapis.com/v1/projects/-/"
        "serviceAccounts/a@b.iam.gserviceaccount.com:generateAccessToken";
    static const char *const URLS[] = {
        [GOOGLE_TOKEN] = "https://oauth2.googleapis.com/token",
        [GOOGLE_EXCHANGE] = "https://sts.googleapis.com/v1/token",
        [GOOGLE_IMPERSONATION] = IMPERSONATION,
    };

    for (int url = GOOGLE_TOKEN; url <= GOOGLE_IMPERSONATION; url++) {
        for (int service = GOOGLE_TOKEN; service <= GOOGLE_IMPERSONATION; service++) {
            assert_allowed(URLS[url], (enum google_service)service, url == service);
        }
        assert_allowed(URLS[url], GOOGLE_SUBJECT, true);
    }
    assert_allowed("https://www.googleapis.com/oauth2/v4/token", GOOGLE_TOKEN, true);
    assert_allowed("https://accounts.google.com/o/oauth2/token", GOOGLE_TOKEN, true);
}

/* Buckets are served from names below Google's own. */
static void names_that_look_like_it_are_others(void **state)
{
    (void)state;
    static const char *const URLS[] = {
        "https://sts.googleapis.com.evil.example/v1/token",
        "https://evil-sts.googleapis.com/v1/token",
        "https://bucket.storage.googleapis.com/sts.googleapis.com",
        "https://googleapis.com/",
        "https://sts.googleapis.com:8443/v1/token",
        "https://sts.googleapis.com./v1/token",
        "https://sts.googleapis.com@evil.example/",
        "https://sts.googleapis.com:x@evil.example/",
        "https://evil.example@sts.googleapis.com/",
        "https://evil.example#@sts.googleapis.com/",
        "https://evil.example\\.sts.googleapis.com/",
        "https://sts.googleapis.com\r\n/",
        "https://sts.googleapis.com /",
        "http://sts.googleapis.com/v1/token",
        "ftp://sts.googleapis.com/v1/token",
        "//sts.googleapis.com/v1/token",
        "sts.googleapis.com",
        "https://",
        "",
    };

    for (size_t i = 0; i < ARRAY_COUNT(URLS); i++) {
        assert_allowed(URLS[i], GOOGLE_EXCHANGE, false);
    }
}

static void a_loopback_address_may_be_anything(void **state)
{
    (void)state;
    for (int service = GOOGLE_TOKEN; service <= GOOGLE_SUBJECT; service++) {
        assert_allowed("http://127.0.0.1:8080/x", (enum google_service)service, true);
        assert_allowed("http://localhost/x", (enum google_service)service, true);
        assert_allowed("http://[::1]:8080/x", (enum google_service)service, true);
        assert_allowed("http://127.0.0.1.evil.example/x", (enum google_service)service, false);
        assert_allowed("http://localhost.evil.example/x", (enum google_service)service, false);
        assert_allowed("http://127.0.0.1@evil.example/x", (enum google_service)service, false);
    }
}

static void a_subject_comes_from_any_host_over_https(void **state)
{
    (void)state;
    assert_allowed("https://pipelines.actions.example/oidc?a=b", GOOGLE_SUBJECT, true);
    assert_allowed("http://pipelines.actions.example/oidc?a=b", GOOGLE_SUBJECT, false);
    assert_allowed("http://169.254.169.254/metadata/identity", GOOGLE_SUBJECT, true);
    assert_allowed("http://169.254.169.254/metadata/identity", GOOGLE_EXCHANGE, false);
    assert_true(google_url_is_near(STR("http://169.254.169.254/metadata/identity")));
    assert_true(google_url_is_near(STR("http://127.0.0.1:1/")));
    assert_false(google_url_is_near(STR("https://sts.googleapis.com/")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_service_has_its_own_hosts),
        cmocka_unit_test(names_that_look_like_it_are_others),
        cmocka_unit_test(a_loopback_address_may_be_anything),
        cmocka_unit_test(a_subject_comes_from_any_host_over_https),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
