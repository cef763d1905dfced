"""For which versions of its secrets each service was started last, as the parent's parameters say.

A text ``api=1a2b3c4d,fraud-detector=5e6f7a8b``, in more than one parameter where there are too many
services for one: whichever it stands in, a version is found by its service's name. It stands for
the ids that Secrets Manager gives to versions of secrets, never for a value.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from description import texts

DIGITS: Final = 8
"""Hexadecimal digits of a version."""

_PARAMETER = re.compile(r"SecretVersions([2-9]|[1-9][0-9]+)?")


def tells_versions(parameter: str) -> bool:
    """Return whether a parameter of a parent, known by its name, is one of these."""
    return _PARAMETER.fullmatch(parameter) is not None


def parameters(services: Iterable[str]) -> dict[str, list[str]]:
    """Return the parameters that tell the versions of ``services``, and for each one whose versions
    we write into it. None where there are no services.
    """
    dealt = enumerate(texts.dealt(services, DIGITS), 1)
    return {f"SecretVersions{n if n > 1 else ''}": text for n, text in dealt}


def version(ids: Iterable[str]) -> str:
    """Return what stands for the ``ids`` of versions, in any order."""
    return hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:DIGITS]


def known(values: Mapping[str, str]) -> dict[str, str]:
    """Return the versions, by service, that ``values`` of parameters tell."""
    told = [text for name, text in values.items() if tells_versions(name)]
    pairs = (part.partition("=") for text in told for part in text.split(",") if part)
    return {name: version for name, _, version in pairs}


def as_values(versions: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return the value of each parameter that tells the ``versions`` of ``services``."""
    return texts.written(versions, parameters(services))
