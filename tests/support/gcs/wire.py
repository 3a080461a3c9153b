"""HTTP/1.1 on the wire: one connection, its requests, its answers.

Raw sockets and large blocks: a body goes from the socket to a file, and from a
file to the socket (sendfile), at the speed of the machine.
"""
import fcntl
import os
import re
import select
import socket
import struct
import termios
import time

from . import native
from .messages import REASONS, BadRequest, Cut, Hangup, Request, parse_head

BLOCK = 1 << 20
HEAD_BYTES_MAX = 1 << 16
IDLE_S = 300
LINGER_S = 5


class Body:
    """What a request carries. read_into() fills what it is given, as far as the body
    goes; `received` counts. Past `limit` bytes it raises Cut."""

    def __init__(self, connection, length, expects_continue):
        self.connection = connection
        self.length = length           # None: chunked
        self.left = length or 0        # of the body, or of the chunk
        self.ended = length == 0
        self.received = 0
        self.limit = None
        self.expects_continue = expects_continue

    def _begin(self):
        if self.expects_continue:
            self.expects_continue = False
            self.connection.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _next_chunk(self):
        line = self.connection.read_line()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,12}", line):
            raise BadRequest(f"not the size of a chunk: {line[:50]!r}")
        self.left = int(line, 16)
        if self.left == 0:
            self.ended = True
            if self.connection.read_line():
                raise BadRequest("there are trailers")

    def read_into(self, view):
        """How many bytes came; less than asked for at the end alone."""
        self._begin()
        filled = 0
        while filled < len(view) and not self.ended:
            if self.length is None and self.left == 0:
                self._next_chunk()
                continue
            count = min(len(view) - filled, self.left)
            if self.limit is not None:
                count = min(count, self.limit - self.received)
                if count == 0:
                    if filled:
                        return filled
                    raise Cut
            got = self.connection.receive_into(view[filled:filled + count])
            if got == 0:
                if filled:
                    return filled
                raise Hangup
            filled += got
            self.received += got
            self.left -= got
            if self.left == 0:
                if self.length is not None:
                    self.ended = True
                elif self.connection.read_line():
                    raise BadRequest("a chunk is longer than its size")
        return filled

    def receive_to(self, staged):
        """The same to a file that takes it (objects.Staged): as much as comes at once,
        of a body with a length all the rest."""
        if not native.available() or self.length is None or self.connection.pending or self.expects_continue:
            view = self.connection.block(BLOCK)
            got = self.read_into(view)
            staged.add(view[:got])
            return got
        count = self.left if self.limit is None else min(self.left, self.limit - self.received)
        if count == 0:
            raise Cut
        got = staged.receive(self.connection.socket, count)
        if got == 0:
            raise Hangup
        self.received += got
        self.left -= got
        self.ended = self.left == 0
        return got

    def read_all(self, most):
        """The whole body, in the connection's buffer: valid until the next request."""
        if self.length is not None and self.length > most:
            raise BadRequest(f"the body has more than {most} bytes", 413)
        view = self.connection.block(self.length if self.length is not None else BLOCK)
        size = 0
        while not self.ended:
            if size == len(view):
                if size >= most:
                    raise BadRequest(f"the body has more than {most} bytes", 413)
                view = self.connection.block(2 * size)
            got = self.read_into(view[size:])
            size += got
        return view[:size]

    def peek(self, most=8192):
        """The first bytes of it, which stay to be read."""
        self._begin()
        wanted = most if self.length is None else min(most, self.left)
        return self.connection.peek(wanted, self.length is None)

    def drain(self):
        if not self.ended:
            view = self.connection.block(BLOCK)
            while not self.ended:
                self.read_into(view)


class Connection:
    def __init__(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", IDLE_S, 0))
        self.socket = sock
        self.pending = b""     # received, and not yet read
        self.buffer = bytearray()

    def block(self, size):
        """A view of this connection's buffer, which grows and keeps what is in it."""
        if len(self.buffer) < size:
            larger = bytearray(size)
            larger[:len(self.buffer)] = self.buffer
            self.buffer = larger
        return memoryview(self.buffer)[:size]

    def _receive(self):
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise Hangup
        self.pending += data

    def read_line(self):
        while b"\r\n" not in self.pending:
            if len(self.pending) > HEAD_BYTES_MAX:
                raise BadRequest("a line is too long")
            self._receive()
        line, _, self.pending = self.pending.partition(b"\r\n")
        return line

    def receive_into(self, view):
        """0 where the connection has ended."""
        if self.pending:
            count = min(len(view), len(self.pending))
            view[:count] = self.pending[:count]
            self.pending = self.pending[count:]
            return count
        try:
            return self.socket.recv_into(view, len(view), socket.MSG_WAITALL)
        except OSError:
            return 0

    def peek(self, wanted, chunked):
        """`wanted` bytes, or fewer of a chunked body: as soon as there is more than a
        chunk's size."""
        while len(self.pending) < wanted and not (chunked and len(self.pending) > 64):
            self._receive()
        return self.pending[:wanted]

    def read_request(self):
        """None where there is no more."""
        while b"\r\n\r\n" not in self.pending:
            if len(self.pending) > HEAD_BYTES_MAX:
                raise BadRequest("the head is too long", 413)
            try:
                self._receive()
            except Hangup:
                return None
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        if len(head) > HEAD_BYTES_MAX:
            raise BadRequest("the head is too long", 413)
        method, target, headers = parse_head(head)
        return Request(method, target, headers, self._body(method, headers))

    def _body(self, method, headers):
        length = headers.get("content-length")
        coding = headers.get("transfer-encoding")
        if coding is not None:
            if length is not None or coding.lower() != "chunked":
                raise BadRequest("a Transfer-Encoding that is not 'chunked' alone")
            size = None
        elif length is not None:
            if not re.fullmatch(r"[0-9]{1,18}", length):
                raise BadRequest(f"not a Content-Length: '{length}'")
            size = int(length)
        elif method in ("POST", "PUT", "PATCH"):
            raise BadRequest("there is neither Content-Length nor Transfer-Encoding", 411)
        else:
            size = 0
        return Body(self, size, headers.get("expect", "").lower() == "100-continue")

    def send_head(self, answer, more):
        """What of it goes with the first bytes of the body; `more`: there are some."""
        lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}",
                 f"Date: {http_date(int(time.time()))}", "Server: UploadServer"]
        if answer.size or answer.status not in (204, 304):
            lines.append(f"Content-Type: {answer.content_type}")
            lines.append("Transfer-Encoding: chunked" if answer.chunked
                         else f"Content-Length: {answer.size}")
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if answer.close:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        if answer.file or answer.chunked:
            self.socket.sendall(head, socket.MSG_MORE if more else 0)
            return b""
        return head

    def send(self, answer, first=0, last=None, head=True):
        """The bytes first..last of the body, after the head; how many they were."""
        last = answer.size if last is None else min(last, answer.size)
        try:
            head = self.send_head(answer, last > first) if head else b""
            if answer.file:
                return self._send_file(answer.file, first, last)
            piece = bytes(answer.body[first:last])
            if answer.chunked:
                piece = b"%x\r\n%s\r\n0\r\n\r\n" % (len(piece), piece) if piece else b"0\r\n\r\n"
            self.socket.sendall(head + piece)
            return last - first
        except OSError:
            raise Hangup from None

    def _send_file(self, file, first, last):
        descriptor, offset, _ = file
        at = first
        while at < last:
            sent = os.sendfile(self.socket.fileno(), descriptor, offset + at, last - at)
            if sent == 0:
                raise Hangup
            at += sent
        return last - first

    def wait_for_hangup(self, seconds):
        """Until the client goes away, at most so long."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        poll.poll(seconds * 1000)

    def interrupt(self):
        """Whoever waits for this connection's bytes gets no more of them."""
        try:
            self.socket.shutdown(socket.SHUT_RD)
        except OSError:
            pass

    def finish(self):
        """Says no more. What the client still sends is taken for a while: else it would
        get a reset, and lose what was said."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(LINGER_S)
            end = time.monotonic() + LINGER_S
            while time.monotonic() < end and self.socket.recv(BLOCK):
                pass
        except OSError:
            pass

    def reset(self):
        """When what was said has been taken: a reset would take it back."""
        end = time.monotonic() + LINGER_S
        while self._unsent() and time.monotonic() < end:
            time.sleep(0.001)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _unsent(self):
        try:
            return struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0]
        except OSError:
            return 0

    def close(self):
        self.socket.close()


_date = (0, "")


def http_date(now):
    global _date
    if _date[0] != now:
        _date = now, time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now))
    return _date[1]
