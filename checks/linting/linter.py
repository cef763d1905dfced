"""What cfn-lint finds in every template, remembered by what the template and the linter are.

Parent and children are linted in one folder, where a nested stack's ``TemplateURL`` is a file name:
only then does cfn-lint compare parameters (E3043) and outputs (E1010) across the edge. A template
that the same version has linted before is not linted again, nor one that is like another but for
names (``sample``); if there is no other, cfn-lint is not even loaded.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from checks import accepted
from checks.accepted import without_accepted
from checks.findings import Finding
from checks.installed import installed
from checks.linting.choice import Place
from checks.linting.sample import Sample, take
from checks.memory import Memory
from checks.rendering import Node, Rendering, edge, nested

Match = list[str]
"""A rule's id, a path in the template and a message."""

_HERE = Path(__file__).resolve().parent
_LARGE = 100
"""Templates from which on our own checks keep a processor busy while cfn-lint reads a sample."""
_OUTPUT = re.compile(r"\bOutputs\.(\w+)")
"""What a reference to a nested stack's output says."""


class LintError(Exception):
    """cfn-lint could not do its work."""


class Linter:
    """Lints systems; a context, so that the process that it may start never outlives it."""

    def __init__(self, cache: Path, *, ahead: bool = False) -> None:
        """Remember results in the folder ``cache``. With ``ahead``, cfn-lint starts to load at
        once, although it may turn out not to be needed.
        """
        self._memory = Memory(cache)
        self._ahead = ahead
        self._keys: dict[Place, str] = {}
        self._right: dict[Place, list[Match]] = {}
        self._left = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        # Where it will be needed, cfn-lint can load while systems are rendered.
        if self._ahead or not self._memory:
            self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def sample(self, systems: Sequence[Rendering]) -> Sample:
        """Return a sample of the templates of ``systems`` that were not found right before."""
        version = linter_version()
        for system in systems:
            right = self._memory.recall(_right_key(version, system)) or {}
            for name in system.files:
                digest = self._keys[system, name] = _key_of_file(version, system, name)
                known, matches = right.get(name, ("", []))
                if known == digest:
                    self._right[system, name] = matches
        return take(systems, self._right.keys())

    def lint(
        self,
        out: Path,
        systems: Sequence[Rendering],
        *,
        full: bool = False,
        sample: Sample | None = None,
    ) -> list[Finding]:
        """Return what cfn-lint finds in ``systems``.

        Each template has been written to ``out/<system>/<profile>/<file name>``. Lints a ``sample``
        that stands for all templates (taken here if it is not given), and where something is found
        in it, all that is like it; where nothing is, all are known to be right. With ``full`` it
        lints every template. Raises ``LintError`` if cfn-lint fails.
        """
        every = {
            (system, name): system.templates[name] for system in systems for name in system.files
        }
        if full:
            return _flat(self._lint(out, every))
        taken = sample or self.sample(systems)
        self._left = int(len(every) > _LARGE)
        found = self._right | self._lint(out, taken.templates, beside=True)
        suspects = {
            other: every[other]
            for place, matches in found.items()
            if without_accepted(_findings(place, matches))
            for other in taken.like(place)
        }
        self._left = 0
        if taken.templates and not suspects:
            version = linter_version()
            for system in systems:
                right = {
                    name: (self._keys[system, name], found.get((system, name), []))
                    for name in system.files
                }
                self._memory.remember({_right_key(version, system): right})
        return _flat(found | self._lint(out, suspects))

    def _lint(
        self, out: Path, templates: Mapping[Place, Node], *, beside: bool = False
    ) -> dict[Place, list[Match]]:
        """Return what cfn-lint finds in each of ``templates``, some of which may be thinned out.

        With ``beside``, it reads them with no more of those that are nested in them than it needs:
        cfn-lint reads each of these twice for every nested stack.
        """
        version = linter_version()
        keys = {
            (system, name): key(version, system, template)
            for (system, name), template in templates.items()
        }
        results = {digest: self._memory.recall(digest) for digest in keys.values()}
        missing = {digest: place for place, digest in keys.items() if results[digest] is None}
        if missing:
            with TemporaryDirectory() as folder:
                files = [
                    _written(Path(folder) / digest, system, name, templates[system, name])
                    if beside or templates[system, name] != system.templates[name]
                    else out / system.file(name)
                    for digest, (system, name) in missing.items()
                ]
                learnt = dict(zip(missing, self._run(files), strict=True))
            results.update(learnt)
            self._memory.remember(learnt)
        return {place: results[digest] for place, digest in keys.items()}

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "checks.linting.process"],
                cwd=_HERE.parent.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        return self._process

    def _run(self, files: Iterable[Path]) -> list[list[Match]]:
        process = self._start()
        found, complaint = process.communicate(
            json.dumps([[str(file.resolve()) for file in files], self._left])
        )
        self._process = None
        if process.returncode != 0:
            reason = complaint.strip().splitlines()[-1:] or [f"exit {process.returncode}"]
            raise LintError(f"cfn-lint failed: {reason[0]}")
        result: list[list[Match]] = json.loads(found)
        return result


def linter_version() -> bytes:
    """Return what stands for cfn-lint, all that it imports, and our way of calling it."""
    version = (sys.version, *installed())
    return repr(version).encode() + (_HERE / "process.py").read_bytes()


def _right_key(version: bytes, system: Rendering) -> str:
    """Return the key of the templates of a system that are right: by what is accepted, and how
    samples are taken.
    """
    files = [*sorted(_HERE.glob("*.py")), *_HERE.parent.glob("quotas.py")]
    causes = [accepted.ACCEPTED, *(file.read_bytes() for file in files)]
    return hashlib.sha256(version + repr((system.folder, causes)).encode()).hexdigest()


def key(version: bytes, system: Rendering, template: Node) -> str:
    """Return what the lint of a template of ``system`` depends on, as a digest.

    That is the linter, the template, and of each template nested in it the parameters and outputs.
    """
    return hashlib.sha256(
        version + json.dumps([template, _edges(system, template)]).encode()
    ).hexdigest()


def _key_of_file(version: bytes, system: Rendering, name: str) -> str:
    """Return the same of a template as it was rendered, by its bytes."""
    edges = json.dumps(_edges(system, system.templates[name])).encode()
    return hashlib.sha256(version + system.files[name] + edges).hexdigest()


def _edges(system: Rendering, template: Node) -> list[Node | None]:
    return [edge(system, url) for _, _, url in nested(template)]


def _written(folder: Path, system: Rendering, name: str, template: Node) -> Path:
    """Write a template to ``folder``, and what cfn-lint reads of those that are nested in it: their
    parameters and outputs; of outputs those that are asked for, where the template is thinned out.
    """
    folder.mkdir()
    text = json.dumps(template)
    wanted = None if template == system.templates[name] else set(_OUTPUT.findall(text))
    for _, _, url in nested(template):
        if isinstance(url, str) and (seen := edge(system, url)):
            if wanted is not None and seen["Outputs"]:
                seen["Outputs"] = {
                    one: seen["Outputs"][one] for one in seen["Outputs"] if one in wanted
                }
            (folder / url).write_text(json.dumps(seen))
    (folder / name).write_text(text)
    return folder / name


def _findings(place: Place, matches: Iterable[Match]) -> Iterator[Finding]:
    system, name = place
    return (Finding(system.file(name), path, rule, message) for rule, path, message in matches)


def _flat(found: Mapping[Place, Iterable[Match]]) -> list[Finding]:
    return [one for place, matches in found.items() for one in _findings(place, matches)]
