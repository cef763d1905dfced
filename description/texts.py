"""Texts that say something of many services, ``api-gateway=…,fraud-detector=…``, in as few of the
parent's parameters as take them: whichever it stands in, a value is found by its service's name.
"""

from collections.abc import Iterable, Mapping
from typing import Final

TEXT_BYTES: Final = 4_096
"""A parameter's value (CloudFormation User Guide, "Understand CloudFormation quotas")."""


def dealt(services: Iterable[str], size: int) -> list[list[str]]:
    """Return the services that stand in each text, given how many bytes a value has."""
    texts: list[list[str]] = []
    left = 0
    for name in services:
        wanted = len(f"{name}=,".encode()) + size
        if wanted > left:
            texts.append([])
            left = TEXT_BYTES + 1  # no comma follows the last one
        texts[-1].append(name)
        left -= wanted
    return texts


def written(values: Mapping[str, str], titles: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the text of each parameter, given the services that stand in it; one without a value
    is left out.
    """
    return {
        title: ",".join(f"{name}={values[name]}" for name in names if name in values)
        for title, names in titles.items()
    }
