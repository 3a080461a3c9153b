"""A large publish that is killed again and again sends no byte twice: what arrived is
kept, and the next run goes on behind it. JOBRUN_TEST_LARGE_MIB=1024 tries 1 GiB."""
import os
import signal

import pytest
from conftest import wait_until

MIB = 1 << 20
SIZE = int(os.environ.get("JOBRUN_TEST_LARGE_MIB", "64")) * MIB
KILLS = 3


@pytest.fixture
def large(workspace, gcs):
    """`make` publishes a file with holes, but for some bytes at its ends."""
    workspace.ignore("/out/", "/in/")
    workspace.manifest("make", "command: ['true']\noutputs: {o: out/large}\n")
    workspace.manifest("take", "inputs: {o: {from: make, to: in/}}\ncommand: ['true']\n")
    workspace.commit()
    with open(workspace.write("out/large", b"begin"), "r+b") as stream:
        stream.seek(SIZE - 3)
        stream.write(b"end")
    workspace.environment.update(gcs.environment)
    workspace.environment["JOBRUN_STORE"] = "gs://bucket/team"
    return workspace


def arrived(gcs):
    return max((path.stat().st_size for path in (gcs.root / ".work").rglob("*")), default=0)


def same(one, other):
    with open(one, "rb") as left, open(other, "rb") as right:
        while piece := left.read(MIB):
            if piece != right.read(MIB):
                return False
        return right.read(1) == b""


def test_no_byte_is_sent_twice(large, gcs, record_property):
    step = SIZE // (KILLS + 1)
    for kill in range(1, KILLS + 1):
        gcs.fault("stall", kind="resumable-put", received=step)
        process = large.spawn("make")
        wait_until(lambda: arrived(gcs) >= kill * step, f"too little arrives before kill {kill}")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        gcs.clear_faults()
        assert large.run("take").fails(122), "nobody sees a publish that has not ended"
    large.run("make", timeout=600).ok()
    parts = gcs.log("resumable-put", wait=0)  # some wait for a hangup that comes late
    again = sum(part["received"] for part in parts) - SIZE
    record_property("bytes_sent_again", again)
    print(f"{SIZE} bytes, killed {KILLS} times: {again} bytes were sent again")
    assert [part["headers"]["content-range"].split("/")[0] for part in parts] == [
        f"bytes {at * step}-{SIZE - 1}" for at in range(KILLS + 1)]
    assert again == 0
    large.run("take", timeout=600).ok()
    assert same(large.root / "in/large", large.root / "out/large")
