#include "test.h"

#include "base/error.h"
#include "store/gcs_problem.h"
#include "store/http.h"

static const struct gcs_subject SUBJECT = {.doing = GCS_READ,
                                           .address = {"gs://bucket/k", 13},
                                           .bucket = {"bucket", 6},
                                           .host = {"host", 4},
                                           .who = {"user credentials of 'file'", 26},
                                           .next_step = {"log in", 6}};

static struct error problem_of(enum gcs_doing doing, int status, const char *body)
{
    struct gcs_subject subject = SUBJECT;
    struct http_answer answer = {
        .status = status, .reason_phrase = STR("Phrase"), .body = str_from(body)};
    struct error err = {0};
    subject.doing = doing;
    assert_int_equal(gcs_problem(&subject, &answer, &err), -1);
    return err;
}

#define FORBIDDEN(message, reason)                                                           \
    "{\"error\":{\"code\":403,\"message\":\"" message "\",\"errors\":[{\"reason\":\"" reason \
    "\"}]}}"

static void each_answer_has_a_message_of_its_own(void **state)
{
    static const struct {
        enum gcs_doing doing;
        int status;
        const char *body;
        enum error_kind kind;
        const char *message, *help;
    } rows[] = {
        {GCS_READ, 404, "No such object: b/k", ERROR_NOT_FOUND, "it is not there", ""},
        {GCS_READ, 401, "", ERROR_NOT_ALLOWED,
         "'host' does not accept user credentials of 'file' (401 Phrase)", "log in"},
        {GCS_READ, 403, FORBIDDEN("no", "forbidden"), ERROR_NOT_ALLOWED,
         "no permission for user credentials of 'file' (403 forbidden: no)", "storage.objects.get"},
        {GCS_LIST, 403, "", ERROR_NOT_ALLOWED, "(403 Phrase)", "storage.objects.list"},
        {GCS_CREATE, 403, "", ERROR_NOT_ALLOWED, "(403 Phrase)", "roles/storage.objectCreator"},
        {GCS_REPLACE, 403, "", ERROR_NOT_ALLOWED, "(403 Phrase)", "storage.objects.delete"},
        {GCS_READ, 403, FORBIDDEN("x lacks serviceusage.services.use", "forbidden"),
         ERROR_NOT_ALLOWED, "lacks", "roles/serviceusage.serviceUsageConsumer"},
        {GCS_READ, 403, FORBIDDEN("slow", "rateLimitExceeded"), ERROR_UNREACHABLE,
         "takes no more requests for now", "later"},
        {GCS_READ, 400, FORBIDDEN("requester pays", "required"), ERROR_NOT_ALLOWED,
         "its readers pay", "set-quota-project"},
        {GCS_CREATE, 412, "", ERROR_CONFLICT, "it is there already", ""},
        {GCS_REPLACE, 412, "", ERROR_CONFLICT, "somebody else changed it meanwhile", ""},
        {GCS_READ, 429, "", ERROR_UNREACHABLE, "takes no more requests", "later"},
        {GCS_READ, 503, "<html>", ERROR_UNREACHABLE, "(503 Phrase), again and again", "outages"},
        {GCS_READ, 302, "", ERROR_UNREACHABLE, "sends elsewhere (302)", "https_proxy"},
        {GCS_READ, 400, "bad\nworse", ERROR_FAILED, "refuses it (400 Phrase: bad)", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct error err = problem_of(rows[i].doing, rows[i].status, rows[i].body);
        assert_int_equal(err.kind, rows[i].kind);
        assert_non_null(strstr(err.message, "'gs://bucket/k': "));
        assert_non_null(strstr(err.message, rows[i].message));
        assert_non_null(strstr(err.help, rows[i].help));
    }
}

static void no_answer_says_why(void **state)
{
    static const struct {
        enum attempt_failure failure;
        enum error_kind kind;
        const char *message;
    } rows[] = {
        {ATTEMPT_NOT_SENT, ERROR_UNREACHABLE, "'host' cannot be reached: why"},
        {ATTEMPT_LOST, ERROR_UNREACHABLE, "'host' cannot be reached: why"},
        {ATTEMPT_TLS, ERROR_UNREACHABLE, "'host' does not prove who it is: why"},
        {ATTEMPT_LOCAL, ERROR_FAILED, "cannot read 'gs://bucket/k': why"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct http_answer answer = {.failure = rows[i].failure, .problem = STR("why")};
        struct error err = {0};
        assert_int_equal(gcs_problem(&SUBJECT, &answer, &err), -1);
        assert_int_equal(err.kind, rows[i].kind);
        assert_non_null(strstr(err.message, rows[i].message));
    }
}

static void a_message_is_one_line_that_a_terminal_may_have(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    char body[2000];
    struct http_answer answer = {.status = 400};
    (void)state;
    memset(body, 'x', sizeof body);
    body[0] = '\x1b';
    answer.body = (struct str){body, sizeof body};
    struct gcs_complaint complaint = gcs_complaint_of(&arena, &answer);
    assert_true(complaint.message.n < 500);
    assert_true(str_starts(complaint.message, STR("\\x1bxxx")));
    answer.body = STR("{\"error\": {\"message\": 5, \"errors\": {}}}");
    assert_int_equal(gcs_complaint_of(&arena, &answer).message.n, 0);
}

static void only_some_404_may_be_the_buckets(void **state)
{
    struct http_answer object = {.status = 404, .body = STR("No such object: bucket/k")};
    struct http_answer bucket = {.status = 404,
                                 .body = STR("The specified bucket does not exist.")};
    struct http_answer refused = {.status = 403, .body = STR("bucket")};
    (void)state;
    assert_false(gcs_may_lack_bucket(GCS_READ, &object));
    assert_true(gcs_may_lack_bucket(GCS_READ, &bucket));
    assert_true(gcs_may_lack_bucket(GCS_LIST, &object));
    assert_true(gcs_may_lack_bucket(GCS_CREATE, &object));
    assert_false(gcs_may_lack_bucket(GCS_READ, &refused));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_has_a_message_of_its_own),
        cmocka_unit_test(no_answer_says_why),
        cmocka_unit_test(a_message_is_one_line_that_a_terminal_may_have),
        cmocka_unit_test(only_some_404_may_be_the_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
