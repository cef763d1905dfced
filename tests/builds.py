"""What ``./deploy.sh`` builds, made once in a process for as long as its files say the same.

Hundreds of tests deploy the same few systems, and each command builds the system anew.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from checks.build import Build, Project, build
from checks.linting.linter import Linter
from description.files import descriptions, parameter_files

_made: dict[object, Build] = {}


def built(project: Project, names: Sequence[str]) -> Build:
    """Build the systems called ``names`` without cfn-lint, or return what they became when their
    descriptions and all parameter files were what they are now. Only the first time writes to the
    project's folder, from which no command reads.
    """
    wanted = [path for path in descriptions(project.systems) if path.stem in names]
    others = [path.name for path in descriptions(project.systems)]
    files = [*wanted, *parameter_files(project.parameters)]
    key = (*names, *others, *((path.name, path.read_bytes()) for path in files))
    if key not in _made:
        with without_lint():
            _made[key] = build(project, names)
    return _made[key]


@contextmanager
def without_lint() -> Iterator[None]:
    """Let cfn-lint find nothing, and not even start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Linter, "sample", lambda *_: None)
        patch.setattr(Linter, "_start", lambda _: None)
        patch.setattr(Linter, "lint", lambda *_, **__: [])
        yield
