"""Whether a mutant behaves as the original does: then it is no defect.

Both are resolved, with every parameter file and with some, all and none of the images known, and
brought to one form: without what means nothing to AWS and without what AWS does anyway, with lists
whose order does not count in one order. If that form is the same, AWS is asked for the same.
"""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from typing import Any

from checks.contracts import PARENT
from checks.rendering import STACK, Node, Path
from checks.resolved import Resource, System, resolve, samples
from checks.walk import nodes
from description import digests
from tests.mutation import schemas
from tests.mutation.areas import POLICIES
from tests.mutation.meaningless import NAME_TAG, UNORDERED, default_texts, is_meaningless
from tests.mutation.mutant import Mutant, Planted, Subject

SETS = frozenset({"Action", "Resource", "NotAction", "NotResource", "Statement"})
"""Lists in a policy, where neither order nor repetition counts."""
PARAMETER_TEXTS = frozenset({"Description", "ConstraintDescription"})


class Equivalence:
    """Compares mutants of one subject with it."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._given = list(_situations(subject))
        self._original = [
            resolve(subject.rendering, given, images=images) for given, images in self._given
        ]

    def holds(self, mutant: Mutant, planted: Planted) -> bool:
        """Return whether the mutant behaves as the original."""
        if mutant.path[0] == "Conditions":
            return False  # it may differ in a situation that is not looked at here
        original, template = self._subject.templates, planted.templates[mutant.file]
        is_parent = mutant.file == PARENT
        if _declared(original[mutant.file], is_parent) != _declared(template, is_parent):
            return False
        if _order(original[mutant.file]) != _order(template):
            return False
        try:
            return all(
                _same(resolve(planted, given, images=images), original)
                for (given, images), original in zip(self._given, self._original, strict=True)
            )
        except Exception:  # noqa: BLE001 - what cannot be resolved is not equivalent
            return False


def _situations(subject: Subject) -> Iterator[tuple[Mapping[str, str], bool]]:
    given = [file.parameters for file in subject.files] or [samples(subject.rendering)]
    for one in given:
        yield one, True
    first = {name: value for name, value in given[0].items() if not digests.pins_images(name)}
    yield first, False
    for name in subject.templates[PARENT]["Parameters"]:
        if digests.pins_images(name):
            yield {**first, name: f"sha256:{'0' * 64}"}, False


def _same(one: System, other: System) -> bool:
    """Return whether AWS is asked for the same."""
    if one.resources.keys() != other.resources.keys() or one.outputs != other.outputs:
        return False
    if {address: (stack.tags, stack.file) for address, stack in one.stacks.items()} != {
        address: (stack.tags, stack.file) for address, stack in other.stacks.items()
    }:
        return False
    return all(
        _same_resource(resource, other.resources[address])
        for address, resource in one.resources.items()
    )


def _same_resource(one: Resource, other: Resource) -> bool:
    if one.type != other.type or _attributes(one) != _attributes(other):
        return False
    return one.properties == other.properties or (
        canonical(one.type, one.properties) == canonical(other.type, other.properties)
    )


def _attributes(resource: Resource) -> Node:
    return {key: value for key, value in resource.attributes.items() if key != "Metadata"}


def _declared(template: Node, is_parent: bool) -> Any:
    """Return what a template says that cannot be seen when it is resolved."""
    parameters = {
        name: {
            key: _declaration(key, value, is_parent)
            for key, value in one.items()
            if key not in PARAMETER_TEXTS
        }
        for name, one in template.get("Parameters", {}).items()
    }
    stacks = {
        name: {
            key: {k: v for k, v in value.items() if k not in ("Parameters", "Tags")}
            if key == "Properties"
            else value
            for key, value in one.items()
            if key not in ("DependsOn", "Metadata")
        }
        for name, one in template.get("Resources", {}).items()
        if one["Type"] == STACK
    }
    conditions = {name: one.get("Condition") for name, one in template.get("Resources", {}).items()}
    return parameters, stacks, conditions


def _declaration(key: str, value: Any, is_parent: bool) -> Any:
    if key == "AllowedValues":
        return {str(one) for one in value}
    # What a parent passes to its children is text, whatever they call it.
    return "text" if not is_parent and value in ("String", "Number") else value


def _order(template: Node) -> dict[str, frozenset[str]]:
    """Return for each resource what is there before it: what it names and what that names."""
    resources = template.get("Resources", {})
    before = {name: _named(one) & resources.keys() for name, one in resources.items()}
    changed = True
    while changed:
        changed = False
        for name, known in before.items():
            more = known.union(*(before[one] for one in known)) if known else known
            if more != known:
                before[name], changed = more, True
    return {name: frozenset(known) for name, known in before.items()}


def _named(resource: Node) -> set[str]:
    wait = resource.get("DependsOn", [])
    found = {wait} if isinstance(wait, str) else set(wait)
    for _, node in nodes(resource.get("Properties", {})):
        if isinstance(node, dict):
            if isinstance(node.get("Ref"), str):
                found.add(node["Ref"])
            target = node.get("Fn::GetAtt")
            if isinstance(target, list):
                found.add(str(target[0]))
            text = node.get("Fn::Sub")
            if isinstance(text, str):
                found |= {part.split("}")[0].split(".")[0] for part in text.split("${")[1:]}
    return found


def canonical(kind: str, value: Any, path: Path = ()) -> Any:
    """Return a property in the form that all equivalent ones have."""
    if isinstance(value, dict):
        made = {}
        for key, item in value.items():
            if not is_meaningless(kind, _pattern((*path, key))):
                made[key] = canonical(kind, item, (*path, key))
            elif key in schemas.at(kind, path).get("required", ()):
                made[key] = "given"
        return {
            key: item
            for key, item in made.items()
            if item not in ([], {})
            and not (isinstance(item, str) and item in default_texts(kind, _pattern((*path, key))))
        }
    if isinstance(value, list):
        items = [canonical(kind, item, (*path, index)) for index, item in enumerate(value)]
        if POLICIES & set(path):
            return _policy_list(items, path)
        if path[-1:] == ("Tags",):
            items = [one for one in items if str(one.get("Key", "")).lower() != NAME_TAG]
        unordered = path[-1:] == ("Tags",) or (kind, _pattern(path)) in UNORDERED
        if unordered or schemas.at(kind, path).get("insertionOrder") is False:
            items.sort(key=_key)
        return items
    return str(value).lower() if isinstance(value, bool) else str(value)


def _policy_list(items: list[Any], path: Path) -> Any:
    """Return a list of a policy, where neither order nor repetition counts; actions are those that
    AWS has, in whatever case they are written.
    """
    if path[-1] in ("Action", "NotAction"):
        return sorted({action for one in items for action in known_actions(str(one).lower())})
    if path[-1] in SETS or "Condition" in path or "Principal" in path:
        items = sorted({_key(one): one for one in items}.values(), key=_key)
        if len(items) == 1 and path[-1] != "Statement":
            return items[0]
    return items


@cache
def known_actions(pattern: str) -> tuple[str, ...]:
    """Return the actions of AWS that a pattern in small letters stands for, or itself if none."""
    service = pattern.partition(":")[0]
    if "*" not in pattern and "?" not in pattern:
        return (pattern,)
    try:
        module = import_module(f"awacs.{service}")
    except ImportError:
        return (pattern,)
    names = (f"{service}:{one}".lower() for one in vars(module) if one[0].isupper())
    return tuple(one for one in names if fnmatchcase(one, pattern)) or (pattern,)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _pattern(path: Path) -> str:
    return "/".join("#" if isinstance(step, int) else step for step in path)
