"""Decisions: whether AWS allows a request.

Source: IAM User Guide, "Policy evaluation logic" and "Evaluating identity-based policies with
resource-based policies"; KMS Developer Guide, "Key policies".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from checks.permissions.conditions import Context
from checks.permissions.language import ANYONE, Statement
from checks.permissions.patterns import matches, matches_action

_ROOT: Final = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root|(\d{12})")
_OF_ACCOUNT: Final = re.compile(r"arn:[a-z-]+:(?:iam|sts)::(\d{12}):")


@dataclass(frozen=True)
class Request:
    """Somebody wants to do something."""

    principal: str
    """A role's ARN, an account's root or a service's name: ``ecs-tasks.amazonaws.com``."""
    action: str
    resource: str
    """One ARN; ``*`` for an action that has no resource."""
    context: Context = field(default_factory=dict)


class Ruling:
    """Whether a principal may do something with a resource of ``account``: what speaks of it is
    read once, for requests in any context.

    ``identity`` are the statements of the principal's own policies; ``resource`` those of the
    resource's policy, ``None`` if it has none. An explicit denial wins. Within an account either
    policy may allow; but a key is used only by its policy's leave, which is given to a principal or
    handed on to the account's identity policies, as a key without a policy here is taken to do.
    Across accounts both have to allow.
    """

    def __init__(
        self,
        request: Request,
        identity: Iterable[Statement] = (),
        resource: Iterable[Statement] | None = None,
        *,
        account: str,
    ) -> None:
        who = request.principal
        guards = [one for one in resource or () if _speaks_of(one, request)]
        own = [one for one in identity if _speaks_of(one, request)]
        named = [one for one in guards if _names(one, who)]
        handed_on = [one for one in guards if _names_account(one, who)]
        self._denials = [one for one in (*own, *named, *handed_on) if not one.allows]
        self._own = [one for one in own if one.allows]
        self._named = [one for one in named if one.allows]
        self._handed_on = [one for one in handed_on if one.allows]
        self._is_strange = account_of(who) not in (None, account)
        self._needs_leave = request.action.startswith("kms:") and resource is not None

    def allows(self, context: Context) -> bool:
        """Return whether it is allowed in ``context``."""
        if _one_holds(self._denials, context):
            return False
        if self._is_strange:
            return _one_holds(self._own, context) and (
                _one_holds(self._named, context) or _one_holds(self._handed_on, context)
            )
        if self._needs_leave:
            return _one_holds(self._named, context) or (
                _one_holds(self._handed_on, context) and _one_holds(self._own, context)
            )
        return _one_holds(self._own, context) or _one_holds(self._named, context)


def decide(
    request: Request,
    identity: Iterable[Statement] = (),
    resource: Iterable[Statement] | None = None,
    *,
    account: str,
) -> bool:
    """Return whether ``request`` is allowed; see ``Ruling``."""
    return Ruling(request, identity, resource, account=account).allows(request.context)


class Leave:
    """Whether a policy that decides alone lets a principal do something: a trust policy, or that of
    an endpoint. What speaks of it is read once, for requests in any context.
    """

    def __init__(self, request: Request, statements: Iterable[Statement]) -> None:
        who = request.principal
        about = [
            one
            for one in statements
            if _speaks_of(one, request) and (_names(one, who) or _names_account(one, who))
        ]
        self._denials = [one for one in about if not one.allows]
        self._allowing = [one for one in about if one.allows]

    def allows(self, context: Context) -> bool:
        """Return whether it is allowed in ``context``."""
        return _one_holds(self._allowing, context) and not _one_holds(self._denials, context)


def permits(request: Request, statements: Iterable[Statement]) -> bool:
    """Return whether a policy that decides alone allows ``request``; see ``Leave``."""
    return Leave(request, statements).allows(request.context)


def _one_holds(statements: Iterable[Statement], context: Context) -> bool:
    """Return whether all conditions of one of some statements hold."""
    for one in statements:  # noqa: SIM110 - asked most of all
        if one.holds(context):
            return True
    return False


def account_of(principal: str) -> str | None:
    """Return the account of a principal; ``None`` for a service."""
    match = _OF_ACCOUNT.match(principal)
    return match[1] if match else None


def applies(statement: Statement, request: Request) -> bool:
    """Return whether a statement is about this action, resource and context."""
    return _speaks_of(statement, request) and statement.holds(request.context)


def _speaks_of(statement: Statement, request: Request) -> bool:
    """Return whether a statement is about this action and resource."""
    return any(matches_action(one, request.action) for one in statement.actions) and (
        not statement.resources
        or any(matches(one, request.resource) for one in statement.resources)
    )


def _names(statement: Statement, principal: str) -> bool:
    """Return whether a statement names ``principal`` itself, or everybody."""
    return principal in statement.principals or ANYONE in statement.principals


def _names_account(statement: Statement, principal: str) -> bool:
    """Return whether a statement names the account of ``principal``."""
    account = account_of(principal)
    for one in statement.principals if account else ():
        match = _ROOT.fullmatch(one)
        if match and account in match.groups():
            return True
    return False
