"""Google credentials: each kind against a token service that checks what it receives."""
import json
import os
import subprocess
import sys
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from conftest import JOBRUN, KEPT, REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

import google_tokens
from google_tokens import METADATA_TOKEN, SCOPE_CLOUD, SCOPE_STORAGE, TokenService, digest

PROGRAM = JOBRUN.parent / "support" / "google_token"
EMAIL = "deploy@project.iam.gserviceaccount.com"
IMPERSONATE = f"/v1/projects/-/serviceAccounts/{EMAIL}:generateAccessToken"
LOG_IN = "gcloud auth application-default login"


class Outcome:
    def __init__(self, completed):
        self.status = completed.returncode
        self.text = completed.stdout
        self.err = completed.stderr
        self.lines = [line.split(": ", 1) for line in completed.stdout.splitlines()]

    def __repr__(self):
        return f"status {self.status}\n{self.text}\n{self.err}"

    def all(self, name):
        return [value for line, value in self.lines if line == name]

    def one(self, name):
        (value,) = self.all(name)
        return value

    def gets(self, *tokens):
        assert self.status == 0, self
        assert self.all("get") == [digest(token) for token in tokens], self
        return self

    def fails(self, kind, *texts):
        assert self.status == 1, self
        assert f"kind: {kind}" in self.err, self
        for text in texts:
            assert text in self.err, self
        return self


class Machine:
    """Where the program runs: a home, files, variables."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        # A connection that fails must not be tried again for minutes.
        self.environment.update(HOME=str(folder), NO_GCE_CHECK="true", JOBRUN_STORE_TIMEOUT="20")

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def use(self, content):
        path = self.write("credentials.json", content)
        self.environment["GOOGLE_APPLICATION_CREDENTIALS"] = path
        return path

    def run(self, *commands, **variables):
        return Outcome(subprocess.run(
            [str(PROGRAM), *commands], env={**self.environment, **variables}, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60))


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture(scope="module")
def key():
    return google_tokens.Key()


@pytest.fixture
def service(key):
    """Its problems are the test's, unless the test has looked at them."""
    with TokenService([key]) as service:
        yield service
    assert service.problems == []


@pytest.fixture
def user(service):
    return {"type": "authorized_user", "token_uri": service.url + "/token", **service.user}


def external(service, source, **more):
    service.exchange = {"audience": "//iam.googleapis.com/projects/1/providers/p",
                        "scope": SCOPE_STORAGE,
                        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}
    return {"type": "external_account", "audience": service.exchange["audience"],
            "subject_token_type": service.exchange["subject_token_type"],
            "token_url": service.url + "/v1/token", "credential_source": source, **more}


def github(service, **more):
    """The file that google-github-actions/auth writes."""
    service.oidc_authorization = "Bearer of-the-runner"
    return external(service, {
        "url": service.url + "/oidc?api-version=2.0&audience=https%3A%2F%2Fiam.googleapis.com",
        "headers": {"Authorization": "Bearer of-the-runner"},
        "format": {"type": "json", "subject_token_field_name": "value"}}, **more)


def impersonated(service, source, **more):
    return {"type": "impersonated_service_account", "source_credentials": source,
            "service_account_impersonation_url": service.url + IMPERSONATE, **more}


# --- the order ---

def test_nothing_found_says_how_to_log_in(machine):
    machine.run("get").fails("not allowed", "there are no Google credentials", LOG_IN,
                             "GOOGLE_APPLICATION_CREDENTIALS", "google-github-actions/auth",
                             "JOBRUN_GCS_ANONYMOUS=1")


def test_an_emulator_gets_no_credentials(machine, user, service):
    machine.use(user)
    outcome = machine.run("--emulator", "get", "describe")
    assert outcome.one("get") == "none" and "anonymous" in outcome.one("describe")
    assert service.requests == []


def test_an_emulator_gets_a_token_that_is_given(machine):
    machine.run("--emulator", "get", CLOUDSDK_AUTH_ACCESS_TOKEN="abc").gets("abc")


def test_anonymous_comes_before_all(machine, user, service):
    machine.use(user)
    outcome = machine.run("get", "refuse", "next-step", JOBRUN_GCS_ANONYMOUS="1",
                          CLOUDSDK_AUTH_ACCESS_TOKEN="abc")
    assert outcome.one("get") == "none" and outcome.one("refuse") == "no other"
    assert "JOBRUN_GCS_ANONYMOUS" in outcome.one("next-step")
    assert service.requests == []


def test_anonymous_is_one_or_nothing(machine):
    machine.run("get", JOBRUN_GCS_ANONYMOUS="0", CLOUDSDK_AUTH_ACCESS_TOKEN="a").gets("a")
    machine.run("get", JOBRUN_GCS_ANONYMOUS="").fails("not allowed", "no Google credentials")
    machine.run("get", JOBRUN_GCS_ANONYMOUS="yes").fails(
        "usage", "JOBRUN_GCS_ANONYMOUS is neither 1 nor 0")


def test_a_given_token_comes_before_files_and_is_never_renewed(machine, user, service):
    machine.use(user)
    outcome = machine.run("get", "refuse", "describe", "next-step",
                          CLOUDSDK_AUTH_ACCESS_TOKEN="ya29.abc")
    outcome.gets("ya29.abc")
    assert outcome.one("refuse") == "no other"
    assert outcome.one("describe") == "access token of CLOUDSDK_AUTH_ACCESS_TOKEN"
    assert "gcloud auth print-access-token" in outcome.one("next-step")
    assert service.requests == []


def test_a_token_is_read_from_a_file(machine):
    path = machine.write("token", "  ya29.of-a-file\n")
    outcome = machine.run("get", "describe", CLOUDSDK_AUTH_ACCESS_TOKEN_FILE=path)
    outcome.gets("ya29.of-a-file")
    assert path in outcome.one("describe")


@pytest.mark.parametrize("content, text", [
    (None, "cannot use CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"),
    ("", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: the access token is empty"),
    ("two words", "holds characters that none has"),
    ("x" * 16385, "cannot use CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"),
])
def test_a_file_without_a_token_is_refused(machine, content, text):
    path = str(machine.folder / "none") if content is None else machine.write("token", content)
    outcome = machine.run("get", CLOUDSDK_AUTH_ACCESS_TOKEN_FILE=path)
    outcome.fails("not allowed", text)
    assert "two words" not in outcome.err


def test_a_token_with_a_line_end_never_becomes_a_header(machine):
    machine.run("get", CLOUDSDK_AUTH_ACCESS_TOKEN="a\r\nX-Other: b").fails(
        "not allowed", "CLOUDSDK_AUTH_ACCESS_TOKEN: the access token")


def test_the_named_file_comes_before_the_login(machine, user, service, key):
    machine.write(".config/gcloud/application_default_credentials.json", "broken")
    machine.use(user)
    machine.run("get").gets(*service.issued)
    assert len(service.issued) == 1


@pytest.mark.parametrize("folder, variables", [
    (".config/gcloud", {}), ("other", {"CLOUDSDK_CONFIG": "{}/other"})])
def test_the_login_of_gcloud_is_found(machine, user, service, folder, variables):
    path = machine.write(f"{folder}/application_default_credentials.json", user)
    outcome = machine.run("get", "describe", "next-step",
                          **{name: value.format(machine.folder)
                             for name, value in variables.items()})
    outcome.gets(*service.issued)
    assert outcome.one("describe") == f"login of gcloud of '{path}'"
    assert LOG_IN in outcome.one("next-step")


def test_a_home_that_cannot_be_reached_has_no_login(machine, service):
    machine.run("get", HOME="/dev/null", GCE_METADATA_HOST=service.host).gets(*service.issued)


def test_a_broken_login_is_an_error_and_not_passed_over(machine):
    path = machine.write(".config/gcloud/application_default_credentials.json", "{")
    machine.run("get").fails("not allowed", path, "line 1")


def test_a_named_file_that_is_missing_names_the_variable(machine, user):
    machine.write(".config/gcloud/application_default_credentials.json", user)
    machine.run("get", GOOGLE_APPLICATION_CREDENTIALS="/nowhere/key.json").fails(
        "not allowed", "GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json", "unset")


@pytest.mark.parametrize("content, texts", [
    ("", ["JSON"]),
    ("[]", ["it has no text 'type'"]),
    ('{"type": 1}', ["it has no text 'type'"]),
    ('{"type": "gdch_service_account"}', ["'gdch_service_account'", "supported are service_acc"]),
    ('{"type": "external_account_authorized_user"}', ["'external_account_authorized_user'"]),
    ('{"type": "authorized_user", "client_id": "a"}', ["'client_secret'", LOG_IN]),
    ('{"type": "authorized_user", "client_id": "", "client_secret": "b"}', ["'client_id'"]),
    ('{"type": "service_account", "universe_domain": "other.example"}', ["universe_domain"]),
    (" " * 65537, ["65536"]),
])
def test_a_broken_file_is_named_with_what_is_wrong(machine, content, texts):
    path = machine.use(content)
    machine.run("get").fails("not allowed", path, *texts)


def test_a_message_about_broken_json_does_not_quote_it(machine):
    machine.use('{"type": "authorized_user", "refresh_token": "very-secret" x}')
    outcome = machine.run("get").fails("not allowed", "line 1")
    assert "very-secret" not in outcome.err


# --- service accounts ---

def test_a_service_account_signs_its_own_token(machine, key):
    path = machine.use(key.file())
    before = int(time.time())
    outcome = machine.run("show", "show", "describe", "next-step")
    first, second = outcome.all("show")
    assert first == second
    _, claims = google_tokens.read_jwt(first, key)
    assert set(claims) == {"iss", "sub", "scope", "iat", "exp"}
    assert claims["iss"] == claims["sub"] == key.email
    assert claims["scope"] == SCOPE_STORAGE
    assert before - 10 <= claims["iat"] <= time.time() - 10
    assert claims["exp"] - claims["iat"] == 3600
    assert outcome.one("describe") == f"service account '{key.email}' of '{path}'"
    assert f"serviceAccount:{key.email}" in outcome.one("next-step")


def test_no_secret_stays_in_memory(machine, key):
    """As far as it is this program's: what the HTTP library has sent is not here, and
    OpenSSL leaves the last line that it read."""
    lines = key.pem().splitlines()
    machine.use(key.file())
    outcome = machine.run("get", f"gone={lines[1]}", f"gone={lines[10]}")
    assert outcome.all("gone") == ["yes", "yes"]
    # It does look: the list of what is mapped is in memory while it is read.
    assert machine.run("gone=r-xp", JOBRUN_GCS_ANONYMOUS="1").one("gone") == "no"


def test_another_token_uri_is_asked_with_an_assertion(machine, key, service):
    machine.use(key.file(service.url + "/token"))
    machine.run("get", "get").gets(*service.issued * 2)
    assert service.asked() == ["POST /token"]


def test_a_clock_that_is_wrong_is_corrected_once(machine, key):
    """The service is an hour and a half ahead: what this machine signs has expired."""
    with TokenService([key], skew_s=5400) as service:
        machine.use(key.file(service.url + "/token"))
        outcome = machine.run("get", "remark").gets(*service.issued)
        assert service.asked() == ["POST /token"] * 2
        assert outcome.one("remark").startswith("the clock of this machine is 5")
        assert "s behind that of" in outcome.one("remark")
    with TokenService([key], skew_s=-5400) as service:
        machine.use(key.file(service.url + "/token"))
        outcome = machine.run("get", "remark").gets(*service.issued)
        assert "s ahead of that of" in outcome.one("remark")


def test_a_refusal_with_the_right_time_is_final(machine, key, service):
    machine.use(key.file(service.url + "/token"))
    service.answer("/token", (400, {"error": "invalid_grant",
                                    "error_description": "Invalid JWT Signature."}, {}))
    machine.run("get", "remark").fails(
        "not allowed", f"cannot get a token from '{service.host}'",
        "HTTP 400 invalid_grant: Invalid JWT Signature.", key.email, "the key may have been")
    assert service.asked() == ["POST /token"]


def test_a_clock_that_stays_wrong_is_not_corrected_twice(machine, key, service):
    machine.use(key.file(service.url + "/token"))
    refusal = (400, {"error": "invalid_grant"}, {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"})
    service.answer("/token", refusal, refusal, refusal)
    machine.run("get").fails("not allowed", "HTTP 400 invalid_grant")
    assert service.asked() == ["POST /token"] * 2


@pytest.mark.parametrize("change, texts", [
    ({"private_key": None}, ["'private_key'"]),
    ({"client_email": None}, ["'client_email'"]),
    ({"private_key": "very-secret"}, ["'private_key': it is no private key in PEM"]),
    ({"token_uri": "https://oauth2.googleapis.com.evil.example/token"},
     ["'token_uri' names the host 'oauth2.googleapis.com.evil.example'"]),
    ({"token_uri": "http://oauth2.googleapis.com/token"}, ["over plain http"]),
])
def test_a_key_file_that_is_not_right_is_refused(machine, key, change, texts):
    content = {name: value for name, value in {**key.file(), **change}.items()
               if value is not None}
    machine.use(content)
    outcome = machine.run("get").fails("not allowed", *texts)
    assert "very-secret" not in outcome.err


@pytest.mark.parametrize("private, encryption, text", [
    (ec.generate_private_key(ec.SECP256R1()), serialization.NoEncryption(), "no RSA key"),
    (ec.generate_private_key(ec.SECP256R1()), serialization.BestAvailableEncryption(b"word"),
     "without a password"),
])
def test_a_key_of_another_kind_is_refused(machine, key, private, encryption, text):
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                encryption)
    machine.use(key.file(private_key=pem.decode()))
    machine.run("get").fails("not allowed", "'private_key'", text)


def test_a_short_key_is_refused(machine):
    machine.use(google_tokens.Key(bits=1024).file())
    machine.run("get").fails("not allowed", "no RSA key of at least 2048 bits")


# --- logins of gcloud ---

def test_a_login_is_refreshed_with_its_fields(machine, user, service):
    machine.use({**user, "quota_project_id": "quota-1"})
    outcome = machine.run("get", "get", "quota-project").gets(*service.issued * 2)
    assert service.asked() == ["POST /token"]
    assert outcome.one("quota-project") == "quota-1"
    outcome = machine.run("quota-project", GOOGLE_CLOUD_QUOTA_PROJECT="other")
    assert outcome.one("quota-project") == "other"


def test_a_quota_project_never_becomes_two_headers(machine, user):
    machine.use({**user, "quota_project_id": "a\r\nb: c"})
    machine.run("get").fails("not allowed", "quota project")


@pytest.mark.parametrize("error", [
    {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    {"error": "invalid_grant", "error_subtype": "invalid_rapt",
     "error_description": "reauth related error (invalid_rapt)"},
    {"error": "invalid_client"},
])
def test_a_login_that_is_over_says_to_log_in_again(machine, user, service, error):
    path = machine.use(user)
    service.answer("/token", (400, error, {}))
    machine.run("get").fails("not allowed", f"login of gcloud of '{path}'", error["error"],
                             error.get("error_description", ""), f"log in again: {LOG_IN}")
    assert service.asked() == ["POST /token"]


def test_no_secret_is_quoted_from_an_answer(machine, user, service):
    machine.use(user)
    service.answer("/token", (400, {"error": "invalid_grant", "error_description":
                                    f"bad {service.user['refresh_token']}"}, {}))
    outcome = machine.run("get").fails("not allowed", "HTTP 400 invalid_grant")
    for secret in service.user.values():
        assert secret == "client" or secret not in outcome.err


def test_control_characters_of_an_answer_are_not_printed(machine, user, service):
    machine.use(user)
    service.answer("/token", (403, {"error": {"status": "DENIED", "message": "a\x1b[2Jb"}}, {}))
    machine.run("get").fails("not allowed", "HTTP 403 DENIED: a\\x1b[2Jb")


# --- what every exchange must stand ---

def test_a_service_that_is_out_of_order_is_asked_again(machine, user, service):
    machine.use(user)
    service.answer("/token", (500, "", {}), "reset", (503, "", {}), (200, None, {}))
    machine.run("get").gets(*service.issued)
    assert service.asked() == ["POST /token"] * 4


def test_a_service_that_stays_out_of_order_is_unreachable(machine, user, service):
    machine.use(user)
    service.answer("/token", *[(503, "<html>", {})] * 100)
    machine.run("get", JOBRUN_STORE_TIMEOUT="1").fails("unreachable", "HTTP 503", "try again")


def test_no_server_is_unreachable(machine, user):
    machine.use({**user, "token_uri": "http://127.0.0.1:1/token"})
    machine.run("get", JOBRUN_STORE_TIMEOUT="1").fails(
        "unreachable", "cannot get a token from '127.0.0.1:1'", "refused")


@pytest.mark.parametrize("body, text", [
    ("", "JSON"),
    ("{", "JSON"),
    ("[]", "the answer has no 'access_token'"),
    ({"expires_in": 1}, "the answer has no 'access_token'"),
    ({"access_token": 5, "expires_in": 1}, "the answer has no 'access_token'"),
    ({"access_token": "secret-1"}, "the answer has no 'expires_in'"),
    ({"access_token": "secret-1", "expires_in": "soon"}, "the answer has no 'expires_in'"),
    ({"access_token": "secret-1", "expires_in": 1.5}, "the answer has no 'expires_in'"),
    ({"access_token": "secret-1", "expires_in": 0}, "has expired already"),
    ({"access_token": "secret-1", "expires_in": -5}, "has expired already"),
    ({"access_token": "secret-1\n", "expires_in": 60}, "holds characters that none has"),
    ({"access_token": "x" * 16385, "expires_in": 60}, "16385 bytes"),
    ({"access_token": "secret-1", "expires_in": 60, "token_type": "mac"}, "of the type 'mac'"),
    (" " * 65537, "65536"),
])
def test_an_answer_without_a_good_token_is_refused(machine, user, service, body, text):
    machine.use(user)
    service.answer("/token", (200, body, {}))
    outcome = machine.run("get")
    assert outcome.status == 1 and text in outcome.err and "login of gcloud" in outcome.err
    assert "secret-1" not in outcome.err


@pytest.mark.parametrize("answer", [
    {"access_token": "a", "expires_in": "3599", "token_type": "bearer"},
    {"access_token": "a", "expires_in": 3599},
    {"access_token": "a", "expires_in": 2 ** 53, "more": [1]},
])
def test_lenient_answers_are_understood(machine, user, service, answer):
    machine.use(user)
    service.answer("/token", (200, answer, {}))
    machine.run("get", "get").gets("a", "a")
    assert len(service.requests) == 1


def test_a_redirect_is_not_followed(machine, user, service):
    machine.use(user)
    service.answer("/token", (307, "", {"Location": service.url + "/other"}))
    machine.run("get").fails("not allowed", "HTTP 307")
    assert service.asked() == ["POST /token"]


def test_a_proxy_does_not_see_what_stays_on_the_machine(machine, user, service):
    machine.use(user)
    machine.run("get", http_proxy="http://127.0.0.1:1", all_proxy="http://127.0.0.1:1").gets(
        *service.issued)


def test_a_token_is_replaced_300_seconds_before_its_end(machine, user, service):
    machine.use(user)
    service.lifetime_s = 290
    machine.run("get", "get").gets(*service.issued)
    assert len(service.issued) == 2
    service.lifetime_s = 330
    machine.run("get", "get").gets(*service.issued[2:] * 2)
    assert len(service.issued) == 3


def test_a_token_that_cannot_be_replaced_is_used_while_it_is_valid(machine, user, service):
    machine.use(user)
    service.lifetime_s = 290
    service.answer("/token", (200, None, {}), (400, {"error": "invalid_grant"}, {}))
    machine.run("get", "get", "get").gets(*service.issued * 3)
    # The third did not ask again: the service has just refused.
    assert len(service.issued) == 1 and service.asked() == ["POST /token"] * 2


def test_a_refused_token_is_replaced(machine, user, service):
    machine.use(user)
    outcome = machine.run("get", "refuse", "get").gets(*service.issued)
    assert outcome.one("refuse") == "another" and len(set(service.issued)) == 2


def test_a_token_that_was_replaced_meanwhile_is_refused_once(machine, user, service):
    """Several requests are answered 401 for one token: one new token is enough."""
    machine.use(user)
    machine.run("get", "refuse", "refuse", "get").gets(*service.issued)
    assert len(service.issued) == 2


def test_a_self_signed_token_that_was_refused_is_exchanged_from_then_on(machine, key, service):
    """The service for it is Google's own, which a test cannot stand in for: no proxy is
    there, and that is said."""
    machine.use(key.file())
    machine.run("get", "refuse", "get", https_proxy="http://127.0.0.1:1",
                JOBRUN_STORE_TIMEOUT="1").fails(
        "unreachable", "cannot get a token from 'oauth2.googleapis.com'")


# --- workload identity federation ---

@pytest.mark.parametrize("source, content", [
    ({}, "  the-subject\n"),
    ({"format": {"type": "text"}}, "the-subject"),
    ({"format": {"type": "json", "subject_token_field_name": "t"}}, '{"t": "the-subject"}'),
])
def test_a_subject_token_of_a_file_is_exchanged(machine, service, source, content):
    path = machine.write("subject", content)
    service.subjects = ["the-subject"]
    machine.use(external(service, {"file": path, **source}))
    outcome = machine.run("get", "describe", "next-step").gets(*service.issued)
    assert outcome.one("describe").startswith(
        "federated identity of '//iam.googleapis.com/projects/1/providers/p'")
    assert "principalSet://" in outcome.one("next-step")


def test_the_subject_token_is_read_anew_for_every_exchange(machine, service):
    machine.use(github(service))
    machine.run("get", "refuse", "get").gets(*service.issued)
    assert service.asked() == ["GET /oidc", "POST /v1/token"] * 2
    assert len(set(service.subjects)) == 2


def test_github_actions_with_impersonation(machine, service):
    machine.use(github(service, service_account_impersonation_url=service.url + IMPERSONATE,
                       service_account_impersonation={"token_lifetime_seconds": 1200}))
    service.exchange["scope"] = SCOPE_CLOUD
    service.impersonation_lifetime_s = 1200
    outcome = machine.run("get", "describe", "next-step")
    outcome.gets(service.issued[-1])
    assert service.asked() == ["GET /oidc", "POST /v1/token", f"POST {IMPERSONATE}"]
    assert f"service account '{EMAIL}'" in outcome.one("describe")
    assert f"serviceAccount:{EMAIL}" in outcome.one("next-step")
    assert service.requests[0].query == \
        "api-version=2.0&audience=https%3A%2F%2Fiam.googleapis.com"


def test_the_client_of_an_exchange_is_authenticated(machine, service):
    path = machine.write("subject", "s")
    service.subjects = ["s"]
    service.basic = "me:se+cret/"
    machine.use(external(service, {"file": path}, client_id="me", client_secret="se+cret/",
                         workforce_pool_user_project="p"))
    machine.run("get").gets(*service.issued)


def test_a_workforce_pool_names_its_project(machine, service):
    path = machine.write("subject", "s")
    service.subjects = ["s"]
    machine.use(external(service, {"file": path}, workforce_pool_user_project="p-1"))
    service.exchange["options"] = "%7B%22userProject%22%3A%22p-1%22%7D"
    machine.run("get").gets(*service.issued)


@pytest.mark.parametrize("content, text", [
    (None, "cannot read the subject token"),
    ("", "the subject token is empty"),
    ("x", "the subject token is not in JSON, or has no 't'"),
    ('{"u": "x"}', "the subject token is not in JSON, or has no 't'"),
    ("x" * 65537, "cannot read the subject token"),
])
def test_a_subject_token_that_is_not_there(machine, service, content, text):
    path = str(machine.folder / "none") if content is None else machine.write("s", content)
    source = {"file": path}
    if content and len(content) < 100:
        source["format"] = {"type": "json", "subject_token_field_name": "t"}
    machine.use(external(service, source))
    machine.run("get").fails("not allowed", text)
    assert service.requests == []


def test_an_url_that_refuses_the_subject_token(machine, service):
    machine.use(github(service))
    service.answer("/oidc", (403, "forbidden of-the-runner", {}))
    outcome = machine.run("get").fails("not allowed", "cannot get the subject token",
                                       "HTTP 403", "id-token: write")
    assert "of-the-runner" not in outcome.err
    assert service.asked() == ["GET /oidc"]


def test_an_exchange_that_is_refused_says_what_to_look_at(machine, service):
    path = machine.write("subject", "very-secret-subject")
    machine.use(external(service, {"file": path}))
    service.answer("/v1/token", (400, {"error": "invalid_grant", "error_description":
                                       "The audience does not match."}, {}))
    machine.run("get").fails("not allowed", "HTTP 400 invalid_grant: The audience does not",
                             "provider of the pool")
    service.answer("/v1/token", (400, {"error": "invalid_request", "error_description":
                                       "very-secret-subject"}, {}))
    assert "very-secret" not in machine.run("get").fails("not allowed", "HTTP 400").err


@pytest.mark.parametrize("source, texts", [
    ({"executable": {"command": "/bin/x"}}, ["'executable' is not supported", "'file' and 'url'"]),
    ({"environment_id": "aws1"}, ["'environment_id' is not supported"]),
    ({"certificate": {}}, ["'certificate' is not supported"]),
    ({}, ["not exactly one of 'file' and 'url'"]),
    ({"file": "a", "url": "https://a.example"}, ["not exactly one of"]),
    ({"url": "http://a.example/token"}, ["'credential_source.url' asks 'a.example'"]),
    ({"url": "file:///etc/passwd"}, ["'credential_source.url' is no https URL"]),
    ({"file": "a", "format": {"type": "xml"}}, ["'format' is neither"]),
    ({"file": "a", "format": {"type": "json"}}, ["'subject_token_field_name'"]),
    ({"url": "https://a.example", "headers": {"A": "b\r\nC: d"}}, ["'headers'"]),
    ({"url": "https://a.example", "headers": {"A B": "c"}}, ["'headers'"]),
    ({"url": "https://a.example", "headers": {"A": 1}}, ["'headers'"]),
    ({"url": "https://a.example", "headers": {f"h{i}": "v" for i in range(17)}},
     ["more than 16"]),
])
def test_sources_that_are_not_supported(machine, service, source, texts):
    machine.use(external(service, source))
    machine.run("get").fails("not allowed", *texts)


@pytest.mark.parametrize("change, texts", [
    ({"token_url": "https://sts.googleapis.com.evil.example/v1/token"}, ["'token_url'", "evil"]),
    ({"token_url": "https://sts.googleapis.com@evil.example/v1/token"}, ["is no https URL"]),
    ({"token_url": "https://evil.example\\@sts.googleapis.com/"}, ["is no https URL"]),
    ({"token_url": "https://storage.googleapis.com/v1/token"}, ["not Google's"]),
    ({"token_url": "http://127.0.0.1.evil.example/"}, ["plain http"]),
    ({"token_url": None}, ["'token_url'"]),
    ({"audience": None}, ["'audience'"]),
    ({"subject_token_type": None}, ["'subject_token_type'"]),
    ({"service_account_impersonation_url": "https://evil.example/x"},
     ["'service_account_impersonation_url' names the host 'evil.example'"]),
    ({"service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/x"},
     ["'service_account_impersonation_url' names no service account"]),
    ({"service_account_impersonation_url":
      f"https://iamcredentials.googleapis.com{IMPERSONATE}",
      "service_account_impersonation": {"token_lifetime_seconds": 5}}, ["from 600 to 43200"]),
])
def test_an_external_account_that_is_not_right_is_refused(machine, service, change, texts):
    content = {**external(service, {"file": "/nowhere"}), **change}
    machine.use({name: value for name, value in content.items() if value is not None})
    machine.run("get").fails("not allowed", *texts)
    assert service.requests == []


# --- impersonation ---

def test_a_login_impersonates_with_delegates(machine, user, service):
    service.delegates = ["projects/-/serviceAccounts/a@b", "projects/-/serviceAccounts/c@d"]
    machine.use(impersonated(service, user, delegates=service.delegates, quota_project_id="q"))
    outcome = machine.run("get", "get", "describe", "next-step", "quota-project")
    outcome.gets(service.issued[-1], service.issued[-1])
    assert service.asked() == ["POST /token", f"POST {IMPERSONATE}"]
    assert f"'{EMAIL}', impersonated by the login of gcloud" in outcome.one("describe")
    assert f"serviceAccount:{EMAIL}" in outcome.one("next-step")
    assert outcome.one("quota-project") == "q"


def test_a_service_account_impersonates_with_a_token_for_it(machine, key, service):
    """Not with one that it signed for the store."""
    machine.use(impersonated(service, key.file(service.url + "/token")))
    machine.run("get").gets(service.issued[-1])
    assertion = service.requests[0].form()["assertion"]
    assert google_tokens.read_jwt(assertion, key)[1]["scope"] == SCOPE_CLOUD


def test_an_external_account_impersonates(machine, service):
    machine.use(impersonated(service, github(service)))
    service.exchange["scope"] = SCOPE_CLOUD
    machine.run("get").gets(service.issued[-1])
    assert service.asked() == ["GET /oidc", "POST /v1/token", f"POST {IMPERSONATE}"]


def test_an_impersonation_that_is_not_allowed_names_the_role(machine, user, service):
    machine.use(impersonated(service, user))
    service.answer(IMPERSONATE, (403, {"error": {
        "code": 403, "status": "PERMISSION_DENIED",
        "message": "Permission 'iam.serviceAccounts.getAccessToken' denied"}}, {}))
    machine.run("get").fails(
        "not allowed", "impersonated service account", "HTTP 403 PERMISSION_DENIED",
        "'iam.serviceAccounts.getAccessToken' denied", "roles/iam.serviceAccountTokenCreator")


@pytest.mark.parametrize("body, text", [
    ({"expireTime": "2099-01-01T00:00:00Z"}, "no 'accessToken'"),
    ({"accessToken": "secret-1"}, "no 'expireTime'"),
    ({"accessToken": "secret-1", "expireTime": "tomorrow"}, "'expireTime' of the answer is no"),
    ({"accessToken": "secret-1", "expireTime": "2020-01-01T00:00:00Z"}, "has expired already"),
])
def test_an_impersonation_without_a_good_token(machine, user, service, body, text):
    machine.use(impersonated(service, user))
    service.answer(IMPERSONATE, (200, body, {}))
    outcome = machine.run("get")
    assert outcome.status == 1 and text in outcome.err and "secret-1" not in outcome.err


@pytest.mark.parametrize("source, texts", [
    (None, ["'source_credentials': it has no text 'type'"]),
    ({"type": "impersonated_service_account"}, ["use 'delegates'"]),
    ({"type": "external_account_authorized_user"}, ["'external_account_authorized_user'"]),
    ({"type": "authorized_user"}, ["'source_credentials': it has no text 'client_id'"]),
])
def test_source_credentials_that_are_not_right(machine, service, source, texts):
    machine.use(impersonated(service, source))
    machine.run("get").fails("not allowed", *texts)


def test_delegates_are_texts_and_not_too_many(machine, user, service):
    machine.use(impersonated(service, user, delegates=[1]))
    machine.run("get").fails("not allowed", "'delegates' has an item")
    machine.use(impersonated(service, user, delegates=["a"] * 17))
    machine.run("get").fails("not allowed", "'delegates' has more than 16 items")


# --- the metadata server ---

def test_the_metadata_server_that_is_named_is_asked(machine, service):
    outcome = machine.run("get", "describe", "next-step", GCE_METADATA_HOST=service.host)
    outcome.gets(*service.issued)
    assert service.asked() == [f"GET {METADATA_TOKEN}"]
    assert service.host in outcome.one("describe")
    machine.run("get", GCE_METADATA_ROOT=service.host).gets(service.issued[-1])


def test_a_metadata_server_is_found_by_its_flavor(machine, service):
    machine.run("get", GCE_METADATA_IP=service.host, NO_GCE_CHECK="").gets(*service.issued)
    assert service.asked() == ["GET /", f"GET {METADATA_TOKEN}"]


def test_another_server_at_the_address_is_no_metadata_server(machine, service):
    service.flavor = None
    machine.run("get", GCE_METADATA_IP=service.host, NO_GCE_CHECK="").fails(
        "not allowed", "there are no Google credentials")
    assert service.asked() == ["GET /"]


def test_nobody_is_asked_where_that_is_switched_off(machine, service):
    machine.run("get", GCE_METADATA_IP=service.host).fails("not allowed", "no Google cred")
    assert service.requests == []


def test_no_server_at_the_address_is_found_out_soon(machine):
    machine.run("get", GCE_METADATA_IP="127.0.0.1:1", NO_GCE_CHECK="").fails(
        "not allowed", "there are no Google credentials")


def test_a_token_of_a_server_without_the_flavor_is_refused(machine, service):
    service.flavor = None
    machine.run("get", GCE_METADATA_HOST=service.host).fails(
        "not allowed", f"'{service.host}' is no metadata server", "GCE_METADATA_HOST")


def test_a_machine_without_a_service_account(machine, service):
    service.answer(METADATA_TOKEN, (404, "not found", {}))
    machine.run("get", GCE_METADATA_HOST=service.host).fails(
        "not allowed", "no service account is attached", "GOOGLE_APPLICATION_CREDENTIALS")


def test_a_token_of_the_metadata_server_is_replaced_225_seconds_before_its_end(machine, service):
    service.lifetime_s = 250
    machine.run("get", "get", GCE_METADATA_HOST=service.host).gets(*service.issued * 2)
    service.lifetime_s = 215
    machine.run("get", "get", GCE_METADATA_HOST=service.host).gets(*service.issued[1:])
    assert len(service.issued) == 3


def test_the_metadata_server_is_asked_again_when_it_is_busy(machine, service):
    service.answer(METADATA_TOKEN, (503, "", {}), (429, "", {}), (200, None, {}))
    machine.run("get", GCE_METADATA_HOST=service.host, http_proxy="http://127.0.0.1:1").gets(
        *service.issued)
    assert len(service.requests) == 3
