"""Reads YAML into plain values, and remembers the line of each.

Scalars are read as YAML 1.2 reads them, like editors do: ``no`` and ``2026-01-01`` are text.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from description.mistakes import Finding, Where

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without its C library
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_TAG = "tag:yaml.org,2002:"


@dataclass
class Source:
    """What a file says."""

    content: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    """The line, from 1 on, of each field and list item."""
    findings: list[Finding] = field(default_factory=list)

    def line(self, where: Where) -> int:
        """Return the line of a place, or of what it would be part of."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


class Loader(_Loader):
    """PyYAML's safe loader with the scalars of YAML 1.2's core schema and merge keys."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own way to declare them


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    Loader.add_implicit_resolver(_TAG + _tag, re.compile(f"^(?:{_pattern})$"), list(_first))


def read(text: str) -> Source:
    """Return what a YAML text says. A text that is not YAML gives a finding and no content."""
    try:
        loader = Loader(text)
        try:
            root = loader.get_single_node()
            return _Reader(loader).source(root)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        return _not_yaml(text, error)


class _Reader:
    """Turns nodes into values; PyYAML gives an anchored node to each of its aliases."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._made = Source()
        self._flat: set[int] = set()

    def source(self, root: yaml.Node | None) -> Source:
        if root is not None:
            self._made.content = self._value(root, (), ())
        return self._made

    def _value(self, node: yaml.Node, where: Where, inside: tuple[int, ...]) -> Any:
        if id(node) in inside:
            self._report(where, "contains itself")
            return None
        inside = (*inside, id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where, inside)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                self._made.lines[*where, index] = item.start_mark.line + 1
                items.append(self._value(item, (*where, index), inside))
            return items
        try:
            return _scalar(node)
        except ValueError:
            self._report(where, f"is not of the type that its tag {node.tag} says")
            return None

    def _mapping(
        self, node: yaml.MappingNode, where: Where, inside: tuple[int, ...]
    ) -> dict[str, Any]:
        if id(node) not in self._flat:
            self._flat.add(id(node))
            self._report_doubles(node, where)
            self._loader.flatten_mapping(node)
        values = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._report(where, "has a key that is not text")
                continue
            place = (*where, key.value)
            self._made.lines[place] = key.start_mark.line + 1
            values[key.value] = self._value(value, place, inside)
        return values

    def _report_doubles(self, node: yaml.MappingNode, where: Where) -> None:
        first: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in first:
                self._report(
                    (*where, key.value), f"is given twice, first in line {first[key.value]}"
                )
            first.setdefault(key.value, key.start_mark.line + 1)

    def _report(self, where: Where, problem: str) -> None:
        self._made.findings.append(Finding(where=where, problem=problem, reads=()))


def _scalar(node: yaml.Node) -> Any:
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return node.value.lower() == "true"
        case "int":
            return int(node.value)
        case "float":
            return float(node.value)
    return node.value


def _not_yaml(text: str, error: yaml.YAMLError) -> Source:
    """Return the finding that ``text`` is not YAML, in the words of the clearer parser."""
    try:
        yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as clearer:
        error = clearer
    lines: dict[Where, int] = {}
    problem = str(getattr(error, "reason", "") or error)
    if isinstance(error, yaml.MarkedYAMLError):
        problem = ", ".join(filter(None, [error.context, error.problem]))
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            lines[()] = mark.line + 1
    return Source(lines=lines, findings=[Finding(where=(), problem=f"is not YAML: {problem}")])
