"""What goes wrong on demand: which requests, and how.

A fault is a mapping. Which requests:

    kind      one of KINDS (routes.py), or a list of them; none: every request
    name      a pattern that is searched in the object's name
    nth       the first of the matching requests that it befalls (1)
    times     how many, from there on (1); 0: all

And how (`action`), with what belongs to it:

    status     status, reason, message, headers, body, type, retry_after; early: true
               answers before the body is read, received: after so many bytes of it,
               which count
    close      ends the connection; reset: with a RST; stall: says no more, for
               `seconds` (60) or until the client goes
                 received: after so many bytes of the request's body, which count
                 sent:     after so many bytes of the answer's body
                 neither:  when the request is read, before it is carried out
    truncate   an answer that is shorter than its header says: `sent` bytes
    refuse     resets the connection, and until `seconds` (0.5) are over every other one,
               and refuses new ones
    lose       carries it out, and ends the connection without an answer; reset: true
    flip       the byte `at` of the answer's body is another
    hash       x-goog-hash is another
    page       200 with a page of HTML, as a captive portal would
    redirect   `to` another address, `status` 302
    gone       the resumable session is no more: `status` 404 or 410
    duplicate  a page of a list begins with the end of the one before
    slow       `bytes_per_second` of the answer's body
    delay      `seconds` before it is carried out

A request meets one fault at most, the first that it matches, beside any number of
delays; those after it do not count that request. So of several alike the first
request meets the first, the second the second.
"""
import re
import threading

from .routes import KNOWN

KINDS = (*KNOWN, "other")
MATCH = {"kind", "name", "nth", "times", "action"}
FAULTS_MAX = 10000
ACTIONS = {
    "status": {"status", "reason", "message", "headers", "body", "type", "retry_after", "early",
               "received"},
    "close": {"received", "sent"},
    "reset": {"received", "sent"},
    "stall": {"received", "sent", "seconds"},
    "refuse": {"seconds"},
    "truncate": {"sent"},
    "lose": {"reset"},
    "flip": {"at"},
    "hash": set(),
    "page": set(),
    "redirect": {"to", "status"},
    "gone": {"status"},
    "duplicate": set(),
    "slow": {"bytes_per_second"},
    "delay": {"seconds"},
}
REQUIRED = {"status": "status", "truncate": "sent", "flip": "at", "redirect": "to",
            "slow": "bytes_per_second", "delay": "seconds"}


class Fault:
    def __init__(self, spec):
        """ValueError where nobody knows what it says."""
        self.spec = spec
        self.action = spec.get("action")
        if self.action not in ACTIONS:
            raise ValueError(f"there is no action '{self.action}'")
        unknown = set(spec) - MATCH - ACTIONS[self.action]
        if unknown:
            raise ValueError(f"'{self.action}' takes no {', '.join(sorted(unknown))}")
        if REQUIRED.get(self.action, "action") not in spec:
            raise ValueError(f"'{self.action}' needs '{REQUIRED[self.action]}'")
        kind = spec.get("kind", list(KINDS))
        self.kinds = {kind} if isinstance(kind, str) else set(kind)
        if not self.kinds <= set(KINDS):
            raise ValueError(f"there is no kind {', '.join(sorted(self.kinds - set(KINDS)))}")
        self.name = re.compile(spec["name"]) if "name" in spec else None
        self.first = spec.get("nth", 1)
        self.times = spec.get("times", 1)
        self.matched = 0
        self.hits = 0

    def __getitem__(self, key):
        return self.spec[key]

    def get(self, key, default=None):
        return self.spec.get(key, default)

    def befalls(self, request):
        if request.kind not in self.kinds:
            return False
        if self.name and not self.name.search(request.name or ""):
            return False
        self.matched += 1
        if self.matched < self.first or (self.times and self.hits >= self.times):
            return False
        self.hits += 1
        return True

    def report(self):
        return dict(self.spec, matched=self.matched, hits=self.hits)


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.all = []

    def add(self, specs):
        faults = [Fault(spec) for spec in specs]
        with self.lock:
            if len(self.all) + len(faults) > FAULTS_MAX:
                raise ValueError(f"there are more than {FAULTS_MAX} faults")
            self.all += faults

    def clear(self):
        with self.lock:
            self.all = []

    def report(self):
        with self.lock:
            return [fault.report() for fault in self.all]

    def of(self, request):
        """What befalls this request: any number of delays, and one other fault."""
        if not self.all:
            return [], None
        delays, other = [], None
        with self.lock:
            for fault in self.all:
                if fault.action != "delay" and other:
                    continue
                if fault.befalls(request):
                    if fault.action == "delay":
                        delays.append(fault)
                    else:
                        other = fault
        return delays, other
