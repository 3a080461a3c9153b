"""The programs that bench_gcs.py measures: each brings a folder of files up below a
prefix, and down again, with the options that make it fast. What is measured of a command
is in `taken`.

    for name, program in find(PROGRAMS, build, double, scratch).items():
        program.upload("prefix"); program.taken
        program.download("prefix", program.landing(scratch)); program.taken

The files are in the folder `out` of a repository of git (write_tree).
"""
import json
import os
import pathlib
import subprocess
import sys

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))

import gcs_clients  # noqa: E402
from gcs.process import GcsDouble  # noqa: E402,F401

NODE_MODULES = pathlib.Path(__file__).resolve().parents[2] / "build" / "npm" / "node_modules"
FILES_OF_FOLDER = 100
AT_ONCE = 16  # requests, as jobrun has them (HTTP_CONNECTIONS_MAX)
SLICES = 8    # of a large file (GCS_SLICES_MAX)
SLICE_MIB, SLICED_MIB = 32, 64
JOBRUN = "jobrun"

MAKE = "job: make\nhelp: Publishes what is there.\ncommand: ['true']\noutputs: {tree: out/}\n"
TAKE = "job: take\nhelp: Fetches it.\ninputs: {tree: {from: make, to: in/}}\ncommand: ['true']\n"


def write_tree(folder, count, size):
    """`count` files of random bytes, no two of the same name."""
    block = 1 << 20
    for number in range(count):
        path = folder / f"{number // FILES_OF_FOLDER:03}" / f"{number:06}"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as stream:
            for at in range(0, size, block):
                stream.write(os.urandom(min(block, size - at)))
    return folder


class Measured(gcs_clients.Client):
    """Runs each command through measure.c."""

    DEADLINE_S = 3600
    MEASURE = None  # the program, set by find()

    def run(self, *command, env=None):
        figures = self.folder / "figures.json"
        said = super().run(self.MEASURE, figures, *command, env=env)
        self.taken = json.loads(figures.read_text())
        if self.taken["status"] != 0:
            raise subprocess.CalledProcessError(self.taken["status"], command, said)
        return said

    def landing(self, scratch):
        return scratch / f"landing-{type(self).__name__}"

    @property
    def source(self):
        return self.folder.parent / "work" / "out"


class Jobrun(Measured):
    def __init__(self, url, bucket, folder, program):
        super().__init__(url, bucket, folder)
        self.program = program
        self.work = self.folder.parent / "work"
        self.make_repository()

    def make_repository(self):
        for path, text in {"manifests/make.yaml": MAKE, "manifests/take.yaml": TAKE,
                           "jobrun.yaml": "cache: {size: 0B}\n", ".gitignore": "/out/\n/in/\n"}.items():
            (self.work / path).parent.mkdir(exist_ok=True)
            (self.work / path).write_text(text)
        for command in (["init", "-q"], ["add", "-A"],
                        ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x"]):
            subprocess.run(["git", "-C", str(self.work), *command], check=True, env=self.environment())

    def jobrun(self, prefix, *arguments):
        # The double speaks to whoever asks: no credentials are looked for.
        env = self.environment(STORAGE_EMULATOR_HOST=self.url, JOBRUN_STORE=f"gs://{self.bucket}/{prefix}")
        self.run("env", "-C", self.work, self.program, *arguments, env=env)

    def upload(self, prefix):
        self.jobrun(prefix, "make", "--force")

    def download(self, prefix, _):
        self.jobrun(prefix, "take", "--force")

    def landing(self, _):
        return self.work / "in"


class Rclone(Measured, gcs_clients.Rclone):
    """What it copies to is empty, and so it need not look there. Its files come in
    streams from --multi-thread-cutoff on; one that it sends goes in one request."""

    OPTIONS = ["--gcs-no-check-bucket", "--no-check-dest", "--fast-list", f"--transfers={AT_ONCE}",
               f"--checkers={AT_ONCE}", f"--multi-thread-streams={SLICES}",
               f"--multi-thread-cutoff={SLICED_MIB}Mi"]

    def __init__(self, url, bucket, folder):
        super().__init__(url, bucket, folder, self.OPTIONS)

    def upload(self, prefix):
        self.rclone("copy", self.source, f":gcs:{self.bucket}/{prefix}")

    def download(self, prefix, landing):
        self.rclone("copy", f":gcs:{self.bucket}/{prefix}", landing)


class Gcloud(Measured, gcs_clients.Gcloud):
    """A large file goes up in components that the server puts together. It checks no sums
    here: it insists on MD5, which the double would have to calculate for all others too."""

    def __init__(self, url, bucket, folder):
        super().__init__(url, bucket, folder, process_count=2, thread_count=AT_ONCE // 2,
                         check_hashes="never",
                         parallel_composite_upload_enabled=True,
                         parallel_composite_upload_compatibility_check=False,
                         sliced_object_download_threshold=f"{SLICED_MIB}Mi",
                         sliced_object_download_max_components=SLICES)

    def upload(self, prefix):
        self.gcloud("cp", "-r", self.source, self.address(f"{prefix}/"))

    def download(self, prefix, landing):
        landing.mkdir()
        self.gcloud("cp", "-r", self.address(f"{prefix}/*"), landing)


class Node(Measured, gcs_clients.NodeClient):
    """TransferManager. Its uploadFileInChunks() speaks to https alone, with another API,
    so that a large file goes up in one session."""

    def __init__(self, url, bucket, folder):
        if not (NODE_MODULES / "@google-cloud" / "storage").is_dir():
            raise gcs_clients.Missing("@google-cloud/storage is not installed: make install-deps")
        super().__init__(url, bucket, folder, NODE_MODULES)

    def upload(self, prefix):
        self.node("up-many", self.source, prefix, AT_ONCE)

    def download(self, prefix, landing):
        landing.mkdir()
        self.node("down-many", prefix, landing, AT_ONCE, SLICES, SLICE_MIB << 20, SLICED_MIB << 20)


PROGRAMS = {JOBRUN: Jobrun, "rclone": Rclone, "gcloud": Gcloud, "node": Node}


def find(names, build, double, scratch):
    """Name to program, of those that are installed; says which are not."""
    found = {}
    Measured.MEASURE = build / "bench" / "measure"
    for name in names:
        own = [build / "jobrun"] if name == JOBRUN else []
        try:
            found[name] = PROGRAMS[name](double.url, double.bucket, scratch / name, *own)
        except gcs_clients.Missing as problem:
            print(f"{name} is left out: {problem}", file=sys.stderr)
    return found
