"""gs:// against a strict double of Google Cloud Storage: what goes over the wire, and
what is said when something goes wrong."""
import hashlib
import json
import os
import pathlib
import shlex
import signal
import time

import pytest

from conftest import wait_until

STORE = "gs://bucket/team"


@pytest.fixture
def remote(pair, gcs):
    """The workspace of `pair` with its store in the double."""
    gcs.settings(write_limit=False)
    pair.environment.update(gcs.environment)
    pair.environment["JOBRUN_STORE"] = STORE
    pair.environment["XDG_CACHE_HOME"] = str(pair.top / "cache")
    pair.environment["JOBRUN_STORE_TIMEOUT"] = "20"
    pair.remote = gcs
    return pair


def kinds(gcs):
    return [entry["kind"] for entry in gcs.log()]


def test_a_job_publishes_and_the_next_fetches(remote, gcs):
    remote.run("build").ok()
    remote.run("use").ok()
    assert remote.read("used/result") == "built for linux-x64\n"
