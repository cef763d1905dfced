"""Who may notice a mutant: cfn-lint, with the mutants written beside one another."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.accepted import without_accepted
from checks.linting.linter import Linter
from checks.rendering import Rendering
from tests.mutation.mutant import Mutant, Planted, Subject

AT_ONCE = 60
"""Mutants that one process of cfn-lint reads, which keeps in memory what it has read."""

Work = Sequence[tuple[Subject, Mutant]]


def ask(work: Work, cache: Path) -> dict[int, str]:
    """Return the index of each mutant that cfn-lint notices, with the rules by which it does.

    What it found is remembered in the folder ``cache``.
    """
    noticed: dict[int, str] = {}
    for batch in _batches(range(len(work))):
        renderings = {}
        for index in batch:
            subject, mutant = work[index]
            files = Planted(subject.rendering, mutant).files
            renderings[f"mutant-{index}"] = Rendering(f"mutant-{index}", files)
        with TemporaryDirectory() as folder, Linter(cache) as linter:
            for rendering in renderings.values():
                (Path(folder) / rendering.system).mkdir()
                for name, body in rendering.files.items():
                    (Path(folder) / rendering.file(name)).write_bytes(body)
            found = without_accepted(
                linter.lint(Path(folder), list(renderings.values()), full=True)
            )
        for index in batch:
            rules = sorted({one.rule for one in found if one.file.startswith(f"mutant-{index}/")})
            if rules:
                noticed[index] = " ".join(rules)
    return noticed


def _batches(indices: range) -> Iterator[list[int]]:
    rest = iter(indices)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
