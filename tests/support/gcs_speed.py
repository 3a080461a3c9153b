#!/usr/bin/env python3
"""How fast the double of Google Cloud Storage is, over plain sockets: it must not be
what a benchmark measures. Where others work on the machine too, the times of its
processor say more than those of the clock.

    gcs_speed.py [--size BYTES] [--count N] [--folder DIR] [--library FILE] [--md5]
"""
import argparse
import os
import pathlib
import shutil
import socket
import tempfile
import threading
import time

from gcs.process import GcsDouble

BLOCK = 1 << 20
SMALL = 10240
LIBRARY = pathlib.Path(__file__).resolve().parents[2] / "build" / "support" / "gcs_double.so"


class Client:
    """One connection, no more work than sending and receiving."""

    def __init__(self, gcs):
        host, port = gcs.host.split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(BLOCK)
        self.view = memoryview(self.buffer)

    def send_head(self, method, path, length=0, headers=""):
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n"
                            f"{headers}\r\n".encode())

    def answer(self):
        """(status, head) of an answer, whose body is received and dropped."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(65536)
        head, _, rest = data.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) \
            if b"content-length:" in head.lower() else 0
        left = length - len(rest)
        while left > 0:
            left -= self.socket.recv_into(self.view, min(BLOCK, left))
        status = int(head.split(b" ")[1])
        assert status in (200, 206), head
        return status, head

    def download(self, path, headers=""):
        self.send_head("GET", path, 0, headers)
        self.answer()

    def upload(self, path, size):
        self.send_head("POST", path, 2, "Content-Type: application/json\r\n")
        self.socket.sendall(b"{}")
        _, head = self.answer()
        session = head.split(b"\r\nLocation: http://h")[1].split(b"\r\n")[0].decode()
        self.send_head("PUT", session, size, f"Content-Range: bytes 0-{size - 1}/{size}\r\n")
        for _ in range(size // BLOCK):
            self.socket.sendall(self.buffer)
        self.answer()

    def insert(self, path, body):
        self.send_head("POST", path, len(body), "Content-Type: multipart/related; boundary=B\r\n")
        self.socket.sendall(body)
        self.answer()


def processor_seconds(gcs):
    with open(f"/proc/{gcs.process.pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(gcs, clients, work):
    """(seconds, those of the double's processor) for work(client, number), of all
    clients at the same time."""
    before = processor_seconds(gcs)
    threads = [threading.Thread(target=work, args=(client, number)) for number, client in enumerate(clients)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - start, max(0.01, processor_seconds(gcs) - before)


def report(what, amount, unit, up, down):
    shown = [f"{name} {amount / seconds:.4g} {unit} ({amount / processor:.4g} of its processor)"
             for name, (seconds, processor) in (("up", up), ("down", down))]
    print(f"{what}: {', '.join(shown)}", flush=True)


def measure(gcs, size, count):
    base = f"/upload/storage/v1/b/{gcs.bucket}/o"
    media = f"/storage/v1/b/{gcs.bucket}/o/%s?alt=media"
    for connections in (1, 4):
        clients = [Client(gcs) for _ in range(connections)]
        part = size // connections // BLOCK * BLOCK
        total = part * connections / 1e9
        up = timed(gcs, clients, lambda client, n: client.upload(f"{base}?uploadType=resumable&name=big{n}", part))
        down = timed(gcs, clients, lambda client, n: client.download(media % f"big{n}"))
        report(f"{connections} x {part >> 20} MiB", total, "GB/s", up, down)
    body = b"--B\r\ncontent-type: application/json\r\n\r\n{}\r\n--B\r\n\r\n%s\r\n--B--" % bytes(SMALL)
    for connections in (1, 8):
        clients = [Client(gcs) for _ in range(connections)]
        each = count // connections

        def insert(client, n):
            for number in range(each):
                client.insert(f"{base}?uploadType=multipart&fields=generation&name=s{n}%2F{number}", body)

        def fetch(client, n):
            for number in range(each):
                client.download(media % f"s{n}%2F{number}")

        up, down = timed(gcs, clients, insert), timed(gcs, clients, fetch)
        report(f"{each * connections} x 10 KiB over {connections}", each * connections, "/s", up, down)
        shutil.rmtree(gcs.folder / "s0")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1 << 30)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--folder", help="on the file system that is measured")
    parser.add_argument("--library", default=LIBRARY, type=pathlib.Path, help="that of `make support`")
    parser.add_argument("--md5", action="store_true", help="with MD5, which is slower than all the rest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        with GcsDouble(folder, library=options.library, md5=options.md5, write_limit=False) as gcs:
            measure(gcs, options.size, options.count)


if __name__ == "__main__":
    main()
