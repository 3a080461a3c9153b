"""How Google says it: resources, errors in JSON and in HTML."""
import base64
import datetime
import json
import urllib.parse

from . import checksums
from .messages import Answer

REASONS = {400: "invalid", 401: "authError", 403: "forbidden", 404: "notFound", 408: "timeout",
           409: "conflict", 410: "gone", 411: "required", 412: "conditionNotMet", 413: "uploadTooLarge",
           416: "requestedRangeNotSatisfiable", 429: "rateLimitExceeded", 499: "clientClosedRequest",
           500: "internalError", 502: "backendError", 503: "backendError", 504: "backendError"}


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status, message, reason=None, headers=()):
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.headers = dict(headers)

    def answer(self, media=False):
        if self.status == 304:
            return Answer(304)
        if media and self.status in (401, 403, 404, 416):
            body = f"<html><body>{self.message}</body></html>".encode() if self.status == 416 \
                else self.message.encode()
            return Answer(self.status, body, self.headers, "text/html; charset=UTF-8")
        return error(self.status, self.message, self.reason, self.headers)


def error(status, message, reason=None, headers=()):
    detail = {"message": message, "domain": "global", "reason": reason or REASONS.get(status, "invalid")}
    if status == 429:
        detail["domain"] = "usageLimits"
    if status == 412:
        detail.update(locationType="header", location="If-Match")
    if status == 401:
        detail.update(locationType="header", location="Authorization")
        headers = dict(headers, **{"WWW-Authenticate": 'Bearer realm="double"'})
    return json_answer({"error": {"code": status, "message": message, "errors": [detail]}}, status, headers)


def json_answer(value, status=200, headers=()):
    return Answer(status, json.dumps(value, ensure_ascii=False).encode() + b"\n", headers)


def not_found(bucket, name):
    return Refused(404, f"No such object: {bucket}/{name}")


def no_bucket():
    return Refused(404, "The specified bucket does not exist.")


def precondition_failed():
    return Refused(412, "At least one of the pre-conditions you specified did not hold.")


def timestamp(micros):
    moment = datetime.datetime.fromtimestamp(micros / 1e6, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def escape(name):
    return urllib.parse.quote(name, safe="")


def bucket_resource(name, host):
    return {"kind": "storage#bucket", "id": name, "name": name, "projectNumber": "1",
            "selfLink": f"http://{host}/storage/v1/b/{name}", "metageneration": "1",
            "location": "US", "locationType": "multi-region", "storageClass": "STANDARD",
            "etag": "CAE=", "timeCreated": "2026-01-01T00:00:00.000Z", "updated": "2026-01-01T00:00:00.000Z",
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}


def bucket_layout_resource(name):
    return {"kind": "storage#storageLayout", "bucket": name, "location": "US",
            "locationType": "multi-region", "hierarchicalNamespace": {"enabled": False}}


def object_resource(bucket, stored, host, md5=None):
    """64-bit integers are texts. `md5` is a digest, None where the object has none."""
    path = f"{bucket}/o/{escape(stored.name)}"
    created = timestamp(stored.created)
    resource = {
        "kind": "storage#object",
        "id": f"{bucket}/{stored.name}/{stored.generation}",
        "selfLink": f"http://{host}/storage/v1/b/{path}",
        "mediaLink": f"http://{host}/download/storage/v1/b/{path}?generation={stored.generation}&alt=media",
        "name": stored.name,
        "bucket": bucket,
        "generation": str(stored.generation),
        "metageneration": str(stored.metageneration),
        "storageClass": "STANDARD",
        "size": str(stored.size),
        "crc32c": checksums.crc32c_text(stored.crc32c),
        "etag": base64.b64encode(f"{stored.generation}/{stored.metageneration}".encode()).decode(),
        "timeCreated": created,
        "updated": created if stored.updated == stored.created else timestamp(stored.updated),
        "timeStorageClassUpdated": created,
    }
    if md5 is not None:
        resource["md5Hash"] = checksums.md5_text(md5)
    if stored.components:
        resource["componentCount"] = stored.components
    resource.update(stored.attributes)
    return resource
