"""Attributes of load balancers, target groups and listeners: only those that AWS documents."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, partial

from localaws import emulator
from localaws.api import operation_model
from localaws.emulator import Parameters
from localaws.rules.guard import guard, refuse

_KINDS = {"Listener": "Listener", "LoadBalancer": "Load balancer", "TargetGroup": "Target group"}
_DOCUMENTED = re.compile(r"<code>([a-z0-9_]+(?:\.[a-z0-9_]+)+)</code>")


def install() -> None:
    """Let Elastic Load Balancing's calls follow this rule."""
    guard(
        emulator.load_balancing_actions,
        emulator.load_balancing_error,
        {f"Modify{kind}Attributes": partial(_modify, kind) for kind in _KINDS},
    )


def recognized(kind: str, attributes: Iterable[Mapping[str, object]]) -> None:
    """Refuse an attribute that a Listener, a LoadBalancer or a TargetGroup does not have."""
    for attribute in attributes:
        refuse(
            attribute["Key"] not in _keys(kind),
            "ValidationError",
            f"{_KINDS[kind]} attribute key '{attribute['Key']}' is not recognized",
        )


@cache
def _keys(kind: str) -> frozenset[str]:
    """Return the keys that botocore's description of the service names."""
    model = operation_model("elbv2", f"Modify{kind}Attributes").service_model
    key = model.shape_for(f"{kind}Attribute").members["Key"]  # type: ignore[attr-defined]
    return frozenset(_DOCUMENTED.findall(key.documentation))


def _modify(kind: str, request: Parameters) -> None:
    recognized(
        kind, ({"Key": values[0]} for name, values in request.items() if name.endswith(".Key"))
    )
