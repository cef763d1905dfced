"""The table of roles and keys: who may do what on which resource, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from checks.columns import columns
from checks.permissions.check import all_needs
from checks.permissions.decision import applies
from checks.permissions.language import Kind, Statement
from checks.permissions.needs import Need
from checks.permissions.policies import Policies, Policy
from checks.resolved import System
from description.model import System as Description


@dataclass(frozen=True)
class Grant:
    """What one statement allows."""

    address: str
    """Whose policy it is: ``ApiGatewayService/ExecutionRole``, ``Security/LogKey``."""
    type: str
    """The type of that resource."""
    who: tuple[str, ...]
    """Who may: the principals of a resource's policy; for a role, who assumes it."""
    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[str, ...]
    """What a request must be like: ``aws:sourceaccount StringEquals 111122223333``."""
    reasons: tuple[str, ...]
    """What needs it: ``api-gateway pulls its image``."""


def grants(system: System, described: Description) -> list[Grant]:
    """Return what the roles, keys, buckets, topics and endpoints of ``system`` allow, in order of
    address; a role that may do nothing is not among them.

    Raises ``CannotFollowError``.
    """
    policies = Policies(system)
    needs = list(all_needs(system, described))
    assumed = {
        policy.arn: tuple(who for one in policy.statements for who in one.principals)
        for policy in policies.all
        if policy.kind is Kind.TRUST
    }
    found = [
        _grant(policy, statement, assumed, needs)
        for policy in policies.all
        if policy.kind is not Kind.TRUST
        for statement in policy.statements
        if statement.allows
    ]
    return sorted(found, key=lambda one: (one.address, one.sid))


def _grant(
    policy: Policy, statement: Statement, assumed: dict[str, tuple[str, ...]], needs: list[Need]
) -> Grant:
    about = [need for need in needs if need.is_about(policy)]
    return Grant(
        policy.subject.address,
        policy.subject.type,
        assumed[policy.arn] if policy.kind is Kind.IDENTITY else statement.principals,
        statement.sid,
        statement.actions,
        statement.resources,
        tuple(map(str, statement.conditions)),
        tuple(dict.fromkeys(need.reason for need in about if applies(statement, need.request))),
    )


def table(system: System, described: Description) -> Iterator[str]:
    """Yield who may do what, for people: a line for each statement and each of its resources."""
    rows = [("whose policy", "for whom", "may", "on")]
    rows += [
        (one.address, " ".join(one.who), " ".join(one.actions), resource)
        for one in grants(system, described)
        for resource in one.resources
    ]
    yield from columns(rows)
