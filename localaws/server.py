"""Start and stop a local AWS inside this process."""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Any

from localaws.address import HOST
from localaws.clients import DEFAULT_ACCOUNT, DEFAULT_REGION, LocalSession

_START_TIMEOUT = 20.0


class LocalAws:
    """A local AWS on 127.0.0.1, in a daemon thread, from `start` to `stop` or in a `with` block.

    `port` 0 picks a free one. All servers of a process share their accounts, so let every test
    use an account of its own. With `enforce_iam`, the calls of IAM users and roles need a policy
    that allows them, and templates with IAM resources need a capability. The server that was
    started last decides it for all of the process, until it stops.
    """

    def __init__(self, port: int = 0, *, enforce_iam: bool = False) -> None:
        self._wanted_port = port
        self._enforce_iam = enforce_iam
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        self.endpoint_url = ""

    def start(self) -> "LocalAws":
        """Return self when requests are answered; raise OSError if the port is taken."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, self._wanted_port))
            listener.listen(128)
        except OSError:
            listener.close()
            raise
        self.endpoint_url = f"http://{HOST}:{listener.getsockname()[1]}"
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name="localaws", daemon=True
        )
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT) or self._failure:
            raise RuntimeError("the local AWS did not start") from self._failure
        return self

    def stop(self) -> None:
        """Stop answering; what was deployed stays in memory until the process ends."""
        if self._loop and self._stopping and self._thread:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(_START_TIMEOUT)
        self._thread = None

    def __enter__(self) -> "LocalAws":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def session(self, account: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> LocalSession:
        """Return what makes the clients of one account."""
        return LocalSession(self.endpoint_url, account, region)

    def client(
        self, service: str, account: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION
    ) -> Any:
        """Return a boto3 client of one account."""
        return self.session(account, region).client(service)

    def _run(self, listener: socket.socket) -> None:
        try:
            asyncio.run(self._serve(listener))
        except BaseException as failure:  # noqa: BLE001  handed to the thread that waits
            self._failure = failure
            self._ready.set()
        finally:
            listener.close()

    async def _serve(self, listener: socket.socket) -> None:
        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        from localaws.extension import application, install

        before = install(enforce_iam=self._enforce_iam)
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.accesslog = None
        config.errorlog = None
        config.graceful_timeout = 0.2
        self._loop.call_soon(self._ready.set)
        await serve(application, config, shutdown_trigger=self._stopping.wait)
        install(enforce_iam=before)
