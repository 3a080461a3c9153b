"""The double in a process of its own, as tests use it.

    with GcsDouble(folder) as gcs:
        environment = gcs.environment          STORAGE_EMULATOR_HOST
        gcs.fault("reset", kind="get-media", name="app$", sent=100)
        ...
        [entry["path"] for entry in gcs.log("get-media")]
"""
import http.client
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse

PROGRAM = pathlib.Path(__file__).resolve().parent.parent / "gcs_double.py"


class Reply:
    """What came back."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def reason(self):
        """What Google calls the error."""
        return self.json["error"]["errors"][0]["reason"]

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:2000]!r}"


def escape(name):
    return urllib.parse.quote(name, safe="")


class GcsDouble:
    def __init__(self, folder, bucket="bucket", library=None, options=(), **settings):
        self.root = pathlib.Path(folder)
        self.bucket = bucket
        command = [sys.executable, str(PROGRAM), "--root", str(self.root), "--bucket", bucket, "--until-eof"]
        if library:
            command += ["--library", str(library)]
        self.process = subprocess.Popen([*command, *map(str, options)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the double did not start: status {self.process.wait()}")
        self.host = self.url.removeprefix("http://")
        if settings:
            self.settings(**settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """As a server that is switched off; what is stored stays."""
        self.process.kill()
        self.process.communicate()

    @property
    def environment(self):
        return {"STORAGE_EMULATOR_HOST": self.url}

    # Requests

    def request(self, method, path, body=None, headers=(), connection=None):
        """One request as it is written; `path` begins with a slash."""
        own = connection or http.client.HTTPConnection(self.host, timeout=60)
        try:
            own.request(method, path, body, dict(headers))
            return Reply(own.getresponse())
        finally:
            if connection is None:
                own.close()

    def _control(self, method, what, value=None):
        reply = self.request(method, f"/_double/{what}", None if value is None else json.dumps(value),
                             {"Content-Length": "0"} if value is None and method != "GET" else {})
        if reply.status != 200:
            raise ValueError(reply.json["error"]["message"])
        return reply.json

    # Faults, log, settings

    def fault(self, action, **spec):
        self._control("POST", "faults", dict(spec, action=action))

    def faults(self):
        """All faults, with how many requests each matched and how many it hit."""
        return self._control("GET", "faults")

    def clear_faults(self):
        self._control("DELETE", "faults")

    def log(self, kind=None, wait=5):
        """The requests so far, in order, when what is being answered has been."""
        entries = self._control("GET", f"log?wait={wait}")
        return [entry for entry in entries if kind in (None, entry["kind"])]

    def clear_log(self):
        self._control("DELETE", "log")

    def settings(self, **changes):
        return self._control("PATCH", "settings", changes)

    def expire_sessions(self, status=410):
        self._control("POST", f"expire?status={status}")

    # What is stored, past the protocol

    @property
    def folder(self):
        """The bucket's files."""
        return self.root / self.bucket

    def put(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def read(self, name):
        return (self.folder / name).read_bytes()

    def names(self):
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*")
                      if path.is_file())

    def flip(self, name, at=0):
        """Another byte in the stored file, as a bad disk leaves it: in the same
        object, whose checksums stay what they were."""
        path = self.folder / name
        st = path.stat()
        with open(path, "r+b") as stream:
            stream.seek(at)
            byte = stream.read(1)
            stream.seek(at)
            stream.write(bytes([byte[0] ^ 1]))
        os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))

    # Objects through the protocol

    def object_path(self, name, query=""):
        return f"/storage/v1/b/{self.bucket}/o/{escape(name)}{'?' + query if query else ''}"

    def metadata(self, name, query=""):
        return self.request("GET", self.object_path(name, query))

    def media(self, name, query="", headers=()):
        return self.request("GET", self.object_path(name, "alt=media" + ("&" + query if query else "")),
                            headers=headers)

    def upload(self, name, data, query="", metadata=(), headers=(), content_type="text/plain"):
        """A multipart upload."""
        resource = json.dumps(dict(metadata, name=name)).encode()
        mark = b"b0undary-of-this-test"
        body = b"--%s\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n%s\r\n--%s\r\n" \
               b"content-type: %s\r\n\r\n%s\r\n--%s--" \
               % (mark, resource, mark, content_type.encode(), data, mark)
        path = f"/upload/storage/v1/b/{self.bucket}/o?uploadType=multipart{'&' + query if query else ''}"
        return self.request("POST", path, body, dict(headers, **{
            "Content-Type": f'multipart/related; boundary="{mark.decode()}"'}))

    def start(self, name, query="", metadata=(), headers=()):
        """A resumable upload; the path of its session is in the reply's `session`."""
        path = f"/upload/storage/v1/b/{self.bucket}/o?uploadType=resumable{'&' + query if query else ''}"
        reply = self.request("POST", path, json.dumps(dict(metadata, name=name)),
                             dict(headers, **{"Content-Type": "application/json; charset=UTF-8"}))
        location = urllib.parse.urlsplit(reply.headers.get("location", ""))
        reply.session = f"{location.path}?{location.query}"
        return reply

    def part(self, session, data, content_range, **headers):
        """What is sent to a session: a part, or a question (bytes */*)."""
        return self.request("PUT", session, data, dict(headers, **{"Content-Range": content_range}))
