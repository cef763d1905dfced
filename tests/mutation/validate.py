"""Whether a build misses what AWS's other linter notices, ``cloudformation-validate``.

It reads the template that has the defect, and the original: what it finds in both is no defect, nor
is what ``scanners/accepted.yaml`` accepts. Of what it notices the build's own checks are asked, and
of what those leave, cfn-lint.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scanners import acceptance
from scanners.cloudformation_validate import NAME, SCANNER
from scanners.scanner import Installed
from scanners.subjects import Subjects, Template, canary, raw
from tests.mutation import judges, linting
from tests.mutation.equivalent import Equivalence
from tests.mutation.mutant import Mutant, Planted, Subject
from tests.mutation.run import CHECKS, LINT, NOBODY, Say, Work
from tests.systems_under_test import ROOT

INSTALLED: Final = Installed(ROOT / ".venv-scanners")


@dataclass(frozen=True)
class Noticed:
    """A mutant that cloudformation-validate notices."""

    subject: str
    mutant: Mutant
    found: tuple[str, ...]
    """What it finds: rule and message."""
    judge: str
    """The first of the build's judges that notices the mutant too, or ``nobody``."""


def compare(work: Work, cache: Path, say: Say = lambda _: None) -> tuple[int, list[Noticed]]:
    """Return how many mutants of ``work`` are defects, and those that cloudformation-validate
    notices. What cfn-lint found is remembered in ``cache``. Raises ``ScanError``.
    """
    equivalences = {one.name: Equivalence(one) for one in _subjects(work)}
    defects = [
        (subject, mutant)
        for subject, mutant in work
        if not equivalences[subject.name].holds(mutant, Planted(subject.rendering, mutant))
    ]
    say(f"{len(defects)} of {len(work)} are defects")
    found = ask(defects)
    say(f"{NAME} notices {len(found)} of them")
    by_checks = {
        index
        for index in found
        if judges.checks(defects[index][0], Planted(defects[index][0].rendering, defects[index][1]))
    }
    left = [index for index in found if index not in by_checks]
    say(f"{len(left)} of those are left to cfn-lint")
    by_lint = {left[nth] for nth in linting.ask([defects[index] for index in left], cache)}
    return len(defects), [
        Noticed(
            defects[index][0].name,
            defects[index][1],
            tuple(sorted(messages)),
            CHECKS if index in by_checks else LINT if index in by_lint else NOBODY,
        )
        for index, messages in found.items()
    ]


def ask(work: Work) -> dict[int, set[str]]:
    """Return the index of each mutant that cloudformation-validate notices, with what it finds.

    Raises ``ScanError``.
    """
    before = {
        (subject.name, Path(one.name).name): one
        for subject in _subjects(work)
        for one in raw(subject.rendering)
    }
    after = [
        replace(
            before[subject.name, mutant.file],
            content=Planted(subject.rendering, mutant).templates[mutant.file],
        )
        for subject, mutant in work
    ]
    found = _found([*before.values(), *after])
    known = dict(zip(before, found, strict=False))
    news = {
        index: messages - known[subject.name, mutant.file]
        for index, ((subject, mutant), messages) in enumerate(
            zip(work, found[len(before) :], strict=True)
        )
    }
    return {index: messages for index, messages in news.items() if messages}


def _subjects(work: Work) -> list[Subject]:
    return list(dict.fromkeys(subject for subject, _ in work))


def _found(templates: Sequence[Template]) -> list[set[str]]:
    """Return what cloudformation-validate finds in each template and nobody has accepted."""
    accepted = [row for row in acceptance.read() if row.scanner == SCANNER.name]
    numbered = [
        replace(one, name=f"{nth}.json", system=str(nth)) for nth, one in enumerate(templates)
    ]
    found: list[set[str]] = [set() for _ in templates]
    with TemporaryDirectory() as folder:
        subjects = Subjects(Path(folder), [canary(), *numbered], [])
        subjects.write()
        for one in SCANNER.scan(subjects, INSTALLED, Path(folder) / "home"):
            as_it_is = replace(one, system=templates[int(one.system)].system)
            if not any(row.covers(as_it_is) for row in accepted):
                found[int(one.system)].add(f"{one.rule} {one.address}: {one.message}")
    return found


def lines(defects: int, noticed: Sequence[Noticed]) -> Iterator[str]:
    """Yield the result: how many of the defects each notices, and what only
    cloudformation-validate does.
    """
    counts = Counter(one.judge for one in noticed)
    yield (
        f"{defects} defects: {NAME} notices {len(noticed)} of them, our own checks "
        f"{counts[CHECKS]} of those, and cfn-lint {counts[LINT]} of the other "
        f"{counts[LINT] + counts[NOBODY]}"
    )
    for one in noticed:
        if one.judge == NOBODY:
            yield f"{one.subject} {one.mutant}"
            yield from (f"  {message}" for message in one.found)
