"""A server behind TLS under a name that is not its own, to whoever comes by the proxy.

    with TlsFront(folder, "storage.googleapis.com", gcs.host) as front:
        environment = front.environment    https_proxy, SSL_CERT_FILE
        front.asked                        "host:port" of each connection that was wanted

The addresses that the server behind answers with are turned into https://.
"""
import socket
import socketserver
import ssl
import subprocess
import threading

BLOCK = 1 << 16


def make_certificate(folder, host):
    certificate, key = folder / "front.pem", folder / "front.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
                    "-out", certificate, "-keyout", key], check=True, capture_output=True)
    return certificate, key


def pump(source, target, change=lambda data: data):
    """All that comes, until one of them ends; then both know."""
    try:
        while data := source.recv(BLOCK):
            target.sendall(change(data))
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head and (data := self.request.recv(BLOCK)):
            head += data
        method, _, rest = head.decode().partition(" ")
        address = rest.partition(" ")[0]
        front = self.server.front
        front.asked.append(address)
        if method != "CONNECT" or address != front.address:
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with front.context.wrap_socket(self.request, server_side=True) as outer, \
                socket.create_connection(front.behind) as inner:
            there = threading.Thread(target=pump, args=(outer, inner))
            there.start()
            pump(inner, outer, lambda data: data.replace(b"\r\nLocation: http://", b"\r\nLocation: https://", 1))
            there.join()


class TlsFront:
    def __init__(self, folder, host, behind):
        certificate, key = make_certificate(folder, host)
        self.address = f"{host}:443"
        self.behind = behind.split(":")
        self.asked = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.front = self
        self.environment = {"https_proxy": f"http://127.0.0.1:{self.server.server_address[1]}",
                            "SSL_CERT_FILE": str(certificate)}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
