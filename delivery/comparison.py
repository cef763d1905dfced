"""The two sides of a comparison: a folder that was built, a stack, what would be built."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.parameters import SUFFIX
from checks.rendering import Rendering, nested
from checks.resolved import Place, ResolutionError, System, resolve, samples
from delivery.aws import Aws, explained
from delivery.errors import InputError
from delivery.parameters import assignments, merge, settled
from delivery.publish import PARENT, Packaged
from delivery.stacks import NESTED, Stack
from delivery.templates import template


@dataclass(frozen=True)
class Side:
    """Templates and the values of the parent's parameters."""

    rendering: Rendering
    parameters: Mapping[str, str]

    def resolved(self, place: Place, *, images: bool) -> System:
        """Return the system that they are; with ``images`` as if every image were known.

        Raises ``InputError`` for what cannot be followed.
        """
        try:
            return resolve(self.rendering, self.parameters, images=images, place=place)
        except ResolutionError as error:
            raise InputError(f"These templates cannot be compared: {error}.") from error


def of_folder(folder: Path, build: str, environment: str) -> Side:
    """Return what was built into a folder, with the parameters of an environment if it has them.

    The templates are in the folder itself, or below it where ``build.py`` puts those of the
    ``build``: ``gateway/production``. Raises ``InputError`` where no build is there.
    """
    if not (folder / PARENT).exists() and (folder / build).is_dir():
        folder = folder / build
    try:
        rendering = Rendering(folder.name, dict(_files(folder, PARENT)))
        file = folder / f"{environment}.overrides.json"
        texts: list[str] = json.loads(file.read_bytes()) if file.exists() else []
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise InputError(
            f"There is no build in {folder}: {error}. "
            f"Name a folder that build.py has written: its {PARENT} must be there or in {build}/."
        ) from error
    known = {**samples(rendering), SUFFIX: environment}
    return Side(rendering, known | assignments(f"{file}:", texts))


def of_build(
    name: str, templates: Mapping[str, bytes], given: Mapping[str, str], stack: Stack | None
) -> Side:
    """Return what is built now; what is not given keeps the value that the ``stack`` has.

    Raises ``InputError`` for a parameter that nobody declared.
    """
    rendering = Rendering(name, templates)
    values = merge(rendering.templates[PARENT], given, stack)
    return Side(rendering, settled(values, stack))


def of_stack(aws: Aws, stack: Stack, known: Mapping[str, Packaged]) -> Side:
    """Return what is deployed: the templates of the stack and of all that are nested in it.

    ``known`` are templates as they would be stored. Their URLs say what is in them, so those that
    are deployed already are not read: that is one call where nothing has changed.
    """
    bodies = {one.url: one.body for one in known.values()}
    with explained():
        body = template(aws, stack.id)
        files = {
            name: json.dumps(body).encode()
            for name, body in _deployed(aws, body, stack.id, (), bodies)
        }
    return Side(Rendering(stack.name, files), stack.parameters)


def _files(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield a template of a folder, and those that it nests."""
    body = (folder / name).read_bytes()
    yield name, body
    for _, _, url in nested(json.loads(body)):
        if isinstance(url, str) and "://" not in url:
            yield from _files(folder, url)


def _deployed(
    aws: Aws,
    body: dict[str, Any],
    stack_id: str,
    path: tuple[str, ...],
    known: Mapping[str, bytes],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and content of a stack's template, and of those of nested stacks.

    ``body`` is the template of the stack; ``known`` are templates by their URLs. A nested template
    is called after the path of its stack, and its parent names it so.
    """
    children = {
        logical_id: resource["Properties"]
        for logical_id, resource in body["Resources"].items()
        if resource["Type"] == NESTED
    }
    strange = any(str(one["TemplateURL"]) not in known for one in children.values())
    there = _nested_ids(aws, stack_id) if strange else {}
    for logical_id, properties in children.items():
        nested_id = there.get(logical_id, "")
        if stored := known.get(str(properties["TemplateURL"])):
            child = json.loads(stored)
        elif nested_id:
            child = template(aws, nested_id)
        else:
            continue  # its condition does not hold
        inside = (*path, logical_id)
        properties["TemplateURL"] = _file(inside)
        yield from _deployed(aws, child, nested_id, inside, known)
    yield _file(path), body


def _nested_ids(aws: Aws, stack_id: str) -> dict[str, str]:
    """Return the ids of the stacks that are nested in a stack, by logical id."""
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    return {
        found["LogicalResourceId"]: found["PhysicalResourceId"]
        for page in pages
        for found in page["StackResourceSummaries"]
        if found["ResourceType"] == NESTED
        and found.get("PhysicalResourceId")
        and found["ResourceStatus"] != "DELETE_COMPLETE"
    }


def _file(path: tuple[str, ...]) -> str:
    return f"{'-'.join(path)}.json" if path else PARENT
