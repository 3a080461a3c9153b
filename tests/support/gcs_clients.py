"""Clients of Google Cloud Storage that nobody here wrote, for the double and for what
jobrun publishes: each brings a file up, down, and lists, with its own checksums on.

    client = Rclone(gcs.url, gcs.bucket, folder)
    client.up(file, "name"); client.down("name", file); client.ls("prefix")

A client whose program is not installed raises Missing. A command that fails raises
subprocess.CalledProcessError with what it said.
"""
import json
import os
import pathlib
import shutil
import subprocess

SUPPORT = pathlib.Path(__file__).resolve().parent


class Missing(Exception):
    """The program is not there; says how it is installed."""


class Client:
    DEADLINE_S = 300  # of one command

    def __init__(self, url, bucket, folder):
        """`folder` is for what the client keeps."""
        self.url = url
        self.bucket = bucket
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self, **more):
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        return dict(kept, HOME=str(self.folder), LC_ALL="C.UTF-8", **more)

    def run(self, *command, env=None):
        completed = subprocess.run([str(word) for word in command], env=env or self.environment(),
                                   cwd=self.folder, text=True, capture_output=True, timeout=self.DEADLINE_S)
        if completed.returncode:
            raise subprocess.CalledProcessError(completed.returncode, command, completed.stdout,
                                                completed.stderr)
        return completed.stdout


def find_program(name, hint):
    program = shutil.which(name)
    if not program:
        raise Missing(f"{name} is not installed: {hint}")
    return program


class Rclone(Client):
    """Debian's. It compares MD5; an object without one is taken as it comes."""

    def __init__(self, url, bucket, folder, options=()):
        super().__init__(url, bucket, folder)
        self.options = ["--config", "", "--gcs-endpoint", f"{url}/storage/v1/", "--gcs-anonymous",
                        "--retries", "1", "--low-level-retries", "1", *options]
        self.program = find_program("rclone", "make install-deps")

    def rclone(self, command, *arguments):
        return self.run(self.program, command, *self.options, *arguments)

    def up(self, file, name):
        self.rclone("copyto", "--ignore-times", file, f":gcs:{self.bucket}/{name}")

    def down(self, name, file):
        self.rclone("copyto", "--ignore-times", f":gcs:{self.bucket}/{name}", file)

    def ls(self, prefix=""):
        listed = json.loads(self.rclone("lsjson", "-R", "--files-only", f":gcs:{self.bucket}/{prefix}"))
        return sorted((f"{prefix}/" if prefix else "") + item["Path"] for item in listed)


class NodeClient(Client):
    """npm's @google-cloud/storage. It compares CRC32C."""

    def __init__(self, url, bucket, folder, modules):
        super().__init__(url, bucket, folder)
        self.modules = pathlib.Path(modules)
        self.program = find_program("node", "make install-deps")

    def node(self, command, *arguments):
        return self.run(self.program, SUPPORT / "gcs_node.js", self.modules, self.url, self.bucket, command,
                        *arguments)

    def up(self, file, name, resumable=None, chunk=None):
        """`chunk`: in parts of so many bytes, of which it does not know the sum."""
        options = [] if resumable is None else [str(resumable).lower(), *([str(chunk)] if chunk else [])]
        self.node("up", file, name, *options)

    def down(self, name, file):
        self.node("down", name, file)

    def ls(self, prefix=""):
        return sorted(json.loads(self.node("ls", prefix)))


class Gcloud(Client):
    """`gcloud storage`, where it is. It compares MD5 and CRC32C, and deletes what it
    has brought up when they differ. `properties` are its settings, as storage/NAME."""

    def __init__(self, url, bucket, folder, **properties):
        super().__init__(url, bucket, folder)
        self.properties = properties
        self.program = find_program("gcloud", "it is part of the Google Cloud SDK")

    def gcloud(self, command, *arguments):
        settings = {f"CLOUDSDK_STORAGE_{name.upper()}": str(value) for name, value in self.properties.items()}
        env = self.environment(
            CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=f"{self.url}/storage/v1/",
            CLOUDSDK_AUTH_DISABLE_CREDENTIALS="true", CLOUDSDK_CORE_PROJECT="p",
            CLOUDSDK_CORE_DISABLE_PROMPTS="1", CLOUDSDK_CORE_DISABLE_USAGE_REPORTING="true",
            CLOUDSDK_CONFIG=str(self.folder / "gcloud"), **settings)
        return self.run(self.program, "storage", command, *arguments, env=env)

    def address(self, name):
        return f"gs://{self.bucket}/{name}"

    def up(self, file, name, *options):
        self.gcloud("cp", *options, file, self.address(name))

    def down(self, name, file, *options):
        self.gcloud("cp", *options, self.address(name), file)

    def ls(self, prefix=""):
        listed = self.gcloud("ls", self.address(f"{prefix}/**" if prefix else "**"))
        return sorted(line.removeprefix(self.address("")) for line in listed.splitlines())

    def cat(self, name):
        return self.gcloud("cat", self.address(name))

    def rm(self, name):
        self.gcloud("rm", self.address(name))

    def hash(self, name):
        """{'crc32c_hash': ..., 'md5_hash': ...}, in base64."""
        lines = self.gcloud("hash", self.address(name)).splitlines()
        return dict(line.split(": ", 1) for line in lines if ": " in line)
