"""The reference of all fields, in Markdown: ``introduction.md``, and tables made of the model."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from description.crosschecks import RULES
from description.fargate import MEMORY_BY_CPU
from description.fields import listed
from description.profiles import development
from description.schema import OVERRIDES, schema

INTRODUCTION: Final = Path(__file__).with_name("introduction.md")

Node = dict[str, Any]
"""A part of the JSON Schema."""

NAME: Final = schema()["properties"]["name"]["pattern"]
"""The pattern of names, of which the introduction tells."""

_TYPES = {"boolean": "true or false", "integer": "whole number", "string": "text"}


@dataclass(frozen=True)
class Place:
    """Where a description has a section, and the section's schema."""

    path: str
    """As people write it: ``services.<name>.routes[]``; empty for the whole."""
    schema: Node

    def of(self, field: str) -> str:
        """Return the path of a field of the section."""
        return f"{self.path}.{field}".lstrip(".")

    @property
    def title(self) -> str:
        """The heading of the section's table."""
        return self.path or "The system"

    @property
    def anchor(self) -> str:
        """The place of the heading in the page."""
        kept = (one for one in self.title.lower() if one.isalnum() or one in " -_")
        return "".join(kept).replace(" ", "-")


def reference() -> str:
    """Return the whole page."""
    return "\n".join(
        [INTRODUCTION.read_text(encoding="utf-8"), *_sections(), *_development(), *_rules()]
    )


def _sections() -> Iterator[str]:
    whole = schema()
    known = whole["$defs"]
    root = Place("", whole)
    for place in (root, *_below(root, known)):
        yield f"### {f'`{place.title}`' if place.path else place.title}\n"
        yield f"{_first_paragraph(place.schema['description'])}\n"
        yield "| Field | Type | Default | Allowed | Meaning |"
        yield "| --- | --- | --- | --- | --- |"
        for name in place.schema["properties"]:
            yield _row(place, name, known)
        yield ""
        if "allOf" in place.schema:
            yield from _sizes()


def _below(place: Place, known: Node) -> Iterator[Place]:
    """Yield the sections in a section, each before those in it."""
    for name, field in place.schema["properties"].items():
        below = _section(field, place.of(name), known)
        if below is not None:
            yield below
            yield from _below(below, known)


def _section(node: Node, path: str, known: Node) -> Place | None:
    """Return the section that a field is, or that each item or value of it is."""
    node = _resolved(node, known)
    if node.get("title") == OVERRIDES:
        return None
    if "properties" in node:
        return Place(path, node)
    if "items" in node:
        return _section(node["items"], f"{path}[]", known)
    if "additionalProperties" in node:
        return _section(node["additionalProperties"], f"{path}.<name>", known)
    return None


def _row(place: Place, name: str, known: Node) -> str:
    field = place.schema["properties"][name]
    node = _resolved(field, known)
    section = _section(node, place.of(name), known)
    kind = f"[{_type(node, known)}](#{section.anchor})" if section else _type(node, known)
    default = "**required**"
    if name not in place.schema.get("required", []):
        default = _default(field.get("default"), node)
    allowed = _allowed(node, known)
    if "allOf" in place.schema and name == "memory":
        allowed = "the sizes below"
    meaning = _first_paragraph(field.get("description") or node["description"])
    return f"| `{name}` | {kind} | {default} | {allowed} | {meaning} |"


def _resolved(node: Node, known: Node) -> Node:
    """Return a node without references, and without the choice of null."""
    if "$ref" in node:
        return dict(known[node["$ref"].rpartition("/")[2]])
    if "anyOf" in node:
        [one] = [one for one in node["anyOf"] if one.get("type") != "null"]
        return {**_resolved(one, known), "nullable": True}
    return node


def _type(node: Node, known: Node) -> str:
    or_null = " or null" if node.get("nullable") else ""
    if "items" in node:
        kind = _type(_resolved(node["items"], known), known)
        return f"list of {'sections' if kind == 'section' else kind}{or_null}"
    if node.get("title") == OVERRIDES:
        return "fields of a description"
    if "properties" in node:
        return f"section{or_null}"
    if "additionalProperties" in node:
        kind = _type(_resolved(node["additionalProperties"], known), known)
        return f"{'sections' if kind == 'section' else kind} by name"
    return f"{_TYPES[node['type']]}{or_null}"


def _default(value: Any, node: Node) -> str:
    if node.get("title") == OVERRIDES:
        return "empty"
    if "properties" in node:
        return "none" if node.get("nullable") else "those below"
    if value == [] or "additionalProperties" in node:
        return "empty"
    if value is None:
        return "none"
    if isinstance(value, list):
        return f"`[{', '.join(value)}]`"
    return f"`{json.dumps(value).strip(chr(34))}`"


def _allowed(node: Node, known: Node) -> str:
    """Return what is allowed, in words."""
    if "properties" in node:
        return ""
    if "additionalProperties" in node:
        names = _allowed(_resolved(node["propertyNames"], known), known)
        values = _allowed(_resolved(node["additionalProperties"], known), known)
        least = "one or more: " if node.get("minProperties") else ""
        return f"{least}{names}{values and f'; values: {values}'}"
    if "items" in node:
        each = _allowed(_resolved(node["items"], known), known)
        return f"{'one or more: ' if node.get('minItems') else ''}{each}"
    if "enum" in node:
        return listed(f"`{one}`" if isinstance(one, str) else one for one in node["enum"])
    if "minimum" in node:
        low, high = node["minimum"], node.get("maximum")
        return f"{low} or more" if high is None else f"{low} to {high}"
    if node.get("pattern") == NAME:
        return "a name"
    words = node.get("patternErrorMessage", "a range such as 10.0.0.0/16" * ("pattern" in node))
    least = f"{node['minLength']}" if "minLength" in node else "up"
    length = f"{least} to {node['maxLength']} characters" if "maxLength" in node else ""
    return ", ".join(filter(None, [words.replace("*", r"\*"), length]))


def _first_paragraph(text: str) -> str:
    return text.partition("  ")[0]


def _sizes() -> Iterator[str]:
    yield "The sizes that Fargate offers:\n"
    yield "| CPU units | Memory, MiB |"
    yield "| --- | --- |"
    for cpu, sizes in MEMORY_BY_CPU.items():
        steps = {later - size for size, later in pairwise(sizes)}
        words = listed(sizes)
        if len(sizes) > 3 and len(steps) == 1:
            words = f"{sizes[0]} to {sizes[-1]} in steps of {steps.pop()}"
        yield f"| {cpu} | {words} |"
    yield ""


def _development() -> Iterator[str]:
    yield "## The development profile\n"
    yield "What development environments have where a description says nothing, and what they give"
    yield "up by it. Everything else is as in production.\n"
    yield "| Field | Development | Production | Gives up |"
    yield "| --- | --- | --- | --- |"
    whole = schema()
    for one in development():
        node: Node = whole
        for step in one.field.split("."):
            field = node["properties"][step]
            node = _resolved(field, whole["$defs"])
        usual = _default(field["default"], node)
        yield f"| `{one.field}` | {_default(one.value, node)} | {usual} | {one.gives_up} |"
    yield ""


def _rules() -> Iterator[str]:
    yield "## What else is checked\n"
    yield "Beyond single fields, `python -m description check` and the build find:\n"
    for rule in RULES:
        sentence = " ".join((rule.__doc__ or "").split()).partition(". ")[0]
        yield f"- {sentence.removeprefix('Find ').removesuffix('.')}"
    yield ""
