"""Loads descriptions from YAML files and finds all their mistakes at once.

A value that is a mistake is set aside and the rest is looked at again, until what is left is a
valid system; the rules over several sections then look at that. What they find counts only where it
does not rest on a value set aside, so that one mistake is reported once.
"""

import json
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from description import crosschecks, explain, files, source
from description.mistakes import (
    DescriptionError,
    Finding,
    Mistake,
    Where,
    dotted,
)
from description.model import System
from description.profiles import Layered, Profile, in_use, layered

__all__ = ["DescriptionError", "Mistake", "load", "load_all", "load_each", "load_profiles"]

_STAND_INS: dict[str, Any] = {
    "name": "unnamed",
    "description": "None",
    "services": {"unnamed": {"health_check": {"command": ["CMD", "none"]}}},
}
"""Values of the fields that a system cannot do without, for those that are mistakes."""

_GONE = object()
"""Stands where a value was set aside, so that the places of others stay."""


def load(path: Path, profile: Profile = Profile.PRODUCTION) -> System:
    """Return the system that the file at ``path`` describes, as ``profile`` has it.

    Raises ``DescriptionError`` with every mistake in it.
    """
    return _load(path, profile)[profile]


def load_profiles(path: Path) -> dict[Profile, System]:
    """Return the system that the file at ``path`` describes, for each profile that is in use.

    Raises ``DescriptionError`` with every mistake in it.
    """
    return _load(path)


def _load(path: Path, *more: Profile) -> dict[Profile, System]:
    read = source.read(_text(path))
    findings = list(read.findings)
    systems: dict[Profile, System] = {}
    if isinstance(read.content, dict):
        for profile in dict.fromkeys((*in_use(read.content), *more)):
            layers = layered(read.content, profile)
            systems[profile], found = _checked(layers, profile, path)
            findings += map(layers.in_file, found)
    elif not findings:
        findings.append(Finding(where=(), problem="describes nothing: it holds no fields"))
    if findings:
        # What profiles share is wrong in each, and said once.
        raise DescriptionError({one.mistake(path, read.line(one.where)) for one in findings})
    return systems


def _text(path: Path) -> str:
    if path.suffix == ".yml":
        raise _unreadable(path, "ends in .yml: a description's name ends in .yaml")
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, "is not text in UTF-8") from error


def _checked(layers: Layered, profile: Profile, path: Path) -> tuple[System, list[Finding]]:
    """Return the system that is left of what a file says for a profile, and what is wrong."""
    draft = Draft(layers.content)
    left, mistaken = draft.repaired()
    system = left.under(profile)
    broken = map(draft.in_file, [*crosschecks.check(system), *_name_differs(system, path)])
    return system, [*mistaken, *(one for one in broken if not one.rests_on(draft.damaged))]


def load_all(folder: Path) -> list[System]:
    """Return the systems that the YAML files of ``folder`` describe, sorted by name; each for every
    profile that is in use, production first.

    Raises ``DescriptionError`` with every mistake in every file.
    """
    paths = files.descriptions(folder)
    if not paths:
        raise _unreadable(folder, "holds no descriptions: no *.yaml file is in it")
    return sorted(load_each(paths), key=lambda system: system.name)


def load_each(paths: Iterable[Path]) -> list[System]:
    """Return the systems that the files at ``paths`` describe, in their order; each for every
    profile that is in use, production first.

    Raises ``DescriptionError`` with every mistake in every file.
    """
    systems: list[System] = []
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            systems += load_profiles(path).values()
        except DescriptionError as error:
            mistakes += error.mistakes
    if mistakes:
        raise DescriptionError(mistakes)
    return systems


class Draft:
    """The content of a file, of which mistakes are set aside.

    Places are those in the file, whatever was set aside before them.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self.damaged: set[Where] = set()
        """The places of the mistakes."""
        self._content: Any = content

    def repaired(self) -> tuple[System, list[Finding]]:
        """Return the system that is left, and why each other value was set aside."""
        findings: list[Finding] = []
        while True:
            try:
                # Strict as JSON: "80" is no number, but a list may be a tuple.
                system = System.model_validate_json(json.dumps(_left(self._content)), strict=True)
            except ValidationError as error:
                found = [self.in_file(one) for one in explain.findings(error)]
            else:
                return system, findings
            findings += [one for one in found if not one.rests_on(self.damaged)]
            self._set_aside(found)

    def in_file(self, finding: Finding) -> Finding:
        """Return a finding about what is left with the places in the file."""
        return replace(
            finding,
            where=self._original(finding.where),
            other=self._original(finding.other),
            reads=finding.reads and tuple(map(self._original, finding.reads)),
        )

    def _original(self, where: Where) -> Where:
        original: Where = ()
        for step in where:
            holder = self._at(original)
            if isinstance(holder, list):
                step = [i for i, item in enumerate(holder) if item is not _GONE][int(step)]
            original = (*original, step)
        return original

    def _at(self, where: Where) -> Any:
        """Return the value at a place, or what marks that none is there."""
        value = self._content
        for step in where:
            if isinstance(value, dict):
                value = value.get(step, _GONE)
            elif isinstance(value, list):
                value = value[int(step)]
            else:
                return _GONE
        return value

    def _set_aside(self, findings: list[Finding]) -> None:
        targets: set[Where] = set()
        for one in findings:
            places = one.reads or (one.where,)
            self.damaged.update(places)
            present = {place for place in places if self._at(place) is not _GONE}
            # What is missing cannot be taken out: the section that lacks it goes.
            targets |= present or {one.where[: max(len(one.where) - 1, 1)]}
        for where in targets:
            holder = self._at(where[:-1])
            if holder is not _GONE:
                stand_in = _STAND_INS.get(dotted(where), _GONE)
                holder[where[-1]] = deepcopy(stand_in) if stand_in is not _GONE else _GONE


def _left(value: Any) -> Any:
    """Return a value without what was set aside."""
    if isinstance(value, dict):
        return {key: _left(one) for key, one in value.items() if one is not _GONE}
    if isinstance(value, list):
        return [_left(one) for one in value if one is not _GONE]
    return value


def _name_differs(system: System, path: Path) -> list[Finding]:
    if system.name == path.stem:
        return []
    return [
        Finding(
            where=("name",),
            problem="differs from the name of its file",
            found=system.name,
            allowed=path.stem,
        )
    ]


def _unreadable(path: Path, problem: str) -> DescriptionError:
    return DescriptionError([Mistake(file=path, line=0, field="", problem=problem)])
