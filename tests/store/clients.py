"""Clients of Google Cloud Storage that nobody here wrote, as fixtures
(JOBRUN_REQUIRE_INTEROP=1: none but gcloud may be missing)."""
import os

import pytest
from conftest import npm_part
from gcs_clients import Gcloud, Missing, NodeClient, Rclone


def rclone(gcs, folder, **_):
    return Rclone(gcs.url, gcs.bucket, folder)


def node(gcs, folder, **_):
    return NodeClient(gcs.url, gcs.bucket, folder, npm_part("@google-cloud/storage").parent.parent)


def gcloud(gcs, folder, **properties):
    return Gcloud(gcs.url, gcs.bucket, folder, **properties)


def made(make, gcs, folder, **properties):
    try:
        return make(gcs, folder, **properties)
    except Missing as missing:
        if os.environ.get("JOBRUN_REQUIRE_INTEROP") == "1" and make is not gcloud:
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(params=[rclone, node, gcloud], ids=["rclone", "node", "gcloud"])
def client(request, gcs, tmp_path):
    """Each of them in turn."""
    return made(request.param, gcs, tmp_path / "client")
