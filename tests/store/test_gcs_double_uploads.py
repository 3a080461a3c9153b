"""Uploads to the double of Google Cloud Storage: in one request, and in many."""
import os
import socket
import time

from gcs import checksums
from gcs.uploads import QUANTUM

CRC_HELLO = "NT3Yvg=="  # of "hello\n"


# In one request

def test_a_wrong_checksum_leaves_no_object(gcs):
    for declared, header in (
            ({"crc32c": "AAAAAA=="}, {}), ({"md5Hash": checksums.md5_of(b"")}, {}),
            ({}, {"x-goog-hash": "crc32c=AAAAAA=="}),
            ({}, {"x-goog-hash": f"crc32c={CRC_HELLO},md5={checksums.md5_of(b'')}"})):
        refused = gcs.upload("a", b"hello\n", metadata=declared, headers=header)
        assert (refused.status, refused.reason) == (400, "invalid")
        assert "doesn't match calculated" in refused.json["error"]["message"]
        session = gcs.start("a", metadata=declared).session
        assert gcs.part(session, b"hello\n", "bytes 0-5/6", **header).status == 400
    assert gcs.names() == [] and gcs.metadata("a").status == 404
    assert not list((gcs.root / ".work").iterdir())


def test_right_checksums_are_taken(gcs):
    declared = {"crc32c": CRC_HELLO, "md5Hash": checksums.md5_of(b"hello\n")}
    header = {"x-goog-hash": f"crc32c={CRC_HELLO}"}
    assert gcs.upload("a", b"hello\n", metadata=declared, headers=header).status == 200
    assert gcs.part(gcs.start("b", metadata=declared).session, b"hello\n", "bytes 0-5/6", **header).status == 200
    assert gcs.request("POST", "/upload/storage/v1/b/bucket/o?uploadType=media&name=c", b"hello\n",
                       header).json["crc32c"] == CRC_HELLO


MULTIPART = "/upload/storage/v1/b/bucket/o?uploadType=multipart&name=a"


BODIES = [
    ("multipart/related; boundary=B", b'--B\ncontent-type: application/json\n\n{}\n--B\n\nx\n--B--\n', 200),
    ("multipart/related; boundary='B'", b'--B\r\ncontent-type: application/json\r\n\r\n{}\r\n--B\r\ncontent-type: a/b\r\n\r\nx\r\n--B--', 200),
    ('multipart/related; boundary="B"', b'--B\r\ncontent-type: application/json\r\n\r\n{}\r\n--B\r\n\r\n\r\n--B--', 200),
    ("multipart/form-data; boundary=B", b"", 400),
    ("multipart/related", b"", 400),
    ("multipart/related; boundary=B", b"", 400),
    ("multipart/related; boundary=B", b'--B\r\ncontent-type: application/json\r\n\r\n{}\r\n--B--', 400),
    ("multipart/related; boundary=B", b'--B\r\ncontent-type: application/json\r\n\r\n{\r\n--B\r\n\r\nx\r\n--B--', 400),
    ("multipart/related; boundary=B", b'--B\r\ncontent-type: text/plain\r\n\r\n{}\r\n--B\r\n\r\nx\r\n--B--', 400),
    ("multipart/related; boundary=B", b'--B\r\ncontent-type: application/json\r\n\r\n{}\r\n--B\r\n\r\nx', 400),
    ("multipart/related; boundary=B", b'--B\r\ncontent-type: application/json\r\n\r\n{}\r\n--B\r\n\r\nx\r\n--B\r\n\r\ny\r\n--B--', 400),
]


def test_multipart_bodies(gcs):
    for content_type, body, status in BODIES:
        reply = gcs.request("POST", MULTIPART, body, {"Content-Type": content_type})
        assert reply.status == status, (content_type, body, reply)
        assert gcs.names() == (["a"] if status == 200 else [])
        if status == 200:
            assert gcs.read("a") == (b"x" if b"x" in body else b"")
            assert gcs.request("DELETE", gcs.object_path("a")).status == 204


def test_multipart_bodies_may_come_in_chunks(gcs):
    body = b'--B\r\ncontent-type: application/json\r\n\r\n{"name":"a"}\r\n--B\r\n\r\nhello\n\r\n--B--'
    pieces = (body[at:at + 7] for at in range(0, len(body), 7))
    path = "/upload/storage/v1/b/bucket/o?uploadType=multipart"
    assert gcs.request("POST", path, pieces, {"Content-Type": "multipart/related; boundary=B"}).status == 200
    assert gcs.read("a") == b"hello\n"
    assert gcs.log("insert-multipart")[0]["name"] == "a"


# In parts

def test_a_resumable_upload_in_parts(gcs):
    data = os.urandom(2 * QUANTUM + 100)
    started = gcs.start("d/a", "ifGenerationMatch=0", {"crc32c": checksums.of(data), "metadata": {"k": "v"}},
                        {"X-Upload-Content-Type": "a/b", "X-Upload-Content-Length": str(len(data))})
    session = started.session
    assert started.headers["x-guploader-uploadid"] in session
    question = gcs.part(session, b"", "bytes */*")
    assert question.status == 308 and "range" not in question.headers
    first = gcs.part(session, data[:QUANTUM], f"bytes 0-{QUANTUM - 1}/{len(data)}")
    assert (first.status, first.headers["range"]) == (308, f"bytes=0-{QUANTUM - 1}")
    # Bytes that are there already are passed over.
    second = gcs.part(session, data[:2 * QUANTUM], f"bytes 0-{2 * QUANTUM - 1}/*")
    assert second.headers["range"] == f"bytes=0-{2 * QUANTUM - 1}"
    for question in ("bytes */*", f"bytes */{len(data)}"):
        assert gcs.part(session, b"", question).headers["range"] == second.headers["range"]
    assert gcs.names() == []
    last = gcs.part(session, data[2 * QUANTUM:], f"bytes {2 * QUANTUM}-{len(data) - 1}/{len(data)}")
    assert last.status == 200
    assert (last.json["metadata"], last.json["contentType"]) == ({"k": "v"}, "a/b")
    assert gcs.read("d/a") == data
    # A lost answer: the same again.
    assert gcs.part(session, b"", "bytes */*").json == last.json


BROKEN_PROMISES = [
    (100, "bytes 0-99/*"),                              # no multiple of 256 KiB, and not the last
    (100, "bytes 0-99/200"),
    (QUANTUM, f"bytes {QUANTUM}-{2 * QUANTUM - 1}/*"),  # past what is persisted
    (100, "bytes 0-98/99"),                             # another length
    (100, "bytes 0-99/50"),                             # past the end
    (100, "bytes 0-99/100"),                            # another size than was promised
    (100, "0-99/100"),
    (100, "bytes */*"),                                 # a question with a body
]


def test_what_a_part_promises_is_checked(gcs):
    session = gcs.start("a", headers={"X-Upload-Content-Length": str(4 * QUANTUM)}).session
    for size, content_range in BROKEN_PROMISES:
        assert gcs.part(session, b"x" * size, content_range).status == 400, content_range
        question = gcs.part(session, b"", "bytes */*")
        assert question.status == 308 and "range" not in question.headers
    assert gcs.names() == []


def test_a_question_ends_no_upload_but_the_last_part_may_be_empty(gcs):
    session = gcs.start("empty").session
    assert gcs.part(session, b"", "bytes */*").status == 308
    assert gcs.names() == []
    assert gcs.part(session, b"", "bytes */0").status == 200
    # Go's client learns the size with the end.
    session = gcs.start("a").session
    assert gcs.part(session, b"x" * QUANTUM, f"bytes 0-{QUANTUM - 1}/*").status == 308
    assert gcs.part(session, b"", "bytes */*").status == 308
    told = gcs.part(session, b"", "bytes */*", **{"X-GUploader-No-308": "yes"})
    assert (told.status, told.headers["x-http-status-code-override"]) == (200, "308")
    assert gcs.part(session, b"", f"bytes */{QUANTUM}").status == 200
    assert gcs.names() == ["a", "empty"]


def test_a_body_without_an_end_is_the_rest(gcs):
    session = gcs.start("a").session
    assert gcs.part(session, iter([b"hello", b"\n"]), "bytes 0-*/*").json["crc32c"] == CRC_HELLO


def test_the_preconditions_of_the_start_hold_at_the_end(gcs):
    session = gcs.start("a", "ifGenerationMatch=0").session
    gcs.upload("a", b"winner")
    assert gcs.part(session, b"loser", "bytes 0-4/5").status == 412
    assert gcs.read("a") == b"winner"


def test_an_upload_that_is_cut_off_keeps_whole_quanta(gcs):
    data = os.urandom(3 * QUANTUM)
    session = gcs.start("a", metadata={"crc32c": checksums.of(data)}).session
    with socket.create_connection(gcs.host.split(":")) as sock:
        sock.sendall(f"PUT {session} HTTP/1.1\r\nHost: h\r\nContent-Range: bytes 0-{len(data) - 1}/{len(data)}\r\n"
                     f"Content-Length: {len(data)}\r\n\r\n".encode() + data[:2 * QUANTUM + 1000])
    gcs.log()
    question = gcs.part(session, b"", "bytes */*")
    assert (question.status, question.headers["range"]) == (308, f"bytes=0-{2 * QUANTUM - 1}")
    rest = f"bytes {2 * QUANTUM}-{len(data) - 1}/{len(data)}"
    assert gcs.part(session, data[2 * QUANTUM:], rest).status == 200
    assert gcs.read("a") == data


def test_a_session_that_somebody_still_sends_to_is_taken_over(gcs):
    """The first connection hangs; the client comes back on another."""
    session = gcs.start("a").session
    with socket.create_connection(gcs.host.split(":")) as sock:
        sock.sendall(f"PUT {session} HTTP/1.1\r\nHost: h\r\nContent-Range: bytes 0-{4 * QUANTUM - 1}/{4 * QUANTUM}\r\n"
                     f"Content-Length: {4 * QUANTUM}\r\n\r\n".encode() + b"x" * QUANTUM)
        deadline = time.monotonic() + 30
        while not any(entry["kind"] == "resumable-put" for entry in gcs.log(wait=0)):
            assert time.monotonic() < deadline
        at = gcs.part(session, b"", "bytes */*").headers.get("range", "bytes=0--1")
        first = int(at.split("-", 1)[1]) + 1
        rest = b"x" * (4 * QUANTUM - first)
        assert gcs.part(session, rest, f"bytes {first}-{4 * QUANTUM - 1}/{4 * QUANTUM}").status == 200


def test_sessions_end(gcs):
    assert gcs.part("/upload/storage/v1/b/bucket/o?uploadType=resumable&upload_id=x", b"", "bytes */*").status == 404
    session = gcs.start("a").session
    assert gcs.request("DELETE", session).status == 499
    assert gcs.part(session, b"", "bytes */*").status == 499
    session = gcs.start("b").session
    gcs.expire_sessions(404)
    assert gcs.part(session, b"x", "bytes 0-0/1").status == 404
    session = gcs.start("c").session
    gcs.settings(session_seconds=0)
    assert gcs.part(session, b"x", "bytes 0-0/1").status == 410
    assert gcs.names() == []
