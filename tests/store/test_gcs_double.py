"""The double of Google Cloud Storage (tests/support/gcs) refuses what Google refuses."""
import base64
import gzip
import hashlib
import http.client
import json
import os
import socket
import time

import pytest
from gcs import checksums

QUANTUM = 262144
CRC_HELLO = "NT3Yvg=="  # of "hello\n"


def crc(data):
    return checksums.crc32c_text(checksums.crc32c(0, data))


def md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def part(gcs, session, data, content_range, **headers):
    return gcs.request("PUT", session, data, dict(headers, **{"Content-Range": content_range}))


def raw(gcs, text):
    """What comes back for bytes that no client library would send."""
    with socket.create_connection(gcs.host.split(":"), timeout=30) as sock:
        sock.sendall(text)
        sock.shutdown(socket.SHUT_WR)
        return sock.makefile("rb").read()


# Checksums

@pytest.mark.parametrize("data, value", [
    (b"", 0), (b"123456789", 0xE3069283), (b"hello\n", 0x353DD8BE), (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43)])
def test_crc32c_has_the_known_values(data, value):
    assert checksums.crc32c(0, data) == value


def test_crc32c_of_two_pieces_is_that_of_the_whole():
    assert checksums.combine(0x18D12335, 0xC27E5DB2, 4) == 0xE3069283
    data = bytes(range(256)) * 5
    for cut in (0, 1, 700, len(data)):
        first, second = data[:cut], data[cut:]
        assert checksums.combine(checksums.crc32c(0, first), checksums.crc32c(0, second), len(second)) \
            == checksums.crc32c(0, data)


# Objects and their resources

def test_an_object_is_a_file_at_its_own_name_and_its_resource_has_numbers_as_texts(gcs):
    name = "dev/ab c/ü+#?.txt"
    reply = gcs.upload(name, b"hello\n", "ifGenerationMatch=0", {"metadata": {"k": "v"}, "cacheControl": "no-store"})
    assert reply.status == 200
    made = reply.json
    assert gcs.read(name) == b"hello\n"
    assert made == gcs.metadata(name).json
    assert (made["name"], made["size"], made["crc32c"], made["md5Hash"], made["metageneration"],
            made["metadata"], made["cacheControl"], made["contentType"]) \
        == (name, "6", CRC_HELLO, md5(b"hello\n"), "1", {"k": "v"}, "no-store", "text/plain")
    assert made["generation"].isdigit() and made["id"] == f"bucket/{name}/{made['generation']}"
    assert gcs.request("GET", made["mediaLink"].removeprefix(gcs.url)).body == b"hello\n"
    assert gcs.request("GET", made["selfLink"].removeprefix(gcs.url)).json == made


def test_generations_grow_also_past_a_deletion(gcs):
    gcs.settings(write_limit=False)
    seen = [int(gcs.upload("a", b"%d" % number).json["generation"]) for number in range(3)]
    assert gcs.request("DELETE", gcs.object_path("a")).status == 204
    seen.append(int(gcs.upload("a", b"x").json["generation"]))
    assert seen == sorted(set(seen))


def test_a_file_that_is_changed_behind_the_doubles_back_is_a_new_object(gcs):
    first = gcs.upload("d/a", b"hello\n", metadata={"metadata": {"k": "v"}}).json
    gcs.put("d/a", b"other")
    gcs.put("d/b", b"added")
    second = gcs.metadata("d/a").json
    assert int(second["generation"]) > int(first["generation"])
    assert second["crc32c"] == crc(b"other") and "metadata" not in second
    assert gcs.media("d/a", f"generation={first['generation']}").status == 404
    assert gcs.media("d/b").body == b"added"
    (gcs.folder / "d/a").unlink()
    (gcs.folder / "empty").mkdir()
    assert gcs.metadata("d/a").status == 404
    listed = gcs.request("GET", "/storage/v1/b/bucket/o").json
    assert [item["name"] for item in listed["items"]] == ["d/b"]


def test_a_rotten_byte_changes_neither_generation_nor_checksum(gcs):
    made = gcs.upload("a", b"hello\n").json
    gcs.flip("a", 1)
    assert gcs.metadata("a").json == made
    assert gcs.media("a", f"generation={made['generation']}").body == b"hdllo\n"


def test_names_that_can_be_no_file_are_objects_all_the_same(gcs):
    names = ["a", "a/b", "a/b/c", "x//y", "x/", "/", "s/../t", "n" * 300]
    for name in names:
        assert gcs.upload(name, name.encode()).status == 200
    for name in names:
        assert gcs.media(name).body == name.encode()
    listed = gcs.request("GET", "/storage/v1/b/bucket/o").json["items"]
    assert [item["name"] for item in listed] == sorted(names)
    assert not (gcs.root / "t").exists()
    for name in names:
        assert gcs.request("DELETE", gcs.object_path(name)).status == 204
    assert gcs.names() == [] and list(gcs.folder.iterdir()) == []
    for name in (".", "..", "a\nb", "n" * 1025, ".well-known/acme-challenge/x"):
        assert gcs.upload(name, b"").status == 400


# HTTP

BAD_HTTP = [
    (b"GET / HTTP/1.0\r\nHost: h\r\n\r\n", b"not HTTP/1.1"),
    (b"GET / HTTP/1.1\r\n\r\n", b"there is no Host"),
    (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", b"not a request line"),
    (b"GET /\xc3\xbc HTTP/1.1\r\nHost: h\r\n\r\n", b"not a request line"),
    (b"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", b"not percent-encoded"),
    (b"GET /%ff HTTP/1.1\r\nHost: h\r\n\r\n", b"not UTF-8"),
    (b"GET /?a=1&a=2 HTTP/1.1\r\nHost: h\r\n\r\n", b"is there twice"),
    (b"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", b"'host' is there twice"),
    (b"GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", b"not a header"),
    (b"GET / HTTP/1.1\r\nHost: h\r\nA: b\n\r\n\r\n", b"does not end with CR LF"),
    (b"POST / HTTP/1.1\r\nHost: h\r\n\r\n", b"neither Content-Length nor"),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx", b"not a Content-Length"),
    (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"Transfer-Encoding"),
    (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\n", b"not the size of a chunk"),
    (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", b"longer than its size"),
    (b"GET / HTTP/1.1\r\nHost: h\r\nA: " + b"x" * 70000 + b"\r\n\r\n", b"the head is too long"),
    (b"GET / HTTP/1.1\r\nHost: h\r\nA: " + b"x" * 140000, b"the head is too long"),
]


def test_http_is_taken_by_the_letter(gcs):
    for text, message in BAD_HTTP:
        answer = raw(gcs, text)
        assert answer.startswith(b"HTTP/1.1 4") and message in answer, (text[:200], answer)


def test_a_client_that_waits_is_told_to_continue(gcs):
    with socket.create_connection(gcs.host.split(":"), timeout=30) as sock:
        stream = sock.makefile("rb")
        sock.sendall(b"POST /upload/storage/v1/b/bucket/o?uploadType=media&name=a HTTP/1.1\r\nHost: h\r\n"
                     b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        sock.sendall(b"hello")
        stream.readline()
        assert stream.readline() == b"HTTP/1.1 200 OK\r\n"


def test_one_connection_carries_many_requests(gcs):
    connection = http.client.HTTPConnection(gcs.host, timeout=30)
    for status, name in ((404, "none"), (200, "a")):
        if status == 200:
            gcs.upload("a", b"x")
        assert gcs.request("GET", gcs.object_path(name), connection=connection).status == status
    connection.close()


def test_what_nobody_knows_is_refused(gcs):
    gcs.upload("a/b", b"x")
    assert gcs.metadata("a/b", "ifGenerationMach=0").reason == "invalidParameter"
    assert gcs.metadata("a/b", "ifGenerationMatch=x").reason == "invalidParameter"
    assert gcs.metadata("a/b", "fields=naem").reason == "invalidParameter"
    assert gcs.request("GET", "/storage/v1/b/bucket/o?fields=item(name)").status == 400
    assert gcs.request("GET", "/storage/v1/b/bucket/o/a/b").status == 404  # a slash is %2F
    assert gcs.request("GET", "/storage/v1/b/no-bucket/o/a").json["error"]["message"] \
        == "The specified bucket does not exist."
    assert gcs.upload("a", b"x", metadata={"metdata": {}}).status == 400
    assert gcs.upload("a", b"x", metadata={"metadata": {"k": 1}}).status == 400
    assert gcs.upload("a", b"x", metadata={"bucket": "another"}).status == 400
    assert gcs.upload("a", b"x", metadata={"contentType": "text/html"}).status == 400  # its part is text/plain
    assert gcs.names() == ["a/b"]


def test_fields_leave_what_is_asked_for(gcs):
    gcs.upload("a", b"x", metadata={"metadata": {"k": "v", "l": "w"}})
    assert gcs.metadata("a", "fields=name,size").json == {"name": "a", "size": "1"}
    assert gcs.metadata("a", "fields=metadata/k").json == {"metadata": {"k": "v"}}
    asked = "/storage/v1/b/bucket/o?fields="
    for fields in ("items(name,size)", "items/name,items/size", "items/name,items(size)"):
        assert gcs.request("GET", asked + fields).json == {"items": [{"name": "a", "size": "1"}]}
    assert gcs.request("GET", asked + "nextPageToken,prefixes").json == {}


# Preconditions

def test_preconditions_hold_for_every_kind_of_request(gcs):
    gcs.settings(write_limit=False)
    made = gcs.upload("a", b"one", "ifGenerationMatch=0").json
    generation = made["generation"]
    refused = gcs.upload("a", b"two", "ifGenerationMatch=0")
    assert (refused.status, refused.reason) == (412, "conditionNotMet")
    assert gcs.upload("new", b"x", f"ifGenerationMatch={generation}").status == 412
    compose = json.dumps({"sourceObjects": [{"name": "a"}]})
    for query, status in ((f"ifGenerationMatch={generation}", 200), ("ifGenerationMatch=1", 412),
                          (f"ifGenerationNotMatch={generation}", 304), ("ifMetagenerationMatch=1", 200),
                          ("ifMetagenerationMatch=2", 412), ("ifMetagenerationNotMatch=1", 304)):
        assert gcs.metadata("a", query).status == status
        assert gcs.media("a", query).status == status
    for method, path, body in (
            ("DELETE", gcs.object_path("a", "ifGenerationMatch=1"), None),
            ("PATCH", gcs.object_path("a", "ifMetagenerationMatch=2"), "{}"),
            ("POST", "/storage/v1/b/bucket/o/a/compose?ifGenerationMatch=0", compose),
            ("POST", "/storage/v1/b/bucket/o/a/rewriteTo/b/bucket/o/a?ifGenerationMatch=0", "{}"),
            ("POST", "/storage/v1/b/bucket/o/a/rewriteTo/b/bucket/o/b?ifSourceGenerationMatch=1", "{}"),
            ("POST", "/upload/storage/v1/b/bucket/o?uploadType=resumable&name=a&ifGenerationMatch=0", "{}"),
            ("POST", "/upload/storage/v1/b/bucket/o?uploadType=media&name=a&ifGenerationMatch=0", "x")):
        assert gcs.request(method, path, body).status == 412, path
    assert gcs.read("a") == b"one"
    assert gcs.upload("a", b"two", f"ifGenerationMatch={generation}").status == 200
    assert gcs.media("a", f"generation={generation}").status == 404
    assert gcs.metadata("a", f"generation={generation}").status == 404


def test_one_name_is_written_once_a_second(gcs):
    assert gcs.upload("a", b"1").status == 200
    refused = gcs.upload("a", b"2")
    assert (refused.status, refused.reason) == (429, "rateLimitExceeded")
    assert refused.json["error"]["errors"][0]["domain"] == "usageLimits"
    assert gcs.request("PATCH", gcs.object_path("a"), "{}").status == 429
    assert gcs.upload("b", b"1").status == 200
    assert gcs.read("a") == b"1"
    gcs.settings(write_limit=False)
    assert gcs.upload("a", b"2").status == 200


# Uploads

def test_a_wrong_checksum_leaves_no_object(gcs):
    for declared, header in (
            ({"crc32c": "AAAAAA=="}, {}), ({"md5Hash": md5(b"")}, {}),
            ({}, {"x-goog-hash": "crc32c=AAAAAA=="}),
            ({}, {"x-goog-hash": f"crc32c={CRC_HELLO},md5={md5(b'')}"})):
        refused = gcs.upload("a", b"hello\n", metadata=declared, headers=header)
        assert (refused.status, refused.reason) == (400, "invalid")
        assert "doesn't match calculated" in refused.json["error"]["message"]
        session = gcs.start("a", metadata=declared).session
        assert part(gcs, session, b"hello\n", "bytes 0-5/6", **header).status == 400
    assert gcs.names() == [] and gcs.metadata("a").status == 404
    assert not list((gcs.root / ".work").iterdir())


def test_right_checksums_are_taken(gcs):
    declared = {"crc32c": CRC_HELLO, "md5Hash": md5(b"hello\n")}
    header = {"x-goog-hash": f"crc32c={CRC_HELLO}"}
    assert gcs.upload("a", b"hello\n", metadata=declared, headers=header).status == 200
    assert part(gcs, gcs.start("b", metadata=declared).session, b"hello\n", "bytes 0-5/6", **header).status == 200
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


# Resumable uploads

def test_a_resumable_upload_in_parts(gcs):
    data = os.urandom(2 * QUANTUM + 100)
    started = gcs.start("d/a", "ifGenerationMatch=0", {"crc32c": crc(data), "metadata": {"k": "v"}},
                        {"X-Upload-Content-Type": "a/b", "X-Upload-Content-Length": str(len(data))})
    session = started.session
    assert started.headers["x-guploader-uploadid"] in session
    question = part(gcs, session, b"", "bytes */*")
    assert question.status == 308 and "range" not in question.headers
    first = part(gcs, session, data[:QUANTUM], f"bytes 0-{QUANTUM - 1}/{len(data)}")
    assert (first.status, first.headers["range"]) == (308, f"bytes=0-{QUANTUM - 1}")
    # Bytes that are there already are passed over.
    second = part(gcs, session, data[:2 * QUANTUM], f"bytes 0-{2 * QUANTUM - 1}/*")
    assert second.headers["range"] == f"bytes=0-{2 * QUANTUM - 1}"
    for question in ("bytes */*", f"bytes */{len(data)}"):
        assert part(gcs, session, b"", question).headers["range"] == second.headers["range"]
    assert gcs.names() == []
    last = part(gcs, session, data[2 * QUANTUM:], f"bytes {2 * QUANTUM}-{len(data) - 1}/{len(data)}")
    assert last.status == 200
    assert (last.json["metadata"], last.json["contentType"]) == ({"k": "v"}, "a/b")
    assert gcs.read("d/a") == data
    # A lost answer: the same again.
    assert part(gcs, session, b"", "bytes */*").json == last.json


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
        assert part(gcs, session, b"x" * size, content_range).status == 400, content_range
        question = part(gcs, session, b"", "bytes */*")
        assert question.status == 308 and "range" not in question.headers
    assert gcs.names() == []


def test_a_question_ends_no_upload_but_the_last_part_may_be_empty(gcs):
    session = gcs.start("empty").session
    assert part(gcs, session, b"", "bytes */*").status == 308
    assert gcs.names() == []
    assert part(gcs, session, b"", "bytes */0").status == 200
    # Go's client learns the size with the end.
    session = gcs.start("a").session
    assert part(gcs, session, b"x" * QUANTUM, f"bytes 0-{QUANTUM - 1}/*").status == 308
    assert part(gcs, session, b"", "bytes */*").status == 308
    told = part(gcs, session, b"", "bytes */*", **{"X-GUploader-No-308": "yes"})
    assert (told.status, told.headers["x-http-status-code-override"]) == (200, "308")
    assert part(gcs, session, b"", f"bytes */{QUANTUM}").status == 200
    assert gcs.names() == ["a", "empty"]


def test_a_body_without_an_end_is_the_rest(gcs):
    session = gcs.start("a").session
    assert part(gcs, session, iter([b"hello", b"\n"]), "bytes 0-*/*").json["crc32c"] == CRC_HELLO


def test_the_preconditions_of_the_start_hold_at_the_end(gcs):
    session = gcs.start("a", "ifGenerationMatch=0").session
    gcs.upload("a", b"winner")
    assert part(gcs, session, b"loser", "bytes 0-4/5").status == 412
    assert gcs.read("a") == b"winner"


def test_an_upload_that_is_cut_off_keeps_whole_quanta(gcs):
    data = os.urandom(3 * QUANTUM)
    session = gcs.start("a", metadata={"crc32c": crc(data)}).session
    with socket.create_connection(gcs.host.split(":")) as sock:
        sock.sendall(f"PUT {session} HTTP/1.1\r\nHost: h\r\nContent-Range: bytes 0-{len(data) - 1}/{len(data)}\r\n"
                     f"Content-Length: {len(data)}\r\n\r\n".encode() + data[:2 * QUANTUM + 1000])
    gcs.log()
    question = part(gcs, session, b"", "bytes */*")
    assert (question.status, question.headers["range"]) == (308, f"bytes=0-{2 * QUANTUM - 1}")
    rest = f"bytes {2 * QUANTUM}-{len(data) - 1}/{len(data)}"
    assert part(gcs, session, data[2 * QUANTUM:], rest).status == 200
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
        at = part(gcs, session, b"", "bytes */*").headers.get("range", "bytes=0--1")
        first = int(at.split("-", 1)[1]) + 1
        rest = b"x" * (4 * QUANTUM - first)
        assert part(gcs, session, rest, f"bytes {first}-{4 * QUANTUM - 1}/{4 * QUANTUM}").status == 200


def test_sessions_end(gcs):
    assert part(gcs, "/upload/storage/v1/b/bucket/o?uploadType=resumable&upload_id=x", b"", "bytes */*").status == 404
    session = gcs.start("a").session
    assert gcs.request("DELETE", session).status == 499
    assert part(gcs, session, b"", "bytes */*").status == 499
    session = gcs.start("b").session
    gcs.expire_sessions(404)
    assert part(gcs, session, b"x", "bytes 0-0/1").status == 404
    session = gcs.start("c").session
    gcs.settings(session_seconds=0)
    assert part(gcs, session, b"x", "bytes 0-0/1").status == 410
    assert gcs.names() == []


# Downloads

def test_media_has_its_headers_and_ranges(gcs):
    data = bytes(range(256)) * 40
    made = gcs.upload("a", data, content_type="a/b").json
    whole = gcs.media("a")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, data, "a/b")
    assert (whole.headers["x-goog-generation"], whole.headers["x-goog-stored-content-length"],
            whole.headers["x-goog-stored-content-encoding"]) == (made["generation"], str(len(data)), "identity")
    assert f"crc32c={crc(data)}" in whole.headers["x-goog-hash"]
    for asked, first, last in (("0-0", 0, 0), ("5-99", 5, 99), ("10000-", 10000, 10239), ("-40", 10200, 10239),
                               ("0-999999", 0, 10239)):
        reply = gcs.media("a", headers={"Range": f"bytes={asked}"})
        assert (reply.status, reply.body) == (206, data[first:last + 1])
        assert reply.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
        assert reply.headers["x-goog-hash"] == whole.headers["x-goog-hash"]  # of the whole
    beyond = gcs.media("a", headers={"Range": f"bytes={len(data)}-"})
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")
    gcs.upload("empty", b"")
    assert gcs.media("empty").body == b"" and gcs.media("empty", headers={"Range": "bytes=0-0"}).status == 416


def test_what_is_not_there_is_html_for_media_and_json_for_metadata(gcs):
    media = gcs.media("none")
    assert (media.status, media.headers["content-type"]) == (404, "text/html; charset=UTF-8")
    assert media.body == b"No such object: bucket/none"
    assert (gcs.metadata("none").status, gcs.metadata("none").reason) == (404, "notFound")


def test_gzip_content_is_decompressed_for_who_does_not_take_it(gcs):
    packed = gzip.compress(b"hello\n")
    gcs.upload("a", packed, metadata={"contentEncoding": "gzip"})
    stored = gcs.media("a", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-3"})
    assert (stored.status, stored.body, stored.headers["content-encoding"]) == (206, packed[:4], "gzip")
    plain = gcs.media("a", headers={"Range": "bytes=0-3"})
    assert (plain.status, plain.body) == (200, b"hello\n")
    assert "content-length" not in plain.headers and plain.headers["x-goog-stored-content-encoding"] == "gzip"


# Lists

def names_of(gcs, query):
    """(names, prefixes, how many pages)"""
    names, prefixes, pages, token = [], [], 0, ""
    while True:
        page = gcs.request("GET", f"/storage/v1/b/bucket/o?{query}{token}").json
        names += [item["name"] for item in page.get("items", [])]
        prefixes += page.get("prefixes", [])
        pages += 1
        if "nextPageToken" not in page:
            return names, prefixes, pages
        token = "&pageToken=" + page["nextPageToken"].replace("=", "%3D")


def test_lists_have_prefixes_offsets_and_globs(gcs):
    names = ["a/1", "a/2", "a/b/3", "a/b/4.txt", "c", "d/5.txt", "ü"]
    for name in names:
        gcs.put(name, b"x")
    for query, found, prefixes in (
            ("", names, []),
            ("prefix=a/", names[:4], []),
            ("prefix=a", names[:4], []),
            ("prefix=a/b", names[2:4], []),
            ("delimiter=/", ["c", "ü"], ["a/", "d/"]),
            ("prefix=a/&delimiter=/", ["a/1", "a/2"], ["a/b/"]),
            ("startOffset=a/b&endOffset=d/", ["a/b/3", "a/b/4.txt", "c"], []),
            ("matchGlob=**/*.txt", ["a/b/4.txt", "d/5.txt"], []),
            ("matchGlob=*/*", ["a/1", "a/2", "d/5.txt"], []),
            ("matchGlob=a/%5B!1%5D", ["a/2"], []),
            ("matchGlob=%7Bc,d/*%7D", ["c", "d/5.txt"], []),
            ("prefix=z", [], [])):
        assert names_of(gcs, query)[:2] == (found, prefixes), query


def test_pages_are_small_one_is_empty_and_a_token_is_for_its_list_alone(gcs):
    names = [f"d/{number:03}" for number in range(25)]
    for name in names:
        gcs.put(name, b"x")
    gcs.settings(page_size=10)
    assert names_of(gcs, "prefix=d/") == (names, [], 4)
    assert names_of(gcs, "maxResults=4") == (names, [], 8)
    gcs.settings(empty_pages=False)
    assert names_of(gcs, "prefix=d/") == (names, [], 3)
    gcs.fault("duplicate", kind="list", times=0)
    assert names_of(gcs, "prefix=d/")[0] == sorted(names + [names[9], names[19]])
    token = gcs.request("GET", "/storage/v1/b/bucket/o?prefix=d/").json["nextPageToken"]
    assert gcs.request("GET", f"/storage/v1/b/bucket/o?prefix=e/&pageToken={token}").status == 400
    assert gcs.request("GET", "/storage/v1/b/bucket/o?maxResults=0").status == 400


# Changes

def test_a_patch_changes_metadata_alone(gcs):
    gcs.settings(write_limit=False)
    made = gcs.upload("a", b"x", metadata={"metadata": {"k": "v", "l": "w"}}).json
    changed = gcs.request("PATCH", gcs.object_path("a"), json.dumps(
        {"metadata": {"k": None, "m": "n"}, "cacheControl": "no-store"})).json
    assert (changed["generation"], changed["metageneration"]) == (made["generation"], "2")
    assert (changed["metadata"], changed["cacheControl"]) == ({"l": "w", "m": "n"}, "no-store")
    assert gcs.request("PATCH", gcs.object_path("none"), "{}").status == 404


def test_compose_puts_up_to_32_sources_together(gcs):
    def compose(sources, destination=(), query=""):
        body = {"sourceObjects": sources, "destination": dict(destination)}
        return gcs.request("POST", f"/storage/v1/b/bucket/o/d%2Fwhole/compose?{query}", json.dumps(body))
    made = [gcs.upload(f"t/{number}", b"%d," % number).json for number in range(3)]
    sources = [{"name": one["name"], "generation": one["generation"],
                "objectPreconditions": {"ifGenerationMatch": one["generation"]}} for one in made]
    assert compose(sources, {"crc32c": "AAAAAA=="}).status == 400
    assert compose([{"name": "none"}]).status == 404
    assert compose([dict(sources[0], generation="1")]).status == 404
    assert compose([{"name": "t/0", "objectPreconditions": {"ifGenerationMatch": "1"}}]).status == 412
    assert compose([]).status == 400 and compose([sources[0]] * 33).status == 400
    assert gcs.metadata("d/whole").status == 404
    whole = compose(sources, {"crc32c": crc(b"0,1,2,"), "md5Hash": md5(b"0,1,2,"), "contentType": "a/b"},
                    "ifGenerationMatch=0").json
    assert (whole["componentCount"], whole["size"], whole["crc32c"]) == (3, "6", crc(b"0,1,2,"))
    assert "md5Hash" not in whole and "md5" not in gcs.media("d/whole").headers["x-goog-hash"]
    assert gcs.read("d/whole") == b"0,1,2,"


def test_rewrite_copies_in_as_many_calls_as_it_takes(gcs):
    data = os.urandom(5 << 19)
    made = gcs.upload("a", data, metadata={"metadata": {"k": "v"}}).json
    path = "/storage/v1/b/bucket/o/a/rewriteTo/b/bucket/o/d%2Fb?maxBytesRewrittenPerCall=1048576"
    assert gcs.request("POST", path + "1", "{}").status == 400
    assert gcs.request("POST", path + "&sourceGeneration=1", "{}").status == 404
    assert gcs.request("POST", path + "&rewriteToken=x", "{}").status == 400
    token, calls = "", 0
    while True:
        reply = gcs.request("POST", path + token, "{}").json
        calls += 1
        if reply["done"]:
            break
        assert reply["totalBytesRewritten"] == str(calls << 20)
        token = f"&rewriteToken={reply['rewriteToken']}"
    assert calls == 3 and gcs.read("d/b") == data
    assert (reply["resource"]["metadata"], reply["resource"]["crc32c"]) == ({"k": "v"}, made["crc32c"])


def test_buckets_are_folders(gcs):
    assert gcs.request("GET", "/storage/v1/b/bucket").json["name"] == "bucket"
    assert gcs.request("GET", "/storage/v1/b/none").status == 404
    assert gcs.request("POST", "/storage/v1/b?project=p", '{"name": "another"}').status == 200
    assert gcs.request("POST", "/storage/v1/b?project=p", '{"name": "another"}').status == 409
    assert gcs.request("POST", "/storage/v1/b?project=p", '{"name": "../x"}').status == 400
    listed = gcs.request("GET", "/storage/v1/b?project=p").json["items"]
    assert [item["name"] for item in listed] == ["another", "bucket"]
    assert gcs.request("GET", "/storage/v1/b/.work").status == 404


def test_a_token_may_be_required(gcs):
    gcs.put("a", b"x")
    gcs.settings(tokens=["good"])
    assert (gcs.metadata("a").status, gcs.metadata("a").reason) == (401, "required")
    bad = gcs.request("GET", gcs.object_path("a"), headers={"Authorization": "Bearer bad"})
    assert (bad.status, bad.reason) == (401, "authError")
    good = {"Authorization": "Bearer good"}
    assert gcs.media("a", headers=good).body == b"x"
    assert gcs.start("b").status == 401
    session = gcs.start("b", headers=good).session  # its address is the credential
    assert part(gcs, session, b"x", "bytes 0-0/1").status == 200
    assert gcs.log("get-media")[0]["headers"]["authorization"] == "Bearer good"
