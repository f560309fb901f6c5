"""A web server on the loopback device that answers as a test says."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

Reply = Callable[[bytes], Sequence[bytes]]
HOLD = b"\0hold"
"""In place of bytes: nothing more comes, and the connection stays."""


class WebServer:
    """Answers each connection with the pieces that `reply` makes of its request, and closes it."""

    def __init__(self, reply: Reply, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._reply = reply
        self._tls = tls
        self._over = threading.Event()
        self._listener = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.asked = threading.Condition()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "WebServer":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def wait_request(self, seconds: float = 10) -> bytes:
        """The first request."""
        with self.asked:
            assert self.asked.wait_for(lambda: self.requests, seconds), "nobody asked"
            return self.requests[0]

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                with (self._tls.wrap_socket(client, server_side=True) if self._tls else client) as connection:
                    self._answer(connection)
            except OSError:
                pass
            finally:
                client.close()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            got = connection.recv(65536)
            if not got:
                return
            request += got
        with self.asked:
            self.requests.append(request)
            self.asked.notify_all()
        for piece in self._reply(request):
            if piece == HOLD:
                self._over.wait(10)
                return
            connection.sendall(piece)
