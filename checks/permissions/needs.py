"""Needs: what must be allowed so that what is declared works, and what must then be denied."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from checks.permissions.conditions import Context
from checks.permissions.decision import Request
from checks.permissions.language import Kind
from checks.permissions.patterns import is_within
from checks.permissions.policies import Policy
from checks.resolved import Resource

STRANGER: Final = "999999999999"
"""An account that has nothing to do with the system."""

_ALWAYS_SAID: Final = frozenset({"aws:securetransport"})
"""Keys that every request has."""


@dataclass(frozen=True, eq=False)
class Need:
    """Something that AWS or a service's code does, because of what is declared."""

    who: str
    """A role's ARN, an account's root or a service's name."""
    action: str
    resource: str
    """One ARN; ``*`` for an action that knows none."""
    reason: str
    """``api-gateway pulls its image``."""
    place: Resource
    """Whose policy has to allow it."""
    scope: str = ""
    """The pattern with which a policy may name the resource, if not by its ARN."""
    context: Context = field(default_factory=dict)
    """What AWS knows of the request."""
    scopes: Mapping[str, str] = field(default_factory=dict)
    """The patterns with which a condition may name values of the context, if not by themselves."""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of the context with which the same request must be allowed, too."""
    strange: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of the context with which the same request must be denied."""
    endpoint: Resource | None = None
    """The endpoint that must let it through, where that is what is needed."""

    @property
    def request(self) -> Request:
        """What has to be allowed."""
        return Request(self.who, self.action, self.resource, self.context)

    @property
    def pattern(self) -> str:
        """What a policy may at most say of the resource."""
        return self.scope or self.resource

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of policies that it is about."""
        if self.endpoint:
            return (Kind.ENDPOINT,)
        if self.action == "sts:AssumeRole":
            return (Kind.TRUST,)
        return (Kind.IDENTITY, Kind.RESOURCE)

    def is_about(self, policy: Policy) -> bool:
        """Return whether ``policy`` has a say in it."""
        if policy.kind not in self.kinds:
            return False
        if self.endpoint:
            return policy.subject is self.endpoint
        return policy.is_about(self.who, self.resource)

    def wants(self, key: str, value: str) -> bool:
        """Return whether a condition may say ``value`` of ``key``, so that this is allowed."""
        if key not in self.context:
            return False
        scope = self.scopes.get(key, self.context[key])
        return value in self.others.get(key, ()) or is_within(value, scope)

    def other_contexts(self) -> Iterator[tuple[Context, str]]:
        """Yield where it must be allowed as well, and what is other about that."""
        for key, values in self.others.items():
            for value in values:
                yield {**self.context, key: value}, f"{key} is {value}"

    def strange_contexts(self) -> Iterator[tuple[Context, str]]:
        """Yield where it must be denied, and what is wrong with that."""
        for key, values in self.strange.items():
            for value in values:
                yield {**self.context, key: value}, f"{key} is {value}"
            if key not in _ALWAYS_SAID:
                less = {name: value for name, value in self.context.items() if name != key}
                yield less, f"{key} is not said"

    def strangers(self) -> Iterator[Request]:
        """Yield the same request of others, to whom it must be denied."""
        if self.who.endswith(".amazonaws.com"):
            for other in (f"arn:aws:iam::{STRANGER}:root", "stranger.amazonaws.com"):
                yield Request(other, self.action, self.resource, self.context)
