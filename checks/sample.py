"""What has to be linted of a system, so that no part of it is unlike all that is.

Services are described in the same words, so their templates are the same but for names. Of each
template the sample has every part that is not *like* one before it (see ``checks.likeness``), with
what that refers to; a template without such a part is not in the sample at all. ADR 0010 says what
cfn-lint compares, and why none of it is lost.

Names matter by their length, by what they are made of, and by being different. So a part is new,
too, if a name in it is longer or shorter than those seen at its place, is the first with digits or
hyphens, or if it is the second of its kind in its template.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations_with_replacement
from operator import itemgetter
from typing import Any

from checks import quotas
from checks.likeness import SECTIONS, Address, Reader, WholeError
from checks.parts import Names, compact
from checks.rendering import STACK, Node, Rendering

_ALMOST = 0.9
"""The share of a quota from which on cfn-lint warns (I1002, I2010, I3010, I6010, I7010)."""
_QUOTAS = {
    "Parameters": quotas.PARAMETERS,
    "Mappings": quotas.MAPPINGS,
    "Resources": quotas.RESOURCES,
    "Outputs": quotas.OUTPUTS,
}

_OVERLAPPING = {("AWS::EC2::Subnet", "CidrBlock")}
"""Properties that may be at odds without being the same."""

Likeness = tuple[bytes, tuple[str, ...], int]
"""What stands for parts that are alike, what their names are made of, and 2 for the second."""
Rivalry = tuple[str, str, bytes, bytes]
"""A type, a property, and what stands for two resources that have it in common."""
Place = tuple[Rendering, str]
"""A system and the name of one of its files."""


@dataclass(frozen=True)
class Sample:
    """What is linted of some systems."""

    templates: Mapping[Place, Node]
    """Templates, or what is left of them."""
    _parts: Mapping[Place, frozenset[bytes]]
    _new: Mapping[Place, frozenset[bytes]]

    def like(self, place: Place) -> Iterator[Place]:
        """Yield every template that has something in common with what is new in this one."""
        yield place
        for other, parts in self._parts.items():
            if other != place and parts & self._new[place]:
                yield other


def take(systems: Sequence[Rendering]) -> Sample:
    """Return a sample of ``systems``."""
    readers: dict[Place, Reader | None] = {}
    for system in systems:
        names = Names(system.services)
        for file in system.files:
            readers[system, file] = _reader(system, file, names)
    chosen = _chosen(readers)
    templates: dict[Place, Node] = {}
    parts: dict[Place, frozenset[bytes]] = {}
    new: dict[Place, frozenset[bytes]] = {}
    for place, reader in readers.items():
        fresh = chosen[place]
        parts[place] = _digests(reader, reader.parts) if reader else frozenset()
        new[place] = _digests(reader, fresh) if reader else frozenset()
        if reader is None:
            system, file = place
            templates[place] = system.templates[file]
        elif fresh:
            templates[place] = _only(
                reader.template, reader.closed(_with_a_resource(reader, fresh))
            )
    return Sample(templates, parts, new)


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


def _chosen(readers: Mapping[Place, Reader | None]) -> dict[Place, set[Address]]:
    """Return the parts that stand for all: of those that are alike, the ones with the longest and
    the shortest names.
    """
    alike: dict[Likeness, list[tuple[tuple[int, ...], Place, Address]]] = {}
    # What names no service is taken from the file that is needed anyway: the one of a long name.
    for place in sorted(readers, key=lambda place: -len(place[1])):
        reader = readers[place]
        if reader is None:
            continue
        seen: Counter[bytes] = Counter()
        for address, aspects in reader.aspects.items():
            for digest, aspect in zip(reader.digests(address), aspects, strict=True):
                seen[digest] += 1
                likeness = (digest, tuple(map(shape, aspect.names)), min(seen[digest], 2))
                alike.setdefault(likeness, []).append((aspect.lengths, place, address))
    chosen: dict[Place, set[Address]] = {place: set() for place in readers}
    for ones in alike.values():
        for nth in range(len(ones[0][0])):
            by_length = [(lengths[nth], place, address) for lengths, place, address in ones]
            for extreme in (min, max):
                _, place, address = extreme(by_length, key=itemgetter(0))  # the first, if several
                chosen[place].add(address)
    compared: set[Rivalry] = set()
    # First where most is chosen, so that little is added.
    for place in sorted(readers, key=lambda place: -len(chosen[place])):
        reader = readers[place]
        for rivalry, rivals in _rivals(reader, chosen[place]) if reader else ():
            if rivalry not in compared:
                compared.add(rivalry)
                chosen[place].update(rivals)
    return chosen


def _digests(reader: Reader, addresses: Iterable[Address]) -> frozenset[bytes]:
    return frozenset(digest for one in addresses for digest in reader.digests(one))


def _rivals(reader: Reader, chosen: Set[Address]) -> Iterator[tuple[Rivalry, list[Address]]]:
    """Yield two resources of a type that have a property in common, as two that claim one name do,
    and what stands for them: of pairs that are alike, one is as good as another. Those that are
    ``chosen`` come first.
    """
    same: dict[tuple[str, str, str], dict[bytes, list[Address]]] = {}
    addresses = [("Resources", name) for name in reader.template["Resources"]]
    for address in sorted(addresses, key=lambda address: address not in chosen):
        resource = reader.template["Resources"][address[1]]
        kind, properties = reader.type_of(address), resource.get("Properties")
        if kind == STACK or not isinstance(properties, dict):  # nested stacks claim no names
            continue
        (digest,) = reader.digests(address)
        for key, value in properties.items():
            text = "" if (kind, key) in _OVERLAPPING else compact(value)
            same.setdefault((kind, key, text), {}).setdefault(digest, []).append(address)
    for (kind, key, _), by_likeness in same.items():
        for one, other in combinations_with_replacement(sorted(by_likeness), 2):
            alike = one == other
            rivals = by_likeness[one][:2] if alike else [by_likeness[one][0], by_likeness[other][0]]
            if len(rivals) == 2:
                yield (kind, key, one, other), rivals


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


def shape(name: str) -> str:
    """Return what a name is made of: ``a-a`` for ``fraud-detector`` and ``web-api-v``."""
    words = re.sub("[0-9]+", "0", re.sub("[a-z]+", "a", name))
    return re.sub(r"(-[a0]+)\1+", r"\1", words)
