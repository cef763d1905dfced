"""A defect, planted: what it is, where it is, and the templates that have it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from checks.parameter_files import ParameterFile
from checks.rendering import Node, Path, Rendering
from description.model import System


class _Removed:
    def __repr__(self) -> str:
        return "nothing"


REMOVED: Final = _Removed()
"""Instead of a value: there is none any more."""

Edit = tuple[Path, Any]
"""A place in a template, and what is there from now on. The index after a list's last item, or a
key that an object does not have, adds."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A system with one profile, into which defects are planted."""

    name: str
    """``gateway/production``."""
    rendering: Rendering
    description: System
    files: tuple[ParameterFile, ...]
    """Its parameter files; ``checks`` take a sample where there are none."""

    @property
    def templates(self) -> Mapping[str, Node]:
        """The content of each file."""
        return self.rendering.templates


@dataclass(frozen=True, eq=False)
class Mutant:
    """One defect in one template."""

    kind: str
    """What is done to it: ``boolean flipped``."""
    area: str
    """What it is done to: ``network``, ``iam``."""
    file: str
    path: Path
    """Where."""
    edits: tuple[Edit, ...]
    detail: str = ""
    """What was there and what is there now."""

    @property
    def address(self) -> str:
        """Where it is, within its subject: ``network.json Resources/Vpc/Properties/CidrBlock``."""
        return f"{self.file} {'/'.join(map(str, self.path))}"

    def __str__(self) -> str:
        return f"{self.kind}: {self.address}" + (f" ({self.detail})" if self.detail else "")


class Planted(Rendering):
    """A system's templates, one of which has a defect."""

    def __init__(self, original: Rendering, mutant: Mutant) -> None:
        template = original.templates[mutant.file]
        for path, value in mutant.edits:
            template = edited(template, path, value)
        object.__setattr__(self, "system", original.system)
        object.__setattr__(self, "profile", original.profile)
        self.__dict__["templates"] = {**original.templates, mutant.file: template}
        self._original, self._file = original, mutant.file

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """File name to content."""
        body = json.dumps(self.templates[self._file], indent=1) + "\n"
        return {**self._original.files, self._file: body.encode()}


def edited(node: Any, path: Path, value: Any) -> Any:
    """Return ``node`` with ``value`` at ``path``; ``node`` itself stays as it is."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(node, list):
        assert isinstance(step, int)
        if rest:
            return [*node[:step], edited(node[step], rest, value), *node[step + 1 :]]
        return [*node[:step], *([] if value is REMOVED else [value]), *node[step + 1 :]]
    if rest:
        return {**node, step: edited(node[step], rest, value)}
    if value is REMOVED:
        return {key: item for key, item in node.items() if key != step}
    return {**node, step: value}


def at(node: Any, path: Path) -> Any:
    """Return what is at ``path``."""
    for step in path:
        node = node[step]
    return node


def shown(value: Any) -> str:
    """Return a value in a few words."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


@dataclass(frozen=True)
class Site:
    """A place in a template: what every kind of defect looks at."""

    subject: Subject
    file: str
    path: Path
    value: Any
    area: str

    @property
    def template(self) -> Node:
        """The template that it is in."""
        return self.subject.templates[self.file]

    @property
    def key(self) -> str:
        """The last step of its path that is a name."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def resource(self) -> Node:
        """The resource that it is in; empty outside resources."""
        if len(self.path) > 1 and self.path[0] == "Resources":
            return dict(self.template["Resources"][self.path[1]])
        return {}

    @property
    def type(self) -> str:
        """The type of the resource that it is in; empty outside resources."""
        return str(self.resource.get("Type", ""))

    @property
    def inner(self) -> Path:
        """Its path in the properties of its resource; empty elsewhere."""
        is_property = len(self.path) > 3 and self.path[0] == "Resources"
        return self.path[3:] if is_property and self.path[2] == "Properties" else ()

    def mutant(self, kind: str, *edits: Edit, detail: str = "", at: Path = ()) -> Mutant:
        """Return a defect here, or at the path ``at``."""
        return Mutant(kind, self.area, self.file, at or self.path, edits, detail)

    def changed(self, kind: str, value: Any) -> Mutant:
        """Return the defect that something else is here."""
        detail = f"{shown(self.value)} → {shown(value)}"
        return self.mutant(kind, (self.path, value), detail=detail)

    def removed(self, kind: str) -> Mutant:
        """Return the defect that nothing is here."""
        return self.mutant(kind, (self.path, REMOVED), detail=shown(self.value))


Mutants = Iterator[Mutant]
