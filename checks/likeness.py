"""Parts of templates, and what makes them alike but for the names of services.

A *part* is a parameter, mapping, condition, resource or output. Two of them are alike if they are
the same text once each service's name and each logical id of a resource is replaced by its turn in
it (first, second), and so are the parts that they refer to: resources and their conditions,
conditions through and through. What is seen of a nested stack's template is part of it: the
parameters and outputs there.

A nested stack is compared in *aspects*: itself without parameters, and with each of them alone, as
nothing is ever compared between two of them. Every other part has one aspect, itself.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from checks.rendering import Node, Rendering, edge, nested
from description.names import pascal

SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
HEAD = ("AWSTemplateFormatVersion", "Description", "Metadata")
Address = tuple[str, str]
"""A section, and a name in it."""

IN_A_RANGE = {"AWS::ElasticLoadBalancingV2::ListenerRule": "Priority"}
"""Types with a number that cfn-lint only compares with its smallest and largest."""

_ID = re.compile("[A-Za-z0-9]{1,200}")
"""A logical id that is surely right: then it does not matter which one it is."""
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(:?)')
_PLACEHOLDER = re.compile(r"\$\{\s*([^}!.\s]+)")
_USE = re.compile(
    r'"(?:Ref|Condition)":"([^"]+)"|"Fn::(?:If|FindInMap)":\["([^"]+)"|' + _PLACEHOLDER.pattern
)


class WholeError(Exception):
    """A template of which no part can be told from the others."""


@dataclass(frozen=True)
class Part:
    """A parameter, mapping, condition, resource or output."""

    text: str
    """As JSON, names of services replaced; no name of a service makes a difference to it."""
    depends_on: str
    """The same of what it depends on besides: only a circle would make that matter to others."""
    own: str
    """As JSON, as it is, but for what it depends on."""
    names: tuple[str, ...]
    """The services that it names, in order; not those of which it has logical ids only, which may
    be longer than any name is."""
    numbers: tuple[int, ...]
    """Numbers that are replaced, too: any in a range is as good as another."""
    mentions: tuple[str, ...]
    """All that may be the name of a part that it needs."""
    uses: frozenset[str]
    """The parameters, mappings and conditions that it surely uses."""


class Names:
    """The names of a system's services, as descriptions, logical ids and variables spell them."""

    def __init__(self, services: Iterable[str]) -> None:
        """Take the names as the description has them."""
        self._of = {
            spelling: (name, kind)
            for name in services
            for kind, spelling in (
                ("variable", name.replace("-", "_").upper()),
                ("id", pascal(name)),
                ("name", name),
            )
        }
        # "service-1" is not in "service-10", nor "Pay" in "Payment".
        self._pattern = re.compile(f"{_one_of(self._of)}(?![a-z0-9])") if self._of else None
        self._split: dict[str, list[tuple[str, str, str]]] = {}

    def part(
        self, name: str, value: object, resources: Collection[str], edge: object = None
    ) -> Part:
        """Read a part of this name in a template of these resources, and what it sees of a template
        that is nested in it.
        """
        ids: dict[str, int] = {}
        turns: dict[str, int] = {}
        spelt: dict[str, None] = {}
        mentions: dict[str, None] = {}

        def replaced(match: re.Match[str]) -> str:
            text, colon = match.groups()
            if colon and edge is None:  # a key has a service's name in nested stacks only
                return match[0]
            if not colon:
                mentions.update(dict.fromkeys(_mentioned(text)))
            if text in resources and not colon:
                return f'"\0resource {ids.setdefault(text, len(ids))}\0"'
            pieces = self._pieces(text)
            if not pieces:
                return match[0]
            spelt.update((name, None) for _, name, kind in pieces if kind in ("name", "variable"))
            # No text of JSON has this character.
            turned = [
                f"{before}\0{kind} {turns.setdefault(name, len(turns))}\0" if name else before
                for before, name, kind in pieces
            ]
            return f'"{"".join(turned)}"{colon}'

        value, numbers = _without_numbers(value)
        depends_on = value.get("DependsOn", []) if isinstance(value, dict) else []
        if depends_on and isinstance(value, dict):
            value = {key: one for key, one in value.items() if key != "DependsOn"}
        own = _compact(value)
        read = _STRING.sub(replaced, own)
        before = _STRING.sub(replaced, _compact(depends_on))
        mentioned = tuple(mentions)
        rest = _STRING.sub(replaced, _compact([name if name not in resources else None, edge]))
        uses = frozenset(one for found in _USE.findall(own) for one in found if one)
        return Part(read + rest, before, own, tuple(spelt), numbers, mentioned, uses)

    def _pieces(self, text: str) -> list[tuple[str, str, str]]:
        """Return ``text`` in pieces: what is before a name, the name, its spelling; the last piece
        ends the text. Empty where no service is named.
        """
        if self._pattern is None or text.startswith("AWS::"):
            return []
        if text not in self._split:
            pieces, end = [], 0
            for match in self._pattern.finditer(text):
                pieces.append((text[end : match.start()], *self._of[match[0]]))
                end = match.end()
            self._split[text] = [*pieces, (text[end:], "", "")] if pieces else []
        return self._split[text]


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
        self.parts = {address: _together(*aspects) for address, aspects in self.aspects.items()}
        self._named = {one[1]: one for one in self.parts if one[0] in SECTIONS[:-1]}
        if len(self._named) + len(self.template.get("Outputs", {})) + len(HEAD) < len(self.parts):
            raise WholeError
        self._digests: dict[Address, tuple[bytes, ...]] = {}
        self._refuse_circles()

    def type_of(self, resource: Address) -> str:
        """Return the type of a resource."""
        return str(self.template["Resources"][resource[1]].get("Type"))

    def refers_to(self, address: Address) -> list[Address]:
        """Return the parts that a part refers to, in order; perhaps some more."""
        return self._mentioned(address, self.parts[address])

    def _mentioned(self, address: Address, aspect: Part) -> list[Address]:
        if not address[0]:
            return []  # metadata describe parameters, and are thinned out as those are
        found = (self._named.get(one) for one in aspect.mentions)
        return [one for one in found if one is not None and one != address]

    @cached_property
    def users(self) -> dict[Address, Address]:
        """Of each part that is used, the first that uses it."""
        users: dict[Address, Address] = {}
        for address, part in self.parts.items():
            for name in part.uses if address[0] else ():
                if name in self._named:
                    users.setdefault(self._named[name], address)
        return users

    def digests(self, address: Address) -> tuple[bytes, ...]:
        """Return what stands for each aspect of a part, what that refers to, and whether anything
        uses the part.
        """
        if address not in self._digests:
            is_resource = address[0] in ("Resources", "Outputs")
            used = str(address in self.users)
            self._digests[address] = tuple(
                _hash(
                    (address[0], aspect.text, aspect.depends_on, used),
                    *(
                        (self._alone(one),) if one[0] == "Resources" else self.digests(one)
                        for one in self._mentioned(address, aspect)
                        if is_resource or one[0] != "Resources"
                    ),
                )
                for aspect in self.aspects[address]
            )
        return self._digests[address]

    def _alone(self, address: Address) -> bytes:
        """Return what stands for a resource, whatever resources it refers to; for a nested stack,
        whatever its parameters are.
        """
        aspect = self.aspects[address][0]
        below = (one for one in self._mentioned(address, aspect) if one[0] != "Resources")
        return _hash((aspect.text,), *(self.digests(one) for one in below))

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

        What is used in the template stays used: its first user comes with it.
        """
        found: set[Address] = set()
        open_ = list(wanted)
        open_ += [self.users[one] for one in open_ if one in self.users]
        while open_:
            one = open_.pop()
            if one not in found:
                found.add(one)
                open_ += self.refers_to(one)
        return found


def _one_of(words: Iterable[str]) -> str:
    """Return a pattern of any of ``words``, the longest first.

    It takes letter by letter what many begin with: trying hundreds of words one after the other at
    each place of a text would take most of the time that all this does.
    """
    after: dict[str, list[str]] = {}
    for word in words:
        after.setdefault(word[:1], []).append(word[1:])
    may_end = after.pop("", None) is not None
    ways = [re.escape(letter) + _one_of(rest) for letter, rest in after.items()]
    return f"(?:{'|'.join(ways)}){'?' if may_end else ''}" if ways else ""


def _together(first: Part, *more: Part) -> Part:
    """Return a part of these aspects; its texts are those of the first."""
    every = (first, *more)
    mentions = dict.fromkeys(name for aspect in every for name in aspect.mentions)
    uses = frozenset(name for aspect in every for name in aspect.uses)
    return replace(first, mentions=tuple(mentions), uses=uses) if more else first


def _aspects(value: Any, seen: Node | None) -> Iterator[tuple[Any, Node | None]]:
    """Yield a part as it is; but a nested stack of whose template something is ``seen`` without
    parameters, then with each of them and no other.
    """
    if seen is None:
        yield value, None
        return
    properties = value["Properties"]
    given, declared = properties.get("Parameters") or {}, seen["Parameters"] or {}
    bare = {key: value for key, value in properties.items() if key != "Parameters"}
    yield {**value, "Properties": bare}, {"Outputs": seen["Outputs"]}
    for name in {**given, **declared}:
        alone = {name: given[name]} if name in given else {}
        yield (
            {**value, "Properties": {**bare, "Parameters": alone}},
            {"Parameters": {name: declared.get(name)}},
        )


def _mentioned(text: str) -> Iterator[str]:
    yield text.partition(".")[0]
    if "${" in text:
        yield from _PLACEHOLDER.findall(text)


def _without_numbers(value: object) -> tuple[object, tuple[int, ...]]:
    """Return a part without numbers of which any in a range is as good as another, and those."""
    if isinstance(value, dict) and value.get("Type") in IN_A_RANGE:
        name = IN_A_RANGE[value["Type"]]
        given = value.get("Properties")
        if isinstance(given, dict) and type(given.get(name)) is int:
            return {**value, "Properties": {**given, name: "\0"}}, (given[name],)
    return value, ()


def _hash(texts: tuple[str, ...], *below: tuple[bytes, ...]) -> bytes:
    hashed = hashlib.sha256("\n".join(texts).encode())
    for digests in below:
        hashed.update(b"".join(digests))
    return hashed.digest()


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
