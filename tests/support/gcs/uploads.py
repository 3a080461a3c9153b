"""What is being uploaded: the parts of a multipart body, resumable sessions."""
import json
import re
import secrets
import threading
import time

from . import checksums, fields
from .answers import Refused
from .messages import Hangup

QUANTUM = 262144                 # every part of a resumable upload but the last
MULTIPART_BYTES_MAX = 128 << 20  # held in memory
METADATA_BYTES_MAX = 1 << 20
SESSIONS_MAX = 10000
BLOCK = 1 << 20
TEXTS = ("name", "bucket", "kind", "id", "contentType", "contentEncoding", "contentDisposition",
         "contentLanguage", "cacheControl", "storageClass", "crc32c", "md5Hash", "customTime", "etag")
STORED = ("contentType", "contentEncoding", "contentDisposition", "contentLanguage", "cacheControl",
          "customTime", "metadata")


# The metadata of an object, as clients send it

def parse_json(data):
    try:
        value = json.loads(bytes(data).decode()) if len(data) else {}
    except ValueError:
        raise Refused(400, "Parse Error", "parseError") from None
    if not isinstance(value, dict):
        raise Refused(400, "Parse Error", "parseError")
    return value


def check_resource(resource, nulls=False):
    """A field that no object has is refused, and so is one of another type. With
    `nulls` (a patch) a value may be null."""
    for field, value in resource.items():
        if field not in fields.OBJECT:
            raise Refused(400, f"Unknown field '{field}' of an object")
        if nulls and value is None:
            continue
        if field in TEXTS and not isinstance(value, str):
            raise Refused(400, f"Invalid value for '{field}'")
        if field == "metadata" and not (isinstance(value, dict) and all(
                isinstance(item, str) or (nulls and item is None) for item in value.values())):
            raise Refused(400, "Invalid value for 'metadata'")
    return resource


def attributes_of(resource, content_type=None):
    attributes = {name: resource[name] for name in STORED if resource.get(name) not in (None, {})}
    attributes.setdefault("contentType", content_type or "application/octet-stream")
    return attributes


# Multipart

BOUNDARY = re.compile(r"""multipart/related\s*;\s*boundary=(?:"([^"]+)"|'([^']+)'|([^\s;"']+))\s*$""", re.I)


def boundary_of(content_type):
    match = BOUNDARY.match(content_type or "")
    if not match:
        raise Refused(400, f"Not a multipart/related Content-Type with a boundary: '{content_type}'")
    return (match[1] or match[2] or match[3]).encode()


def _part_headers(data, at):
    """(headers, where the content begins): lines end with CR LF or LF."""
    headers = {}
    while True:
        end = data.find(b"\n", at)
        if end < 0:
            raise Refused(400, "Malformed multipart body.")
        line = bytes(data[at:end]).rstrip(b"\r")
        at = end + 1
        if not line:
            return headers, at
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise Refused(400, "Malformed multipart body.")
        headers[name.strip().lower()] = value.strip()


def parse_multipart(view, content_type):
    """(metadata, the content's type or None, the content): two parts, no more."""
    mark = b"--" + boundary_of(content_type)
    data = view.obj  # the connection's buffer: what finds
    size = len(view)
    at = data.find(mark, 0, min(size, METADATA_BYTES_MAX))
    if at not in (0, 1, 2) or bytes(data[:at]).strip():
        raise Refused(400, "Malformed multipart body.")
    head_end = data.find(b"\n", at, size)
    headers, start = _part_headers(data, head_end + 1)
    end = data.find(b"\n" + mark, start, size)
    if head_end < 0 or end < 0 or not headers.get("content-type", "").startswith("application/json"):
        raise Refused(400, "Malformed multipart body: no metadata.")
    metadata = check_resource(parse_json(view[start:end]))
    second = end + 1 + len(mark)
    line_end = data.find(b"\n", second, size)
    if line_end < 0 or bytes(data[second:line_end]).strip():
        raise Refused(400, "Malformed multipart body: no content.")
    headers, start = _part_headers(data, line_end + 1)
    end = data.find(b"\n" + mark, start - 1, size)
    if end < 0:
        raise Refused(400, "Malformed multipart body: no end.")
    tail = bytes(data[end + 1 + len(mark):size])
    if tail.rstrip() != b"--":
        raise Refused(400, "Malformed multipart body: the boundary is in the content.")
    # The line end before a boundary is the boundary's.
    if end > start and data[end - 1] == 0x0D:
        end -= 1
    return metadata, headers.get("content-type"), view[start:max(start, end)]


# Checksums

def parse_hashes(header):
    """x-goog-hash: crc32c=...,md5=..."""
    hashes = {}
    for part in header.split(",") if header else ():
        kind, _, value = part.strip().partition("=")
        if kind not in ("crc32c", "md5") or not value:
            raise Refused(400, f"Invalid value for x-goog-hash: '{part}'")
        hashes[kind] = value
    return hashes


def verify(staged, resource, hashes):
    """What the client says against what came: before there is an object."""
    found = checksums.crc32c_text(staged.crc32c)
    for said in (resource.get("crc32c"), hashes.get("crc32c")):
        if said is not None and said != found:
            raise Refused(400, f'Provided CRC32C "{said}" doesn\'t match calculated CRC32C "{found}".')
    said_md5 = [said for said in (resource.get("md5Hash"), hashes.get("md5")) if said is not None]
    if not said_md5:
        return None
    digest = staged.md5()
    found = checksums.md5_text(digest)
    for said in said_md5:
        if said != found:
            raise Refused(400, f'Provided MD5 hash "{said}" doesn\'t match calculated MD5 hash "{found}".')
    return digest


# Resumable sessions

RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18}|\*)/([0-9]{1,18}|\*)")
STATUS = re.compile(r"bytes \*/([0-9]{1,18}|\*)")


class Session:
    def __init__(self, bucket, name, resource, query, content_type, total, staged):
        self.id = secrets.token_urlsafe(48)
        self.bucket = bucket
        self.name = name
        self.resource = resource
        self.query = query
        self.content_type = content_type
        self.total = total       # None: not known yet
        self.staged = staged
        self.started = time.monotonic()
        self.gone = None         # the status that says so: cancelled, expired
        self.stored = None       # the object, when it is complete
        self.lock = threading.Lock()
        self.reader = None       # the connection whose bytes it takes

    @property
    def persisted(self):
        return self.staged.size

    def end(self, status):
        self.gone = status
        self.staged.discard()

    def forget_the_end(self):
        """The last part has to come again: what is complete would be an object."""
        self.staged.cut(max(0, self.persisted - 1) // QUANTUM * QUANTUM)

    def learn_total(self, text):
        if text == "*":
            return
        total = int(text)
        if self.total is not None and total != self.total:
            raise Refused(400, f"The size of the upload was {self.total} bytes, and is now {total}.")
        if total < self.persisted:
            raise Refused(400, f"The upload has {self.persisted} bytes already, more than {total}.")
        self.total = total

    def plan(self, header, length):
        """What a PUT is: None for a status query, else (first byte, whether it is the
        last part). Bytes are promised by Content-Range and must come so."""
        if header is None:
            header = f"bytes {self.persisted}-*/*"
        match = STATUS.fullmatch(header)
        if match:
            if length != 0:
                raise Refused(400, f"A body with Content-Range '{header}'")
            # The end of an upload of unknown size, or an empty object. A question
            # (bytes */*) ends nothing.
            ends = match[1] != "*" and self.total in (None, 0) and int(match[1]) == self.persisted
            self.learn_total(match[1])
            return (self.persisted, True) if ends else None
        match = RANGE.fullmatch(header)
        if not match:
            raise Refused(400, f"Failed to parse Content-Range header: '{header}'.")
        first, last = int(match[1]), None if match[2] == "*" else int(match[2])
        self._check_range(first, last, match[3], length)
        self.learn_total(match[3])
        if last is None:
            return first, True
        final = match[3] != "*" and last + 1 == int(match[3])
        if not final and (last + 1 - first) % QUANTUM:
            raise Refused(400, "Invalid request. The number of bytes uploaded is required to be equal or "
                               f"greater than {QUANTUM}, except for the final request (it's recommended to "
                               f"be the exact multiple of {QUANTUM}). The received request contained "
                               f"{last + 1 - first} bytes, which does not meet this requirement.")
        return first, final

    def _check_range(self, first, last, total, length):
        if last is not None and (last < first or (length is not None and length != last + 1 - first)):
            raise Refused(400, f"Content-Range says {last + 1 - first} bytes, Content-Length {length}.")
        if last is not None and total != "*" and last >= int(total):
            raise Refused(400, f"The range ends after the upload's {total} bytes.")
        if first > self.persisted:
            raise Refused(400, "Invalid request. According to the Content-Range header, the upload offset "
                               f"is {first} byte(s), which exceeds already uploaded size of "
                               f"{self.persisted} byte(s).")

    def take(self, body, first, final):
        """Reads the bytes; what is there already is passed over. Cut off, it keeps
        whole quanta."""
        known = self.persisted - first
        try:
            while known and not body.ended:
                known -= body.read_into(body.connection.block(min(BLOCK, known)))
            while not body.ended:
                body.receive_to(self.staged)
        except Hangup:
            if not (final and self.total is not None and self.persisted == self.total):
                self.staged.cut(self.persisted // QUANTUM * QUANTUM)
            raise
        if final and self.total is None:
            self.total = self.persisted
        size = self.persisted
        if self.total is not None and (size > self.total or (final and size < self.total)):
            self.staged.cut(min(size, self.total) // QUANTUM * QUANTUM)
            raise Refused(400, f"The upload has {self.total} bytes, and {size} came.")


class Sessions:
    def __init__(self):
        self.lock = threading.Lock()
        self.all = {}

    def add(self, session):
        with self.lock:
            if len(self.all) >= SESSIONS_MAX:
                raise Refused(429, "There are too many sessions.")
            self.all[session.id] = session

    def find(self, upload_id, lifetime_s):
        session = self.all.get(upload_id)
        if session is None:
            raise Refused(404, "There is no such session.")
        if session.gone is None and time.monotonic() - session.started > lifetime_s:
            session.end(410)
        return session

    def expire(self, status):
        with self.lock:
            for session in self.all.values():
                if session.stored is None and session.gone is None:
                    session.end(status)
