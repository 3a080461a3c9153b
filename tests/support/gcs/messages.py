"""HTTP messages: what a request says, and what an answer does.

Whatever RFC 9112 lets a server repair is refused instead, so that a client's
mistake is seen.
"""
import os
import re
import urllib.parse

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
TARGET = re.compile(rb"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?\[\]-]*)?")
ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

METHODS = (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE")
REASONS = {200: "OK", 204: "No Content", 206: "Partial Content", 302: "Found", 304: "Not Modified",
           307: "Temporary Redirect", 308: "Resume Incomplete", 400: "Bad Request",
           401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
           413: "Payload Too Large", 416: "Requested Range Not Satisfiable",
           429: "Too Many Requests", 499: "Client Closed Request", 500: "Internal Server Error",
           502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


class BadRequest(Exception):
    """No HTTP that this server takes. The connection ends with the answer."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.status = status


class Hangup(Exception):
    """The connection is gone: the client went, or a fault cut it."""


class Cut(Hangup):
    """As many bytes of a body have come as a fault lets through."""


class Answer:
    def __init__(self, status, body=b"", headers=(), content_type="application/json; charset=UTF-8",
                 file=None):
        self.status = status
        self.body = body
        self.headers = dict(headers)
        self.content_type = content_type
        self.file = file        # (descriptor, offset, count) in the place of body; closed when sent
        self.chunked = False    # without a Content-Length
        self.close = False      # the connection ends with it

    @property
    def size(self):
        return self.file[2] if self.file else len(self.body)

    def done(self):
        if self.file:
            os.close(self.file[0])
            self.file = None


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.headers = headers  # name in lower case -> value; repeated ones joined with ", "
        self.body = body
        path, _, query = target.partition("?")
        self.path = path
        self.segments = [decode(segment) for segment in path.split("/")[1:]]
        self.query = parse_query(query)
        self.kind = None
        self.bucket = None
        self.name = None
        self.session = None


def decode(text):
    if "%" not in text:
        return text
    if ESCAPE.search(text):
        raise BadRequest(f"'{text}' is not percent-encoded")
    try:
        return urllib.parse.unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest(f"'{text}' is not UTF-8") from None


def parse_query(text):
    query = {}
    for part in text.split("&") if text else ():
        name, _, value = part.partition("=")
        name = decode(name.replace("+", " "))
        if name in query:
            raise BadRequest(f"the parameter '{name}' is there twice")
        query[name] = decode(value.replace("+", " "))
    return query


def parse_head(head):
    """(method, target, headers)"""
    lines = head.split(b"\r\n")
    if any(b"\n" in line or b"\r" in line or b"\0" in line for line in lines):
        raise BadRequest("a line of the head does not end with CR LF")
    words = lines[0].split(b" ")
    if len(words) != 3 or not TOKEN.fullmatch(words[0]) or not TARGET.fullmatch(words[1]):
        raise BadRequest(f"not a request line: {lines[0][:200]!r}")
    if words[2] != b"HTTP/1.1":
        raise BadRequest("not HTTP/1.1")
    if words[0] not in METHODS:
        raise BadRequest(f"there is no {words[0].decode()}", 405)
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.fullmatch(name):
            raise BadRequest(f"not a header: {line[:200]!r}")
        name = name.lower().decode()
        value = value.strip(b" \t").decode("latin-1")
        if name not in headers:
            headers[name] = value
        elif name in ("host", "content-length", "content-type", "content-range", "authorization",
                      "range", "transfer-encoding"):
            raise BadRequest(f"the header '{name}' is there twice")
        else:
            headers[name] += ", " + value
    if not headers.get("host"):
        raise BadRequest("there is no Host")
    return words[0].decode(), words[1].decode(), headers
