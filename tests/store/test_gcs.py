"""gs:// against a strict double of Google Cloud Storage: what goes over the wire, what
is there afterwards, and what is said when something goes wrong."""
import hashlib
import http.server
import json
import os
import random
import signal
import socket
import stat
import threading

import pytest

from conftest import stays_below, wait_until

MIB = 1 << 20
STORE = "gs://bucket/team"


def connect(workspace, gcs, store=STORE):
    gcs.settings(write_limit=False)
    workspace.environment.update(gcs.environment)
    workspace.environment["JOBRUN_STORE"] = store
    workspace.environment["XDG_CACHE_HOME"] = str(workspace.top / "cache")
    workspace.environment["JOBRUN_STORE_TIMEOUT"] = "20"
    return workspace


@pytest.fixture
def remote(pair, gcs):
    """The workspace of `pair` with its store in the double."""
    return connect(pair, gcs)


@pytest.fixture
def tree(workspace, gcs):
    """`make` publishes what is in out/, and `take` brings it to in/."""
    workspace.ignore("/out/", "/in/")
    workspace.manifest("make", "command: ['true']\noutputs: {tree: out/}\n")
    workspace.manifest("take", "inputs: {tree: {from: make, to: in/}}\ncommand: ['true']\n")
    workspace.write("jobrun.yaml", "cache: {size: 0B}\n")
    workspace.commit()
    return connect(workspace, gcs)


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def kinds(gcs):
    return [entry["kind"] for entry in gcs.log()]


def name_of(gcs, ending):
    (found,) = [name for name in gcs.names() if name.endswith(ending)]
    return found


def receipt_of(gcs, job):
    return json.loads(gcs.read(name_of(gcs, f"/{job}/receipt.json")))


def entries_of(receipt):
    return receipt["predicate"]["jobrun_receipt"]["entries"]


def fetched(workspace):
    folder = workspace.root / "in"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# What is there

def test_a_job_publishes_and_the_next_fetches(remote, gcs):
    remote.run("build").ok()
    remote.run("use").ok()
    assert remote.read("used/result") == "built for linux-x64\n"
    (media,) = [e for e in gcs.log("get-media") if e["name"].endswith("/bin/app")]
    app = gcs.metadata(name_of(gcs, "/bin/app")).json
    assert media["query"]["generation"] == app["generation"]


def test_objects_are_described(tree, gcs):
    tree.write("out/a", b"hello\n")
    tree.run("make").ok()
    content = gcs.metadata(name_of(gcs, "/tree/a")).json
    assert content["contentType"] == "application/octet-stream"
    assert content["cacheControl"] == "private, max-age=31536000, immutable"
    assert content["metadata"]["sha256"] == hashlib.sha256(b"hello\n").hexdigest()
    assert content["crc32c"] == "NT3Yvg=="
    assert "contentEncoding" not in content
    receipt = gcs.metadata(name_of(gcs, "receipt.json")).json
    assert receipt["contentType"] == "application/json"
    assert receipt["cacheControl"] == "no-store"
    assert receipt["metadata"]["jobrun-attempt"]
    (entry,) = entries_of(receipt_of(gcs, "make"))
    assert entry["version"] == content["generation"]


def test_a_folder_store_records_no_versions(pair):
    pair.run("build").ok()
    (receipt,) = pair.receipts()
    assert all("version" not in entry for entry in entries_of(json.loads(receipt.read_text())))


def test_names_of_all_kinds_come_back(tree, gcs):
    names = ["a b", "ä/ö.txt", "1+1=2", "50%", "a#b?c", "x&y", "~tilde", "q'uote\"", "[1]*"]
    for name in names:
        tree.write(f"out/{name}", name.encode())
    tree.run("make").ok()
    assert {n.split("/tree/")[1] for n in gcs.names() if "/tree/" in n} == set(names)
    tree.run("take").ok()
    assert fetched(tree) == {name: name.encode() for name in names}


def test_a_name_that_is_too_long_is_refused(tree, gcs):
    name = "/".join(["d" * 200] * 5)
    tree.write(f"out/{name}", b"x")
    result = tree.run("make").fails(123)
    assert "bytes, and one in Google Cloud Storage at most 1024" in result.err
    assert gcs.names() == []


def test_empty_files_come_back(tree, gcs):
    tree.write("out/empty", b"")
    tree.write("out/full", b"1")
    tree.run("make").ok()
    tree.run("take").ok()
    assert fetched(tree) == {"empty": b"", "full": b"1"}


def test_a_bucket_without_a_prefix(tree, gcs):
    tree.write("out/a", b"1")
    tree.environment["JOBRUN_STORE"] = "gs://bucket/"
    tree.run("make").ok()
    tree.run("make").ok()
    tree.run("take").ok()
    assert all(name.startswith("dev/") for name in gcs.names())


# How often the store is asked

def test_an_up_to_date_job_asks_twice(remote, gcs):
    remote.run("build").ok()
    gcs.clear_log()
    assert "already published" in remote.run("build").ok().err
    assert kinds(gcs) == ["get-media", "list"]


def test_the_first_publish_asks_once_for_the_receipt_and_sends(remote, gcs):
    remote.run("build").ok()
    assert kinds(gcs) == ["get-media", "insert-multipart", "insert-multipart"]


def test_what_is_there_is_not_sent_again(tree, gcs):
    for i in range(10):
        tree.write(f"out/{i}", noise(1000, i))
    gcs.fault("status", status=403, kind="insert-multipart", name="receipt.json$")
    tree.run("make").fails(123)
    gcs.clear_log()
    tree.run("make").ok()
    assert kinds(gcs) == ["get-media", "list", "insert-multipart"]


def test_force_replaces_the_receipt_and_sends_no_file_that_is_there(tree, gcs):
    for i in range(5):
        tree.write(f"out/{i}", noise(1000, i))
    tree.run("make").ok()
    receipt = name_of(gcs, "receipt.json")
    before = gcs.metadata(receipt).json["generation"]
    gcs.clear_log()
    tree.run("make", "--force").ok()
    (insert,) = gcs.log("insert-multipart")
    assert insert["query"]["ifGenerationMatch"] == before
    assert gcs.metadata(receipt).json["generation"] != before


def test_few_files_are_sent_without_a_list(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.clear_log()
    tree.run("make", "--force").ok()
    assert kinds(gcs) == ["get-media", "list",                   # is it up to date?
                          "insert-multipart", "get-metadata",    # there already
                          "insert-multipart"]


# What else a store is asked for

def test_near_misses_are_named(remote, gcs):
    gcs.settings(page_size=1)
    remote.run("build", "--platform", "linux-arm64").ok()
    assert "platform=linux-arm64" in remote.run("use").fails(122).err
    remote.run("build", env={"CI": "true", "GITHUB_RUN_ID": "7"}).ok()
    assert "--inputs-from CI" in remote.run("use").fails(122).err


@pytest.fixture
def effect(workspace, gcs):
    """`ship` fails while `bad` is there, and takes its marker back."""
    workspace.ignore("/bad")
    workspace.manifest("ship", "steps: [{name: push, effect: true, script: test ! -e bad}]\n")
    workspace.commit()
    workspace.write("bad")
    return connect(workspace, gcs)


def test_a_marker_is_taken_back_and_set_anew(effect, gcs):
    effect.run("ship", "--allow-effects").fails(1)
    assert gcs.names() == []
    (delete,) = gcs.log("delete")
    assert delete["query"]["ifGenerationMatch"]
    (effect.root / "bad").unlink()
    effect.run("ship", "--allow-effects").ok()
    assert len(gcs.names()) == 1


@pytest.mark.parametrize("fault", [{"action": "lose"}, {"action": "status", "status": 503}])
def test_a_removal_whose_answer_is_lost_is_one(effect, gcs, fault):
    gcs.fault(kind="delete", **fault)
    result = effect.run("ship", "--allow-effects").fails(1)
    assert "cannot" not in result.err
    assert gcs.names() == []
    assert len(gcs.log("delete")) == 2


def test_a_removal_that_is_refused_is_said(effect, gcs):
    gcs.fault("status", status=403, kind="delete", times=0)
    err = effect.run("ship", "--allow-effects").fails(1).err
    assert "cannot remove 'gs://bucket/team/dev/" in err and "no permission for " in err
    assert len(gcs.names()) == 1


# Pages

@pytest.mark.parametrize("duplicates", [False, True])
def test_lists_come_in_pages(tree, gcs, duplicates):
    for i in range(11):
        tree.write(f"out/{i}", noise(100, i))
    gcs.settings(page_size=3)
    tree.run("make").ok()
    if duplicates:
        gcs.fault("duplicate", kind="list", times=0)
    gcs.clear_log()
    assert "already published" in tree.run("make").ok().err
    assert kinds(gcs).count("list") >= 4
    tree.run("make", "--force").ok()
    tree.run("take").ok()
    assert len(fetched(tree)) == 11


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers each request with what `script` makes of it."""
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length", 0))
        status, headers, body = self.server.script(self, self.rfile.read(length))
        self.server.requests.append((self.command, self.path))
        self.send_response(status)
        cut = headers.pop("cut", len(body))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])
        self.close_connection = cut < len(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def scripted(workspace):
    """scripted(script): a server that does what no real one does."""
    servers = []

    def start(script):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        server.script = script
        server.requests = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        workspace.environment["STORAGE_EMULATOR_HOST"] = f"http://127.0.0.1:{server.server_port}"
        return server
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_list_that_leads_back_to_itself_ends(tree, gcs, scripted):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    receipt = gcs.media(name_of(gcs, "receipt.json"))

    def script(request, body):
        if "alt=media" in request.path:
            return 200, {"x-goog-generation": "1"}, receipt.body
        token = "b" if "pageToken=a" in request.path else "a"
        return 200, {}, json.dumps({"nextPageToken": token}).encode()

    server = scripted(script)
    result = tree.run("make").fails(123)
    assert "a page of the list leads back to one before it" in result.err
    assert len(server.requests) == 4


# Races

def test_a_lost_race_with_the_same_content_is_success(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    before = gcs.read(name_of(gcs, "receipt.json"))
    gcs.fault("status", status=404, body="No such object: x", kind="get-media", name="receipt.json$")
    result = tree.run("make").ok()
    assert "412" not in result.err
    assert gcs.read(name_of(gcs, "receipt.json")) == before


def test_a_lost_race_with_other_content_keeps_the_winner(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    before = gcs.read(name_of(gcs, "receipt.json"))
    tree.write("out/a", b"2")
    gcs.fault("status", status=404, body="No such object: x", kind="get-media", name="receipt.json$")
    result = tree.run("make").ok()
    assert "another run published different files" in result.err
    assert gcs.read(name_of(gcs, "receipt.json")) == before


def test_a_lost_race_with_force_is_a_failure(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    tree.manifest("make", """\
        script: |
          cp receipt "$RECEIPT"
          echo 2 > out/a
        inherit-env: [RECEIPT]
        outputs: {tree: out/}
        """)
    receipt = name_of(gcs, "receipt.json")
    tree.write("receipt", gcs.read(receipt))
    result = tree.run("make", "--force", env={"RECEIPT": str(gcs.folder / receipt)}).fails(123)
    assert "another run published different files" in result.err
    assert gcs.read(receipt) == (tree.root / "receipt").read_bytes()


def test_other_bytes_in_the_place_of_a_file_are_a_conflict(tree, gcs):
    for i in range(5):
        tree.write(f"out/{i}", noise(1000, i))
    tree.run("make").ok()
    gcs.put(name_of(gcs, "/tree/3"), b"somebody else's")
    os.unlink(gcs.folder / name_of(gcs, "receipt.json"))
    result = tree.run("make").fails(123)
    assert "/tree/3': it is there already with other bytes: 15 of them" in result.err
    assert "help: nothing but jobrun writes there; remove it and run again: gcloud storage rm" in result.err
    assert not any(name.endswith("receipt.json") for name in gcs.names())


def test_other_bytes_are_a_conflict_without_a_list_too(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.put(name_of(gcs, "/tree/a"), b"2")
    os.unlink(gcs.folder / name_of(gcs, "receipt.json"))
    result = tree.run("make").fails(123)
    assert "it is there already with other bytes: 1 of them" in result.err


# Answers that are lost

@pytest.mark.parametrize("name", ["/tree/a$", "receipt.json$"])
@pytest.mark.parametrize("action", [{"action": "lose"}, {"action": "lose", "reset": True}])
def test_a_write_whose_answer_is_lost_is_known_again(tree, gcs, name, action):
    tree.write("out/a", b"1")
    gcs.fault(**action, kind="insert-multipart", name=name)
    result = tree.run("make").ok()
    assert "published 1 file" in result.err
    inserts = [e for e in gcs.log("insert-multipart") if e["name"] and name[:-1] in e["name"]]
    assert [e["status"] for e in inserts][-1] == 412
    assert len({e["headers"]["x-goog-gcs-idempotency-token"] for e in inserts}) == 1
    tree.run("take").ok()


def test_a_replacing_write_whose_answer_is_lost_is_known_again(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.fault("lose", kind="insert-multipart", name="receipt.json$")
    tree.run("make", "--force").ok()


def test_a_large_upload_whose_answer_is_lost_is_known_again(tree, gcs):
    tree.write("out/a", noise(9 * MIB))
    gcs.fault("lose", kind="resumable-put")
    tree.run("make").ok()
    assert kinds(gcs)[2:] == ["resumable-start", "resumable-put", "resumable-status", "insert-multipart"]


def test_a_large_upload_whose_answer_and_session_are_lost_is_known_again(tree, gcs):
    tree.write("out/a", noise(9 * MIB))
    gcs.fault("lose", kind="resumable-put")
    gcs.fault("gone", status=410, kind="resumable-status")
    tree.run("make").ok()
    assert sum(e["received"] for e in gcs.log("resumable-put")) == 9 * MIB


# Sizes

@pytest.mark.parametrize("size,kind", [(8 * MIB - 1, "insert-multipart"), (8 * MIB, "insert-multipart"),
                                       (8 * MIB + 1, "resumable-start")])
def test_at_the_border_of_one_request(tree, gcs, size, kind):
    tree.write("out/a", noise(size))
    tree.run("make").ok()
    assert [e["kind"] for e in gcs.log() if e["name"] and e["name"].endswith("/tree/a")][0] == kind
    tree.run("take").ok()
    assert fetched(tree) == {"a": noise(size)}


@pytest.mark.parametrize("size,slices", [(64 * MIB - 1, 1), (64 * MIB, 2), (96 * MIB + 5, 4)])
def test_a_large_file_comes_in_slices(tree, gcs, size, slices):
    tree.write("out/a", noise(size))
    tree.run("make").ok()
    gcs.clear_log()
    process = tree.spawn("take")
    assert stays_below(process, 24 << 10)
    assert process.returncode == 0
    media = [e for e in gcs.log("get-media") if e["name"].endswith("/tree/a")]
    assert len(media) == slices
    assert len({e["query"]["generation"] for e in media}) == 1
    if slices > 1:
        assert {e["headers"]["range"] for e in media} == {
            f"bytes={at}-{min(at + 32 * MIB, size) - 1}" for at in range(0, size, 32 * MIB)}
    assert fetched(tree) == {"a": noise(size)}


def test_slices_of_a_file_without_a_version_are_of_one_generation(tree, gcs):
    """A receipt that came from elsewhere names none."""
    data = noise(70 * MIB)
    tree.write("out/a", data)
    tree.run("make").ok()
    receipt = name_of(gcs, "receipt.json")
    text = json.loads(gcs.read(receipt))
    for entry in entries_of(text):
        del entry["version"]
    gcs.put(receipt, json.dumps(text).encode())
    gcs.clear_log()
    tree.run("take").ok()
    media = [e for e in gcs.log("get-media") if e["name"].endswith("/tree/a")]
    assert "generation" not in media[0]["query"]
    assert {e["query"].get("generation") for e in media[1:]} == {
        gcs.metadata(name_of(gcs, "/tree/a")).json["generation"]}
    assert fetched(tree) == {"a": data}


# Uploads that are cut off

def test_an_upload_that_is_cut_off_goes_on(tree, gcs):
    tree.write("out/a", noise(12 * MIB))
    gcs.fault("reset", kind="resumable-put", received=7 * MIB)
    tree.run("make").ok()
    first, second = gcs.log("resumable-put")
    assert first["headers"]["content-range"] == f"bytes 0-{12 * MIB - 1}/{12 * MIB}"
    assert second["headers"]["content-range"] == f"bytes {7 * MIB}-{12 * MIB - 1}/{12 * MIB}"
    assert second["headers"]["x-goog-hash"].startswith("crc32c=")
    tree.run("take").ok()
    assert fetched(tree) == {"a": noise(12 * MIB)}


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_is_gone_is_begun_anew(tree, gcs, status):
    tree.write("out/a", noise(9 * MIB))
    gcs.fault("gone", kind="resumable-put", status=status)
    tree.run("make").ok()
    assert kinds(gcs).count("resumable-start") == 2
    tree.run("take").ok()


def test_sessions_that_never_last_end_in_an_error(tree, gcs):
    tree.write("out/a", noise(9 * MIB))
    gcs.fault("gone", kind="resumable-put", status=410, times=0)
    result = tree.run("make").fails(123)
    assert "no session that it begins lasts" in result.err
    assert kinds(gcs).count("resumable-start") == 3


def sessions(workspace):
    folder = workspace.root / ".jobrun" / "uploads"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def arrived(gcs):
    """How much of an upload is kept that has not ended."""
    return max((path.stat().st_size for path in (gcs.root / ".work").rglob("*") if path.is_file()), default=0)


def cut_off(tree, gcs, at):
    """A publish that is killed when so much of its file has arrived."""
    gcs.fault("stall", kind="resumable-put", received=at)
    process = tree.spawn("make")
    wait_until(lambda: arrived(gcs) >= at, "too little has arrived")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    gcs.clear_faults()


def test_a_publish_that_was_killed_goes_on_where_it_stopped(tree, gcs):
    size = 40 * MIB
    tree.write("out/a", noise(size))
    cut_off(tree, gcs, 30 * MIB)
    (session,) = sessions(tree)
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    assert stat.S_IMODE(session.parent.stat().st_mode) == 0o700
    gcs.clear_log()
    tree.run("make").ok()
    assert [e["headers"]["content-range"] for e in gcs.log("resumable-put")] == [
        f"bytes {30 * MIB}-{size - 1}/{size}"]
    assert sum(e["received"] for e in gcs.log("resumable-put")) == 10 * MIB
    assert "resumable-start" not in kinds(gcs)
    assert sessions(tree) == []
    tree.run("take").ok()
    assert fetched(tree) == {"a": noise(size)}


def test_another_file_finds_no_session(tree, gcs):
    tree.write("out/a", noise(9 * MIB))
    cut_off(tree, gcs, 5 * MIB)
    tree.write("out/a", noise(9 * MIB, seed=2))
    gcs.clear_log()
    tree.run("make").ok()
    assert "resumable-status" not in kinds(gcs)
    tree.run("take").ok()
    assert fetched(tree) == {"a": noise(9 * MIB, seed=2)}


def test_a_kept_session_that_expired_is_begun_anew(tree, gcs):
    tree.write("out/a", noise(9 * MIB))
    cut_off(tree, gcs, 5 * MIB)
    gcs.expire_sessions()
    gcs.clear_log()
    tree.run("make").ok()
    assert kinds(gcs)[2:5] == ["resumable-status", "resumable-start", "resumable-put"]


def test_old_and_broken_sessions_are_no_harm(tree, gcs):
    tree.write("out/a", noise(9 * MIB))
    cut_off(tree, gcs, 5 * MIB)
    (session,) = sessions(tree)
    old = session.with_name("0" * 64 + ".session")
    old.write_text("{}")
    os.utime(old, (0, 0))
    session.write_text('{"uri": ')
    gcs.clear_log()
    tree.run("make").ok()
    assert "resumable-status" not in kinds(gcs)
    assert sessions(tree) == []


def test_a_session_on_another_host_is_not_used(tree, gcs, scripted):
    tree.write("out/a", noise(9 * MIB))
    cut_off(tree, gcs, 5 * MIB)
    (session,) = sessions(tree)
    text = json.loads(session.read_text())
    elsewhere = scripted(lambda request, body: (500, {}, b""))
    tree.environment.update(gcs.environment)
    text["uri"] = f"http://127.0.0.1:{elsewhere.server_port}/upload?upload_id=1"
    session.write_text(json.dumps(text))
    tree.run("make").ok()
    assert elsewhere.requests == []


def test_a_session_that_begins_on_another_host_is_refused(tree, gcs, scripted):
    tree.write("out/a", noise(9 * MIB))
    elsewhere = scripted(lambda request, body: (200, {}, b""))
    tree.environment.update(gcs.environment)
    gcs.fault("status", status=200, kind="resumable-start",
              headers={"Location": f"http://127.0.0.1:{elsewhere.server_port}/?upload_id=1"})
    result = tree.run("make").fails(123)
    assert "the session that it begins is not on that host" in result.err
    assert elsewhere.requests == []


@pytest.mark.parametrize("change", ["other bytes", "longer", "shorter"])
@pytest.mark.parametrize("size", [1000, 9 * MIB])
def test_a_file_that_changes_while_it_is_published(tree, gcs, size, change):
    """While the store is asked what is there already: the files are hashed, not sent."""
    for name in "bcd":
        tree.write(f"out/{name}", b"1")
    path = tree.write("out/a", noise(size))
    gcs.fault("delay", kind="list", seconds=2)
    process = tree.spawn("make")
    wait_until(lambda: gcs.log("list", wait=0), "nothing is asked")
    with open(path, "r+b") as stream:
        stream.seek(size - 1)
        if change == "shorter":
            stream.truncate()
        else:
            stream.write(b"!!" if change == "longer" else b"!")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 123, err
    assert "/tree/a': the file changed while it was published: " in err
    assert not any(name.endswith(("/tree/a", "receipt.json")) for name in gcs.names())


# Downloads that are cut off or damaged

def test_a_download_that_is_cut_off_goes_on(tree, gcs):
    tree.write("out/a", noise(4 * MIB))
    tree.run("make").ok()
    gcs.fault("reset", kind="get-media", name="/tree/a$", sent=MIB)
    gcs.clear_log()
    tree.run("take").ok()
    first, second = [e for e in gcs.log("get-media") if e["name"].endswith("/tree/a")]
    assert "range" not in first["headers"]
    at = int(second["headers"]["range"].removeprefix("bytes=").split("-")[0])
    assert 0 < at <= MIB
    assert second["query"]["generation"] == first["query"]["generation"]
    assert fetched(tree) == {"a": noise(4 * MIB)}


def test_a_truncated_answer_goes_on(tree, gcs):
    tree.write("out/a", noise(2 * MIB))
    tree.run("make").ok()
    gcs.fault("truncate", kind="get-media", name="/tree/a$", sent=MIB)
    tree.run("take").ok()
    assert fetched(tree) == {"a": noise(2 * MIB)}


def test_the_whole_instead_of_the_rest_is_looked_at_anew(tree, gcs, scripted):
    """A server that knows no ranges sends all again: no byte counts that came before."""
    data = noise(MIB)
    tree.write("out/a", data)
    tree.run("make").ok()
    asked = []

    def script(request, body):
        if "alt=media" not in request.path or "receipt" in request.path:
            reply = gcs.request("GET", request.path)
            return 200, {n: v for n, v in reply.headers.items() if n.startswith("x-goog")}, reply.body
        reply = gcs.request("GET", request.path)
        asked.append(request.headers.get("range"))
        headers = {n: v for n, v in reply.headers.items() if n.startswith("x-goog")}
        if len(asked) == 1:
            return 200, {**headers, "cut": MIB // 2}, data
        return 200, headers, (bytes([data[0] ^ 1]) + data[1:]) if len(asked) == 2 else data

    scripted(script)
    tree.run("take").ok()
    assert asked[0] is None and asked[1].startswith("bytes=") and asked[2] is None
    assert fetched(tree) == {"a": data}


def test_a_slice_that_is_cut_off_goes_on(tree, gcs):
    tree.write("out/a", noise(70 * MIB))
    tree.run("make").ok()
    gcs.fault("reset", kind="get-media", name="/tree/a$", nth=2, sent=20 * MIB)
    gcs.clear_log()
    tree.run("take").ok()
    assert sum(e["sent"] for e in gcs.log("get-media") if e["name"].endswith("/tree/a")) < 75 * MIB
    assert fetched(tree) == {"a": noise(70 * MIB)}


@pytest.mark.parametrize("size", [1000, 70 * MIB])
def test_bytes_that_are_damaged_on_their_way_are_fetched_again(tree, gcs, size):
    tree.write("out/a", noise(size))
    tree.run("make").ok()
    gcs.fault("flip", kind="get-media", name="/tree/a$", at=500)
    tree.run("take").ok()
    assert fetched(tree) == {"a": noise(size)}


@pytest.mark.parametrize("size", [1000, 70 * MIB])
def test_a_damaged_object_is_damage_and_nothing_lands(tree, gcs, size):
    tree.write("out/a", noise(size))
    tree.run("make").ok()
    gcs.flip(name_of(gcs, "/tree/a"))
    result = tree.run("take").fails(123)
    sha256 = hashlib.sha256(noise(size)).hexdigest()
    assert f"/tree/a': its SHA-256 is " in result.err and f"and should be {sha256}" in result.err
    assert "make and publish it again" in result.err
    assert not (tree.root / "in").exists()


def test_a_wrong_checksum_in_a_header_is_no_damage(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.fault("hash", kind="get-media", name="/tree/a$", times=0)
    tree.run("take").ok()


def test_a_receipt_that_is_damaged_on_its_way_is_read_again(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.fault("flip", kind="get-media", name="receipt.json$", at=50)
    assert "already published" in tree.run("make").ok().err
    gcs.fault("hash", kind="get-media", name="receipt.json$", times=0)
    result = tree.run("take").fails(123)
    assert "receipt.json': its checksum is not that of the bytes that came, 2 times" in result.err


def test_a_file_that_is_gone_is_damage(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.fault("status", status=404, kind="get-media", name="/tree/a$", body="No such object: bucket/x")
    result = tree.run("take").fails(123)
    generation = gcs.metadata(name_of(gcs, "/tree/a")).json["generation"]
    assert f"/tree/a': its generation {generation} was removed or replaced" in result.err
    assert "make and publish it again" in result.err


def test_a_file_that_was_replaced_is_damage(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.put(name_of(gcs, "/tree/a"), b"2")
    result = tree.run("take").fails(123)
    assert "is not the version that its receipt names" in result.err


# What is said

def refuse(gcs, **fault):
    gcs.fault("status", times=0, **fault)


def test_403_names_the_permission(remote, gcs):
    refuse(gcs, status=403, reason="forbidden", message="x@y does not have storage.objects.create access.")
    result = remote.run("build").fails(123)
    assert "receipt.json': no permission for " in result.err
    assert "(403 forbidden: x@y does not have storage.objects.create access.)" in result.err
    assert "the permission storage.objects.create in bucket 'bucket', which roles/storage.objectCreator has" \
        in result.err


@pytest.mark.parametrize("kind,permission", [
    ("get-media", "storage.objects.get"), ("insert-multipart", "storage.objects.create")])
def test_403_without_a_name_is_told_by_the_request(remote, gcs, kind, permission):
    refuse(gcs, status=403, kind=kind)
    assert f"the permission {permission} in bucket" in remote.run("build").fails(123).err


def test_credentials_that_may_only_create_publish(tree, gcs):
    for i in range(5):
        tree.write(f"out/{i}", noise(10, i))
    refuse(gcs, status=403, kind="list")
    tree.run("make").ok()
    assert len(gcs.names()) == 6


def test_401_says_how_to_log_in(remote, gcs):
    gcs.settings(tokens=["good"])
    result = remote.run("build", env={"CLOUDSDK_AUTH_ACCESS_TOKEN": "bad"}).fails(123)
    assert "does not accept " in result.err and "(401 " in result.err
    assert "bad" not in result.err
    assert "help: " in result.err
    remote.run("build", env={"CLOUDSDK_AUTH_ACCESS_TOKEN": "good"}).ok()


@pytest.mark.parametrize("job", ["build", "use"])
def test_a_bucket_that_is_not_there(remote, gcs, job):
    remote.environment["JOBRUN_STORE"] = "gs://nowhere/team"
    result = remote.run(job).fails(123)
    assert "there is no bucket 'nowhere'" in result.err
    assert "gcloud storage buckets create gs://nowhere" in result.err


def test_a_missing_object_in_a_bucket_is_no_missing_bucket(remote, gcs):
    result = remote.run("use").fails(122)
    assert "bucket '" not in result.err
    assert "bucket-get" not in kinds(gcs)


@pytest.mark.parametrize("status,words", [
    (429, "takes no more requests for now (429"), (503, "does not do it (503"), (408, "does not do it (408")])
def test_what_never_gets_better(remote, gcs, status, words):
    remote.environment["JOBRUN_STORE_TIMEOUT"] = "1"
    refuse(gcs, status=status)
    result = remote.run("build").fails(123)
    assert words in result.err and "again and again" in result.err


def test_a_quota_that_comes_as_403(remote, gcs):
    refuse(gcs, status=403, reason="userRateLimitExceeded")
    assert "takes no more requests for now (403 userRateLimitExceeded" in remote.run("build").fails(123).err


def test_readers_that_pay(remote, gcs):
    refuse(gcs, status=400, reason="required",
           message="Bucket is a requester pays bucket but no user project provided.")
    result = remote.run("build").fails(123)
    assert "its readers pay, and no project is named" in result.err
    assert "gcloud auth application-default set-quota-project PROJECT" in result.err


def test_nobody_listens(remote):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        remote.environment["STORAGE_EMULATOR_HOST"] = f"127.0.0.1:{taken.getsockname()[1]}"
        remote.environment["JOBRUN_STORE_TIMEOUT"] = "1"
        result = remote.run("build").fails(123)
    assert "cannot be reached: " in result.err
    assert "JOBRUN_STORE_TIMEOUT" in result.err


def test_a_redirect_is_not_followed(remote, gcs, scripted):
    elsewhere = scripted(lambda request, body: (200, {}, b""))
    remote.environment.update(gcs.environment)
    gcs.fault("redirect", to=f"http://127.0.0.1:{elsewhere.server_port}/", times=0)
    result = remote.run("build").fails(123)
    assert "sends elsewhere (302)" in result.err
    assert elsewhere.requests == []


@pytest.mark.parametrize("kind,words", [
    ("get-media", "it names no generation"), ("list", "it is no list"),
    ("insert-multipart", "the answer describes no object")])
def test_a_page_for_a_browser_is_no_answer(tree, gcs, kind, words):
    for i in range(5):
        tree.write(f"out/{i}", b"1")
    gcs.fault("page", kind=kind, times=0)
    result = tree.run("make").fails(123)
    assert "is not one of Google Cloud Storage: " in result.err and words in result.err
    assert "a proxy that asks for a login does this" in result.err


def test_a_page_for_a_browser_is_no_file(tree, gcs):
    tree.write("out/a", b"1")
    tree.run("make").ok()
    gcs.fault("page", kind="get-media", name="/tree/a$", times=0)
    result = tree.run("take").fails(123)
    assert "it names no generation" in result.err
    assert not (tree.root / "in").exists()


# The emulator, and addresses

def test_an_emulator_is_told(remote, gcs):
    result = remote.run("build").ok()
    assert f"note: the store '{STORE}' is an emulator's, at {gcs.url} (STORAGE_EMULATOR_HOST)" in result.err


@pytest.mark.parametrize("form", ["{host}", "http://{host}", "http://{host}/", "http://{host}/storage/v1/"])
def test_an_emulator_is_named_in_every_usual_way(remote, gcs, form):
    remote.environment["STORAGE_EMULATOR_HOST"] = form.format(host=gcs.host)
    remote.run("build").ok()


def test_an_emulator_gets_no_credentials(remote, gcs):
    remote.environment["GOOGLE_APPLICATION_CREDENTIALS"] = "/nowhere.json"
    remote.run("build").ok()
    assert all("authorization" not in e["headers"] for e in gcs.log())


@pytest.mark.parametrize("url,words", [
    ("gs://", "the store 'gs://' names no bucket"),
    ("gs://ab", "names a bucket that is too short or too long: it has 3 to 63 characters"),
    ("gs://" + "a" * 64, "names a bucket that is too short or too long"),
    ("gs://Bucket", "names no bucket: it has a-z, 0-9, '-', '_' and '.' alone"),
    ("gs://-bucket", "names no bucket: it begins and ends with a letter or a digit"),
    ("gs://bucket/a/../b", "the prefix 'a/../b' of the store 'gs://bucket/a/../b' has a '..' segment"),
    ("gs://bucket//a", "the prefix '/a' of the store 'gs://bucket//a' is absolute"),
    ("gs://bucket/a?b", "the prefix 'a?b' of the store 'gs://bucket/a?b' has a '?' or '#' in it"),
])
def test_addresses_that_are_none(remote, url, words):
    result = remote.run("build", "--store", url).fails(2)
    assert words in result.err
    assert "write gs://bucket or gs://bucket/prefix" in result.err


def test_other_kinds_of_stores_are_refused_with_the_known_ones(remote):
    result = remote.run("build", "--store", "az://x").fails(2)
    assert "this version has no 'az' store" in result.err
    assert "it has two kinds: a folder, as a path or 'file:///path', and Google Cloud Storage" in result.err
