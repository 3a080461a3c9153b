"""What jobrun publishes is read by every client of Google Cloud Storage, each with its
own checksums on, and what such a client brings up is fetched by jobrun."""
import random
import subprocess

import pytest
from clients import client, made, rclone  # noqa: F401

STORE = "gs://bucket/team"
FILES = {"empty": 0, "small.txt": 700, "a b/ü+%20#&=.txt": 70_000, "d/large.bin": (9 << 20) + 12345}


@pytest.fixture
def tree(workspace, gcs):
    """`make` publishes what is in out/, and `take` brings it to in/."""
    workspace.ignore("/out/", "/in/")
    workspace.manifest("make", "command: ['true']\noutputs: {tree: out/}\n")
    workspace.manifest("take", "inputs: {tree: {from: make, to: in/}}\ncommand: ['true']\n")
    workspace.commit()
    workspace.environment.update(gcs.environment)
    for name, size in FILES.items():
        workspace.write(f"out/{name}", random.Random(size).randbytes(size))
    return workspace


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_jobrun_publishes_is_read_by_other_clients(client, tree, gcs):
    tree.run("make", "--store", STORE).ok()
    names = gcs.names()
    assert len(names) == len(FILES) + 1
    assert client.ls("team") == names
    for number, name in enumerate(names):
        client.down(name, tree.top / f"back-{number}")
        assert (tree.top / f"back-{number}").read_bytes() == gcs.read(name)
        if "/tree/" in name:
            assert gcs.read(name) == (tree.root / "out" / name.split("/tree/")[1]).read_bytes()
    # Their checks are on, and look at the sums that jobrun has sent.
    (name,) = [name for name in names if name.endswith("small.txt")]
    gcs.flip(name)
    with pytest.raises(subprocess.CalledProcessError):
        client.down(name, tree.top / "damaged")


def test_what_other_clients_bring_up_with_a_receipt_is_fetched(client, tree, gcs):
    folder = tree.top / "store"
    tree.run("make", "--store", folder).ok()
    published = content(folder)
    for name in sorted(published, key=lambda name: name.endswith("receipt.json")):
        client.up(folder / name, f"team/{name}")
    assert gcs.names() == sorted(f"team/{name}" for name in published)
    tree.run("take", "--store", STORE).ok()
    assert content(tree.root / "in") == content(tree.root / "out")


def test_what_another_client_has_brought_up_is_not_sent_again(tree, gcs):
    """The same bytes are the same object, whoever sent them."""
    client = made(rclone, gcs, tree.top / "client")
    folder = tree.top / "store"
    tree.run("make", "--store", folder).ok()
    for name in content(folder):
        if "/tree/" in name:
            client.up(folder / name, f"team/{name}")
    gcs.clear_log()
    tree.run("make", "--store", STORE).ok()
    assert [entry["name"] for entry in gcs.log("insert-multipart")] == [
        name for name in gcs.names() if name.endswith("receipt.json")]
    assert gcs.log("resumable-put") == []
