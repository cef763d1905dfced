"""A local AWS that runs on its own, with its port and log in `.localaws/` of the working folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from localaws.address import DEFAULT_PORT, HOST

_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05


class BackgroundError(RuntimeError):
    """The background process did not start or did not stop."""


@dataclass(frozen=True)
class Running:
    """A background process and where it answers."""

    pid: int
    url: str


@dataclass(frozen=True)
class Background:
    """The one background process that belongs to a folder."""

    folder: Path

    @property
    def state_file(self) -> Path:
        """The file that remembers the process."""
        return self.folder / "server.json"

    @property
    def log_file(self) -> Path:
        """The file that takes what the process prints."""
        return self.folder / "server.log"

    def running(self) -> Running | None:
        """Return the process if it is alive and answers, None otherwise."""
        try:
            known = Running(**json.loads(self.state_file.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return known if _answers(known) else None

    def start(self, port: int | None = None) -> Running:
        """Return the running process, started if need be; BackgroundError if it does not come.

        Without `port`, the usual one is taken if it is free, and any free one otherwise.
        """
        running = self.running()
        if running:
            return running
        self.folder.mkdir(parents=True, exist_ok=True)
        arguments = [sys.executable, "-m", "localaws", "serve"]
        arguments += ["--port", str(usable_port() if port is None else port)]
        with self.log_file.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  our own command
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )
        running = Running(process.pid, self._announced_url(process))
        self.state_file.write_text(json.dumps(asdict(running)))
        process.returncode = 0  # it outlives this program: nobody waits for it here
        return running

    def _announced_url(self, process: "subprocess.Popen[str]") -> str:
        """Return the address that the server prints when it is ready."""
        if process.stdout is None:
            raise BackgroundError("the local AWS has no output")
        with process.stdout as output:
            url = output.readline().strip()
        if not url:
            process.wait(_STOP_SECONDS)
            raise BackgroundError(f"the local AWS did not start: see {self.log_file}")
        return url

    def stop(self) -> bool:
        """Stop the process; return whether there was one. BackgroundError if it stays."""
        running = self.running()
        self.state_file.unlink(missing_ok=True)
        if running is None:
            return False
        os.kill(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _answers(running):
            if time.monotonic() > deadline:
                raise BackgroundError(f"process {running.pid} does not stop")
            time.sleep(_POLL_SECONDS)
        return True


def usable_port(wanted: int = DEFAULT_PORT) -> int:
    """Return `wanted` if nothing listens there, another free port otherwise."""
    for candidate in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, candidate))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise BackgroundError("no port is free")


def _answers(process: Running) -> bool:
    host, _, port = process.url.removeprefix("http://").partition(":")
    try:
        os.kill(process.pid, 0)
        with socket.create_connection((host, int(port)), timeout=2):
            return True
    except OSError:
        return False
