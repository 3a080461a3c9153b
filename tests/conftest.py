"""What the tests of the binary share: a workspace to run jobs in.

The binary under test is $JOBRUN (default build/jobrun). Every test gets an
environment of its own: nothing of the caller's CI variables reaches jobrun.

With JOBRUN_TEST_STORE=gs the store of every workspace is in a double of Google
Cloud Storage, and its objects still lie in the files of workspace.store: the
tests marked `store` hold for any kind of store, but for those marked
`folder_store` (make gcs-tests).
"""
import atexit
import functools
import itertools
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from gcs.process import GcsDouble  # noqa: E402

JOBRUN = pathlib.Path(os.environ.get("JOBRUN", REPOSITORY / "build" / "jobrun")).resolve()
SUPPORT_LIBRARY = JOBRUN.parent / "support" / "gcs_double.so"
TEST_STORE = os.environ.get("JOBRUN_TEST_STORE", "folder")
PYTHON = sys.executable

GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.invalid",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}

# Whoever runs the tests in the background of a shell ignores these, and so would all
# that the tests start.
for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

# Passed on from the caller: what a program needs to start, and the sanitizers.
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")


NODE_MODULES = REPOSITORY / "build" / "npm" / "node_modules"


def npm_part(name):
    """The folder of a package that tests/package-lock.json pins; the test is skipped
    where it is not installed, unless nothing may be left out."""
    folder = NODE_MODULES / name
    if not folder.is_dir():
        if os.environ.get("JOBRUN_REQUIRE_INTEROP") == "1":
            pytest.fail(f"{name} is not installed: make install-deps")
        pytest.skip(f"{name} is not installed: make install-deps")
    return folder


class Result:
    """How a command ended, with what it wrote."""

    def __init__(self, completed):
        self.status = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def __repr__(self):
        return f"status {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    def ok(self):
        assert self.status == 0, self
        return self

    def fails(self, status):
        assert self.status == status, self
        return self


class SharedBuckets:
    """One double for all tests of this process, since it takes long to start; a bucket
    for each test."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="jobrun-gcs-")
        self.gcs = GcsDouble(self.folder.name, library=SUPPORT_LIBRARY, write_limit=False)
        self.numbers = itertools.count()

    def serve(self, top):
        """The name of a bucket whose objects are the files of `top`."""
        bucket = f"test-{next(self.numbers)}"
        (self.gcs.root / bucket).symlink_to(top)
        return bucket


@functools.cache
def shared_buckets():
    buckets = SharedBuckets()
    atexit.register(buckets.gcs.stop)
    return buckets


class Workspace:
    """A git repository with manifests, and a store beside it."""

    def __init__(self, root):
        self.top = pathlib.Path(root)
        self.root = self.top / "work"
        self.root.mkdir(parents=True)
        self.store = self.top / "store"
        self.url = str(self.store)  # the store, as jobrun says it
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment.update(GIT_ENVIRONMENT)
        if TEST_STORE == "gs":
            self.move_to_bucket()
        self.environment["JOBRUN_STORE"] = self.url
        self.environment["XDG_CACHE_HOME"] = str(self.top / "cache")
        self.environment["LC_ALL"] = "C.UTF-8"
        # What it says depends on its version; test_lint_shellcheck.py takes this away.
        self.environment["JOBRUN_SHELLCHECK"] = "off"
        self.git("init", "-q", "-b", "main")

    def move_to_bucket(self):
        """The same store in a bucket, where the folder of the workspace is the bucket's."""
        buckets = shared_buckets()
        self.environment.update(buckets.gcs.environment)
        self.url = f"gs://{buckets.serve(self.top)}/{self.store.name}"
        self.environment["JOBRUN_STORE_TIMEOUT"] = "20"

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.root, env=self.environment, text=True,
                              check=True, capture_output=True).stdout.strip()

    def commit(self, message="change"):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    @property
    def head(self):
        return self.git("rev-parse", "HEAD")

    def write(self, path, text="", mode=None):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            target.write_bytes(text)
        else:
            target.write_text(text)
        if mode is not None:
            target.chmod(mode)
        return target

    def manifest(self, name, text):
        return self.write(f"manifests/{name}.yaml", f"job: {name}\nhelp: A test.\n"
                          + textwrap.dedent(text))

    def ignore(self, *patterns):
        self.write(".gitignore", "".join(f"{p}\n" for p in patterns))

    def spawn(self, *arguments, env=None, cwd=None, **options):
        environment = dict(self.environment)
        for name, value in (env or {}).items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("text", True)
        return subprocess.Popen([str(JOBRUN), *map(str, arguments)], env=environment,
                                cwd=cwd or self.root, **options)

    def run(self, *arguments, timeout=120, input=None, **options):
        if input is not None:
            options["stdin"] = subprocess.PIPE
        process = self.spawn(*arguments, **options)
        try:
            out, err = process.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            pytest.fail(f"jobrun {shlex.join(map(str, arguments))} did not end\n{out}\n{err}")
        return Result(subprocess.CompletedProcess(arguments, process.returncode, out, err))

    def read(self, path):
        return (self.root / path).read_text()

    def snapshot(self):
        """All that is in the workspace, its repository and the store: to be compared."""
        found = {}
        for path in sorted(self.top.rglob("*")):
            st = path.lstat()
            content = None
            if path.is_symlink():
                content = os.readlink(path)
            elif path.is_file():
                content = path.read_bytes()
            found[str(path.relative_to(self.top))] = (st.st_mode, st.st_mtime_ns, st.st_ino, content)
        return found

    def receipts(self):
        return sorted(self.store.rglob("receipt.json"))

    def address(self, job, variant="", environment="dev", commit=None):
        folder = self.store / environment / (commit or self.head) / job
        return folder / variant if variant else folder

    def shown(self, path):
        """How jobrun names a file of the store."""
        return f"{self.url}/{path.relative_to(self.store)}"


def peak_kib(process):
    """The most memory that a process had until it ended. ru_maxrss does not say it: a
    child begins with what its parent, this program, had."""
    peak = 0
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]))
        time.sleep(0.01)
    process.communicate()
    return peak


def first_line(process):
    """The first thing that a jobrun says, but for the note that its bucket is a double's."""
    line = process.stderr.readline()
    return process.stderr.readline() if "(STORAGE_EMULATOR_HOST)" in line else line


def stays_below(process, limit_kib):
    """Whether its peak does. A sanitizer has more memory than the program; then anything
    will do."""
    peak = peak_kib(process)
    return 0 < peak < limit_kib or (peak > 0 and "asan" in str(JOBRUN))


def wait_until(condition, what):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def gcs(tmp_path):
    """A double of Google Cloud Storage with the bucket `bucket`."""
    with GcsDouble(tmp_path / "gcs", library=SUPPORT_LIBRARY) as double:
        yield double


@pytest.fixture
def pair(workspace):
    """Two jobs: `build` makes a file, `use` takes it as an input."""
    workspace.ignore("/out/", "/in/", "/used/")
    workspace.manifest("build", """\
        params:
          platform: {type: enum, values: [linux-x64, linux-arm64], default: linux-x64, help: P}
        script: |
          mkdir -p out
          echo "built for $PARAM_PLATFORM" > out/app
          chmod 755 out/app
        outputs:
          bin: {path: out/app, count: 1}
        """)
    workspace.manifest("use", """\
        params:
          platform: {type: enum, values: [linux-x64, linux-arm64], default: linux-x64, help: P}
        inputs:
          app:
            from: build
            output: bin
            with: {platform: "${params.platform}"}
            to: in/app
        script: |
          mkdir -p used
          cat "$INPUT_APP" > used/result
        outputs:
          result: used/result
        """)
    workspace.write("source.txt", "one\n")
    workspace.commit("first")
    return workspace
