"""Libraries that few runs need are neither linked nor loaded by the others."""
import shutil
import subprocess
import sys

import pytest

from conftest import JOBRUN

OPENED_LATER = ("libcurl", "libarchive")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the loader of Linux says what it loads")


def loaded(workspace, *arguments):
    """The names of the files that the loader has mapped, in this and all that it starts."""
    log = workspace.top / "loaded"
    workspace.run(*arguments, env={"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(log)}).ok()
    texts = [path.read_text(errors="replace") for path in workspace.top.glob("loaded.*")]
    assert texts
    return "\n".join(texts)


def test_the_program_is_not_linked_with_them():
    if shutil.which("readelf") is None:
        pytest.fail("readelf is not installed")
    shown = subprocess.run(["readelf", "-d", JOBRUN], text=True, capture_output=True, check=True).stdout
    assert "NEEDED" in shown
    for name in OPENED_LATER:
        assert name not in shown


@pytest.mark.parametrize("name", OPENED_LATER)
def test_a_run_with_a_folder_store_does_not_load_them(pair, name):
    for arguments in (["build"], ["use"], ["use"], ["build", "--help"]):
        text = loaded(pair, *arguments)
        assert "libc.so" in text
        assert name not in text
