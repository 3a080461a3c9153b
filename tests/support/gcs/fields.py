"""Parts of an answer: fields=a,b(c,d),e/f,*. An unknown field is an error, as it is
for Google: a list without `nextPageToken` because of a slip is found here."""
import functools

from .answers import Refused

OBJECT = dict.fromkeys((
    "kind", "id", "selfLink", "mediaLink", "name", "bucket", "generation", "metageneration",
    "contentType", "contentEncoding", "contentDisposition", "contentLanguage", "cacheControl",
    "storageClass", "size", "crc32c", "md5Hash", "etag", "timeCreated", "updated", "timeDeleted",
    "timeStorageClassUpdated", "customTime", "componentCount", "metadata", "acl", "owner",
    "eventBasedHold", "temporaryHold", "retentionExpirationTime", "kmsKeyName", "softDeleteTime",
    "hardDeleteTime", "customerEncryption", "retention", "contexts", "restoreToken"), None)
LIST = {"kind": None, "nextPageToken": None, "prefixes": None, "items": OBJECT}
REWRITE = {"kind": None, "totalBytesRewritten": None, "objectSize": None, "done": None,
           "rewriteToken": None, "resource": OBJECT}


def _refuse(text):
    raise Refused(400, f"Invalid field selection {text}", "invalidParameter")


def _parse(text, at, known):
    """(what is chosen, where it ends). What is chosen: {name: chosen below or None}."""
    chosen = {}
    while True:
        end = at
        while end < len(text) and text[end] not in ",()/":
            end += 1
        name = text[at:end]
        if name != "*" and (not name or (known is not None and name not in known)):
            _refuse(name or text)
        below = known.get(name) if known else None
        part = None
        if text[end:end + 1] == "/":
            inner, end = _parse_path(text, end + 1, below)
            part = inner
        elif text[end:end + 1] == "(":
            part, end = _parse(text, end + 1, below)
            if text[end:end + 1] != ")":
                _refuse(text)
            end += 1
        if isinstance(chosen.get(name), dict) and isinstance(part, dict):
            chosen[name] = dict(chosen[name], **part)
        else:
            chosen[name] = part
        if text[end:end + 1] != ",":
            return chosen, end
        at = end + 1


def _parse_path(text, at, known):
    """One name after a slash: items/name."""
    end = at
    while end < len(text) and text[end] not in ",()/":
        end += 1
    inner, stop = _parse(text[:end], at, known)
    if text[end:end + 1] in ("/", "("):
        return _parse(text, at, known)
    return inner, stop


@functools.lru_cache(1000)
def _selection(text, kind):
    known = {"object": OBJECT, "list": LIST, "rewrite": REWRITE, "any": None}[kind]
    chosen, end = _parse(text, 0, known)
    if end != len(text):
        _refuse(text)
    return chosen


def _pick(value, chosen):
    if chosen is None or "*" in chosen and chosen["*"] is None:
        return value
    if isinstance(value, list):
        return [_pick(item, chosen) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _pick(item, chosen.get(name, chosen.get("*")))
            for name, item in value.items() if name in chosen or "*" in chosen}


def select(value, text, kind):
    """What the parameter `fields` leaves of a resource; all of it without one."""
    return _pick(value, _selection(text, kind)) if text is not None else value


def wants(text, kind, *path):
    """Whether that field would be left."""
    chosen = _selection(text, kind) if text is not None else None
    for name in path:
        if chosen is None or "*" in chosen:
            return True
        if name not in chosen:
            return False
        chosen = chosen[name]
    return True
