"""Which parts of templates stand for all.

Of parts that are alike (see ``likeness``), one does. Names matter by their length, by what they are
made of, and by being different. So of all that have a name of one form at the same site (see
``sites``), the one with the longest and the one with the shortest are chosen, too, and two of each
kind that have a property in common.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Any

from checks.linting.compact import compact
from checks.linting.likeness import Address, Reader
from checks.linting.parts import Part
from checks.linting.sites import Site, sites
from checks.rendering import STACK, Node, Rendering

Place = tuple[Rendering, str]
"""A system and the name of one of its files."""
Form = tuple[str, ...]
"""What names are made of: the shape of each."""
Rivalry = tuple[str, str, bytes, bytes]
"""A type, a property, and what stands for two resources that have it in common."""

BY_SEVERAL = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::Logs::MetricFilter",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
}
"""Types of which two may have one property in common, but not two."""
_OVERLAPPING = {("AWS::EC2::Subnet", "CidrBlock")}
"""Properties that may be at odds without being the same."""


@dataclass(frozen=True)
class Member:
    """A part among those that are alike."""

    place: Place
    address: Address
    sizes: Mapping[str, int]
    """As ``Part.sizes``."""

    def size(self, names: Iterable[str]) -> int:
        """Return how long these are together."""
        return sum(map(self.sizes.__getitem__, names))


class Choice:
    """The parts that stand for all."""

    def __init__(self, readers: Mapping[Place, Reader | None]) -> None:
        """Choose from the files that have a reader."""
        self.chosen: dict[Place, set[Address]] = {place: set() for place in readers}
        self._readers = {place: reader for place, reader in readers.items() if reader}
        self._sites: dict[bytes, set[Site]] = {}
        self._extreme: dict[Place, set[Site]] = {place: set() for place in readers}
        alike = self._alike()
        self._add_extremes(alike)
        for _, members in alike.values():
            if not any(one.address in self.chosen[one.place] for one in members):
                # Where something is needed anyway. Where most is would change with every service.
                member = max(members, key=lambda one: bool(self._extreme[one.place]))
                self.chosen[member.place].add(member.address)
        self._add_rivals()

    def like(self, place: Place) -> Iterator[Place]:
        """Yield the other files that the parts chosen in this one stand for."""
        if place not in self._readers:
            return
        stood_for = self._digests(place, self.chosen[place])
        extreme = self._extreme[place]
        stood_for |= {digest for digest, sites in self._sites.items() if sites & extreme}
        for other, reader in self._readers.items():
            if other != place and stood_for & self._digests(other, reader.parts):
                yield other

    def _digests(self, place: Place, addresses: Iterable[Address]) -> set[bytes]:
        reader = self._readers[place]
        return {digest for address in addresses for digest in reader.digests(address)}

    def _alike(self) -> dict[tuple[bytes, Form], tuple[Part, list[Member]]]:
        """Return the parts that are alike and have names of one form, with one of them as text."""
        alike: dict[tuple[bytes, Form], tuple[Part, list[Member]]] = {}
        # First those with long names, which are needed anyway.
        for place, reader in sorted(self._readers.items(), key=lambda one: -len(one[0][1])):
            for address, aspects in reader.aspects.items():
                for digest, aspect in zip(reader.digests(address), aspects, strict=True):
                    likeness = (digest, tuple(map(shape, aspect.names)))
                    _, members = alike.setdefault(likeness, (aspect, []))
                    members.append(Member(place, address, aspect.sizes))
        return alike

    def _add_extremes(self, alike: Mapping[tuple[bytes, Form], tuple[Part, list[Member]]]) -> None:
        """Choose where the longest and the shortest names are."""
        longest: dict[tuple[Site, Form], tuple[int, list[Member]]] = {}
        shortest: dict[tuple[Site, Form], tuple[int, list[Member]]] = {}
        for (digest, form), (part, members) in alike.items():
            given = self._readers[members[0].place].values_given(members[0].address)
            for names, at in sites(members[0].address[0], part, given).items():
                self._sites.setdefault(digest, set()).update(at)
                of = tuple(form[int(name.split()[1])] for name in names if name[0] not in "*#")
                sized: dict[int, list[Member]] = {}
                for one in members:
                    sized.setdefault(one.size(names), []).append(one)
                for known, size, sign in ((longest, max(sized), 1), (shortest, min(sized), -1)):
                    for site in at:
                        before, those = known.get((site, of), (size, []))
                        if size == before:
                            known[site, of] = (size, [*those, *sized[size]])
                        elif (size - before) * sign > 0:
                            known[site, of] = (size, sized[size])
        extremes = [
            (site, those)
            for known in (longest, shortest)
            for (site, _), (_, those) in known.items()
        ]
        # Where there is a choice, what is needed anyway.
        for site, those in sorted(extremes, key=lambda one: len(one[1])):
            chosen = next((it for it in those if it.address in self.chosen[it.place]), None)
            chosen = chosen or max(those, key=lambda it: bool(self.chosen[it.place]))
            self.chosen[chosen.place].add(chosen.address)
            self._extreme[chosen.place].add(site)

    def _add_rivals(self) -> None:
        """Choose two resources of each type and likeness that have a property in common."""
        compared: set[Rivalry] = set()
        # First where most is chosen, so that little is added.
        for place in sorted(self._readers, key=lambda place: -len(self.chosen[place])):
            for rivalry, rivals in _rivals(self._readers[place], self.chosen[place]):
                if rivalry not in compared:
                    compared.add(rivalry)
                    self.chosen[place].update(rivals)


def _rivals(reader: Reader, chosen: Set[Address]) -> Iterator[tuple[Rivalry, list[Address]]]:
    """Yield two resources of a type that have a property in common, as two that claim one name do,
    and what stands for them: of pairs that are alike, one is as good as another. Those that are
    ``chosen`` come first.
    """
    by_type: dict[str, list[Address]] = {}
    for name in reader.template["Resources"]:
        by_type.setdefault(reader.type_of(("Resources", name)), []).append(("Resources", name))
    by_type.pop(STACK, None)  # nested stacks claim no names
    same: dict[tuple[str, str, str], dict[bytes, list[Address]]] = {}
    for kind, addresses in by_type.items():
        if len(addresses) == 1:
            continue
        for address in sorted(addresses, key=lambda address: address not in chosen):
            properties = reader.template["Resources"][address[1]].get("Properties")
            if not isinstance(properties, dict):
                continue
            digest = b"".join(reader.digests(address))
            for key, text in _in_common(kind, properties):
                same.setdefault((kind, key, text), {}).setdefault(digest, []).append(address)
    for (kind, key, _), by_likeness in same.items():
        for one, other in combinations_with_replacement(sorted(by_likeness), 2):
            alike = one == other
            rivals = by_likeness[one][:2] if alike else [by_likeness[one][0], by_likeness[other][0]]
            if len(rivals) == 2:
                yield (kind, key, one, other), rivals


def _in_common(kind: str, properties: Node) -> Iterator[tuple[str, str]]:
    """Yield what another resource may have in common: properties with what they may be, and any two
    of them, of types that are told apart by several.
    """
    texts = {
        key: [""] if (kind, key) in _OVERLAPPING else [compact(one) for one in _branches(value)]
        for key, value in properties.items()
    }
    for key, each in texts.items():
        yield from ((key, text) for text in dict.fromkeys(each))
    if kind in BY_SEVERAL:
        for (key, each), (other, every) in combinations(texts.items(), 2):
            yield f"{key} {other}", f"{each} {every}"


def _branches(value: Any) -> Iterator[Any]:
    """Yield what a value may be: with conditions, any of several."""
    if isinstance(value, dict) and isinstance(it := value.get("Fn::If"), list) and len(it) == 3:
        yield from _branches(it[1])
        yield from _branches(it[2])
    else:
        yield value


def shape(name: str) -> str:
    """Return what a name is made of: ``a-a`` for ``fraud-detector`` and ``web-api-v``."""
    words = re.sub("[0-9]+", "0", re.sub("[a-z]+", "a", name))
    return re.sub(r"(-[a0]+)\1+", r"\1", words)
