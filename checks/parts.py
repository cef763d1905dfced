"""Parts of templates as text, with names of services and of resources replaced by their turn in it.

Then two that are the same but for such names are the same text (see ``checks.likeness``).
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from description.names import pascal

IN_A_RANGE = {"AWS::ElasticLoadBalancingV2::ListenerRule": "Priority"}
"""Types with a number that cfn-lint only compares with its smallest and largest."""

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(:?)')
_PLACEHOLDER = re.compile(r"\$\{\s*([^}!.\s]+)")
_USES = (
    ("Parameters", re.compile(r'"Ref":"([^"]+)"|' + _PLACEHOLDER.pattern)),
    ("Conditions", re.compile(r'"Condition":"([^"]+)"|"Fn::If":\["([^"]+)"')),
    ("Mappings", re.compile(r'"Fn::FindInMap":\["([^"]+)"')),
)
"""What surely uses something of a section; nothing in metadata does."""


@dataclass(frozen=True)
class Part:
    """A parameter, mapping, condition, resource or output."""

    text: str
    """As JSON, names of services replaced; no name of a service makes a difference to it."""
    depends_on: str
    """The same of what it depends on besides: only a circle would make that matter to others."""
    names: tuple[str, ...]
    """The services that it names, by turn."""
    lengths: tuple[int, ...]
    """Of each spelling of these, in order, then of all together; and numbers that are replaced,
    too: any in a range is as good as another."""
    mentions: tuple[str, ...]
    """All that may be the name of a part that it needs."""
    uses: frozenset[tuple[str, str]]
    """The parameters, mappings and conditions that it surely uses, each with its section."""


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
        self._split: dict[str, list[tuple[str, str]]] = {}

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
            # No text of JSON has this character.
            turned = []
            for before, spelling in pieces:
                turned.append(before)
                if spelling:
                    name, kind = self._of[spelling]
                    spelt[spelling] = None
                    turned.append(f"\0{kind} {turns.setdefault(name, len(turns))}\0")
            return f'"{"".join(turned)}"{colon}'

        value, numbers = _without_numbers(value)
        depends_on = value.get("DependsOn", []) if isinstance(value, dict) else []
        if depends_on and isinstance(value, dict):
            value = {key: one for key, one in value.items() if key != "DependsOn"}
        text = compact(value)
        read = _STRING.sub(replaced, text)
        before = _STRING.sub(replaced, compact(depends_on))
        mentioned = tuple(mentions)
        rest = _STRING.sub(replaced, compact([name if name not in resources else None, edge]))
        lengths = [len(spelling) for spelling in spelt]
        return Part(
            read + rest,
            before,
            tuple(turns),
            (*lengths, sum(lengths), *numbers),
            mentioned,
            frozenset(_used(value, text)),
        )

    def _pieces(self, text: str) -> list[tuple[str, str]]:
        """Return ``text`` in pieces: what is before a name, and the name as it is spelt there; the
        last piece ends the text. Empty where no service is named.
        """
        if self._pattern is None or text.startswith("AWS::"):
            return []
        if text not in self._split:
            pieces, end = [], 0
            for match in self._pattern.finditer(text):
                pieces.append((text[end : match.start()], match[0]))
                end = match.end()
            self._split[text] = [*pieces, (text[end:], "")] if pieces else []
        return self._split[text]


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


def _mentioned(text: str) -> Iterator[str]:
    yield text.partition(".")[0]
    if "${" in text:
        yield from _PLACEHOLDER.findall(text)


def _used(value: object, text: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and "Metadata" in value:
        text = compact({key: one for key, one in value.items() if key != "Metadata"})
    for section, use in _USES:
        for match in use.finditer(text):
            yield section, next(filter(None, match.groups()))


def _without_numbers(value: object) -> tuple[object, tuple[int, ...]]:
    """Return a part without numbers of which any in a range is as good as another, and those."""
    if isinstance(value, dict) and value.get("Type") in IN_A_RANGE:
        name = IN_A_RANGE[value["Type"]]
        given = value.get("Properties")
        if isinstance(given, dict) and type(given.get(name)) is int:
            return {**value, "Properties": {**given, name: "\0"}}, (given[name],)
    return value, ()


compact: Callable[[object], str] = json.JSONEncoder(separators=(",", ":")).encode
"""JSON without blanks."""
