"""What was asked and what was answered, in the order in which it came."""
import collections
import threading
import time

ENTRIES_MAX = 200000


class Journal:
    def __init__(self):
        self.lock = threading.Condition()
        self.entries = collections.deque(maxlen=ENTRIES_MAX)
        self.number = 0
        self.open = {}  # number -> the request that is being answered

    def begin(self, request):
        entry = {"number": 0, "method": request.method, "path": request.path, "query": request.query,
                 "kind": request.kind, "bucket": request.bucket, "name": request.name,
                 "headers": request.headers, "received": 0, "status": 0, "sent": 0, "faults": [],
                 "seconds": time.monotonic(), "done": False}
        with self.lock:
            self.number += 1
            entry["number"] = self.number
            self.entries.append(entry)
            self.open[self.number] = request
        return entry

    def end(self, entry, request):
        entry["received"] = request.body.received
        entry["seconds"] = time.monotonic() - entry["seconds"]
        entry["done"] = True
        with self.lock:
            del self.open[entry["number"]]
            self.lock.notify_all()

    def read(self, wait_s):
        """All of it, when what is being answered has been, at most after so long; then
        with what has been received until now."""
        with self.lock:
            self.lock.wait_for(lambda: not self.open, wait_s)
            for entry in self.entries:
                if entry["number"] in self.open:
                    entry["received"] = self.open[entry["number"]].body.received
            return [dict(entry) for entry in self.entries]

    def clear(self):
        with self.lock:
            self.entries.clear()
