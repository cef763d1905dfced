"""Secrets reach the services that the description names, and stand nowhere in the open."""

import json
from collections.abc import Sequence

from checks.consistency.nest import (
    ROTATION,
    SECRET,
    Nest,
    below,
    each,
    refers_to,
    section,
    text,
    texts_in,
)
from checks.consistency.rule import Hit, Hits, rule
from checks.rendering import Path
from checks.resolved import Reference, Resource
from description.credentials import looks_like_one
from description.names import pascal
from description.surroundings import Rotation


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
            for one in each(parts.container, "Secrets")
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
        made = section(secret.properties, "GenerateSecretString")
        try:
            begins = json.loads(made.get("SecretStringTemplate", ""))
        except ValueError:
            begins = None
        if not isinstance(begins, dict) or not made.get("GenerateStringKey"):
            message = "must have a SecretStringTemplate of JSON and a GenerateStringKey"
            yield Hit(secret, message, ("GenerateSecretString",))


@rule("E9765")
def rotated_as_described(nest: Nest) -> Hits:
    """Require that a secret that is described to be rotated has one schedule for it, by the
    described function, and another has none (PCI DSS 8.6.3).
    """
    described = {f"{pascal(name)}Secret": one for name, one in nest.described.secrets.items()}
    for secret in nest.system.of_type(SECRET):
        found = [
            one
            for one in nest.system.of_type(ROTATION)
            if refers_to(one.properties.get("SecretId"), secret, nest)
        ]
        of_it = described.get(secret.logical_id)
        wanted = of_it.rotation if of_it else None
        if len(found) != (1 if wanted else 0):
            message = f"has {len(found)} schedules of rotation, described: {1 if wanted else 0}"
            yield Hit(secret, message)
        elif wanted:
            yield from _as_described(nest, found[0], wanted)


def _as_described(nest: Nest, schedule: Resource, wanted: Rotation) -> Hits:
    place, suffix = nest.system.place, str(nest.system.parameters["EnvironmentSuffix"])
    name = wanted.function.replace("${EnvironmentSuffix}", suffix)
    function = f"arn:{place.partition}:lambda:{place.region}:{place.account}:function:{name}"
    for path, value in (
        (("RotationLambdaARN",), function),
        (("RotationRules", "AutomaticallyAfterDays"), str(wanted.days)),
        (("RotateImmediatelyOnUpdate",), "false"),
    ):
        found = text(below(schedule.properties, *path))
        if found != value:
            yield Hit(schedule, f"must have the {path[-1]} {value}, found {found}", path)


@rule("E9762")
def credentials_in_the_open(nest: Nest) -> Hits:
    """Refuse what looks like a credential in any property, parameter, output or tag: templates are
    read by many (PCI DSS 8.6.2).
    """
    for address, texts in nest.texts.items():
        for path in _credentials(texts):
            yield Hit(nest.system.resources[address], "looks like a credential", path)
    for stack in nest.system.stacks.values():
        for path in _credentials(texts_in({**stack.parameters, **stack.outputs, **stack.tags})):
            yield Hit(stack, f"{path[0]} looks like a credential")


def _credentials(texts: Sequence[tuple[Path, str | Reference]]) -> list[Path]:
    """Return where one of some texts looks like a credential."""
    if not looks_like_one("\n".join(str(value) for _, value in texts)):  # mostly, none does
        return []
    return [path for path, value in texts if isinstance(value, str) and looks_like_one(value)]
