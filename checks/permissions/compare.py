"""The comparison: every need allowed, and nothing else.

That nothing else is allowed is seen in four ways. Whatever a statement allows, each action on each
resource for each principal, must serve a need, and no wildcard may reach further than the need. So
must each value of each of its conditions. A request with somebody else's account, source or log
group must be denied. And no role may do what another one needs, unless it needs the same.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from checks.findings import Finding
from checks.permissions import wildcards
from checks.permissions.actions import is_known
from checks.permissions.decision import Leave, Request, Ruling
from checks.permissions.language import Kind, Statement
from checks.permissions.needs import Need
from checks.permissions.patterns import (
    has_wildcard,
    is_within,
    literal_beginning,
    matches,
    matches_action,
)
from checks.permissions.policies import ROLE, Policies, Policy
from checks.resolved import System


def differences(system: System, policies: Policies, needs: list[Need]) -> Iterator[Finding]:
    """Yield what is wrong with who may do what in ``system``."""
    asked = [(need, _ruling(policies, need, need.request)) for need in needs]
    yield from _missing(asked)
    for policy, about in _by_policy(policies, needs):
        for statement in policy.statements:
            yield from _unknown_actions(policy, statement)
            if statement.allows:
                served = [need for need in about if statement.holds(need.context)]
                yield from _too_much(policy, statement, served)
                yield from _unwanted_values(policy, statement, served)
    yield from _open_to_strangers(policies, asked)
    yield from _able_to_do_anothers(system, policies, needs)
    yield from _roles(system, needs)


def _by_policy(policies: Policies, needs: Iterable[Need]) -> Iterator[tuple[Policy, list[Need]]]:
    """Yield each policy with the needs that it is about."""
    # There are as many roles as services: to ask each policy about each need would take for ever.
    of_kind: dict[Kind, dict[str, list[Need]]] = {kind: {} for kind in Kind}
    for need in needs:
        for kind in need.kinds:
            of_kind[kind].setdefault(_decided_by(kind, need), []).append(need)
    for policy in policies.all:
        if policy.kind is Kind.RESOURCE:
            found = [
                need
                for same in of_kind[policy.kind].values()
                if same[0].is_about(policy)
                for need in same
            ]
        else:
            decided = policy.subject.address if policy.kind is Kind.ENDPOINT else policy.arn
            found = of_kind[policy.kind].get(decided, [])
        yield policy, found


def _decided_by(kind: Kind, need: Need) -> str:
    """Return what decides whether a policy of some kind is about a need: an endpoint's address, the
    ARN of who asks, or that of what is asked for.
    """
    if need.endpoint:
        return need.endpoint.address
    return need.who if kind is Kind.IDENTITY else need.resource


def _missing(asked: Iterable[tuple[Need, Ruling | Leave]]) -> Iterator[Finding]:
    for need, ruling in asked:
        if not ruling.allows(need.context):
            message = f"{need.reason}: {_said(need.request)} must be allowed, and is not"
            yield need.place.finding("E9601", message)
            continue
        for context, where in need.other_contexts():
            if not ruling.allows(context):
                message = f"{need.reason}: {_said(need.request)} must be allowed where {where}, too"
                yield need.place.finding("E9601", message)


def _unknown_actions(policy: Policy, statement: Statement) -> Iterator[Finding]:
    for action in statement.actions:
        if not is_known(action):
            message = f"{action} is no action that IAM knows"
            yield policy.finding("E9605", message, *statement.path, "Action")


def _too_much(policy: Policy, statement: Statement, served: list[Need]) -> Iterator[Finding]:
    """Yield what a statement allows, and none of the needs for which its conditions hold wants."""
    for action in statement.actions:
        if has_wildcard(action) and action not in wildcards.ACTIONS:
            message = f"allows {action}: a wildcard, which must be listed with its source"
            yield policy.finding("E9604", message, *statement.path, "Action")
    for action, resource, principal in _allowed(statement):
        if any(_covers(action, resource, principal, need) for need in served):
            continue
        what = " ".join(
            part for part in (principal, action, f"on {resource}" if resource else "") if part
        )
        if resource == "*" and action not in wildcards.ON.get(policy.kind, (action,)):
            yield policy.finding("E9604", f"allows {what}", *statement.path, "Resource")
        else:
            message = f"allows {what}, which nothing needs"
            yield policy.finding("E9602", message, *statement.path)


def _unwanted_values(policy: Policy, statement: Statement, served: list[Need]) -> Iterator[Finding]:
    """Yield the values of conditions for which a statement allows something, and no need that it
    serves wants it. One that serves none at all is too much anyway.
    """
    if not statement.conditions:
        return
    served = [need for need in served if _serves(statement, need)]
    for condition in statement.conditions if served else ():
        for value in condition.expected:
            if not any(need.wants(condition.key, value) for need in served):
                message = f"is allowed where {condition.key} is {value}, which nothing needs"
                yield policy.finding(
                    "E9603", message, *statement.path, "Condition", condition.operator
                )


def _serves(statement: Statement, need: Need) -> bool:
    """Return whether a need wants some of what a statement allows."""
    return any(_covers(*one, need) for one in _allowed(statement))


def _allowed(statement: Statement) -> Iterator[tuple[str, str, str]]:
    """Yield each action, on each resource, for each principal, of which a statement speaks."""
    yield from product(
        statement.actions, statement.resources or ("",), statement.principals or ("",)
    )


def _covers(action: str, resource: str, principal: str, need: Need) -> bool:
    """Return whether a need wants this action, for this principal, and wants all that
    ``resource`` is for.
    """
    return (
        matches_action(action, need.action)
        and (action != wildcards.ADMINISTRATION or need.who.endswith(":root"))
        and (
            not resource or (matches(resource, need.resource) and is_within(resource, need.pattern))
        )
        and principal in ("", "*", need.who)
    )


def _open_to_strangers(
    policies: Policies, asked: Iterable[tuple[Need, Ruling | Leave]]
) -> Iterator[Finding]:
    for need, ruling in asked:
        open_ = [(need.request, why) for at, why in need.strange_contexts() if ruling.allows(at)]
        open_ += [
            (request, f"it is {request.principal}")
            for request in need.strangers()
            if _ruling(policies, need, request).allows(request.context)
        ]
        for request, why in open_:
            message = f"{need.reason}: {_said(request)} must be denied where {why}"
            yield need.place.finding("E9603", message)


def _able_to_do_anothers(
    system: System, policies: Policies, needs: list[Need]
) -> Iterator[Finding]:
    """Yield where a role may do what only other roles need."""
    by_role: dict[str, dict[tuple[str, str], Need]] = {}
    for need in needs:
        if not need.endpoint:
            by_role.setdefault(need.who, {})[need.action, need.resource] = need
    roles = {system.arns[role.address]: role for role in system.of_type(ROLE)}
    anybodys = {at: need for arn in roles for at, need in by_role.get(arn, {}).items()}
    possible = _Possible(policies, anybodys)
    for arn, role in roles.items():
        for at in sorted(possible.by(arn) - by_role.get(arn, {}).keys()):
            request = Request(arn, *at, anybodys[at].context)
            if policies.allow(request):
                message = f"may {_did(request)}, which is another's: {anybodys[at].reason}"
                yield role.finding("E9602", message)


class _Possible:
    """Of many actions on resources, those that a policy may allow a role: its own speaks of them,
    or the resource has one. To ask about all would take for ever where there are many roles.
    """

    def __init__(self, policies: Policies, requests: Iterable[tuple[str, str]]) -> None:
        self._policies = policies
        self._by_patterns: dict[tuple[str, str], frozenset[tuple[str, str]]] = {}
        self._by_action: dict[str, list[str]] = {}
        for action, resource in sorted(requests):
            self._by_action.setdefault(action, []).append(resource)
        self._guarded = {
            (action, resource)
            for action, resource in requests
            if policies.has_guard(action, resource)
        }

    def by(self, role: str) -> set[tuple[str, str]]:
        """Return the actions on resources that the role of this ARN may be allowed."""
        named = (
            self._named(action, resource)
            for statement in self._policies.of_role(role)
            for action, resource in product(statement.actions, statement.resources or ("*",))
        )
        return self._guarded.union(*named)

    def _named(self, action: str, resource: str) -> frozenset[tuple[str, str]]:
        """Return what two patterns are for; many roles have the same ones."""
        if (action, resource) not in self._by_patterns:
            self._by_patterns[action, resource] = frozenset(
                (one, named)
                for one, resources in self._by_action.items()
                if matches_action(action, one)
                for named in _named(resource, resources)
            )
        return self._by_patterns[action, resource]


def _named(pattern: str, resources: Sequence[str]) -> Iterator[str]:
    """Yield those of ``resources``, which are in order, that a pattern is for."""
    begin = literal_beginning(pattern)
    for one in islice(resources, bisect_left(resources, begin), None):
        if not one.startswith(begin):
            return
        if matches(pattern, one):
            yield one


def _roles(system: System, needs: Iterable[Need]) -> Iterator[Finding]:
    """Yield which roles nobody uses, or several do."""
    used: dict[str, set[str]] = {}
    for need in needs:
        if Kind.TRUST in need.kinds:
            used.setdefault(need.resource, set()).add(need.reason)
    for role in system.of_type(ROLE):
        users = sorted(used.get(system.arns[role.address], ()))
        if len(users) != 1:
            said = " and ".join(users) or "nobody uses it"
            yield role.finding("E9606", f"must be the role of one: {said}")


def _ruling(policies: Policies, need: Need, request: Request) -> Ruling | Leave:
    """Return what is made of ``request`` where ``need`` needs it, in any context."""
    if need.endpoint:
        return policies.passage(need.endpoint, request)
    return policies.ruling(request)


def _said(request: Request) -> str:
    return f"{request.principal} {_did(request)}"


def _did(request: Request) -> str:
    return f"{request.action} on {request.resource}".replace("\0", "?")
