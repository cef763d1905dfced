"""The verdict of the last build, given again while nothing that it depends on has changed.

It depends on the descriptions and parameter files, our own code (what is accepted is code, too),
Python, every installed package, and what was asked for; it holds while the folder that was built
still has what was written there. All of it is read each time: no time stamp is trusted where a
content can be compared. Imports next to nothing, because that is the point.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from checks.installed import installed
from checks.memory import Memory
from description.files import descriptions, parameter_files

CODE = Path(__file__).resolve().parent.parent
"""Where our code is."""

OURS = ("checks", "delivery", "description", "templates")
"""The packages that a build runs, and the data beside it."""

FOUND_FIRST = ("*.py", "*/__init__.py")
"""What Python takes for a module before it looks for one where packages are installed."""

PACKAGED = "packaged.json"
"""The parent as it was uploaded; ``build.py --upload`` writes it, and a build lets it be."""


class Said(NamedTuple):
    """What a build said."""

    code: int
    """Its exit code."""
    report: str
    """What it printed on stdout."""


class Verdict:
    """The verdict on one question: these systems of this project, built to this folder."""

    def __init__(self, project: Path, out: Path, words: Sequence[str]) -> None:
        """Take a project's root, the folder that is built, and whatever else was asked for."""
        self._memory = Memory(project / ".cache" / "build")
        self._project = project
        self._out = out
        self._words = (str(out.resolve()), *words)
        self._causes = self._read()

    def recall(self) -> Said | None:
        """Return what the same build said before; ``None`` if it is not known or out of date."""
        known = self._causes and self._memory.recall(self._causes.contents)
        if not known or any(
            _written(self._out / folder) != files for folder, files in known["files"].items()
        ):
            return None
        return Said(known["code"], known["report"])

    def remember(self, said: Said, folders: Iterable[str]) -> None:
        """Remember what a build said that wrote these folders of the folder that is built.

        Does not if anything has changed since this object was made: nobody could tell which of it
        the build has seen.
        """
        if self._causes and self._read() == self._causes:
            files = {folder: _written(self._out / folder) for folder in folders}
            value = {"code": said.code, "report": said.report, "files": files}
            self._memory.remember({self._causes.contents: value})

    def _read(self) -> "Causes | None":
        try:
            return causes(self._project, self._words)
        except OSError:  # a build says what cannot be read, and why
            return None


class Causes(NamedTuple):
    """All that a build depends on."""

    contents: str
    """A digest of every content."""
    moments: str
    """A digest of when each file was written: who changes one and changes it back has another."""


def causes(project: Path, words: Iterable[str]) -> Causes:
    """Read all that a build of ``project`` depends on. Raises ``OSError`` where that fails."""
    contents, moments = hashlib.sha256(), hashlib.sha256()
    surroundings = (sys.version, sys.platform, *sys.path, *installed(), *words)
    contents.update(repr(surroundings).encode())
    for path in _files(project):
        body = path.read_bytes()
        contents.update(f"\n{path} {len(body)}\n".encode())
        contents.update(body)
        state = path.stat()
        moments.update(f"{path} {state.st_ino} {state.st_mtime_ns}\n".encode())
    return Causes(contents.hexdigest(), moments.hexdigest())


def _files(project: Path) -> Iterator[Path]:
    for pattern in (*FOUND_FIRST, *(f"{package}/**/[!.]*.*" for package in OURS)):
        yield from sorted(path for path in CODE.glob(pattern) if path.suffix != ".pyc")
    yield from descriptions(project / "systems")
    yield from parameter_files(project / "parameters")


def _written(folder: Path) -> dict[str, str]:
    """Return the digest of each file in ``folder`` that a build writes."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*.json")
        if path.name != PACKAGED
    }
