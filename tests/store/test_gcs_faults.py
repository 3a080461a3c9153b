"""Each request of a publish to gs:// and of a fetch from there meets each fault, once or
for good: it ends in success or in an error that says what to do, nothing is ever half
there, and no credential reaches another host."""
import hashlib
import json
import re
import resource
import shutil
import signal
import socket
import time

import pytest
from conftest import JOBRUN, Workspace, stays_below, wait_until
from gcs.process import GcsDouble
from google_tokens import TokenService
from tls_front import TlsFront

MIB = 1 << 20
TOKEN = "ya29.this-is-shown-to-nobody-else"
SIZES = {"small": 1000, "large": 8 * MIB + 300000}

# The requests of a run without faults: what they are called here, their kind, and a
# pattern for the object's name. `ask` is there only once a large upload was cut off.
PUBLISH = {
    "look": ("get-media", "receipt.json$"),
    "list": ("list", ""),
    "start": ("resumable-start", "/large$"),
    "put": ("resumable-put", "/large$"),
    "small": ("insert-multipart", "/small$"),
    "receipt": ("insert-multipart", "receipt.json$"),
}
ASK = {"ask": ("resumable-status", "/large$")}
FETCH = {
    "receipt": ("get-media", "receipt.json$"),
    "list": ("list", ""),
    "small": ("get-media", "/small$"),
    "large": ("get-media", "/large$"),
}
REQUESTS = {("make", request): at for request, at in (PUBLISH | ASK).items()} \
    | {("take", request): at for request, at in FETCH.items()}
WRITES = [("make", request) for request in ("start", "put", "small", "receipt")]

# What may get better by itself.
PASSING = {
    "408": {"action": "status", "status": 408},
    "429": {"action": "status", "status": 429, "reason": "rateLimitExceeded"},
    "429 and a time": {"action": "status", "status": 429, "retry_after": 1},
    "500": {"action": "status", "status": 500},
    "502": {"action": "status", "status": 502, "body": "<html>Bad Gateway</html>"},
    "503": {"action": "status", "status": 503},
    "504": {"action": "status", "status": 504},
    "refused": {"action": "refuse"},
    "closed": {"action": "close"},
    "reset": {"action": "reset"},
    "stall": {"action": "stall"},
}
# The request was carried out, and something else is known of it.
UNKNOWN = {
    "lost": {"action": "lose"},
    "lost with a reset": {"action": "lose", "reset": True},
    "reset in the body": {"action": "reset", "sent": 10},
    "closed in the body": {"action": "close", "sent": 10},
    "truncated": {"action": "truncate", "sent": 10},
    "stall in the body": {"action": "stall", "sent": 10},
}
CUT = {
    "reset in what is sent": {"action": "reset"},
    "closed in what is sent": {"action": "close"},
    "stall in what is sent": {"action": "stall"},
    "503 in what is sent": {"action": "status", "status": 503},
}
FINAL = {
    "401": {"action": "status", "status": 401, "reason": "authError", "message": "Invalid Credentials"},
    "403": {"action": "status", "status": 403, "reason": "forbidden", "message": "no access"},
    "302": {"action": "redirect"},
    "a page": {"action": "page"},
}

PERMISSIONS = {"get-media": "get", "list": "list", "get-metadata": "get"}
NO_ANSWER = {"get-media": "it names no generation", "list": "it is no list",
             "resumable-start": "the session that it begins is not on that host"}
PROXY = "a proxy that asks for a login does this: look at https_proxy"


class Other:
    """A server whom nobody should talk to."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/elsewhere"

    def is_left_alone(self):
        try:
            self.socket.accept()
        except BlockingIOError:
            return True
        return False


class World:
    """A workspace with two jobs, its store in a double, and another host. `make`
    publishes one small file and one large one, and `take` brings them to in/."""

    def __init__(self, top, gcs):
        self.gcs = gcs
        self.other = Other()
        self.secrets = [TOKEN, "upload_id"]
        self.workspace = Workspace(top)
        self.workspace.ignore("/out/", "/in/")
        self.workspace.write("jobrun.yaml", "cache: {size: 0B}\n")
        self.workspace.manifest("make", "command: ['true']\noutputs: {tree: out/}\n")
        self.workspace.manifest("take", "inputs: {tree: {from: make, to: in/}}\ncommand: ['true']\n")
        self.workspace.write("out/small", b"s" * SIZES["small"])
        with open(self.workspace.write("out/large"), "wb") as stream:
            stream.truncate(SIZES["large"])
        self.digests = {name: sha256(self.workspace.root / "out" / name) for name in SIZES}
        self.workspace.commit()
        self.workspace.environment.update(gcs.environment, CLOUDSDK_AUTH_ACCESS_TOKEN=TOKEN)
        self.use("published")
        self.run("make").ok()

    def use(self, prefix):
        """A store that this test alone has."""
        self.prefix = prefix
        self.workspace.environment["JOBRUN_STORE"] = f"gs://bucket/{prefix}"

    def run(self, job, seconds=20):
        """It may not take much longer than JOBRUN_STORE_TIMEOUT, which by itself is
        two minutes."""
        result = self.workspace.run(job, timeout=60, env={"JOBRUN_STORE_TIMEOUT": str(seconds)})
        self.check_secrets(result)
        return result

    def check_secrets(self, result):
        assert not any(secret in result.out + result.err for secret in self.secrets)
        assert self.other.is_left_alone()
        for path in [*self.workspace.root.rglob("*"), *(self.gcs.folder / self.prefix).rglob("*")]:
            if path.is_file() and path.stat().st_size < MIB:
                assert TOKEN.encode() not in path.read_bytes(), path

    def receipts(self):
        return sorted((self.gcs.folder / self.prefix).rglob("receipt.json"))

    def check_store(self):
        """Whoever sees a receipt sees all that it lists; how many there are."""
        for path in self.receipts():
            name = str(path.relative_to(self.gcs.folder))
            written = int(self.metadata(name)["generation"])
            entries = json.loads(path.read_bytes())["predicate"]["jobrun_receipt"]["entries"]
            assert {entry["path"] for entry in entries} == set(SIZES)
            for entry in entries:
                (file,) = path.parent.glob(f"*/tree/{entry['path']}")
                assert file.stat().st_size == entry["size"] == SIZES[entry["path"]]
                assert sha256(file) == self.digests[entry["path"]]
                assert entry["version"] == self.metadata(str(file.relative_to(self.gcs.folder)))["generation"]
                assert int(entry["version"]) < written
        return len(self.receipts())

    def metadata(self, name):
        reply = self.gcs.request("GET", self.gcs.object_path(name), headers={"Authorization": f"Bearer {TOKEN}"})
        assert reply.status == 200, reply
        return reply.json

    def check_inputs(self):
        """All of them, or nothing; whether they are there."""
        found = {path.name: path for path in (self.workspace.root / "in").rglob("*") if path.is_file()}
        assert set(found) in (set(), set(SIZES))
        assert all(sha256(path) == self.digests[name] for name, path in found.items())
        return bool(found)

    def is_done(self, job):
        return self.check_store() == 1 and (job == "make" or self.check_inputs())

    def forget_inputs(self):
        shutil.rmtree(self.workspace.root / "in", ignore_errors=True)


def sha256(path):
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    top = tmp_path_factory.mktemp("faults")
    library = JOBRUN.parent / "support" / "gcs_double.so"
    with GcsDouble(top / "gcs", library=library, tokens=[TOKEN], write_limit=False) as gcs:
        yield World(top / "world", gcs)


@pytest.fixture
def world(built, request):
    built.gcs.clear_faults()
    built.gcs.clear_log()
    yield built
    built.gcs.clear_faults()
    built.forget_inputs()
    if built.prefix != "published":
        shutil.rmtree(built.gcs.folder / built.prefix, ignore_errors=True)


def prepare(world, job, request):
    """A store for the case. `ask` needs an upload that is cut off."""
    world.use("published" if job == "take" else f"case-{next(NUMBERS)}")
    if request == "ask":
        world.gcs.fault("reset", kind="resumable-put", received=MIB)


NUMBERS = iter(range(1, 1 << 20))


def inflict(world, job, request, fault, **more):
    kind, name = REQUESTS[job, request]
    world.gcs.fault(**{"kind": kind, **({"name": name} if name else {}), **fault, **more})


def befallen(world):
    """The report of the fault that was inflicted last."""
    return world.gcs.faults()[-1]


def succeeds(world, job, seconds=20):
    """Once, with the fault; what it said."""
    result = world.run(job, seconds).ok()
    assert befallen(world)["hits"] == 1
    assert world.is_done(job)
    return result.err


def fails(world, job, seconds=20, *, words, helps):
    """With the fault, and says so; without it the same succeeds."""
    before = world.check_store()
    result = world.run(job, seconds).fails(123)
    assert befallen(world)["hits"] >= 1
    assert words in result.err, result
    assert re.search(r"^(  = )?help: .*" + re.escape(helps), result.err, re.M), result
    world.check_store()
    assert not world.check_inputs()
    if job == "take":
        assert world.check_store() == before
    world.gcs.clear_faults()
    world.run(job).ok()
    assert world.is_done(job)


def cases(faults, requests=REQUESTS, leave_out=()):
    return pytest.mark.parametrize("job,request_name,fault", [
        pytest.param(job, request, fault, id=f"{job}-{request}-{name}")
        for (job, request) in requests for name, fault in faults.items()
        if (request, name) not in leave_out])


def test_these_are_all_requests(world):
    world.use("all")
    for job, requests in (("make", PUBLISH), ("take", FETCH)):
        world.gcs.clear_log()
        world.run(job).ok()
        log = world.gcs.log()
        assert len(log) == len(requests)
        for kind, name in requests.values():
            assert len([e for e in log if e["kind"] == kind and re.search(name, e["name"] or "")]) == 1
        assert {entry["headers"]["authorization"] for entry in log} == {f"Bearer {TOKEN}"}


# What is sent again

def patience(fault):
    """JOBRUN_STORE_TIMEOUT: a connection may stand still for a third of it."""
    return 6 if fault["action"] == "stall" else 20


@cases(PASSING)
def test_what_passes_is_waited_for(world, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault)
    succeeds(world, job, patience(fault))
    assert befallen(world)["matched"] >= 2


@cases(UNKNOWN)
def test_an_answer_that_does_not_arrive_whole_is_no_harm(world, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault)
    succeeds(world, job, patience(fault))


@cases(CUT, WRITES)
def test_a_request_that_does_not_arrive_whole_is_sent_again(world, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault, received=5 * MIB if request_name == "put" else 100)
    succeeds(world, job, patience(fault))
    if request_name == "put":
        assert sum(entry["received"] for entry in world.gcs.log("resumable-put")) < SIZES["large"] + MIB


@pytest.mark.parametrize("status", [503, 403])
@pytest.mark.parametrize("request_name", ["put", "small", "receipt"])
def test_an_answer_comes_before_all_is_sent(world, request_name, status):
    prepare(world, "make", request_name)
    inflict(world, "make", request_name, {"action": "status", "status": status, "early": True})
    if status == 503:
        succeeds(world, "make")
    else:
        fails(world, "make", words="no permission for ", helps="storage.objects.create")


def test_as_long_as_the_store_asks_for_is_waited(world):
    prepare(world, "make", "small")
    inflict(world, "make", "small", PASSING["429 and a time"] | {"retry_after": 2})
    inflict(world, "make", "receipt", PASSING["429 and a time"] | {"retry_after": 2})
    begin = time.monotonic()
    succeeds(world, "make")
    assert time.monotonic() - begin >= 4


# A session

@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("request_name", ["put", "ask"])
def test_a_session_that_is_gone_is_begun_anew(world, request_name, status):
    prepare(world, "make", request_name)
    inflict(world, "make", request_name, {"action": "gone", "status": status})
    succeeds(world, "make")
    assert len(world.gcs.log("resumable-start")) == 2


def test_a_session_on_another_host_is_refused(world):
    prepare(world, "make", "start")
    inflict(world, "make", "start", {"action": "status", "status": 200,
                                     "headers": {"Location": f"{world.other.url}?upload_id=1"}})
    fails(world, "make", words="the session that it begins is not on that host", helps=PROXY)


@pytest.mark.parametrize("request_name", ["put", "ask"])
def test_308_in_a_session_leads_nowhere_else(world, request_name):
    prepare(world, "make", request_name)
    inflict(world, "make", request_name, {"action": "redirect", "status": 308, "to": world.other.url})
    succeeds(world, "make")


# A token that is refused: here the store is the real one's, as far as jobrun can tell

@pytest.fixture(scope="module")
def front(built, tmp_path_factory):
    with TlsFront(tmp_path_factory.mktemp("front"), "storage.googleapis.com", built.gcs.host) as front:
        yield front


@pytest.fixture
def user(world, front, tmp_path):
    """Whoever is logged in gets as many tokens as wanted."""
    before = dict(world.workspace.environment)
    for name in ("STORAGE_EMULATOR_HOST", "CLOUDSDK_AUTH_ACCESS_TOKEN"):
        del world.workspace.environment[name]
    world.gcs.settings(tokens=[])
    with TokenService() as service:
        credentials = tmp_path / "credentials.json"
        credentials.write_text(json.dumps({"type": "authorized_user", "token_uri": f"{service.url}/token",
                                           **service.user}))
        world.workspace.environment.update(front.environment, GOOGLE_APPLICATION_CREDENTIALS=str(credentials))
        world.secrets = [*world.secrets[:2], service.user["refresh_token"], service.user["client_secret"]]
        yield service
        assert set(front.asked) == {"storage.googleapis.com:443"}
        assert service.problems == []
    world.workspace.environment = before
    world.gcs.settings(tokens=[TOKEN])


def bearers(world):
    """The tokens that the store has seen, in order, each once; but for those of metadata()."""
    said = [entry["headers"].get("authorization", "").removeprefix("Bearer ") for entry in world.gcs.log()]
    return list(dict.fromkeys(token for token in said if token != TOKEN))


@cases({"401": FINAL["401"]})
def test_a_token_that_is_refused_once_is_renewed(world, user, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault)
    said = succeeds(world, job)
    assert bearers(world) == user.issued and len(user.issued) == 2
    assert not any(token in said for token in user.issued)


@cases({"401": FINAL["401"]}, [at for at in REQUESTS if at != ("make", "list")])
def test_a_token_that_is_refused_again_is_told(world, user, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault, times=0)
    fails(world, job, words="'storage.googleapis.com' does not accept ", helps="gcloud auth application-default login")
    assert bearers(world)[:2] == user.issued[:2]
    assert len(user.issued) == 3  # the last one is that of the run without the fault


# What stays

def expected(world, job, request, name):
    """(words, help) of the error; None where the run goes on."""
    kind, _ = REQUESTS[job, request]
    if name in ("401", "403") and (job, request) == ("make", "list"):
        return None  # whoever may only create publishes all the same
    if name == "401":
        return (f"'{world.gcs.host}' does not accept access token of CLOUDSDK_AUTH_ACCESS_TOKEN (401 authError: "
                "Invalid Credentials)", "'gcloud auth print-access-token' prints another")
    if name == "403":
        return ("no permission for access token of CLOUDSDK_AUTH_ACCESS_TOKEN (403 forbidden: no access)",
                f"it takes the permission storage.objects.{PERMISSIONS.get(kind, 'create')} in bucket 'bucket'")
    if name == "a page":
        return NO_ANSWER.get(kind, "the answer describes no object"), PROXY
    return f"'{world.gcs.host}' sends elsewhere ({name}), where no credentials are sent", PROXY


@cases({name: name for name in FINAL})
def test_what_stays_is_told(world, job, request_name, fault):
    prepare(world, job, request_name)
    spec = FINAL[fault]
    inflict(world, job, request_name, spec | {"to": world.other.url} if spec["action"] == "redirect" else spec)
    told = expected(world, job, request_name, fault)
    if told is None:
        succeeds(world, job)
    else:
        fails(world, job, words=told[0], helps=told[1])


@cases({"503": {"action": "status", "status": 503}, "reset": {"action": "reset"}})
def test_what_does_not_pass_ends_with_the_deadline(world, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault, times=0)
    if fault["action"] == "status":
        words, helps = "does not do it (503", "run it again later; status.cloud.google.com"
    else:
        words, helps = f"'{world.gcs.host}' cannot be reached: ", "JOBRUN_STORE_TIMEOUT=SECONDS"
    fails(world, job, 1, words=words, helps=helps)


@cases({"stall": {"action": "stall", "seconds": 6}},
       [("make", "look"), ("make", "put"), ("make", "receipt"), ("take", "large")])
def test_a_store_that_says_nothing_for_good_ends_with_the_deadline(world, job, request_name, fault):
    """A second is enough, however much went over before; then the store would give up
    by itself."""
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault, times=0)
    fails(world, job, 1, words="cannot be reached: the connection stands still", helps="JOBRUN_STORE_TIMEOUT=SECONDS")


# Bytes and checksums that lie

CONTENT = [("take", request) for request in ("receipt", "small", "large")]
DOCUMENTS = [at for at in REQUESTS if at not in CONTENT and at[1] not in ("look", "start", "ask")]


@cases({"flip": {"action": "flip", "at": 500}}, CONTENT)
def test_a_byte_that_was_damaged_on_its_way_is_fetched_again(world, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault)
    succeeds(world, job)
    assert befallen(world)["matched"] == 2


@cases({"flip": {"action": "flip", "at": 0}}, DOCUMENTS)
def test_a_document_that_is_none_is_told(world, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault)
    kind, _ = REQUESTS[job, request_name]
    fails(world, job, words=NO_ANSWER.get(kind, "the answer describes no object"), helps=PROXY)


@cases({"hash": {"action": "hash"}})
def test_a_wrong_checksum_beside_right_bytes_is_no_harm(world, job, request_name, fault):
    prepare(world, job, request_name)
    inflict(world, job, request_name, fault)
    succeeds(world, job)


@pytest.mark.parametrize("name", SIZES)
def test_bytes_that_are_damaged_in_the_store_are_told(world, name):
    """For good: what is there is removed, made and published again."""
    prepare(world, "make", "look")
    world.run("make").ok()
    (path,) = (world.gcs.folder / world.prefix).rglob(name)
    world.gcs.flip(str(path.relative_to(world.gcs.folder)), at=500)
    result = world.run("take").fails(123)
    assert "its SHA-256 is " in result.err and f"and should be {world.digests[name]}" in result.err
    assert re.search("help: make and publish it again: .*make --force", result.err)
    assert not world.check_inputs()


# Lists

@cases({"duplicate": {"action": "duplicate"}}, [("make", "list"), ("take", "list")])
def test_pages_that_come_twice_count_once(world, job, request_name, fault):
    world.gcs.settings(page_size=1)
    try:
        prepare(world, job, request_name)
        if job == "make":
            inflict(world, "make", "receipt", FINAL["403"])
            world.run("make").fails(123)
        inflict(world, job, request_name, fault, times=0)
        world.run(job).ok()
        assert befallen(world)["hits"] >= 2
        assert world.is_done(job)
    finally:
        world.gcs.settings(page_size=1000)


# Signals, and what a run may hold

@pytest.mark.parametrize("job,request_name", [
    ("make", "look"), ("make", "put"), ("make", "ask"), ("make", "receipt"), ("take", "list"), ("take", "large")])
def test_a_signal_ends_the_wait_at_once(world, job, request_name):
    """The store asks for a minute."""
    prepare(world, job, request_name)
    inflict(world, job, request_name, PASSING["429 and a time"] | {"retry_after": 60}, times=0)
    process = world.workspace.spawn(job, env={"JOBRUN_STORE_TIMEOUT": "100"})
    wait_until(lambda: befallen(world)["hits"] == 1 and world.gcs.log(), "it asks for nothing")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert befallen(world)["hits"] == 1
    assert world.check_store() == (job == "take")
    assert not world.check_inputs()
    world.gcs.clear_faults()
    world.run(job).ok()
    assert world.is_done(job)


FILES = 32


@pytest.fixture
def many(workspace, gcs):
    """The same jobs with many small files."""
    gcs.settings(write_limit=False)
    workspace.environment.update(gcs.environment, JOBRUN_STORE="gs://bucket/many")
    workspace.ignore("/out/", "/in/")
    workspace.write("jobrun.yaml", "cache: {size: 0B}\n")
    workspace.manifest("make", "command: ['true']\noutputs: {tree: out/}\n")
    workspace.manifest("take", "inputs: {tree: {from: make, to: in/}}\ncommand: ['true']\n")
    for i in range(FILES):
        workspace.write(f"out/{i}", f"file {i}")
    workspace.commit()
    return workspace


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))


@pytest.mark.parametrize("spec", [{"action": "reset"}, {"action": "truncate", "sent": 5}],
                         ids=lambda spec: spec["action"])
def test_descriptors_come_back(many, gcs, spec):
    """Each file takes one, and each connection, of which none outlives its fault."""
    for job, kind in (("make", "insert-multipart"), ("take", "get-media")):
        gcs.fault(kind=kind, name="/tree/", times=FILES, **spec)
        many.run(job, preexec_fn=few_descriptors).ok()
        assert gcs.faults()[-1]["hits"] == FILES
    assert {path.name for path in (many.root / "in").iterdir()} == {str(i) for i in range(FILES)}


@pytest.mark.parametrize("job,kind", [("make", "insert-multipart"), ("take", "get-media")])
def test_a_storm_of_429_takes_no_memory(many, gcs, job, kind):
    """Each of them with a page that nobody reads to its end."""
    if job == "take":
        many.run("make").ok()
    gcs.fault("status", kind=kind, name="/tree/", times=FILES, status=429, body="<html>" + MIB * "x")
    process = many.spawn(job)
    assert stays_below(process, 24 << 10)
    assert process.returncode == 0
    assert gcs.faults()[-1]["hits"] == FILES
