"""A token service: what Google's endpoints answer to those who ask for tokens, strict
in what it takes.

    with TokenService() as service:
        service.url + "/token"            assertions of service accounts, refresh tokens
        service.url + "/v1/token"         exchange of subject tokens
        service.url + "/v1/projects/-/serviceAccounts/EMAIL:generateAccessToken"
        service.url + "/oidc"             subject tokens of a CI system
        service.host                      the metadata server

Whatever a request has that it may not have, or lacks, is answered with HTTP 400 and noted
in `service.problems`. `service.answer(path, ...)` scripts the next answers of a path.
"""
import base64
import email.utils
import hashlib
import http.server
import json
import secrets
import threading
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SCOPE_STORAGE = "https://www.googleapis.com/auth/devstorage.read_write"
SCOPE_CLOUD = "https://www.googleapis.com/auth/cloud-platform"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
FORM = "application/x-www-form-urlencoded"
METADATA_TOKEN = "/computeMetadata/v1/instance/service-accounts/default/token"


class Key:
    """A service account with its private key."""

    def __init__(self, email_address="robot@project.iam.gserviceaccount.com", bits=2048):
        self.email = email_address
        self.id = secrets.token_hex(20)
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)

    def pem(self):
        return self.private.private_bytes(serialization.Encoding.PEM,
                                          serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()).decode()

    def file(self, token_uri="https://oauth2.googleapis.com/token", **more):
        return {"type": "service_account", "project_id": "project", "private_key_id": self.id,
                "private_key": self.pem(), "client_email": self.email, "client_id": "1",
                "token_uri": token_uri, "universe_domain": "googleapis.com", **more}


def decode_part(part):
    assert "=" not in part and "+" not in part and "/" not in part, "not base64url"
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def read_jwt(token, key):
    """(header, claims) of a token that this key has signed; ValueError otherwise."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("a JWT has three parts")
    try:
        key.private.public_key().verify(decode_part(parts[2]), ".".join(parts[:2]).encode(),
                                        padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise ValueError("the signature is wrong") from None
    header, claims = (json.loads(decode_part(part)) for part in parts[:2])
    if header != {"alg": "RS256", "typ": "JWT", "kid": key.id}:
        raise ValueError(f"the header is wrong: {header}")
    return header, claims


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


class Refused(Exception):
    pass


def need(condition, problem):
    if not condition:
        raise Refused(problem)


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body

    def form(self):
        """The fields of a form, each there once."""
        need(self.headers.get("Content-Type") == FORM, "not a form")
        fields = urllib.parse.parse_qsl(self.body.decode("ascii"), keep_blank_values=True,
                                        strict_parsing=True)
        need(len(dict(fields)) == len(fields), "a field twice")
        return dict(fields)


class TokenService:
    def __init__(self, keys=(), skew_s=0):
        self.keys = {key.email: key for key in keys}
        self.skew_s = skew_s  # of this service's clock
        self.requests = []
        self.problems = []
        self.issued = []      # tokens, in their order
        self.lifetime_s = 3600
        self.user = {"client_id": "client", "client_secret": "client+secret/=",
                     "refresh_token": "1//refresh&token"}
        self.exchange = {}    # what the exchange expects, besides what is always so
        self.basic = None     # "client:secret" of the exchange
        self.subjects = []    # subject tokens that are good
        self.delegates = []
        self.impersonation_lifetime_s = 3600
        self.oidc_authorization = None
        self.flavor = "Google"
        self.scripted = {}
        self.lock = threading.Lock()

    # --- for tests ---

    def __enter__(self):
        handler = type("Handler", (Handler,), {"service": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, path, *answers):
        """The next answers of a path: (status, body or None for what it would be, headers),
        or "reset" for a connection that is closed without one."""
        self.scripted.setdefault(path, []).extend(answers)

    def asked(self):
        return [f"{request.method} {request.path}" for request in self.requests]

    # --- the endpoints ---

    def issue(self, prefix="ya29."):
        token = prefix + secrets.token_urlsafe(150)
        self.issued.append(token)
        return token

    def token_answer(self, **more):
        return {"access_token": self.issue(), "expires_in": self.lifetime_s,
                "token_type": "Bearer", **more}

    def now_s(self):
        return time.time() + self.skew_s

    def token(self, request):
        need(request.method == "POST" and not request.query, "not a POST without a query")
        need("Authorization" not in request.headers, "an authorization where none belongs")
        form = request.form()
        if form.get("grant_type") == "refresh_token":
            need(form == {"grant_type": "refresh_token", **self.user}, "the fields are wrong")
            return self.token_answer(scope="openid", id_token="x")
        need(form.get("grant_type") == JWT_BEARER and set(form) == {"grant_type", "assertion"},
             "the fields are wrong")
        return self.assertion(form["assertion"])

    def assertion(self, token):
        issuer = json.loads(decode_part(token.split(".")[1])).get("iss")
        need(issuer in self.keys, "nobody's assertion")
        try:
            _, claims = read_jwt(token, self.keys[issuer])
        except ValueError as problem:
            raise Refused(str(problem)) from None
        need(set(claims) == {"iss", "aud", "scope", "iat", "exp"}, f"the claims: {claims}")
        need(claims["aud"] == self.url + "/token", "the audience is wrong")
        need(claims["scope"] in (SCOPE_STORAGE, SCOPE_CLOUD), "the scope is wrong")
        need(claims["exp"] - claims["iat"] == 3600, "not for an hour")
        if not self.now_s() - 3600 < claims["iat"] <= self.now_s():
            return 400, {"error": "invalid_grant", "error_description":
                         "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
                         "reasonable timeframe."}
        return self.token_answer()

    def sts(self, request):
        need(request.method == "POST", "not a POST")
        expected = None
        if self.basic:
            expected = "Basic " + base64.b64encode(self.basic.encode()).decode()
        need(request.headers.get("Authorization") == expected, "the authorization is wrong")
        form = request.form()
        need(form.pop("subject_token", None) in self.subjects, "an unknown subject token")
        need(form == {"grant_type": EXCHANGE, "requested_token_type": ACCESS_TOKEN,
                      **self.exchange}, f"the fields are wrong: {form}")
        return self.token_answer(issued_token_type=ACCESS_TOKEN)

    def impersonate(self, request):
        need(request.method == "POST", "not a POST")
        need(request.headers.get("Content-Type") == "application/json; charset=UTF-8",
             "not JSON")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        need(scheme == "Bearer" and token in self.issued, "a token that was not issued here")
        need(json.loads(request.body) == {
            "delegates": self.delegates, "scope": [SCOPE_STORAGE],
            "lifetime": f"{self.impersonation_lifetime_s}s"}, "the body is wrong")
        end = time.gmtime(time.time() + self.lifetime_s)
        return {"accessToken": self.issue("impersonated."),
                "expireTime": time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", end)}

    def oidc(self, request):
        need(request.method == "GET", "not a GET")
        need(request.headers.get("Authorization") == self.oidc_authorization,
             "the authorization is wrong")
        subject = "subject." + secrets.token_urlsafe(300)
        self.subjects.append(subject)
        return {"count": len(subject), "value": subject}

    def metadata(self, request):
        need(request.method == "GET" and not request.query, "not a GET without a query")
        need(request.headers.get("Metadata-Flavor") == "Google", "no Metadata-Flavor: Google")
        need("Authorization" not in request.headers, "an authorization where none belongs")
        if request.path == "/":
            return "computeMetadata/\n"
        return self.token_answer()

    def route(self, request):
        need(request.headers.get("User-Agent", "").startswith("jobrun/"), "another user agent")
        if request.path == "/token":
            return self.token(request)
        if request.path == "/v1/token":
            return self.sts(request)
        if request.path.startswith("/v1/projects/-/serviceAccounts/"):
            need(request.path.endswith(":generateAccessToken"), "no such method")
            return self.impersonate(request)
        if request.path == "/oidc":
            return self.oidc(request)
        if request.path in ("/", METADATA_TOKEN):
            return self.metadata(request)
        raise Refused(f"no such path: {request.path}")

    def handle(self, request):
        """(status, body, headers), or "reset"."""
        with self.lock:
            self.requests.append(request)
            scripted = self.scripted.get(request.path)
            answer = scripted.pop(0) if scripted else (200, None, {})
            if answer == "reset" or answer[1] is not None:
                return answer
            try:
                made = self.route(request)
            except Refused as problem:
                self.problems.append(f"{request.method} {request.path}: {problem}")
                made = 400, {"error": "invalid_request", "error_description": str(problem)}
            status, body = made if isinstance(made, tuple) else (answer[0], made)
            return status, body, answer[2]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service = None

    def respond(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        answer = self.service.handle(Request(self.command, self.path, self.headers, body))
        if answer == "reset":
            self.close_connection = True
            return
        status, body, headers = answer
        data = body if isinstance(body, bytes) else \
            body.encode() if isinstance(body, str) else json.dumps(body, indent=1).encode()
        self.send_response_only(status)
        headers = {"Date": email.utils.formatdate(self.service.now_s(), usegmt=True),
                   "Content-Type": "application/json", "Content-Length": str(len(data)),
                   **({"Metadata-Flavor": self.service.flavor} if self.service.flavor else {}),
                   **headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = respond

    def log_message(self, *_):
        pass
