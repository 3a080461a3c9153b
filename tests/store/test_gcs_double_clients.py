"""Clients that nobody here wrote take the double of Google Cloud Storage for the real
one, and notice when it lies (JOBRUN_REQUIRE_INTEROP=1: none but gcloud may be missing)."""
import os
import subprocess

import pytest
from clients import client, gcloud, made, node, rclone  # noqa: F401
from gcs_clients import Gcloud

LARGE = (20 << 20) + 12345  # more than any client sends in one request by itself
NAMES = ["plain.txt", "a b/ü+%20#&=.txt", "d/e/f"]


@pytest.fixture
def large(tmp_path):
    file = tmp_path / "large"
    file.write_bytes(os.urandom(LARGE))
    return file


def test_it_brings_files_up_and_down_and_lists_them_in_pages(client, gcs, tmp_path, large):
    # gcloud warns of an empty page, and stops there.
    gcs.settings(page_size=1, empty_pages=not isinstance(client, Gcloud))
    small = tmp_path / "small"
    small.write_bytes(b"hello\n")
    for name in NAMES:
        client.up(small, name)
    client.up(large, "large")
    assert gcs.names() == sorted([*NAMES, "large"])
    assert gcs.read("large") == large.read_bytes()
    assert client.ls() == sorted([*NAMES, "large"])
    for name, file in ((NAMES[1], small), ("large", large)):
        client.down(name, tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == file.read_bytes()
    kinds = {entry["kind"] for entry in gcs.log()}
    assert {"resumable-start", "resumable-put", "list", "get-media"} <= kinds
    assert [entry for entry in gcs.log() if entry["status"] >= 400 and entry["status"] != 404] == []
    assert any(entry["query"].get("pageToken") for entry in gcs.log("list"))


def test_it_notices_a_flipped_byte(client, gcs, tmp_path):
    gcs.upload("a", b"hello " * 100)
    gcs.fault("flip", kind="get-media", at=77, times=0)
    with pytest.raises(subprocess.CalledProcessError):
        client.down("a", tmp_path / "back")
    assert gcs.faults()[0]["hits"] >= 1
    gcs.clear_faults()
    client.down("a", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"hello " * 100


def test_node_goes_on_in_parts_of_an_unknown_size(gcs, tmp_path, large):
    client = made(node, gcs, tmp_path / "client")
    client.up(large, "parts", resumable=True, chunk=1 << 20)
    ranges = [entry["headers"]["content-range"] for entry in gcs.log("resumable-put")]
    assert len(ranges) == 21 and ranges[0] == "bytes 0-1048575/*"
    assert gcs.read("parts") == large.read_bytes()


def test_rclone_posts_the_parts_of_an_upload(gcs, tmp_path):
    client = made(rclone, gcs, tmp_path / "client")
    file = tmp_path / "file"
    file.write_bytes(os.urandom(32 << 20))
    client.up(file, "a")
    assert gcs.read("a") == file.read_bytes()
    assert [(entry["method"], entry["headers"]["content-range"]) for entry in gcs.log("resumable-put")] \
        == [("POST", "bytes 0-16777215/*"), ("POST", "bytes 16777216-33554431/33554432")]


def test_gcloud_writes_once_deletes_and_hashes(gcs, tmp_path):
    client = made(gcloud, gcs, tmp_path / "client")
    file = tmp_path / "file"
    file.write_bytes(b"hello\n")
    client.up(file, "d/a", "--if-generation-match=0")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        client.up(file, "d/a", "--if-generation-match=0")
    assert "pre-conditions" in refused.value.stderr
    assert client.cat("d/a") == "hello\n"
    assert client.hash("d/a")["crc32c_hash"] == "NT3Yvg=="
    client.rm("d/a")
    assert gcs.names() == []


def test_gcloud_composes_what_it_brings_up_and_slices_what_it_brings_down(gcs, tmp_path, large):
    # It remembers the components that it has to delete of resumable uploads alone.
    client = made(gcloud, gcs, tmp_path / "client", resumable_threshold="1M",
                  parallel_composite_upload_enabled=True,
                  parallel_composite_upload_threshold="8M", parallel_composite_upload_component_size="5M",
                  sliced_object_download_threshold="8M", sliced_object_download_component_size="5M")
    client.up(large, "composed")
    assert len(gcs.log("compose")) == 1
    assert int(gcs.metadata("composed").json["componentCount"]) > 1
    assert gcs.names() == ["composed"]  # it has deleted the components
    assert gcs.read("composed") == large.read_bytes()
    gcs.clear_log()
    client.down("composed", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == large.read_bytes()
    assert len({entry["headers"]["range"] for entry in gcs.log("get-media")}) > 1
    assert all("generation" in entry["query"] for entry in gcs.log("get-media"))
