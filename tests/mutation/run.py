"""Plants mutants and asks one judge after the other, the quick ones first."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation import judges, linting, unit_tests
from tests.mutation.equivalent import Equivalence
from tests.mutation.kinds import mutants
from tests.mutation.mutant import Mutant, Planted, Subject

Say = Callable[[str], None]
Work = list[tuple[Subject, Mutant]]

CHECKS, TESTS, LINT, NOBODY = "checks", "tests", "cfn-lint", "nobody"


@dataclass(frozen=True)
class Result:
    """What became of a mutant."""

    subject: str
    mutant: Mutant
    judge: str
    """The first judge that noticed it, or ``nobody``."""
    by: str = ""
    """The rules or the test by which it did."""

    @property
    def address(self) -> str:
        """Where the mutant is: ``gateway network.json Resources/Vpc/Properties/CidrBlock``."""
        return f"{self.subject} {self.mutant.address}"


def choose(
    subjects: Iterable[Subject], areas: Sequence[str] = (), sample: int = 0, seed: int = 0
) -> Work:
    """Return the mutants of ``subjects`` in ``areas`` (all if none is named).

    With ``sample`` so many of them, the same for the same seed; what is added to a system or taken
    from it hardly changes which of the others are among them.
    """
    found = [
        (subject, mutant)
        for subject in subjects
        for mutant in mutants(subject)
        if not areas or mutant.area in areas
    ]
    if not sample or sample >= len(found):
        return found
    order = sorted(range(len(found)), key=lambda index: _number(seed, *found[index]))
    return [found[index] for index in sorted(order[:sample])]


def _number(seed: int, subject: Subject, mutant: Mutant) -> bytes:
    """Return a number for a mutant that looks like chance and depends on nothing else."""
    return hashlib.sha256(f"{seed} {subject.name} {mutant}".encode()).digest()


def run(work: Work, cache: Path | None, say: Say = lambda _: None) -> list[Result]:
    """Return what became of each mutant that is not equivalent to the original.

    Asks cfn-lint only if there is a ``cache``, the folder in which it remembers what it found.
    """
    results, left = _by_checks(work, say)
    say(f"{len(left)} of {len(results) + len(left)} are left to the tests")
    asked = unit_tests.ask(left)
    for subject, mutant in left:
        test = asked.noticed.get((subject.name, mutant))
        if test is not None:
            results.append(Result(subject.name, mutant, TESTS, test))
    left = [one for one in left if (one[0].name, one[1]) not in asked.noticed]
    say(f"{len(left)} are left to cfn-lint")
    found = linting.ask(left, cache) if cache is not None else {}
    for index, (subject, mutant) in enumerate(left):
        judge = LINT if index in found else NOBODY
        results.append(Result(subject.name, mutant, judge, found.get(index, "")))
    return results


def _by_checks(work: Work, say: Say) -> tuple[list[Result], Work]:
    """Return what the build's own checks notice, and the mutants that they leave."""
    results, left = [], []
    equivalences: dict[str, Equivalence] = {}
    for index, (subject, mutant) in enumerate(work):
        if index % 1000 == 0:
            say(f"{index} of {len(work)} mutants checked")
        if subject.name not in equivalences:
            equivalences[subject.name] = Equivalence(subject)
        planted = Planted(subject.rendering, mutant)
        if equivalences[subject.name].holds(mutant, planted):
            continue
        rules = judges.checks(subject, planted)
        if rules:
            results.append(Result(subject.name, mutant, CHECKS, " ".join(rules)))
        else:
            left.append((subject, mutant))
    return results, left
