"""A client of a language server: its messages on two pipes, and what comes back.

    with LanguageServer(["node", ..., "--stdio"], root, settings) as server:
        server.open(uri, text)
        server.diagnostics(uri)

Everything waits for a message, and fails when it has not come in time.
"""
import json
import queue
import subprocess
import threading
import time

DEADLINE_S = 120


class LanguageServer:
    def __init__(self, command, root, settings):
        self.settings = settings
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, cwd=root)
        self.messages = queue.Queue()
        self.published = {}  # uri -> the last diagnostics
        self.number = 0
        self.configured = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {
                "hover": {"contentFormat": ["markdown", "plaintext"]},
                "completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}},
                "publishDiagnostics": {"versionSupport": True},
            },
        }
        self.request("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities})
        self.notify("initialized", {})
        self._wait(lambda: self.configured, "the server has not asked for its settings")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.process.wait(timeout=DEADLINE_S)
        finally:
            self.process.kill()
            self.process.communicate()
            self.reader.join()

    def _read(self):
        """One thread reads, so that no wait is forever."""
        stream = self.process.stdout
        while True:
            length = 0
            line = stream.readline()
            while line.strip():
                name, _, value = line.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
                line = stream.readline()
            if not line:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def _write(self, message):
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def _take(self, message):
        method = message.get("method")
        if method == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif method == "workspace/configuration":
            items = message["params"]["items"]
            self._write({"id": message["id"],
                         "result": [self.settings.get(item.get("section")) for item in items]})
            self.configured = True
        elif method is not None and "id" in message:
            self._write({"id": message["id"], "result": None})

    def _wait(self, condition, what):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            try:
                message = self.messages.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                message = None
            assert message is not None, what
            if "method" in message or message.get("id") != self.number:
                self._take(message)
            else:
                self.answer = message

    def notify(self, method, params):
        self._write({"method": method, "params": params})

    def request(self, method, params):
        self.number += 1
        self.answer = None
        self._write({"id": self.number, "method": method, "params": params})
        self._wait(lambda: self.answer is not None, f"no answer to {method}")
        assert "error" not in self.answer, self.answer
        return self.answer["result"]

    def open(self, uri, text):
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1,
                                                              "text": text}})

    def close(self, uri):
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri):
        """What is wrong with an open document, as texts."""
        self._wait(lambda: uri in self.published, f"nothing is said of {uri}")
        return [diagnostic["message"] for diagnostic in self.published[uri]]

    def _at(self, method, uri, line, character):
        return self.request(method, {"textDocument": {"uri": uri},
                                     "position": {"line": line, "character": character}})

    def completions(self, uri, line, character):
        """{label: documentation}"""
        result = self._at("textDocument/completion", uri, line, character)
        items = result["items"] if isinstance(result, dict) else result
        return {item["label"]: item.get("documentation", "") for item in items}

    def hover(self, uri, line, character):
        result = self._at("textDocument/hover", uri, line, character)
        return result["contents"]["value"] if result else ""
