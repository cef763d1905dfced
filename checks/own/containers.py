"""Rules over what a task definition tells its containers."""

from collections.abc import Iterator
from typing import Any

from checks.own.rule import Hits, rule
from checks.rendering import Node, Path
from checks.walk import branches, inner, is_given, items, resources, texts
from description.credentials import is_named_like_one, looks_like_one

TASK = "AWS::ECS::TaskDefinition"


@rule("E9151")
def credential_in_environment(template: Node) -> Hits:
    """Refuse credentials in plain environment variables: whoever may describe a task definition
    reads them (PCI DSS 8.6.2).
    """
    for path, container in _containers(template):
        for where, one in items(container.get("Environment"), (*path, "Environment")):
            for name in texts(one.get("Name")):
                if is_named_like_one(name):
                    yield (*where, "Name"), f"{name} belongs under Secrets"
            if any(map(looks_like_one, texts(one.get("Value")))):
                yield (*where, "Value"), "looks like a credential: it belongs under Secrets"


@rule("E9152")
def image_by_tag(template: Node) -> Hits:
    """Require images by digest: what a tag means can change between two tasks of a service."""
    for path, container in _containers(template):
        for text in _known(container.get("Image")):
            if "@" not in text:
                yield (*path, "Image"), f"must be repository@sha256:…, found {text}"


@rule("E9153")
def one_role_for_both(template: Node) -> Hits:
    """Require another role for a task's code than for starting it: its code could read every secret
    and pull every image that the other one may.
    """
    for path, task in resources(template, TASK):
        role = task.get("TaskRoleArn")
        if is_given(role) and role == task.get("ExecutionRoleArn"):
            yield (*path, "TaskRoleArn"), "must be another role than ExecutionRoleArn"


@rule("E9154")
def unknown_volume(template: Node) -> Hits:
    """Require each mounted volume among those of the task, or ECS refuses the task definition."""
    for path, task in resources(template, TASK):
        volumes = [one.get("Name") for _, one in items(task.get("Volumes"))]
        if not all(isinstance(name, str) for name in volumes):
            continue
        for place, container in items(task.get("ContainerDefinitions"), (*path, _LISTED)):
            for where, point in items(container.get("MountPoints"), (*place, "MountPoints")):
                for name in texts(point.get("SourceVolume")):
                    if name not in volumes:
                        message = f"is no volume of the task: {name}"
                        yield (*where, "SourceVolume"), message


@rule("E9155")
def writable_root(template: Node) -> Hits:
    """Require a read-only root file system: what breaks into a container cannot then change its
    program (PCI DSS 2.2).
    """
    for path, container in _containers(template):
        read_only = container.get("ReadonlyRootFilesystem")
        if not is_given(read_only) or any(
            str(one).lower() == "false" for one in branches(read_only)
        ):
            yield (*path, "ReadonlyRootFilesystem"), "must be true"


@rule("E9156")
def privileged(template: Node) -> Hits:
    """Refuse privileges of the host and added capabilities of its kernel, which Fargate does not
    give and no payment service needs (PCI DSS 2.2).
    """
    for path, container in _containers(template):
        if any(str(one).lower() == "true" for one in branches(container.get("Privileged"))):
            yield (*path, "Privileged"), "must be false"
        where: Path = (*path, "LinuxParameters", "Capabilities", "Add")
        for choice in branches(inner(container, "LinuxParameters", "Capabilities", "Add")):
            if isinstance(choice, list) and choice:
                yield where, "must be empty"


_LISTED = "ContainerDefinitions"


def _containers(template: Node) -> Iterator[tuple[Path, Node]]:
    for path, task in resources(template, TASK):
        yield from items(task.get(_LISTED), (*path, _LISTED))


def _known(image: Any) -> Iterator[str]:
    """Yield what is known of an image's name: the text, or the text around placeholders. A name
    that is a parameter as a whole is not judged.
    """
    for choice in branches(image):
        match choice:
            case str():
                yield choice
            case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
                yield text
            case {"Fn::Join": [str(), list(parts)]}:
                yield "".join(part if isinstance(part, str) else "${…}" for part in parts)
