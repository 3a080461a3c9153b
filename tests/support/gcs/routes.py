"""Which request is what: its kind, its bucket, its object's name."""
import json
import re

from .answers import Refused
from .uploads import STATUS

STANDARD = {"alt", "fields", "prettyPrint", "userProject", "quotaUser", "key", "projection",
            "uploadType", "$.xgafv"}
MATCHES = {"ifGenerationMatch", "ifGenerationNotMatch", "ifMetagenerationMatch", "ifMetagenerationNotMatch"}
INSERT = MATCHES | {"name", "predefinedAcl", "contentEncoding", "kmsKeyName", "upload_id"}
KNOWN = {
    "bucket-list": {"project", "prefix", "maxResults", "pageToken", "softDeleted"},
    "bucket-get": {"ifMetagenerationMatch", "ifMetagenerationNotMatch", "generation", "softDeleted"},
    "bucket-layout": {"prefix"},
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
    elif parts[1:] == ["storageLayout"] and request.method == "GET":
        request.kind = "bucket-layout"
    elif parts[1] == "o":
        _classify_object(request, parts[2:], media)


def _classify_upload(request, sessions):
    request.name = request.query.get("name")
    if "upload_id" in request.query:
        request.session = sessions.all.get(request.query["upload_id"])
        if request.session:
            request.name = request.session.name
        status = STATUS.fullmatch(request.headers.get("content-range", ""))
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


def check_parameters(request):
    for parameter in request.query:
        if parameter not in STANDARD and parameter not in KNOWN[request.kind]:
            raise Refused(400, f"Unknown parameter '{parameter}'", "invalidParameter")
