"""What goes wrong on demand in the double of Google Cloud Storage, and its log."""
import http.client
import os
import socket

import pytest
from conftest import wait_until
from gcs.uploads import QUANTUM


def received(gcs, request):
    """(all bytes of an answer, how the connection ended)"""
    with socket.create_connection(gcs.host.split(":"), timeout=30) as sock:
        data = b""
        try:
            sock.sendall(request)
            while piece := sock.recv(65536):
                data += piece
        except ConnectionResetError:
            return data, "reset"
        return data, "closed"


def get(gcs, name):
    return f"GET {gcs.object_path(name, 'alt=media')} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


def test_a_status_is_answered_and_nothing_is_carried_out(gcs):
    gcs.fault("status", kind="insert-multipart", status=503)
    gcs.fault("status", kind="insert-multipart", status=429, reason="rateLimitExceeded", retry_after=7)
    gcs.fault("status", kind="insert-multipart", status=403, message="no permission", headers={"X-A": "b"})
    gcs.fault("status", kind="insert-multipart", status=502, body="<html>", type="text/html")
    replies = [gcs.upload("a", b"x") for _ in range(5)]
    assert [reply.status for reply in replies] == [503, 429, 403, 502, 200]
    assert (replies[1].headers["retry-after"], replies[1].reason) == ("7", "rateLimitExceeded")
    assert (replies[2].json["error"]["message"], replies[2].headers["x-a"]) == ("no permission", "b")
    assert (replies[3].body, replies[3].headers["content-type"]) == (b"<html>", "text/html")
    assert [entry["status"] for entry in gcs.log()] == [503, 429, 403, 502, 200]
    assert [fault["hits"] for fault in gcs.faults()] == [1, 1, 1, 1]


def test_an_early_status_does_not_wait_for_the_body(gcs):
    gcs.fault("status", kind="insert-media", status=403, early=True)
    answer, end = received(gcs, b"POST /upload/storage/v1/b/bucket/o?uploadType=media&name=a HTTP/1.1\r\n"
                                b"Host: h\r\nContent-Length: 1000000\r\n\r\nonly this")
    assert answer.startswith(b"HTTP/1.1 403 ") and end == "closed"
    assert gcs.log()[0]["received"] == 0


def test_a_status_in_the_middle_of_an_upload_keeps_what_came(gcs):
    data = os.urandom(3 * QUANTUM)
    session = gcs.start("a").session
    gcs.fault("status", kind="resumable-put", received=QUANTUM + 1, status=503)
    assert gcs.part(session, data, f"bytes 0-{len(data) - 1}/{len(data)}").status == 503
    assert gcs.part(session, b"", "bytes */*").headers["range"] == f"bytes=0-{QUANTUM - 1}"


def test_which_requests_a_fault_befalls(gcs):
    for name in ("a", "b"):
        gcs.put(name, b"x")
    gcs.fault("status", kind="get-media", name="^b$", nth=2, times=2, status=500)
    gcs.fault("status", kind=["list", "get-metadata"], times=0, status=504)
    assert [gcs.media("a").status for _ in range(3)] == [200] * 3
    assert [gcs.media("b").status for _ in range(5)] == [200, 500, 500, 200, 200]
    assert [gcs.metadata("a").status for _ in range(4)] == [504] * 4
    assert gcs.request("GET", "/storage/v1/b/bucket/o").status == 504
    gcs.clear_faults()
    assert gcs.metadata("a").status == 200
    # The name in the metadata of an upload, before its body is read.
    gcs.fault("status", name="receipt", status=500)
    assert gcs.upload("other", b"x").status == 200
    assert gcs.upload("d/receipt.json", b"x").status == 500


def test_a_fault_that_nobody_knows_is_refused(gcs):
    for spec, message in (({"action": "explode"}, "there is no action 'explode'"),
                          ({"action": "reset", "kind": "get-medai"}, "there is no kind get-medai"),
                          ({"action": "reset", "status": 5}, "'reset' takes no status"),
                          ({"action": "status"}, "'status' needs 'status'")):
        with pytest.raises(ValueError, match=message):
            gcs.fault(**spec)
    with pytest.raises(ValueError, match="there is no setting 'page_siez'"):
        gcs.settings(page_siez=1)
    assert gcs.faults() == []


def test_connections_end_before_the_answer_and_in_it(gcs):
    data = os.urandom(300000)
    gcs.put("a", data)
    for action, end in (("close", "closed"), ("reset", "reset")):
        gcs.fault(action, kind="get-media")
        assert received(gcs, get(gcs, "a")) == (b"", end)
        gcs.fault(action, kind="get-media", sent=0)
        head, ended = received(gcs, get(gcs, "a"))
        assert head.startswith(b"HTTP/1.1 200") and head.endswith(b"\r\n\r\n") and ended == end
    gcs.fault("close", kind="get-media", sent=1000)
    answer, ended = received(gcs, get(gcs, "a"))
    assert answer.partition(b"\r\n\r\n")[2] == data[:1000] and ended == "closed"
    gcs.fault("reset", kind="get-media", sent=1000)
    assert received(gcs, get(gcs, "a"))[1] == "reset"
    gcs.fault("truncate", kind="get-media", sent=299999)
    with pytest.raises(http.client.IncompleteRead) as short:
        gcs.media("a")
    assert short.value.partial == data[:299999]
    assert [entry["sent"] for entry in gcs.log("get-media")] == [0, 0, 0, 0, 1000, 1000, 299999]


def test_a_stalled_answer_lasts_until_the_client_goes(gcs):
    gcs.put("a", b"hello\n")
    gcs.fault("stall", kind="get-media", sent=2)
    with socket.create_connection(gcs.host.split(":"), timeout=30) as sock:
        sock.sendall(get(gcs, "a"))
        answer = b""
        while not answer.endswith(b"\r\n\r\nhe"):
            answer += sock.recv(65536)
        assert gcs.log(wait=0)[0]["done"] is False
    assert gcs.log()[0]["done"] is True


@pytest.mark.parametrize("action", ["close", "reset", "stall"])
def test_an_upload_is_cut_and_goes_on(gcs, action):
    data = os.urandom(4 * QUANTUM)
    session = gcs.start("a").session
    gcs.fault(action, kind="resumable-put", received=2 * QUANTUM + 5)
    connection = http.client.HTTPConnection(gcs.host, timeout=2 if action == "stall" else 60)
    with pytest.raises((ConnectionError, TimeoutError, http.client.BadStatusLine)):
        connection.request("PUT", session, data, {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"})
        connection.getresponse()
    question = gcs.part(session, b"", "bytes */*")
    assert question.headers["range"] == f"bytes=0-{2 * QUANTUM - 1}"
    connection.close()
    rest = gcs.part(session, data[2 * QUANTUM:], f"bytes {2 * QUANTUM}-{len(data) - 1}/{len(data)}")
    assert rest.status == 200 and gcs.read("a") == data
    assert [entry["received"] for entry in gcs.log("resumable-put")] == [2 * QUANTUM + 5, 2 * QUANTUM]


def test_a_lost_answer_leaves_what_was_done(gcs):
    for reset in (False, True):
        name = f"a{reset}"
        gcs.fault("lose", kind="insert-multipart", reset=reset)
        with pytest.raises((ConnectionError, http.client.BadStatusLine)):
            gcs.upload(name, b"x", "ifGenerationMatch=0")
        assert gcs.read(name) == b"x"
        assert gcs.upload(name, b"x", "ifGenerationMatch=0").status == 412
    gcs.fault("lose", kind="delete")
    with pytest.raises((ConnectionError, http.client.BadStatusLine)):
        gcs.request("DELETE", gcs.object_path("aTrue"))
    assert gcs.request("DELETE", gcs.object_path("aTrue")).status == 404


def test_bytes_and_checksums_lie(gcs):
    gcs.upload("a", b"hello\n")
    for at, body in ((0, b"iello\n"), (5, b"hello\x0b"), (6, b"hello\n")):
        gcs.fault("flip", kind="get-media", at=at)
        reply = gcs.media("a")
        assert (reply.status, reply.body) == (200, body)
    gcs.fault("flip", kind="get-metadata", at=0)
    assert gcs.metadata("a").body.startswith(b"z\"kind\"")
    gcs.fault("hash", kind="get-media")
    assert gcs.media("a").headers["x-goog-hash"].startswith("crc32c=AAAAAA==")
    assert gcs.media("a").headers["x-goog-hash"].startswith("crc32c=NT3Yvg==")


def test_pages_of_others_and_redirects(gcs):
    gcs.put("a", b"x")
    gcs.fault("page", kind="get-media")
    page = gcs.media("a")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=UTF-8")
    gcs.fault("redirect", kind="get-media", to="http://127.0.0.1:1/", status=307)
    reply = gcs.media("a")
    assert (reply.status, reply.headers["location"]) == (307, "http://127.0.0.1:1/")


def test_a_server_that_is_away_refuses_for_a_time(gcs):
    gcs.put("a", b"hello\n")
    kept = http.client.HTTPConnection(gcs.host, timeout=30)
    assert gcs.request("GET", gcs.object_path("a"), connection=kept).status == 200
    gcs.fault("refuse", kind="get-media", seconds=0.3)
    assert received(gcs, get(gcs, "a")) == (b"", "reset")
    with pytest.raises(ConnectionResetError):
        gcs.request("GET", gcs.object_path("a"), connection=kept)
    with pytest.raises(ConnectionRefusedError):
        gcs.media("a")
    wait_until(lambda: is_back(gcs), "it stays away")
    assert gcs.media("a").body == b"hello\n"


def is_back(gcs):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", int(gcs.host.split(":")[1]))) == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_is_gone(gcs, status):
    session = gcs.start("a").session
    gcs.fault("gone", kind="resumable-put", status=status)
    assert gcs.part(session, b"x", "bytes 0-0/1").status == status
    assert gcs.part(session, b"", "bytes */*").status == status
    assert gcs.names() == []


def test_delays_come_on_top_and_latency_is_for_all(gcs):
    gcs.put("a", b"hello\n")
    gcs.fault("delay", kind="get-media", seconds=0.2)
    gcs.fault("delay", kind="get-media", seconds=0.1)
    gcs.fault("status", kind="get-media", status=500)
    assert gcs.media("a").status == 500
    gcs.settings(latency_seconds=0.1)
    gcs.metadata("a")
    gcs.settings(latency_seconds=0)
    gcs.fault("slow", kind="get-media", bytes_per_second=20)
    assert gcs.media("a").body == b"hello\n"
    log = gcs.log()
    assert [entry["faults"] for entry in log] == [["delay", "delay", "status"], [], ["slow"]]
    assert [entry["seconds"] >= least for entry, least in zip(log, (0.3, 0.1, 0.3))] == [True] * 3


def test_the_log_has_what_was_asked_and_answered(gcs):
    gcs.upload("d/a b", b"hello\n", "ifGenerationMatch=0", headers={"Authorization": "Bearer t"})
    gcs.media("d/a b", headers={"Range": "bytes=1-2"})
    session = gcs.start("c").session
    gcs.part(session, b"x", "bytes 0-0/1")
    gcs.part(session, b"", "bytes */*")
    first, second, *others = gcs.log()
    assert (first["method"], first["kind"], first["bucket"], first["name"], first["query"]["ifGenerationMatch"],
            first["headers"]["authorization"], first["status"]) \
        == ("POST", "insert-multipart", "bucket", "d/a b", "0", "Bearer t", 200)
    assert first["received"] == int(first["headers"]["content-length"])
    assert (second["kind"], second["path"], second["headers"]["range"], second["status"], second["sent"]) \
        == ("get-media", "/storage/v1/b/bucket/o/d%2Fa%20b", "bytes=1-2", 206, 2)
    assert [(entry["kind"], entry["name"]) for entry in others] \
        == [("resumable-start", "c"), ("resumable-put", "c"), ("resumable-status", "c")]
    gcs.clear_log()
    assert gcs.log() == []


def test_the_double_ends_with_who_started_it(gcs):
    gcs.process.stdin.close()
    gcs.process.stdin = None
    assert gcs.process.wait(timeout=30) == 0


def test_what_is_stored_outlives_the_double_with_its_generation(gcs):
    made = gcs.upload("d/a", b"hello\n").json
    gcs.stop()
    with type(gcs)(gcs.root) as again:
        found = again.metadata("d/a").json
        assert (found["generation"], found["crc32c"]) == (made["generation"], made["crc32c"])
        assert again.upload("d/a", b"x", f"ifGenerationMatch={made['generation']}").status == 200
