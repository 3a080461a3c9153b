"""The double of Google Cloud Storage (tests/support/gcs) refuses what Google refuses."""
import gzip
import http.client
import json
import os
import socket

import pytest
from gcs import checksums
from gcs.process import GcsDouble
from gcs.uploads import QUANTUM

CRC_HELLO = "NT3Yvg=="  # of "hello\n"


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
        == (name, "6", CRC_HELLO, checksums.md5_of(b"hello\n"), "1", {"k": "v"}, "no-store", "text/plain")
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
    assert second["crc32c"] == checksums.of(b"other") and "metadata" not in second
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
    (b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", b"there is no HEAD"),
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


def test_a_bucket_says_that_its_folders_are_names_alone(gcs):
    layout = gcs.request("GET", "/storage/v1/b/bucket/storageLayout").json
    assert layout["bucket"] == "bucket" and layout["hierarchicalNamespace"] == {"enabled": False}
    assert gcs.request("GET", "/storage/v1/b/no-bucket/storageLayout").status == 404


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
    # An upload that ends too early keeps all but its last part.
    data = b"x" * (QUANTUM + 1)
    session = gcs.start("a").session
    gcs.put("a", b"old")
    gcs.request("PATCH", gcs.object_path("a"), "{}")
    assert gcs.part(session, data, f"bytes 0-{QUANTUM}/{QUANTUM + 1}").status == 429
    assert gcs.part(session, b"", "bytes */*").headers["range"] == f"bytes=0-{QUANTUM - 1}"
    gcs.settings(write_limit=False)
    assert gcs.part(session, b"x", f"bytes {QUANTUM}-{QUANTUM}/{QUANTUM + 1}").status == 200
    assert gcs.read("a") == data
    assert gcs.upload("a", b"2").status == 200


# Downloads

def test_media_has_its_headers_and_ranges(gcs):
    data = bytes(range(256)) * 40
    made = gcs.upload("a", data, content_type="a/b").json
    whole = gcs.media("a")
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, data, "a/b")
    assert (whole.headers["x-goog-generation"], whole.headers["x-goog-stored-content-length"],
            whole.headers["x-goog-stored-content-encoding"]) == (made["generation"], str(len(data)), "identity")
    assert f"crc32c={checksums.of(data)}" in whole.headers["x-goog-hash"]
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
        reply = gcs.request("GET", f"/storage/v1/b/{gcs.bucket}/o?{query}{token}")
        assert reply.status == 200, reply
        page = reply.json
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
    assert compose([{"name": "none"}]).status == 404
    assert compose([dict(sources[0], generation="1")]).status == 404
    assert compose([{"name": "t/0", "objectPreconditions": {"ifGenerationMatch": "1"}}]).status == 412
    assert compose([]).status == 400 and compose([sources[0]] * 33).status == 400
    assert gcs.metadata("d/whole").status == 404
    # gcloud sends the checksums of the first source.
    whole = compose(sources, {"crc32c": checksums.of(b"0,"), "md5Hash": checksums.md5_of(b"0,"), "contentType": "a/b"},
                    "ifGenerationMatch=0").json
    assert (whole["componentCount"], whole["size"], whole["crc32c"]) == (3, "6", checksums.of(b"0,1,2,"))
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


def test_its_options(tmp_path):
    options = ["--bucket", "store", "--work", tmp_path / "other", "--require-token", "good", "--page-size", 1,
               "--no-md5", "--no-write-limit"]
    with GcsDouble(tmp_path / "top", bucket="store", options=options) as gcs:
        assert gcs.metadata("a").status == 401
        gcs.settings(tokens=[])
        for name in ("a", "a", "b"):
            # What a client declares is compared all the same.
            assert gcs.upload(name, b"x", metadata={"md5Hash": checksums.md5_of(b"x")}).status == 200
            assert gcs.upload(name, b"x", metadata={"md5Hash": checksums.md5_of(b"y")}).status == 400
        assert "md5Hash" not in gcs.metadata("a").json
        assert names_of(gcs, "prefix=") == (["a", "b"], [], 3)
        assert [path.name for path in gcs.root.iterdir()] == ["store"]  # no more than objects


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
    assert gcs.part(session, b"x", "bytes 0-0/1").status == 200
    assert gcs.log("get-media")[0]["headers"]["authorization"] == "Bearer good"
