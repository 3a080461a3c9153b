"""Threads, dispatch, faults, and the control address /_double/.

    GET    /_double/log[?wait=SECONDS]      the requests so far; DELETE forgets them
    POST   /_double/faults                  a fault, or a list of them (faults.py)
    GET    /_double/faults                  the same with how often each befell; DELETE
    GET    /_double/settings                PATCH changes them (SETTINGS)
    POST   /_double/expire[?status=410]     every session that is not complete is gone
"""
import json
import os
import socket
import sys
import threading
import time

from .answers import Refused, error, json_answer
from .api import Api
from .faults import Faults
from .journal import Journal
from .messages import Answer, BadRequest, Cut, Hangup
from .objects import Objects
from .routes import classify
from .wire import Connection

SETTINGS = {
    "tokens": [],               # access tokens, of which a request needs one; none: anonymous
    "page_size": 1000,          # lines of a page of a list at most
    "empty_pages": True,        # the page after the first has a token alone
    "write_limit": True,        # one name is written once a second (429)
    "md5": True,                # objects have one, but for composite objects
    "session_seconds": 604800,  # how long a resumable session lives
    "latency_seconds": 0,       # before each request is carried out
}
CONNECTIONS_WAITING_MAX = 1024
STALL_S = 60
REFUSE_S = 0.5
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome to the network</body></html>\n"


class Settings:
    """A mapping that takes what it knows alone."""

    def __init__(self, changes=()):
        self.values = dict(SETTINGS)
        self.change(dict(changes))

    def __getitem__(self, name):
        return self.values[name]

    def change(self, changes):
        for name, value in changes.items():
            known = SETTINGS.get(name)
            if name not in SETTINGS or not isinstance(value, type(known)) and not (
                    isinstance(known, int) and isinstance(value, (int, float))):
                raise ValueError(f"there is no setting '{name}' that is {value!r}")
        self.values.update(changes)


class Server:
    def __init__(self, root, work, port=0, settings=()):
        self.settings = Settings(settings)
        self.api = Api(Objects(root, work), self.settings)
        self.faults = Faults()
        self.journal = Journal()
        self.listener = self._listen(port)
        self.port = self.listener.getsockname()[1]
        self.outage = threading.Lock()  # while connections are refused
        self.refused_until = 0.0
        # A thread that computes gives way soon: the others have sockets to fill.
        sys.setswitchinterval(0.0005)
        threading.stack_size(512 << 10)

    @staticmethod
    def _listen(port):
        return socket.create_server(("127.0.0.1", port), backlog=CONNECTIONS_WAITING_MAX)

    def run(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                self._sit_out()
                continue
            threading.Thread(target=self._serve, args=(Connection(sock),), daemon=True).start()

    def _refuse(self, seconds):
        with self.outage:
            if self.is_out():
                return
            self.refused_until = time.monotonic() + seconds
            self.listener.shutdown(socket.SHUT_RDWR)

    def is_out(self):
        return time.monotonic() < self.refused_until

    def _sit_out(self):
        """Nobody else gets the port meanwhile: it is taken, and nobody listens."""
        self.listener.close()
        with socket.socket() as place:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.bind(("127.0.0.1", self.port))
            while (left := self.refused_until - time.monotonic()) > 0:
                time.sleep(left)
            self.listener = self._listen(self.port)

    def _serve(self, connection):
        try:
            while self._one(connection):
                pass
        except BadRequest as bad:
            answer = error(bad.status, str(bad))
            answer.close = True
            self._send_last(connection, answer)
        except (Hangup, OSError):
            pass
        finally:
            connection.close()

    @staticmethod
    def _send_last(connection, answer):
        try:
            connection.send(answer)
        except Hangup:
            return
        connection.finish()

    def _one(self, connection):
        """One request; whether the connection goes on."""
        request = connection.read_request()
        if request is None:
            return False
        if request.segments[0] == "_double":
            connection.send(self._control(request))
            return True
        if self.is_out():
            connection.reset()
            return False
        classify(request, self.api.sessions)
        entry = self.journal.begin(request)
        try:
            answer = self._perform(connection, request, entry)
            if answer is None:
                return False
            if answer.close:
                self._send_last(connection, answer)
            return not answer.close and request.headers.get("connection", "").lower() != "close"
        finally:
            self.journal.end(entry, request)

    # Faults

    def _perform(self, connection, request, entry):
        """The answer that was sent; None where the connection has ended."""
        delays, fault = self.faults.of(request)
        entry["faults"] = [one.action for one in delays + ([fault] if fault else [])]
        wait = sum(one["seconds"] for one in delays) + self.settings["latency_seconds"]
        if wait:
            time.sleep(wait)
        if fault and fault.action in ("close", "reset", "stall") and "sent" not in fault.spec:
            self._take(request, fault)
            self._end(connection, fault)
            return None
        if fault and fault.action == "refuse":
            self._refuse(fault.get("seconds", REFUSE_S))
            connection.reset()
            return None
        answer = self._replaced(request, fault) if fault else None
        if answer is None:
            answer = self._carried_out(request, fault)
            entry["name"] = request.name
        entry["status"] = answer.status
        try:
            self._send(connection, answer, fault, entry)
        finally:
            answer.done()
        return answer

    def _take(self, request, fault):
        """As much of the body as the fault says; carries nothing out."""
        try:
            if "received" in fault.spec:
                request.body.limit = fault["received"]
                self._carried_out(request, fault).done()
            else:
                request.body.drain()
        except Cut:
            pass

    @staticmethod
    def _end(connection, fault):
        if fault.action == "stall":
            connection.wait_for_hangup(fault.get("seconds", STALL_S))
        if fault.action == "reset" or fault.get("reset"):
            connection.reset()
        else:
            connection.finish()

    def _replaced(self, request, fault):
        """The answer of a fault that carries nothing out."""
        if fault.action == "status":
            return self._status(request, fault)
        if fault.action == "gone":
            if request.session:
                request.session.end(fault.get("status", 410))
            request.body.drain()
            return error(fault.get("status", 410), "The session is gone.")
        if fault.action == "page":
            request.body.drain()
            return Answer(200, HTML, content_type="text/html; charset=UTF-8")
        if fault.action == "redirect":
            request.body.drain()
            return Answer(fault.get("status", 302), headers={"Location": fault["to"]})
        return None

    def _status(self, request, fault):
        status = fault["status"]
        if "body" in fault.spec:
            answer = Answer(status, fault["body"].encode(),
                            content_type=fault.get("type", "text/html; charset=UTF-8"))
        else:
            answer = error(status, fault.get("message", "The service is out of order."), fault.get("reason"))
        answer.headers.update(fault.get("headers", {}))
        if "retry_after" in fault.spec:
            answer.headers["Retry-After"] = fault["retry_after"]
        if not fault.get("early"):
            self._take(request, fault)
        answer.close = not request.body.ended
        return answer

    def _carried_out(self, request, fault):
        try:
            if fault and fault.action == "duplicate" and request.kind == "list":
                answer = self.api.list(request, duplicate=True)
            else:
                answer = self.api.answer(request)
        except Refused as refused:
            answer = refused.answer(media=request.kind == "get-media")
        request.body.drain()
        return answer

    def _send(self, connection, answer, fault, entry):
        if fault is None or answer.close:
            if not answer.close:
                entry["sent"] = connection.send(answer)
            return
        if fault.action == "lose":
            self._end(connection, fault)
            raise Hangup
        if fault.action == "hash":
            answer.headers["x-goog-hash"] = "crc32c=AAAAAA==,md5=AAAAAAAAAAAAAAAAAAAAAA=="
        if fault.action == "flip" and fault["at"] < answer.size:
            self._send_flipped(connection, answer, fault["at"])
        elif fault.action == "slow":
            self._send_slowly(connection, answer, fault["bytes_per_second"])
        elif "sent" in fault.spec:
            entry["sent"] = connection.send(answer, 0, fault["sent"])
            self._end(connection, fault)
            raise Hangup
        else:
            connection.send(answer)
        entry["sent"] = answer.size

    @staticmethod
    def _send_flipped(connection, answer, at):
        connection.send(answer, 0, at)
        if answer.file:
            byte = os.pread(answer.file[0], 1, answer.file[1] + at)
        else:
            byte = answer.body[at:at + 1]
        connection.socket.sendall(bytes([byte[0] ^ 1]))
        connection.send(answer, at + 1, head=False)

    @staticmethod
    def _send_slowly(connection, answer, rate):
        step = max(1, rate // 20)
        connection.send(answer, 0, 0)
        for at in range(0, answer.size, step):
            time.sleep(step / rate)
            connection.send(answer, at, at + step, head=False)

    # Control

    def _control(self, request):
        body = request.body.read_all(1 << 24)
        try:
            value = json.loads(bytes(body)) if len(body) else None
            return self._controlled(request, value)
        except (ValueError, TypeError, AttributeError) as problem:
            return error(400, str(problem))

    def _controlled(self, request, value):
        asked = request.method, "/".join(request.segments[1:])
        if asked == ("GET", "log"):
            return json_answer(self.journal.read(float(request.query.get("wait", 5))))
        if asked == ("DELETE", "log"):
            self.journal.clear()
        elif asked == ("POST", "faults"):
            self.faults.add(value if isinstance(value, list) else [value])
        elif asked == ("DELETE", "faults"):
            self.faults.clear()
        elif asked == ("GET", "faults"):
            return json_answer(self.faults.report())
        elif asked == ("PATCH", "settings"):
            self.settings.change(value)
        elif asked == ("POST", "expire"):
            self.api.sessions.expire(int(request.query.get("status", 410)))
        elif asked != ("GET", "settings"):
            return error(404, f"there is no {request.method} {request.path}")
        return json_answer(self.settings.values)
