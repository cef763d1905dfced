"""What a command costs: from its start to its end, and of processors.

hyperfine measures one command after the other, so that a machine's change of speed looks like a
difference between them, and pytest-benchmark measures functions in one process.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

What = Literal["wall", "cpu"]

OFTEN, TWICE = 30, 2
"""Systems of more services are measured twice at most: cfn-lint alone takes minutes."""


class FailedError(Exception):
    """A command that is measured did not do its work."""


@dataclass(frozen=True)
class Cost:
    """What one run took, in seconds."""

    wall: float
    """From its start to its end."""
    cpu: float
    """Of all processors together, its own and those of processes that it waited for."""

    def of(self, what: What) -> float:
        """Return one of the two."""
        return self.wall if what == "wall" else self.cpu


def run(
    command: Sequence[str | Path],
    more: Mapping[str, str] | None = None,
    right: Iterable[int] = (0,),
) -> Cost:
    """Run a command whose exit code is one of ``right``, with ``more`` in its environment.

    Python may keep what it compiles, as it does for everybody; what the command says is dropped.
    Raises ``FailedError``.
    """
    environment = {**os.environ, **(more or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - commands of ours
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in right:
        words = " ".join(map(str, command[:4]))
        raise FailedError(f"exit {process.returncode}: {words} …")
    return Cost(wall, used.ru_utime + used.ru_stime)


def ratio(ours: Sequence[Cost], theirs: Sequence[Cost], what: What) -> float:
    """Return the median of ``ours`` by ``theirs``, round by round."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(a.of(what) / b.of(what) for a, b in pairs)


def median(costs: Sequence[Cost], what: What) -> float:
    """Return the median, in seconds."""
    return statistics.median(one.of(what) for one in costs)


def machine() -> str:
    """Return what the figures were measured on, and nothing by which it could be found."""
    version = ".".join(map(str, sys.version_info[:3]))
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return f"{cores} cores ({os.uname().machine}), Python {version}"
