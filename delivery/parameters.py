"""The parameters of a parent stack: from its file, from the command line, from what is deployed."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from checks.parameter_files import ParameterFile, read
from checks.parameters import CREDENTIAL
from delivery.errors import InputError, nearest
from delivery.stacks import Stack
from description import digests
from description.credentials import looks_like_one, may_be_one
from description.digests import DIGEST_PATTERN

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
"""A tag of an image (OCI Distribution Specification, "Pulling manifests")."""

SSM = "AWS::SSM::Parameter::"
"""How the type of a parameter begins whose value is the name of a Systems Manager parameter."""


def load(path: Path, systems: Iterable[str]) -> ParameterFile:
    """Read a parameter file; ``systems`` are the names of all that there are.

    Raises ``InputError`` where it is missing or malformed.
    """
    file = read(path, systems)
    if file.findings:
        mistakes = [
            f"{path}{found.path and f': {found.path}'} {found.message}" for found in file.findings
        ]
        advice = "Correct it" if path.exists() else "Write it"
        raise InputError(f"{'; '.join(mistakes)}. {advice}, or name another with --parameters.")
    return file


def assignments(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Return ``KEY=VALUE`` texts of a command-line option as a mapping.

    Raises ``InputError`` for what is none, without repeating it: somebody may have pasted a secret.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise InputError(f"A value of {option} is not KEY=VALUE, and not repeated here.")
        pairs[key] = value
    return pairs


def public(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Return assignments whose values many may read, as those of parameters and tags.

    Raises ``InputError`` also for what may be a credential, without repeating it.
    """
    pairs = assignments(option, texts)
    for key, value in pairs.items():
        if looks_like_one(key) or may_be_one((key,), value):
            it = option if looks_like_one(key) else f"{option} {key}=…"
            raise InputError(f"{it}: {CREDENTIAL}. Set them with: ./deploy.sh secrets")
    return pairs


def image_digests(
    images: Mapping[str, str],
    services: Iterable[str],
    resolve: Callable[[str, str], str] | None = None,
) -> dict[str, str]:
    """Return the digest of each image that was named for a service.

    An image is ``sha256:<64 hex digits>``, alone or behind ``<repository>@``, or a tag, where
    ``resolve`` returns the digest of a service's tag. Raises ``InputError`` for a service that the
    system does not have and for an image that is not pinned by digest.
    """
    known = sorted(services)
    digests: dict[str, str] = {}
    for service, image in images.items():
        if service not in known:
            raise InputError(
                f"--image {service}=…: there is no service {service}. {nearest(service, known)}"
            )
        digest = image.rpartition("@")[2]
        if resolve and TAG.fullmatch(image):
            digest = resolve(service, image)
        if not re.fullmatch(DIGEST_PATTERN, digest):
            raise InputError(
                f"--image {service}=…: is not pinned by digest. "
                "Give sha256:<64 hex digits>, as docker push and aws ecr describe-images print it."
            )
        digests[service] = digest
    return digests


def merge(
    parent: Mapping[str, Any], given: Mapping[str, str], stack: Stack | None
) -> dict[str, str | None]:
    """Return a value for each parameter that needs one; None keeps the value of the stack.

    ``parent`` is the template. A parameter that is neither given nor deployed is left out and takes
    its default. Raises ``InputError`` for a given parameter that nobody declared.
    """
    declared = sorted(parent.get("Parameters", {}))
    for name in given:
        if name not in declared:
            raise InputError(
                f"--parameter {name}=…: there is no parameter {name}. {nearest(name, declared)}"
            )
    deployed = stack.parameters if stack and stack.deployed else {}
    kept = {name: None for name in declared if name in deployed}
    images = digests.merged(parent, given, deployed)
    return kept | dict(given) | {k: v for k, v in images.items() if deployed.get(k) != v}


def with_images(
    values: Mapping[str, str | None],
    images: Mapping[str, str],
    services: Iterable[str],
    stack: Stack | None,
) -> dict[str, str | None]:
    """Return ``values`` with just these images, digests by service."""
    deployed = stack.parameters if stack and stack.deployed else {}
    pinned = digests.as_values(images, services)
    return {**values, **{k: None if deployed.get(k) == v else v for k, v in pinned.items()}}


def without_images(services: Iterable[str], stack: Stack) -> dict[str, str | None]:
    """Return the values that a stack has, but for no image of these ``services``, which are named
    as ``digests.titles`` has them.
    """
    left = digests.emptied(stack.parameters, services)
    return {name: None if stack.parameters[name] == one else one for name, one in left.items()}


def settled(values: Mapping[str, str | None], stack: Stack | None) -> dict[str, str]:
    """Return the values that parameters will have, those of the ``stack`` where it keeps them."""
    deployed = stack.parameters if stack else {}
    return {k: deployed.get(k, "") if v is None else v for k, v in values.items()}


def ssm_advice(
    declared: Mapping[str, Any], values: Mapping[str, str | None], stack: Stack | None, said: str
) -> str:
    """Return the command that makes the SSM parameter which a refusal by AWS names, if it does.

    ``values`` are what was sent for the ``declared`` parameters, ``said`` what AWS answered. The
    command ends where the options that say in which account and region may follow.
    """
    for name, parameter in declared.items():
        ssm_name = values.get(name) or (stack.parameters.get(name) if stack else None)
        if parameter["Type"].startswith(SSM) and ssm_name and ssm_name in said:
            value = "ARN" if name.endswith("Arn") else "VALUE"
            return (
                f"{name} is the name of an SSM parameter. If there is none, make it with: aws ssm "
                f"put-parameter --name {shlex.quote(ssm_name)} --type String --value {value}"
            )
    return ""
