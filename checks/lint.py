"""What cfn-lint finds in every template, remembered by what the template and the linter are.

Parent and children are linted in one folder, where a nested stack's ``TemplateURL`` is a file name:
only then does cfn-lint compare parameters (E3043) and outputs (E1010) across the edge. A template
that the same version has linted before is not linted again; if there is no other, cfn-lint is not
even loaded.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from checks.findings import Finding
from checks.installed import installed
from checks.memory import Memory
from checks.rendering import Rendering, nested

Match = list[str]
"""A rule's id, a path in the template and a message."""

_HERE = Path(__file__).resolve().parent


class LintError(Exception):
    """cfn-lint could not do its work."""


class Linter:
    """Lints systems; a context, so that the process that it may start never outlives it."""

    def __init__(self, cache: Path) -> None:
        """Remember results in the folder ``cache``."""
        self._memory = Memory(cache)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        # Nothing is remembered: cfn-lint will be needed, and can load while systems are rendered.
        if not self._memory:
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

    def lint(self, out: Path, systems: Sequence[Rendering]) -> list[Finding]:
        """Return what cfn-lint finds in ``systems``.

        Each template has been written to ``out/<system>/<profile>/<file name>``. Raises
        ``LintError`` if cfn-lint fails.
        """
        version = linter_version()
        keys = {
            (system, name): key(version, system, name)
            for system in systems
            for name in system.files
        }
        results = {key: self._memory.recall(key) for key in keys.values()}
        missing = {key: where for where, key in keys.items() if results[key] is None}
        if missing:
            files = [out / system.file(name) for system, name in missing.values()]
            learnt = dict(zip(missing, self._run(files), strict=True))
            results.update(learnt)
            self._memory.remember(learnt)
        return [
            Finding(system.file(name), path, rule, message)
            for (system, name), digest in keys.items()
            for rule, path, message in results[digest] or ()
        ]

    def _start(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "checks.linter"],
                cwd=_HERE.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        return self._process

    def _run(self, files: Iterable[Path]) -> list[list[Match]]:
        process = self._start()
        found, complaint = process.communicate(json.dumps([str(file.resolve()) for file in files]))
        self._process = None
        if process.returncode != 0:
            reason = complaint.strip().splitlines()[-1:] or [f"exit {process.returncode}"]
            raise LintError(f"cfn-lint failed: {reason[0]}")
        result: list[list[Match]] = json.loads(found)
        return result


def linter_version() -> bytes:
    """Return what stands for cfn-lint, all that it imports, and our way of calling it."""
    version = (sys.version, *installed())
    return repr(version).encode() + (_HERE / "linter.py").read_bytes()


def key(version: bytes, system: Rendering, name: str) -> str:
    """Return what the lint of one template depends on, as a digest.

    That is the linter, the template, and of each template nested in it the parameters and outputs.
    """
    digest = hashlib.sha256(version)
    digest.update(system.files[name])
    for _, _, url in nested(system.templates[name]):
        child = system.templates.get(url) if isinstance(url, str) else None
        edge = child and {part: child.get(part) for part in ("Parameters", "Outputs")}
        digest.update(json.dumps([url, edge]).encode())
    return digest.hexdigest()
