"""An HTTP proxy before the local AWS that does to calls what networks, AWS and people do.

A script is asked about each call before it is carried out, and says what becomes of it.
"""

import http.client
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.faults.answers import Answer, expired, throttled, trouble


@dataclass(frozen=True)
class Call:
    """A call to AWS as the proxy sees it."""

    operation: str
    """Its name, e.g. ``CreateChangeSet``; of S3 the method and what of the bucket is meant."""
    occurrence: int
    """The first call of that operation is 1."""
    attempt: int
    """The first one of the program is 1; it calls again where it got no answer, or a bad one."""

    @property
    def place(self) -> tuple[str, int]:
        """Which step of a deployment it is."""
        return self.operation, self.occurrence


class Fault(Enum):
    """What becomes of a call."""

    THROTTLED = auto()
    BROKEN = auto()
    UNAVAILABLE = auto()
    EXPIRED = auto()
    LOST = auto()
    """The connection is reset, and the call never arrived."""
    UNANSWERED = auto()
    """The call is carried out, and the connection is reset before the answer."""
    CUT = auto()
    """The call is carried out, and the connection ends in the middle of the answer."""
    SLOW = auto()
    KILLED_BEFORE = auto()
    """The caller is killed, and the call never arrived."""
    KILLED_AFTER = auto()
    """The call is carried out, and the caller is killed before the answer."""


ANSWERS: dict[Fault, Callable[[str], Answer]] = {
    Fault.THROTTLED: throttled,
    Fault.BROKEN: lambda service: trouble(service, 500),
    Fault.UNAVAILABLE: lambda service: trouble(service, 503),
    Fault.EXPIRED: expired,
}
CARRIED_OUT = {Fault.UNANSWERED, Fault.CUT, Fault.SLOW, Fault.KILLED_AFTER}
SLOW_SECONDS = 0.2

Script = Callable[[Call], Fault | None]
"""Says what becomes of a call; None: nothing."""


def nothing(_call: Call) -> None:
    """Let every call through."""


class Proxy:
    """A proxy on 127.0.0.1, from ``start`` to ``stop`` or in a ``with`` block."""

    def __init__(self, target: str) -> None:
        self.script: Script = nothing
        self.kill: Callable[[], None] = lambda: None
        """Ends the caller, where the script asks for it."""
        self.calls: list[Call] = []
        self.faults: list[tuple[Call, Fault]] = []
        self._target = urlsplit(target).netloc
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def forget(self, script: Script = nothing) -> None:
        """Begin to count anew, with another script."""
        with self._lock:
            self.calls, self.faults, self.script = [], [], script

    def _decide(self, operation: str, attempt: int) -> Fault | None:
        with self._lock:
            known = Counter(call.operation for call in self.calls)[operation]
            call = Call(operation, known + 1, attempt)
            self.calls.append(call)
            script = self.script
        fault = script(call)
        if fault:
            self.faults.append((call, fault))
        return fault

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                service, operation = _named(self.command, self.path, self.headers, body)
                head = self.command == "HEAD"
                fault = proxy._decide(operation, _attempt(self.headers))
                if fault in ANSWERS:
                    self.reply(ANSWERS[fault](service), head=head)
                    return
                if fault is None or fault in CARRIED_OUT:
                    answer = proxy._forward(self.command, self.path, self.headers, body)
                if fault in {Fault.KILLED_BEFORE, Fault.KILLED_AFTER}:
                    proxy.kill()
                if fault is None or fault is Fault.SLOW:
                    time.sleep(SLOW_SECONDS if fault else 0)
                    self.reply(answer, head=head)
                    return
                if fault is Fault.CUT and not head:
                    self.reply(answer, head=head, cut=True)
                self.reset()

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815  http.server's

            def reply(self, answer: Answer, *, head: bool, cut: bool = False) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                if not head:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if not head:
                    self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)

            def reset(self) -> None:
                """End the connection the hard way, without a word."""
                self.close_connection = True
                self.wfile.flush()
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

            def handle(self) -> None:
                with suppress(OSError):  # the other side was killed, or has lost patience
                    super().handle()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def _forward(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self._target)
        try:
            kept = {k: v for k, v in headers.items() if k.lower() not in _HOP}
            connection.request(method, path, body, kept)
            answer = connection.getresponse()
            found = [(k, v) for k, v in answer.getheaders() if k.lower() not in _HOP]
            if method == "HEAD":
                found += [(k, v) for k, v in answer.getheaders() if k.lower() == "content-length"]
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()


_HOP = {"connection", "content-length", "date", "expect", "keep-alive", "server"}
_HOP |= {"transfer-encoding"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        """Close without a farewell, so that a connection that shall be reset is."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: what was killed does not read its answer."""


def _attempt(headers: Any) -> int:
    """Return which attempt a call is, as botocore tells with it."""
    said = re.search(r"attempt=(\d+)", headers.get("amz-sdk-request", ""))
    return int(said[1]) if said else 1


_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


def _named(method: str, path: str, headers: Any, body: bytes) -> tuple[str, str]:
    """Return the service and the operation of a request."""
    signed = _CREDENTIAL.search(headers.get("Authorization", ""))
    service = signed[1] if signed else "s3"
    if target := headers.get("X-Amz-Target"):
        return service, target.rpartition(".")[2]
    if service == "s3":
        parts = urlsplit(path)
        kind = "Object" if parts.path.strip("/").count("/") else "Bucket"
        about = next((name for name in parse_qs(parts.query, keep_blank_values=True)), "")
        return service, f"{method} {kind} {about}".strip()
    said = parse_qs(body.decode())
    return service, said.get("Action", [f"{method} {path}"])[0]
