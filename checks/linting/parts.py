"""Parts of templates as text, with names of services and of resources replaced by their turn in it.

Then two that are the same but for such names are the same text (see ``likeness``).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from checks.linting.compact import compact
from checks.linting.free import freed
from description.names import pascal

_STRING = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*":?)')
_ESCAPED = r"\\(?:u[0-9a-f]{4}|.)"
"""A character that JSON spells with letters; they are no name."""
_PLACEHOLDER = re.compile(r"\$\{\s*([^}!.\s]+)")
_USES = (
    ("Parameters", re.compile(r'"Ref":"([^"]+)"')),
    ("Conditions", re.compile(r'\{"Condition":"([^"]+)"\}|"Fn::If":\["([^"]+)"')),
    ("Mappings", re.compile(r'"Fn::FindInMap":\["([^"]+)"')),
)
"""What surely uses something of a section; nothing in metadata does."""
_SUB = re.compile(r'"Fn::Sub":\[?"([^"\\]*(?:\\.[^"\\]*)*)"')


@dataclass(frozen=True)
class Part:
    """A parameter, mapping, condition, resource or output."""

    texts: tuple[str, str]
    """As JSON, its content, and its name with what is seen of a template nested in it. What names a
    service is replaced (by ``\\0name 0\\0``), so no name makes a difference to them."""
    depends_on: tuple[str, ...]
    """What it depends on besides."""
    names: tuple[str, ...]
    """The services that it names, by turn."""
    sizes: Mapping[str, int]
    """How long that is which was replaced (by ``name 0``), or how large."""
    mentions: tuple[str, ...]
    """All that may be the name of a part that it needs."""
    uses: frozenset[tuple[str, str]]
    """The parameters, mappings and conditions that it surely uses, each with its section."""


@dataclass(frozen=True)
class _Token:
    """A string or a key as JSON has it."""

    content: str
    mentions: Mapping[str, None]
    pieces: tuple[tuple[str, str, str, int], ...]
    """Names of services in it: what is before each, the service, how it is spelt, how long."""
    end: str


class Names:
    """The names that a system is described with, as descriptions, logical ids and variables spell
    them.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names as the description has them."""
        self._of = {
            spelling: (name, kind)
            for name in names
            for kind, spelling in (
                ("variable", name.replace("-", "_").upper()),
                ("id", pascal(name)),
                ("name", name),
            )
        }
        # "service-1" is not in "service-10", nor "Pay" in "Payment".
        names = f"{_one_of(self._of)}(?![a-z0-9])"
        self._pattern = re.compile(rf"{_ESCAPED}|{names}") if self._of else None
        self._known: dict[str, _Token] = {}

    def part(
        self, name: str, value: object, resources: Collection[str], edge: object = None
    ) -> Part:
        """Read a part of this name in a template of these resources, and what it sees of a template
        that is nested in it.
        """
        value, sizes = freed(value)
        value, depends_on = _without_dependencies(value)
        ids: dict[str, int] = {}
        turns: dict[str, int] = {}
        mentions: dict[str, None] = {}

        def replaced(text: str) -> str:
            parts = _STRING.split(text)
            for at in range(1, len(parts), 2):
                is_key = parts[at][-1] == ":"
                if is_key and edge is None:  # a key has a service's name in nested stacks only
                    continue
                token = self._known.get(parts[at]) or self._learn(parts[at])
                if not is_key:
                    mentions.update(token.mentions)
                    if token.content in resources:
                        turn = ids.setdefault(token.content, len(ids))
                        parts[at] = f'"\0resource {turn}\0"'
                        continue
                if token.pieces:
                    turned = ""
                    for before, service, kind, size in token.pieces:
                        place = f"{kind} {turns.setdefault(service, len(turns))}"
                        sizes[place] = size
                        turned += f"{before}\0{place}\0"  # no text of JSON has this character
                    parts[at] = turned + token.end
            return "".join(parts)

        text = compact(value)
        content = replaced(text)
        mentioned = tuple(mentions)
        own_name = name if name not in resources else None
        rest = replaced(compact([own_name, edge])) if own_name or edge is not None else "[]"
        return Part(
            (content, rest),
            depends_on,
            tuple(turns),
            sizes,
            mentioned,
            frozenset(_used(value, text)),
        )

    def _learn(self, text: str) -> _Token:
        """Return what a string or a key is made of, and remember it."""
        content = text.rstrip(":")[1:-1]
        pieces, end = [], 0
        if self._pattern is not None and not content.startswith("AWS::"):
            for match in self._pattern.finditer(text):
                if match[0][0] == "\\":
                    continue
                service, kind = self._of[match[0]]
                pieces.append((text[end : match.start()], service, kind, len(match[0])))
                end = match.end()
        mentions = dict.fromkeys(_mentioned(content))
        token = self._known[text] = _Token(content, mentions, tuple(pieces), text[end:])
        return token


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
    if isinstance(value, dict) and isinstance(value.get("Condition"), str):
        yield "Conditions", value["Condition"]
    for sub in _SUB.finditer(text):
        yield from (("Parameters", name) for name in _PLACEHOLDER.findall(sub[1]))
    for section, use in _USES:
        for match in use.finditer(text):
            yield section, next(filter(None, match.groups()))


def _without_dependencies(value: object) -> tuple[object, tuple[str, ...]]:
    """Return a part without the names of what it depends on, and these."""
    if not isinstance(value, dict) or not value.get("DependsOn"):
        return value, ()
    names = value["DependsOn"]
    names = names if isinstance(names, list) else [names]
    if not all(isinstance(one, str) for one in names):
        return value, ()
    return {key: one for key, one in value.items() if key != "DependsOn"}, tuple(names)
