"""What has to be linted of a system, so that no part of it is unlike all that is.

Services are described in the same words, so their templates are the same but for names. Of each
template the sample has the parts that stand for all (see ``choice``), with what these refer to; a
template without such a part is not in the sample at all. ADR 0010 says what cfn-lint
compares, and why none of it is lost.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from checks import quotas
from checks.linting.choice import Choice, Place
from checks.linting.likeness import SECTIONS, Address, Reader, WholeError
from checks.linting.parts import Names
from checks.rendering import Node, Rendering

_ALMOST = 0.9
"""The share of a quota from which on cfn-lint warns (I1002, I2010, I3010, I6010, I7010)."""
_QUOTAS = {
    "Parameters": quotas.PARAMETERS,
    "Mappings": quotas.MAPPINGS,
    "Resources": quotas.RESOURCES,
    "Outputs": quotas.OUTPUTS,
}


@dataclass(frozen=True)
class Sample:
    """What is linted of some systems."""

    templates: Mapping[Place, Node]
    """Templates, or what is left of them."""
    _choice: Choice

    def like(self, place: Place) -> Iterator[Place]:
        """Yield this template, and every one that it may stand for."""
        yield place
        yield from self._choice.like(place)


def take(systems: Sequence[Rendering], but: Set[Place] = frozenset()) -> Sample:
    """Return a sample of ``systems``, or of the files that are not among ``but``."""
    readers: dict[Place, Reader | None] = {}
    for system in systems:
        names = Names(system.names)
        for file in system.files:
            if (system, file) not in but:
                readers[system, file] = _reader(system, file, names)
    choice = Choice(readers)
    templates: dict[Place, Node] = {}
    for place, reader in readers.items():
        if reader is None:
            system, file = place
            templates[place] = system.templates[file]
        elif fresh := choice.chosen[place]:
            templates[place] = _only(
                reader.template, reader.closed(_with_a_resource(reader, fresh))
            )
    return Sample(templates, choice)


def _reader(system: Rendering, file: str, names: Names) -> Reader | None:
    """Return a reader of a file, or ``None`` if no part of it may be left out."""
    template = system.templates[file]
    if len(system.files[file]) > _ALMOST * quotas.TEMPLATE_BYTES or any(
        len(template.get(name, ())) > _ALMOST * most for name, most in _QUOTAS.items()
    ):
        return None
    try:
        return Reader(system, file, names)
    except WholeError:
        return None


def _with_a_resource(reader: Reader, fresh: set[Address]) -> set[Address]:
    """Return parts with a resource among them or below them, which every template needs."""
    if any(section in ("Resources", "Outputs") for section, _ in fresh):
        return fresh
    return fresh | {next(one for one in reader.parts if one[0] == "Resources")}


def _only(template: Node, kept: set[Address]) -> Node:
    """Return a template with some of its parts; its metadata names no others."""
    gone = {
        name
        for section in SECTIONS
        for name in template.get(section) or ()
        if (section, name) not in kept
    }
    thinned = {}
    for name, value in template.items():
        if name not in SECTIONS:
            thinned[name] = _without(value, gone) if name == "Metadata" else value
        elif left := {key: one for key, one in value.items() if (name, key) in kept}:
            thinned[name] = left
    return thinned


def _without(value: Any, gone: set[str]) -> Any:
    """Return ``value`` without these strings, be they keys or items."""
    if isinstance(value, dict):
        return {key: _without(one, gone) for key, one in value.items() if key not in gone}
    if isinstance(value, list):
        return [_without(one, gone) for one in value if not isinstance(one, str) or one not in gone]
    return value
