"""Parts of templates, and what makes them alike but for the names of services.

A *part* is a parameter, mapping, condition, resource or output. Two of them are alike if they are
the same text once each service's name and each logical id of a resource is replaced by its turn in
it (first, second), and so are the parts that they refer to: resources and their conditions,
conditions through and through. What is seen of a nested stack's template is part of it: the
parameters and outputs there.

A nested stack is compared in *aspects*: itself without parameters, and with each of them alone, as
nothing is ever compared between two of them. So is a resource that has lists of that kind (see
``free``). Every other part has one aspect, itself.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import chain
from typing import Any

from checks.accepted import ACCEPTED
from checks.linting.compact import compact
from checks.linting.free import apart, seen_by_others
from checks.linting.parts import Names, Part
from checks.rendering import STACK, Node, Rendering, edge, nested

SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
HEAD = ("AWSTemplateFormatVersion", "Description", "Metadata")
Address = tuple[str, str]
"""A section, and a name in it."""

_ID = re.compile("[A-Za-z0-9]{1,200}")
"""A logical id that is surely right: then it does not matter which one it is."""


class WholeError(Exception):
    """A template of which no part can be told from the others."""


class Reader:
    """The parts of one template, and what each refers to."""

    def __init__(self, system: Rendering, file: str, names: Names) -> None:
        """Take one file of a system whose services have these names.

        Raises ``WholeError`` if it has sections that nobody expects, the same name twice, or parts
        that refer to one another in a circle, or logical ids that may be wrong.
        """
        self.template: Node = system.templates[file]
        if self.template.keys() - {*SECTIONS, *HEAD}:
            raise WholeError
        edges = {("Resources", name): edge(system, url) for name, _, url in nested(self.template)}
        resources = self.template["Resources"].keys()
        if not all(map(_ID.fullmatch, resources)):
            raise WholeError
        self.aspects: dict[Address, tuple[Part, ...]] = {
            (section, name): tuple(
                names.part(name, one, resources, seen)
                for one, seen in _aspects(value, edges.get((section, name)))
            )
            for section in SECTIONS
            for name, value in (self.template.get(section) or {}).items()
        }
        """Every part in its aspects, in the template's order; of a nested stack, the first is the
        one without parameters."""
        for name in HEAD:
            self.aspects["", name] = (names.part(name, self.template.get(name), ()),)
        self.parts = {address: _merged(*aspects) for address, aspects in self.aspects.items()}
        self._named = {one[1]: one for one in self.parts if one[0] in SECTIONS[:-1]}
        if len(self._named) + len(self.template.get("Outputs", {})) + len(HEAD) < len(self.parts):
            raise WholeError
        self._references = {
            address: tuple(self._named_in(address, aspect) for aspect in aspects)
            for address, aspects in self.aspects.items()
        }
        self._accepted = [
            (one.path.split("/")[:2], one.path)
            for one in ACCEPTED
            if fnmatchcase(system.file(file), one.file)
        ]
        self._digests: dict[Address, tuple[bytes, ...]] = {}
        self._digests_alone: dict[Address, bytes] = {}
        self._refuse_circles()

    def type_of(self, resource: Address) -> str:
        """Return the type of a resource."""
        return str(self.template["Resources"][resource[1]].get("Type"))

    def refers_to(self, address: Address) -> Iterable[Address]:
        """Return the parts that a part refers to, in order; perhaps some more."""
        dependencies = map(self._named.get, self.parts[address].depends_on)
        return dict.fromkeys(chain(*self._references[address], filter(None, dependencies)))

    def _named_in(self, address: Address, aspect: Part) -> tuple[Address, ...]:
        if not address[0]:
            return ()  # metadata describe parameters, and are thinned out as those are
        found = map(self._named.get, aspect.mentions)
        return tuple(one for one in found if one is not None and one != address)

    @cached_property
    def users(self) -> dict[Address, Address]:
        """Of each part that is used, the first that uses it."""
        users: dict[Address, Address] = {}
        for address, part in self.parts.items():
            for used in part.uses if address[0] else ():
                users.setdefault(used, address)
        return users

    def digests(self, address: Address) -> tuple[bytes, ...]:
        """Return what stands for each aspect of a part, what that refers to, and whether anything
        uses the part, and findings in it are accepted.
        """
        if address not in self._digests:
            is_resource = address[0] in ("Resources", "Outputs")
            apart = str((address in self.users, self._accepted_of(address)))
            self._digests[address] = tuple(
                _hash(
                    (address[0], *aspect.texts, apart, self._spoken_of(address)),
                    self._dependencies(aspect, references),
                    *(
                        (self._alone(one),) if one[0] == "Resources" else self.digests(one)
                        for one in references
                        if is_resource or one[0] != "Resources"
                    ),
                )
                for aspect, references in zip(
                    self.aspects[address], self._references[address], strict=True
                )
            )
        return self._digests[address]

    def _dependencies(self, aspect: Part, references: Collection[Address]) -> tuple[bytes, ...]:
        """Return what stands for the kinds of what a part depends on besides ``references``, as
        each is compared by itself; and for that it depends on one twice.
        """
        found = {self._named.get(name) for name in aspect.depends_on}
        kinds = {
            _hash((str([one == it for it in references]),), (self._alone(one),))
            if one and one[0] == "Resources"
            else b"nothing"
            for one in found
        }
        twice = len(set(aspect.depends_on)) < len(aspect.depends_on)
        return (*sorted(kinds), *[b"twice"] * twice)

    def _accepted_of(self, address: Address) -> list[str]:
        """Return where findings in a part are accepted."""
        section, name = address
        return [
            path
            for (its_section, its_name), path in self._accepted
            if section == its_section and fnmatchcase(name, its_name)
        ]

    def values_given(self, address: Address) -> str:
        """Return what stands for the values of parameters and mappings that a part refers to."""
        given = [
            one
            for one in self.refers_to(address)
            if one[0] == "Mappings"
            or (
                one[0] == "Parameters"
                and self.template[one[0]][one[1]].keys() & {"Default", "AllowedValues"}
            )
        ]
        return b"".join(chain.from_iterable(map(self.digests, given))).hex()

    def _spoken_of(self, address: Address) -> str:
        """Return which of the parts that metadata speak of are there."""
        if address[0]:
            return ""
        return str([one in self._named for one in self.parts[address].mentions])

    def _alone(self, address: Address) -> bytes:
        """Return what stands for a resource, whatever resources it refers to; for a nested stack,
        whatever its parameters are.
        """
        if address not in self._digests_alone:
            texts: tuple[str, ...] = self.aspects[address][0].texts
            below = [one for one in self._references[address][0] if one[0] != "Resources"]
            resource = self.template["Resources"][address[1]]
            if resource.get("Type") != STACK:
                texts = (compact(seen_by_others(resource)),)
                below = [one for one in below if one == ("Conditions", resource.get("Condition"))]
            self._digests_alone[address] = _hash(texts, *map(self.digests, below))
        return self._digests_alone[address]

    def _refuse_circles(self) -> None:
        done: set[Address] = set()
        for start in self.parts:
            path: dict[Address, Iterator[Address]] = {start: iter(self.refers_to(start))}
            while path:
                here = next(reversed(path))
                one = next((it for it in path[here] if it not in done), None)
                if one is None:
                    done.add(here)
                    del path[here]
                elif one in path:
                    raise WholeError
                else:
                    path[one] = iter(self.refers_to(one))

    def closed(self, wanted: Iterable[Address]) -> set[Address]:
        """Return parts with all that they refer to, so that they make sense by themselves.

        What is used in the template stays used: its first user comes with it; all of them, if its
        value has a name.
        """
        found: set[Address] = set()
        open_ = list(wanted)
        for one in open_:  # a condition that uses a parameter is to be used, too
            user = self.users.get(one)
            if user and user not in open_:
                open_.append(user)
        named = {
            one
            for one in open_
            if one[0] in ("Parameters", "Mappings") and "\0" in self.parts[one].texts[0]
        }
        open_ += [
            user
            for user, part in self.parts.items()
            if named & part.uses and user[0] in ("Resources", "Outputs")
        ]
        while open_:
            one = open_.pop()
            if one not in found:
                found.add(one)
                open_ += self.refers_to(one)
        return found


def _merged(first: Part, *more: Part) -> Part:
    """Return a part of these aspects; its texts are those of the first."""
    every = (first, *more)
    mentions = dict.fromkeys(name for aspect in every for name in aspect.mentions)
    uses = frozenset(one for aspect in every for one in aspect.uses)
    return replace(first, mentions=tuple(mentions), uses=uses) if more else first


def _aspects(value: Any, seen: Node | None) -> Iterator[tuple[Any, Node | None]]:
    """Yield a part without what is compared by itself, then with each of these and no other: the
    parameters of a nested stack of whose template something is ``seen``.
    """
    if seen is not None and "Fn::If" in (value["Properties"].get("Parameters") or ()):
        yield value, seen
        return
    if seen is None:
        bare, each = apart(value)
        yield from ((one, None) for one in (bare, *each))
        return
    properties = value["Properties"]
    given, declared = properties.get("Parameters") or {}, seen["Parameters"] or {}
    bare = {key: value for key, value in properties.items() if key != "Parameters"}
    yield {**value, "Properties": bare}, {"Outputs": seen["Outputs"]}
    for name in {**given, **declared}:
        alone = {name: given[name]} if name in given else {}
        yield (
            {**value, "Properties": {"Parameters": alone}},
            {"Parameters": {name: declared.get(name)}},
        )


def _hash(texts: tuple[str, ...], *below: tuple[bytes, ...]) -> bytes:
    hashed = hashlib.sha256("\n".join(texts).encode())
    for digests in below:
        hashed.update(b"".join(digests))
    return hashed.digest()
