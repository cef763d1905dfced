"""Whether the sample that a build lets cfn-lint read loses anything that it finds in all templates.

Defects are planted in a system of many services that are alike: one at a time, where no sample
looks as long as there is none, and the same one in all that are alike, as a mistake in our own
code would be. For each, a build with its shortcut and one with ``--full`` must find the same.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random

from checks.findings import Finding
from checks.linting.choice import Place
from checks.linting.likeness import SECTIONS
from checks.linting.sample import take
from checks.rendering import Node, Rendering
from description.names import pascal
from tests.both_lints import both
from tests.many import rendered, system
from tests.mutation.kinds import mutants
from tests.mutation.mutant import Mutant, Subject, edited

AT_ONCE = 16
"""Defects that one process of cfn-lint reads, which keeps in memory what it has read."""

SERVICES = 60
"""How many the system has in which they are planted."""


@dataclass(frozen=True)
class Defect:
    """Mutants that are planted together."""

    mutants: tuple[Mutant, ...]

    def __str__(self) -> str:
        rest = len(self.mutants) - 1
        return f"{self.mutants[0]}" + (f" and {rest} more like it" if rest else "")


@dataclass(frozen=True)
class Comparison:
    """What is found of a defect."""

    defect: Defect
    full: list[Finding]
    """In all templates."""
    shortcut: list[Finding]
    """By way of the sample."""


def defects(subject: Subject, *, everywhere: bool = False) -> list[Defect]:
    """Return every mutant in a part that no sample has, or ``everywhere``; then each of all with
    those that are like it but for names of services.
    """
    names = sorted(subject.rendering.names, key=len, reverse=True)
    spelt = "|".join(spelling for name in names for spelling in (pascal(name), name))
    pattern = re.compile(f"(?:{spelt})(?![a-z0-9])")
    alone: list[Mutant] = [*mutants(subject), *copies(subject)]
    together: dict[tuple[object, ...], list[Mutant]] = {}
    nth: dict[tuple[object, ...], int] = {}
    for one in alone:
        where = tuple(pattern.sub("*", str(step)) for step in (one.file, *one.path))
        detail = pattern.sub("*", one.detail)
        turn = nth[one.kind, one.address, detail] = nth.get((one.kind, one.address, detail), 0) + 1
        together.setdefault((one.kind, where, detail, turn), []).append(one)
    families = [tuple(family) for family in together.values() if len(family) > 1]
    if not everywhere:
        seen = take([subject.rendering]).templates
        alone = [one for one in alone if not _is_in(seen, subject.rendering, one)]
    return [Defect((one,)) for one in alone] + [Defect(family) for family in families]


def _is_in(sample: Mapping[Place, Node], rendering: Rendering, mutant: Mutant) -> bool:
    template = sample.get((rendering, mutant.file))
    return template is not None and all(
        path[0] not in SECTIONS or path[1] in template.get(path[0], {}) for path, _ in mutant.edits
    )


def copies(subject: Subject) -> Iterator[Mutant]:
    """Yield mutants of resources that have a property of the next one of their type."""
    for file, template in subject.templates.items():
        by_type: dict[str, list[str]] = {}
        for name, resource in template["Resources"].items():
            by_type.setdefault(resource["Type"], []).append(name)
        for names in by_type.values():
            for name, other in pairwise(names):
                given, others = (
                    template["Resources"][it].get("Properties", {}) for it in (name, other)
                )
                for key in sorted(given.keys() & others.keys()):
                    if given[key] != others[key]:
                        path = ("Resources", name, "Properties", key)
                        edit = (path, others[key])
                        yield Mutant("copied from another", "other", file, path, (edit,), other)


def many(services: int = SERVICES) -> Subject:
    """Return a system in which most services are like another one."""
    return Subject("many", rendered(services), system(services), ())


def choose(every: Sequence[Defect], sample: int, seed: int) -> list[Defect]:
    """Return so many defects, half of them planted in all that is alike; all if ``sample`` is 0."""
    if not sample:
        return list(every)
    chance = Random(seed)  # noqa: S311 - no secret
    alone = [one for one in every if len(one.mutants) == 1]
    together = [one for one in every if len(one.mutants) > 1]
    half = min(len(together), sample // 2)
    return [*chance.sample(together, half), *chance.sample(alone, sample - half)]


def lines(one: Comparison) -> Iterator[str]:
    """Yield what is found of a defect in one way only."""
    yield str(one.defect)
    for way, these, others in (
        ("--full only", one.full, one.shortcut),
        ("sample only", one.shortcut, one.full),
    ):
        for finding in these:
            if finding not in others:
                yield f"  {way}: {finding.rule} {finding.file} {finding.path} {finding.message}"


def planted(subject: Subject, defect: Defect) -> Rendering:
    """Return the templates of ``subject`` with a defect."""
    templates: dict[str, Node] = dict(subject.templates)
    for mutant in defect.mutants:
        for path, value in mutant.edits:
            templates[mutant.file] = edited(templates[mutant.file], path, value)
    changed = {mutant.file for mutant in defect.mutants}
    files = {
        name: json.dumps(templates[name], indent=1).encode() if name in changed else body
        for name, body in subject.rendering.files.items()
    }
    return replace(subject.rendering, files=files)


def compare(subject: Subject, chosen: Sequence[Defect], cache: Path) -> Iterator[Comparison]:
    """Yield what is found of each defect. What cfn-lint found is remembered in ``cache``."""
    for start in range(0, len(chosen), AT_ONCE):
        batch = chosen[start : start + AT_ONCE]
        found = both([[planted(subject, one)] for one in batch], cache)
        for defect, (full, shortcut) in zip(batch, found, strict=True):
            yield Comparison(defect, full, shortcut)
