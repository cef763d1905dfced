"""Runs of ``./deploy.sh`` as processes, on a local AWS behind a proxy."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.systems_under_test import ROOT

PROJECT = Path(__file__).parent / "project"
KILLED = -signal.SIGKILL
_LOOKS = 0.01
"""Seconds between two looks whether a process has ended."""
_PATIENCE = 200.0
"""Seconds after which one that has not ended never will."""


@dataclass(frozen=True)
class Ended:
    """What became of a run."""

    code: int
    stdout: str
    stderr: str

    @property
    def last_word(self) -> str:
        """The last line that people were told."""
        return (self.stderr.splitlines() or [""])[-1]


class Run:
    """One process."""

    def __init__(self, program: "Program", pid: int, folder: Path) -> None:
        self._program, self._pid, self._folder = program, pid, folder

    def kill(self) -> None:
        """End it without a word."""
        os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> Ended:
        """Return what became of it, as soon as it has ended.

        Raises ``TimeoutError`` with what it said where it does not end.
        """
        patience = time.monotonic() + _PATIENCE
        while (code := self._program.ask({"started": self._pid})) is None:
            time.sleep(_LOOKS)
            if time.monotonic() > patience:
                self.kill()
                raise TimeoutError(f"it does not end: {self._said('stderr')}")
        return Ended(code, self._said("stdout"), self._said("stderr"))

    def _said(self, where: str) -> str:
        return (self._folder / where).read_text(encoding="utf-8")


class Program:
    """A process that has loaded everything and divides itself for each run.

    It gets a copy of the till's project in an empty ``folder``, beside what the runs say.
    """

    def __init__(self, folder: Path) -> None:
        self._work = folder
        for name in ("systems", "parameters"):
            shutil.copytree(PROJECT / name, folder / name)
        self._runs = 0
        self._lock = threading.Lock()
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "tests.faults.program", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
            | {"AWS_EC2_METADATA_DISABLED": "true"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def start(self, environment: Mapping[str, str], *words: str) -> Run:
        """Begin to run a command line."""
        self._runs += 1
        folder = self._work / f"run-{self._runs}"
        folder.mkdir()
        asked = {"words": words, "environment": dict(environment), "folder": str(folder)}
        return Run(self, self.ask(asked), folder)

    def ask(self, what: Mapping[str, object]) -> Any:
        """Ask the process for something, and return its answer."""
        with self._lock:
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(f"{json.dumps(what)}\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
