"""The parameters of a parent stack: from its file, from the command line, from what is deployed."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from delivery.errors import InputError
from delivery.stacks import Stack

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class ParameterFile:
    """A file in the format of a CodePipeline template configuration."""

    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def load(path: Path) -> ParameterFile:
    """Read a parameter file. Raises ``InputError`` where it is missing or malformed."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"Cannot read the parameter file {path}: {error.strerror}. "
            "Write it, or name another one with --parameters."
        ) from error
    except ValueError as error:
        raise InputError(f"{path} is no JSON: {error}.") from error
    shape = 'an object with "Parameters" and "Tags", each an object of strings'
    if not isinstance(content, dict) or content.keys() - {"Parameters", "Tags", "StackPolicy"}:
        raise InputError(f"{path} must be {shape}.")
    sections = [content.get("Parameters", {}), content.get("Tags", {})]
    for section in sections:
        if not isinstance(section, dict):
            raise InputError(f"{path} must be {shape}.")
        for key, value in section.items():
            if not isinstance(value, str):
                raise InputError(f"{path}: {key} is {json.dumps(value)}, and must be a string.")
    return ParameterFile(*sections)


def assignments(option: str, texts: Iterable[str]) -> dict[str, str]:
    """Return ``KEY=VALUE`` texts of a command-line option as a mapping."""
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise InputError(f"{option} {text}: must be KEY=VALUE.")
        pairs[key] = value
    return pairs


def image_digests(images: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return the digest of each image that was named for a service.

    An image is ``sha256:<64 hex digits>``, alone or behind ``<repository>@``. Raises ``InputError``
    for a service that the system does not have and for an image that is not pinned by digest.
    """
    known = sorted(services)
    digests: dict[str, str] = {}
    for service, image in images.items():
        if service not in known:
            raise InputError(f"--image {service}=…: {_unknown('service', service, known)}")
        digest = image.rpartition("@")[2]
        if not DIGEST.fullmatch(digest):
            raise InputError(
                f"--image {service}={image}: is not pinned by digest. "
                "Give sha256:<64 hex digits>, as docker push and aws ecr describe-images print it."
            )
        digests[service] = digest
    return digests


def merge(
    declared: Iterable[str], given: Mapping[str, str], stack: Stack | None
) -> dict[str, str | None]:
    """Return a value for each parameter that needs one; None keeps the value of the stack.

    ``declared`` are the template's parameters. One that is neither given nor deployed is left out
    and takes its default. Raises ``InputError`` for a given parameter that nobody declared.
    """
    declared = sorted(declared)
    for name in given:
        if name not in declared:
            raise InputError(f"--parameter {name}=…: {_unknown('parameter', name, declared)}")
    deployed = stack.parameters if stack and stack.deployed else {}
    kept = {name: None for name in declared if name in deployed}
    return kept | dict(given)


def _unknown(kind: str, name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    advice = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known)}."
    return f"there is no {kind} {name}. {advice}"
