"""The JSON API: what each kind of request does. One method for each."""
import gzip
import re
import time

from . import checksums, fields, listing, uploads
from .answers import (Refused, bucket_layout_resource, bucket_resource, json_answer, not_found,
                      object_resource)
from .conditions import check_preconditions, number, parse_range
from .messages import Answer
from .objects import check_name
from .routes import check_parameters

COMPOSE_SOURCES_MAX = 32
WRITE_INTERVAL_S = 1.0
MEBIBYTE = 1 << 20


class Api:
    def __init__(self, objects, settings):
        self.objects = objects
        self.settings = settings
        self.sessions = uploads.Sessions()

    def answer(self, request):
        handler = getattr(self, request.kind.replace("-", "_"), None)
        if handler is None:
            raise Refused(404, "Not Found")
        check_parameters(request)
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

    def bucket_layout(self, request):
        """Whether folders are things of their own, which `gcloud storage cp -r` asks first."""
        self.objects.bucket(request.bucket)
        return json_answer(bucket_layout_resource(request.bucket))

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

    def _write(self, bucket, name, staged, attributes, query, md5=None):
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
            stored = self._write(request.bucket, name, staged, attributes, request.query, md5)
        finally:
            staged.discard()
        return self._object_answer(request, stored)

    def insert_media(self, request):
        def fill(staged):
            while not request.body.ended:
                request.body.receive_to(staged)
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
            session.stored = self._write(session.bucket, session.name, session.staged, attributes,
                                         session.query, md5)
        except Refused as refused:
            if refused.status == 429:
                session.forget_the_end()
            else:
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
            # Checksums in `destination` say nothing: gcloud leaves those of the first
            # source there, and is not refused. The answer has the one that counts.
            attributes = uploads.attributes_of(resource)
            stored = self._write(request.bucket, request.name, staged, attributes, request.query)
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
            stored = self._write(bucket, name, staged, attributes, request.query)
        finally:
            staged.discard()
        md5 = self.objects.md5(bucket, stored) if self.settings["md5"] else None
        return object_resource(bucket, stored, request.headers["host"], md5)
