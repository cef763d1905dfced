"""Whether a build misses what AWS's other linter notices, ``cloudformation-validate``.

It reads the template that has the defect, and the original: what it finds in both is no defect, nor
is what ``scanners/accepted.yaml`` accepts of every resource. Of what it notices the build's own
checks are asked, and of what those leave, cfn-lint.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scanners import acceptance
from scanners.cloudformation_validate import NAME
from scanners.scanner import INSIDE, Installed
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
    notices. What cfn-lint found is remembered in ``cache``.
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
    """Return the index of each mutant that cloudformation-validate notices, with what it finds."""
    with TemporaryDirectory() as folder:
        originals: dict[str, Path] = {}
        for nth, subject in enumerate(_subjects(work)):
            original = originals[subject.name] = Path(folder) / f"original-{nth}"
            original.mkdir()
            for name, body in subject.rendering.files.items():
                (original / name).write_bytes(body)
        asked: list[Path] = []
        for index, (subject, mutant) in enumerate(work):
            planted = Path(folder) / str(index)
            planted.mkdir()
            for name in subject.rendering.files.keys() - {mutant.file}:
                (planted / name).symlink_to(originals[subject.name] / name)
            body = Planted(subject.rendering, mutant).files[mutant.file]
            (planted / mutant.file).write_bytes(body)
            asked += [planted / mutant.file, originals[subject.name] / mutant.file]
        found = _found(asked)
        news = {
            index: found[asked[2 * index]] - found[asked[2 * index + 1]]
            for index in range(len(work))
        }
    return {index: messages for index, messages in news.items() if messages}


def _subjects(work: Work) -> list[Subject]:
    return list(dict.fromkeys(subject for subject, _ in work))


def _found(files: Sequence[Path]) -> dict[Path, set[str]]:
    """Return what cloudformation-validate finds in each file. Raises ``CalledProcessError``."""
    of_all = {row.rule for row in acceptance.read() if (row.scanner, row.resource) == (NAME, "*")}
    found: dict[Path, set[str]] = {file: set() for file in files}
    run = subprocess.run(  # noqa: S603 - the scanners' own Python
        [INSTALLED.program("python"), INSIDE / "validate.py"],
        input=json.dumps({str(file): str(file) for file in found}),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    for file, rule, section, logical_id, message in json.loads(run.stdout):
        if rule not in of_all:
            place = "/".join(filter(None, (section, logical_id)))
            found[Path(file)].add(f"{rule} {place}: {message}")
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
