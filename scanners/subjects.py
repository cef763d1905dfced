"""What scanners are shown: every system as it is deployed, and merged for each environment."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from checks.build import Project, describe, is_for, render
from checks.parameter_files import read_all
from checks.rendering import Node, Rendering, nested
from checks.resolved import System, merge, references, resolve, samples
from checks.walk import nodes
from scanners.findings import Finding, Form

PARENT: Final = "parent.json"
OF_A_POLICY: Final = {"Version", "Id", "Statement"}
CANARY: Final = "canary"
"""The system that is wrong on purpose: a scanner that says nothing of it is out of order."""


@dataclass(frozen=True, eq=False)
class Template:
    """A file that scanners read."""

    name: str
    """Its name below the folder: ``raw/gateway/production/network.json``."""
    content: Node
    system: str
    profile: str
    form: Form
    stack: str = ""
    """Of a raw one: the path of the stack that it is."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Of a merged one: logical id to address."""
    children: Mapping[str, str] = field(default_factory=dict)
    """Of a raw one: logical id of a nested stack to the name of its template."""

    def address(self, logical_id: str) -> str:
        """Return the address of what has a logical id here; for none, of the stack itself."""
        if self.form is Form.MERGED:
            return self.addresses.get(logical_id, logical_id)
        return "/".join(part for part in (self.stack, logical_id) if part)

    def finding(self, scanner: str, rule: str, address: str, message: str) -> Finding:
        """Return what ``scanner`` says of something here."""
        said = " ".join(message.split())
        return Finding(scanner, rule, self.system, self.profile, address, self.form, said)


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy that a resource has, with all that is known of it."""

    template: Template
    logical_id: str
    document: Node


@dataclass(frozen=True, eq=False)
class Subjects:
    """All that scanners are shown."""

    folder: Path
    """Where the templates are written to."""
    templates: Sequence[Template]
    policies: Sequence[Policy]

    @cached_property
    def _by_name(self) -> dict[str, Template]:
        return {template.name: template for template in self.templates}

    def path(self, template: Template) -> Path:
        """Return where a template is."""
        return self.folder / template.name

    def named(self, file: str) -> Template:
        """Return the template that a scanner calls by its path or its name.

        Raises ``KeyError`` if there is none.
        """
        return self._by_name[file.removeprefix(str(self.folder)).lstrip("/")]

    def write(self) -> None:
        """Write the templates."""
        for template in self.templates:
            path = self.path(template)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(template.content, indent=1))


def gather(project: Project, names: Sequence[str], folder: Path) -> Subjects:
    """Return the systems called ``names``, all of the project if none is named, and the canary.

    Raises what ``checks.build.describe`` and ``checks.resolved.resolve`` raise.
    """
    templates = [canary()]
    policies = []
    policies += [
        Policy(templates[0], name, document)
        for name, resource in templates[0].content["Resources"].items()
        for document in _documents(resource)
    ]
    described = describe(project, names)
    files = read_all(project.parameters, sorted({one.name for one in described}))
    for description, system in zip(described, render(project, names), strict=True):
        templates += raw(system)
        environments = {
            file.environment: file.parameters for file in files if is_for(file, description)
        }
        for name, given in (environments or {"sample": samples(system)}).items():
            template = merged(system, name, given)
            templates.append(template)
            policies += policies_of(resolve(system, given), template)
    return Subjects(folder, templates, policies)


def raw(system: Rendering) -> Iterator[Template]:
    """Yield a system's templates as they are deployed."""
    stacks = dict(_stacks(system, PARENT, ""))
    for file, content in system.templates.items():
        yield Template(
            f"{Form.RAW}/{system.file(file)}",
            content,
            system.system,
            system.profile,
            Form.RAW,
            stack=stacks[file],
            children={
                name: f"{Form.RAW}/{system.file(str(url))}" for name, _, url in nested(content)
            },
        )


def merged(system: Rendering, environment: str, parameters: Mapping[str, str]) -> Template:
    """Return a system as one template, as an environment has it."""
    one = merge(system, parameters)
    return Template(
        f"{Form.MERGED}/{system.folder}/{environment}.json",
        one.template,
        system.system,
        system.profile,
        Form.MERGED,
        addresses=one.addresses,
    )


def policies_of(system: System, template: Template) -> Iterator[Policy]:
    """Yield every policy in ``system``, whose merged template is ``template``."""
    logical_ids = {address: logical_id for logical_id, address in template.addresses.items()}
    for resource in system.resources.values():
        for document in _documents(resource.properties):
            yield Policy(template, logical_ids[resource.address], _as_names(document))


def _documents(properties: Node) -> Iterator[Node]:
    for _, node in nodes(properties):
        # A web ACL's rule has a statement, too, and more beside it.
        if isinstance(node, dict) and "Statement" in node and node.keys() <= OF_A_POLICY:
            yield node


def _as_names(value: Any) -> Any:
    """Return ``value`` with a name in place of what only AWS will know."""
    match value:
        case dict():
            return {key: _as_names(item) for key, item in value.items()}
        case list():
            return [_as_names(item) for item in value]
        case bool() | int() | float() | None:
            return value
    text = str(value)
    for one in references(text):
        text = text.replace(str(one), one.address.replace("/", "-").lower())
    return text


def _stacks(system: Rendering, file: str, address: str) -> Iterable[tuple[str, str]]:
    """Yield each template's file and the path of its stack."""
    yield file, address
    for name, _, url in nested(system.templates[file]):
        yield from _stacks(system, str(url), f"{address}/{name}".lstrip("/"))


def canary() -> Template:
    """Return the template that is wrong on purpose."""
    content = json.loads((Path(__file__).parent / "canary.json").read_text())
    return Template(f"{CANARY}/template.json", content, CANARY, "", Form.RAW)
