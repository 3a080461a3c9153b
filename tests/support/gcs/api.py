"""The JSON API: what a request is, and what it does. One method for each kind."""
import gzip
import json
import re
import time

from . import checksums, fields, listing, uploads
from .answers import (Refused, bucket_resource, json_answer, not_found, object_resource,
                      precondition_failed)
from .objects import check_name
from .wire import Answer

STANDARD = {"alt", "fields", "prettyPrint", "userProject", "quotaUser", "key", "projection",
            "uploadType", "$.xgafv"}
MATCHES = {"ifGenerationMatch", "ifGenerationNotMatch", "ifMetagenerationMatch", "ifMetagenerationNotMatch"}
INSERT = MATCHES | {"name", "predefinedAcl", "contentEncoding", "kmsKeyName", "upload_id"}
KNOWN = {
    "bucket-list": {"project", "prefix", "maxResults", "pageToken", "softDeleted"},
    "bucket-get": {"ifMetagenerationMatch", "ifMetagenerationNotMatch", "generation", "softDeleted"},
    "bucket-insert": {"project", "predefinedAcl", "predefinedDefaultObjectAcl", "enableObjectRetention"},
    "list": {"prefix", "delimiter", "maxResults", "pageToken", "startOffset", "endOffset", "matchGlob",
             "versions", "includeTrailingDelimiter", "includeFoldersAsPrefixes", "softDeleted", "filter"},
    "get-metadata": MATCHES | {"generation", "softDeleted", "restoreToken"},
    "get-media": MATCHES | {"generation"},
    "insert-media": INSERT,
    "insert-multipart": INSERT,
    "resumable-start": INSERT,
    "resumable-put": INSERT,
    "resumable-status": INSERT,
    "resumable-cancel": INSERT,
    "delete": MATCHES | {"generation"},
    "patch": MATCHES | {"generation", "predefinedAcl", "overrideUnlockedRetention"},
    "update": MATCHES | {"generation", "predefinedAcl", "overrideUnlockedRetention"},
    "compose": {"ifGenerationMatch", "ifMetagenerationMatch", "destinationPredefinedAcl", "kmsKeyName"},
    "rewrite": MATCHES | {"ifSourceGenerationMatch", "ifSourceGenerationNotMatch",
                          "ifSourceMetagenerationMatch", "ifSourceMetagenerationNotMatch",
                          "sourceGeneration", "rewriteToken", "maxBytesRewrittenPerCall",
                          "destinationPredefinedAcl", "destinationKmsKeyName"},
}
COMPOSE_SOURCES_MAX = 32
WRITE_INTERVAL_S = 1.0
MEBIBYTE = 1 << 20


def classify(request, sessions):
    """Sets the kind of a request, its bucket and its object's name."""
    parts = request.segments
    request.kind = "other"
    media = parts[:1] == ["download"]
    upload = parts[:1] == ["upload"] or parts[:2] == ["resumable", "upload"]
    parts = parts[1 if media or parts[:1] == ["upload"] else 2 if upload else 0:]
    if parts[:3] != ["storage", "v1", "b"]:
        return
    parts = parts[3:]
    request.bucket = parts[0] if parts else None
    if upload:
        if parts[1:] == ["o"]:
            _classify_upload(request, sessions)
    elif len(parts) < 2:
        request.kind = {("GET", 0): "bucket-list", ("POST", 0): "bucket-insert",
                        ("GET", 1): "bucket-get"}.get((request.method, len(parts)), "other")
    elif parts[1] == "o":
        _classify_object(request, parts[2:], media)


def _classify_upload(request, sessions):
    request.name = request.query.get("name")
    if "upload_id" in request.query:
        request.session = sessions.all.get(request.query["upload_id"])
        if request.session:
            request.name = request.session.name
        status = uploads.STATUS.fullmatch(request.headers.get("content-range", ""))
        part = "resumable-status" if status else "resumable-put"
        # Go's client posts the parts.
        request.kind = {"PUT": part, "POST": part,
                        "DELETE": "resumable-cancel"}.get(request.method, "other")
        return
    if request.method == "POST":
        request.kind = {"media": "insert-media", "multipart": "insert-multipart",
                        "resumable": "resumable-start"}.get(request.query.get("uploadType"), "other")
    if request.name is None and request.kind in ("insert-multipart", "resumable-start"):
        request.name = _name_in(request.body.peek())


def _name_in(data):
    """The name in the metadata at the start of a body, as far as one can see."""
    match = re.search(rb'"name"\s*:\s*("(?:[^"\\]|\\.)*")', data)
    try:
        return json.loads(match[1]) if match else None
    except ValueError:
        return None


def _classify_object(request, rest, media):
    if len(rest) == 0:
        request.kind = "list" if request.method == "GET" and not media else "other"
        return
    request.name = rest[0]
    if len(rest) == 1:
        kinds = {"GET": "get-metadata", "DELETE": "delete", "PATCH": "patch", "PUT": "update"}
        request.kind = kinds.get(request.method, "other")
        if request.method == "GET" and (media or request.query.get("alt") == "media"):
            request.kind = "get-media"
    elif request.method == "POST" and rest[1:] == ["compose"]:
        request.kind = "compose"
    elif request.method == "POST" and len(rest) == 6 and rest[1] == "rewriteTo" and rest[2] == "b" \
            and rest[4] == "o":
        request.kind = "rewrite"


def number(query, name):
    """A parameter that is a number; None where it is not there."""
    text = query.get(name)
    if text is not None and not re.fullmatch(r"[0-9]{1,19}", text):
        raise Refused(400, f"Invalid value '{text}' for {name}", "invalidParameter")
    return None if text is None else int(text)


def check_preconditions(query, stored, prefix="if", reading=False):
    """412, or 304 where a reader asks for what is new alone."""
    for what, found in (("Generation", stored.generation if stored else 0),
                        ("Metageneration", stored.metageneration if stored else 0)):
        wanted = number(query, f"{prefix}{what}Match")
        if wanted is not None and wanted != found:
            raise precondition_failed()
        unwanted = number(query, f"{prefix}{what}NotMatch")
        if unwanted is not None and unwanted == found:
            raise Refused(304, "") if reading else precondition_failed()


def parse_range(header, size):
    """(first, count) of a Range; None for the whole, which is also what a server gives
    that does not understand it."""
    match = re.fullmatch(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", header or "")
    if not match or (match[2] and int(match[2]) < int(match[1])):
        return None
    first = max(0, size - int(match[3])) if match[3] else int(match[1])
    if first >= size or match[3] == "0":
        raise Refused(416, "The requested range cannot be satisfied.",
                      headers={"Content-Range": f"bytes */{size}"})
    last = min(size - 1, int(match[2])) if match[2] else size - 1
    return first, last + 1 - first


class Api:
    def __init__(self, objects, settings):
        self.objects = objects
        self.settings = settings
        self.sessions = uploads.Sessions()

    def answer(self, request):
        handler = getattr(self, request.kind.replace("-", "_"), None)
        if handler is None:
            raise Refused(404, "Not Found")
        for parameter in request.query:
            if parameter not in STANDARD and parameter not in KNOWN[request.kind]:
                raise Refused(400, f"Unknown parameter '{parameter}'", "invalidParameter")
        self._authorize(request)
        return handler(request)

    def _authorize(self, request):
        """The address of a session is a credential of its own."""
        tokens = self.settings["tokens"]
        if not tokens or request.session:
            return
        said = request.headers.get("authorization")
        if said is None:
            raise Refused(401, "Anonymous caller does not have storage access to the Google Cloud "
                               "Storage resource.", "required")
        if said not in [f"Bearer {token}" for token in tokens]:
            raise Refused(401, "Invalid Credentials")

    # Buckets

    def bucket_list(self, request):
        items = [bucket_resource(name, request.headers["host"]) for name in self.objects.bucket_names()
                 if name.startswith(request.query.get("prefix", ""))]
        return json_answer({"kind": "storage#buckets", "items": items})

    def bucket_get(self, request):
        self.objects.bucket(request.bucket)
        resource = bucket_resource(request.bucket, request.headers["host"])
        return json_answer(fields.select(resource, request.query.get("fields"), "any"))

    def bucket_insert(self, request):
        name = uploads.parse_json(request.body.read_all(uploads.METADATA_BYTES_MAX)).get("name")
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]", name):
            raise Refused(400, f"Invalid bucket name: '{name}'")
        with self.objects.lock:
            if name in self.objects.bucket_names():
                raise Refused(409, "Your previous request to create the named bucket succeeded and you "
                                   "already own it.")
            self.objects.make_bucket(name)
        return json_answer(bucket_resource(name, request.headers["host"]))

    # Reading

    def list(self, request, duplicate=False):
        query = request.query
        entries = self.objects.names(request.bucket, query.get("prefix", ""))
        stored, prefixes, token = listing.page(entries, query, self.settings["page_size"],
                                               self.settings["empty_pages"], duplicate)
        result = {"kind": "storage#objects"}
        if token:
            result["nextPageToken"] = token
        if prefixes:
            result["prefixes"] = prefixes
        if stored:
            with_md5 = fields.wants(query.get("fields"), "list", "items", "md5Hash")
            result["items"] = [self._resource(request, one, with_md5) for one in stored]
        return json_answer(fields.select(result, query.get("fields"), "list"))

    def _resource(self, request, stored, with_md5=True):
        bucket = request.bucket
        md5 = self.objects.md5(bucket, stored) if with_md5 and self.settings["md5"] else None
        return object_resource(bucket, stored, request.headers["host"], md5)

    def _object_answer(self, request, stored):
        text = request.query.get("fields")
        resource = self._resource(request, stored, fields.wants(text, "object", "md5Hash"))
        return json_answer(fields.select(resource, text, "object"))

    def _find(self, request, generation="generation", reading=False):
        """The live object that a request names, its preconditions checked."""
        stored = self.objects.find(request.bucket, check_name(request.name))
        wanted = number(request.query, generation)
        if stored is None or (wanted is not None and wanted != stored.generation):
            raise not_found(request.bucket, request.name)
        check_preconditions(request.query, stored, reading=reading)
        return stored

    def get_metadata(self, request):
        return self._object_answer(request, self._find(request, reading=True))

    def get_media(self, request):
        while True:
            stored = self._find(request, reading=True)
            descriptor = self.objects.open(request.bucket, stored)
            if descriptor is not None:
                return self._media_answer(request, stored, descriptor)

    def _media_answer(self, request, stored, descriptor):
        answer = Answer(200, file=(descriptor, 0, stored.size),
                        content_type=stored.attributes["contentType"])
        try:
            coded = stored.attributes.get("contentEncoding") == "gzip"
            answer.headers = self._media_headers(stored)
            if coded and "gzip" not in request.headers.get("accept-encoding", "") \
                    and "no-transform" not in stored.attributes.get("cacheControl", ""):
                return self._decompressed(answer)
            if "contentEncoding" in stored.attributes:
                answer.headers["Content-Encoding"] = stored.attributes["contentEncoding"]
            part = parse_range(request.headers.get("range"), stored.size)
            if part:
                answer.status = 206
                answer.file = (descriptor, *part)
                answer.headers["Content-Range"] = f"bytes {part[0]}-{part[0] + part[1] - 1}/{stored.size}"
        except Refused:
            answer.done()
            raise
        return answer

    def _media_headers(self, stored):
        hashes = [f"crc32c={checksums.crc32c_text(stored.crc32c)}"]
        if stored.md5 and self.settings["md5"]:
            hashes.append(f"md5={checksums.md5_text(stored.md5)}")
        headers = {
            "x-goog-hash": ",".join(hashes),
            "x-goog-generation": stored.generation,
            "x-goog-metageneration": stored.metageneration,
            "x-goog-stored-content-length": stored.size,
            "x-goog-stored-content-encoding": stored.attributes.get("contentEncoding", "identity"),
            "x-goog-storage-class": "STANDARD",
            "Cache-Control": stored.attributes.get("cacheControl", "private, max-age=0"),
        }
        return headers

    @staticmethod
    def _decompressed(answer):
        """Decompressive transcoding: no length, no range, a checksum of something else."""
        descriptor = answer.file[0]
        with open(descriptor, "rb", closefd=False) as stream:
            body = gzip.decompress(stream.read())
        answer.done()
        answer.body = body
        answer.chunked = True
        answer.headers["Warning"] = '214 UploadServer "gunzipped"'
        return answer

    # Writing

    def _write(self, request, bucket, name, staged, attributes, query, md5=None):
        """What is staged becomes the object, if the preconditions hold now."""
        with self.objects.lock:
            old = self.objects.find(bucket, name)
            check_preconditions(query, old)
            self._limit_writes(bucket, old)
            stored = self.objects.put(bucket, name, staged, attributes)
            stored.md5 = md5
        return stored

    def _limit_writes(self, bucket, old):
        if self.settings["write_limit"] and old and time.monotonic() - old.written < WRITE_INTERVAL_S:
            raise Refused(429, f"The object {bucket}/{old.name} exceeded the rate limit for object mutation "
                               "operations (create, update, and delete). Please reduce your request rate.")

    def _name(self, request, resource):
        name = request.query.get("name", resource.get("name"))
        if name is None:
            raise Refused(400, "Required object name", "required")
        if resource.get("bucket", request.bucket) != request.bucket:
            raise Refused(400, "The metadata names another bucket.")
        request.name = check_name(name)
        return name

    def _insert(self, request, resource, content_type, fill):
        """fill(staged) brings the content; nothing is left of it where it is refused."""
        name = self._name(request, resource)
        self.objects.bucket(request.bucket)
        said = resource.get("contentType")
        if said and content_type and said != content_type:
            raise Refused(400, f"The content is '{content_type}', and the metadata says '{said}'.")
        hashes = uploads.parse_hashes(request.headers.get("x-goog-hash"))
        attributes = uploads.attributes_of(resource, content_type)
        if "contentEncoding" in request.query:
            attributes["contentEncoding"] = request.query["contentEncoding"]
        staged = self.objects.stage()
        try:
            fill(staged)
            md5 = uploads.verify(staged, resource, hashes)
            stored = self._write(request, request.bucket, name, staged, attributes, request.query, md5)
        finally:
            staged.discard()
        return self._object_answer(request, stored)

    def insert_media(self, request):
        def fill(staged):
            view = request.body.connection.block(uploads.BLOCK)
            while count := request.body.read_into(view):
                staged.add(view[:count])
        return self._insert(request, {}, request.headers.get("content-type"), fill)

    def insert_multipart(self, request):
        view = request.body.read_all(uploads.MULTIPART_BYTES_MAX)
        resource, content_type, content = uploads.parse_multipart(view, request.headers.get("content-type"))
        return self._insert(request, resource, content_type, lambda staged: staged.add(content))

    # Resumable uploads

    def resumable_start(self, request):
        resource = uploads.check_resource(
            uploads.parse_json(request.body.read_all(uploads.METADATA_BYTES_MAX)))
        name = self._name(request, resource)
        check_preconditions(request.query, self.objects.find(request.bucket, name))
        total = request.headers.get("x-upload-content-length")
        if total is not None and not re.fullmatch(r"[0-9]{1,18}", total):
            raise Refused(400, f"Invalid value '{total}' for X-Upload-Content-Length")
        session = uploads.Session(request.bucket, name, resource, request.query,
                                  request.headers.get("x-upload-content-type"),
                                  None if total is None else int(total), self.objects.stage())
        self.sessions.add(session)
        location = f"http://{request.headers['host']}{request.path}?uploadType=resumable&upload_id={session.id}"
        return Answer(200, headers={"Location": location, "X-GUploader-UploadID": session.id})

    def resumable_put(self, request):
        session = self.sessions.find(request.query["upload_id"], self.settings["session_seconds"])
        reader = session.reader
        if reader:
            reader.interrupt()  # a client that comes back has given up what it sent before
        with session.lock:
            if session.gone:
                raise Refused(session.gone, "The session is gone.")
            if session.stored is None:
                session.reader = request.body.connection
                try:
                    self._resume(request, session)
                finally:
                    session.reader = None
            else:
                request.body.drain()
        if session.stored is not None:
            return self._object_answer(request, session.stored)
        headers = {"X-GUploader-UploadID": session.id}
        if session.persisted:
            headers["Range"] = f"bytes=0-{session.persisted - 1}"
        if request.headers.get("x-guploader-no-308") == "yes":
            # Go's client again: its library would take a 308 for a redirect.
            return Answer(200, headers=dict(headers, **{"X-Http-Status-Code-Override": "308"}))
        return Answer(308, headers=headers)

    resumable_status = resumable_put

    def _resume(self, request, session):
        plan = session.plan(request.headers.get("content-range"), request.body.length)
        if plan is None:
            return
        first, final = plan
        session.take(request.body, first, final)
        if final or session.persisted == session.total:
            self._finish(request, session)

    def _finish(self, request, session):
        """The preconditions of the start hold now, or there is no object."""
        hashes = uploads.parse_hashes(request.headers.get("x-goog-hash"))
        attributes = uploads.attributes_of(session.resource, session.content_type)
        try:
            md5 = uploads.verify(session.staged, session.resource, hashes)
            session.stored = self._write(request, session.bucket, session.name, session.staged, attributes,
                                         session.query, md5)
        except Refused as refused:
            if refused.status != 429:
                session.end(404)
            raise

    def resumable_cancel(self, request):
        session = self.sessions.find(request.query["upload_id"], self.settings["session_seconds"])
        if session.gone not in (None, 499):
            raise Refused(session.gone, "The session is gone.")
        if session.stored is None:
            session.end(499)
        raise Refused(499, "The upload was cancelled.")

    # Changes

    def delete(self, request):
        with self.objects.lock:
            self.objects.remove(request.bucket, self._find(request))
        return Answer(204)

    def patch(self, request, replace=False):
        changes = uploads.check_resource(
            uploads.parse_json(request.body.read_all(uploads.METADATA_BYTES_MAX)), nulls=True)
        with self.objects.lock:
            stored = self._find(request)
            self._limit_writes(request.bucket, stored)
            attributes = {} if replace else dict(stored.attributes)
            for name in uploads.STORED:
                if name == "metadata" and changes.get(name) is not None and not replace:
                    merged = dict(attributes.get(name, {}), **changes[name])
                    attributes[name] = {key: value for key, value in merged.items() if value is not None}
                elif name in changes:
                    attributes[name] = changes[name]
            stored.attributes = uploads.attributes_of(attributes)
            stored.metageneration += 1
            stored.updated = time.time_ns() // 1000
            stored.written = time.monotonic()
        return self._object_answer(request, stored)

    def update(self, request):
        return self.patch(request, replace=True)

    def compose(self, request):
        body = uploads.parse_json(request.body.read_all(uploads.METADATA_BYTES_MAX))
        sources = body.get("sourceObjects")
        unknown = set(body) - {"kind", "destination", "sourceObjects"}
        if unknown or not isinstance(sources, list):
            raise Refused(400, f"Not a request to compose: {', '.join(sorted(unknown)) or 'sourceObjects'}")
        if not 1 <= len(sources) <= COMPOSE_SOURCES_MAX:
            raise Refused(400, f"The number of source components provided ({len(sources)}) is not between 1 "
                               f"and {COMPOSE_SOURCES_MAX}.")
        resource = uploads.check_resource(body.get("destination") or {})
        check_name(request.name)
        staged = self.objects.stage()
        try:
            for source in sources:
                self._append(request, source, staged)
            uploads.verify(staged, resource, {})
            attributes = uploads.attributes_of(resource)
            stored = self._write(request, request.bucket, request.name, staged, attributes, request.query)
        finally:
            staged.discard()
        return self._object_answer(request, stored)

    def _append(self, request, source, staged):
        name = source.get("name")
        if not isinstance(name, str) or set(source) - {"name", "generation", "objectPreconditions"}:
            raise Refused(400, "Not a source object")
        stored = self.objects.find(request.bucket, check_name(name))
        wanted = source.get("generation")
        if stored is None or (wanted is not None and str(wanted) != str(stored.generation)):
            raise not_found(request.bucket, name)
        conditions = source.get("objectPreconditions") or {}
        check_preconditions({key: str(value) for key, value in conditions.items()}, stored)
        self._copy(request.bucket, stored, staged)
        staged.components += stored.components or 1

    def _copy(self, bucket, stored, staged):
        descriptor = self.objects.open(bucket, stored)
        if descriptor is None:
            raise not_found(bucket, stored.name)
        with open(descriptor, "rb", buffering=0):
            staged.copy(descriptor, stored.size, stored.crc32c)

    def rewrite(self, request):
        bucket, name = request.segments[-3], check_name(request.segments[-1])
        resource = uploads.check_resource(
            uploads.parse_json(request.body.read_all(uploads.METADATA_BYTES_MAX)))
        source = self.objects.find(request.bucket, check_name(request.name))
        wanted = number(request.query, "sourceGeneration")
        if source is None or (wanted is not None and wanted != source.generation):
            raise not_found(request.bucket, request.name)
        check_preconditions(request.query, source, "ifSource")
        check_preconditions(request.query, self.objects.find(bucket, name))
        done = self._rewritten(request, source)
        result = {"kind": "storage#rewriteResponse", "objectSize": str(source.size),
                  "totalBytesRewritten": str(done), "done": done == source.size}
        if done < source.size:
            result["rewriteToken"] = f"{source.generation}.{done}"
        else:
            result["resource"] = self._rewrite_all(request, source, bucket, name, resource)
        return json_answer(fields.select(result, request.query.get("fields"), "rewrite"))

    @staticmethod
    def _rewritten(request, source):
        """How many bytes have been copied when this call ends."""
        token = request.query.get("rewriteToken", f"{source.generation}.0")
        most = number(request.query, "maxBytesRewrittenPerCall")
        generation, _, before = token.partition(".")
        if generation != str(source.generation) or not before.isdigit():
            raise Refused(400, "Invalid rewrite token.")
        if most is None:
            return source.size
        if most == 0 or most % MEBIBYTE:
            raise Refused(400, f"maxBytesRewrittenPerCall is no multiple of {MEBIBYTE}")
        return min(source.size, int(before) + most)

    def _rewrite_all(self, request, source, bucket, name, resource):
        staged = self.objects.stage()
        try:
            self._copy(request.bucket, source, staged)
            staged.components = source.components
            attributes = uploads.attributes_of(resource) if resource else dict(source.attributes)
            stored = self._write(request, bucket, name, staged, attributes, request.query)
        finally:
            staged.discard()
        md5 = self.objects.md5(bucket, stored) if self.settings["md5"] else None
        return object_resource(bucket, stored, request.headers["host"], md5)

