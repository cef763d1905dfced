"""Secrets reach the services that the description names, and stand nowhere in the open."""

import json
from collections.abc import Iterator
from typing import Any

from checks.consistency.nest import SECRET, Nest, text
from checks.consistency.rule import Hit, Hits, rule
from checks.rendering import Path
from description.credentials import looks_like_one
from description.names import pascal


@rule("E9761")
def secrets_as_described(nest: Nest) -> Hits:
    """Require that a container reads the described keys of the described secrets, and no other: one
    that is missing stops its tasks, one more is somebody else's.
    """
    arns = {one.logical_id: nest.identity(one) for one in nest.system.of_type(SECRET)}
    for parts, task in nest.tasks():
        where = ("ContainerDefinitions", 0, "Secrets")
        found = {
            str(one.get("Name")): text(one.get("ValueFrom"))
            for one in parts.container.get("Secrets", [])
        }
        wanted = {
            name: f"{arns.get(f'{pascal(read.secret)}Secret')}:{read.key}::"
            for name, read in parts.spec.secrets.items()
        }
        for name in sorted(found.keys() | wanted.keys()):
            if found.get(name) != wanted.get(name):
                message = f"{name} must be {wanted.get(name)}, found {found.get(name)}"
                yield Hit(task, message, where)
        for name in found.keys() & parts.spec.environment.keys():
            yield Hit(task, f"{name} is also in Environment", where)


@rule("E9763")
def secret_without_a_beginning(nest: Nest) -> Hits:
    """Require that a secret begins as a JSON object that CloudFormation makes once: ECS reads keys
    of an object, and from none it starts no task.
    """
    for secret in nest.system.of_type(SECRET):
        made = secret.properties.get("GenerateSecretString") or {}
        try:
            begins = json.loads(made.get("SecretStringTemplate", ""))
        except ValueError:
            begins = None
        if not isinstance(begins, dict) or not made.get("GenerateStringKey"):
            message = "must have a SecretStringTemplate of JSON and a GenerateStringKey"
            yield Hit(secret, message, ("GenerateSecretString",))


@rule("E9762")
def credentials_in_the_open(nest: Nest) -> Hits:
    """Refuse what looks like a credential in any property, parameter, output or tag: templates are
    read by many (PCI DSS 8.6.2).
    """
    for resource in nest.system.resources.values():
        for path, value in _texts(resource.properties):
            if looks_like_one(value):
                yield Hit(resource, "looks like a credential", path)
    for stack in nest.system.stacks.values():
        known = {**stack.parameters, **stack.outputs, **stack.tags}
        for path, value in _texts(known):
            if looks_like_one(value):
                yield Hit(stack, f"{path[0]} looks like a credential")


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _texts(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, (*path, index))
        case str():
            yield path, value
