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
        guards = [one for one in resource or () if _speaks_of(one, request)]
        self._own = [one for one in identity if _speaks_of(one, request)]
        self._named = [one for one in guards if _names(one, request.principal)]
        self._handed_on = [one for one in guards if _names_account(one, request.principal)]
        self._is_strange = account_of(request.principal) not in (None, account)
        self._needs_leave = request.action.startswith("kms:") and resource is not None

    def allows(self, context: Context) -> bool:
        """Return whether it is allowed in ``context``."""
        own = [one for one in self._own if one.holds(context)]
        named = [one for one in self._named if one.holds(context)]
        handed_on = [one for one in self._handed_on if one.holds(context)]
        if not all(one.allows for one in (*own, *named, *handed_on)):
            return False
        if self._is_strange:
            return bool(own and (named or handed_on))
        if self._needs_leave:
            return bool(named or (handed_on and own))
        return bool(own or named)


def decide(
    request: Request,
    identity: Iterable[Statement] = (),
    resource: Iterable[Statement] | None = None,
    *,
    account: str,
) -> bool:
    """Return whether ``request`` is allowed; see ``Ruling``."""
    return Ruling(request, identity, resource, account=account).allows(request.context)


def permits(request: Request, statements: Iterable[Statement]) -> bool:
    """Return whether a policy that decides alone allows ``request``: a trust policy, or that of an
    endpoint.
    """
    found = [
        one
        for one in statements
        if applies(one, request)
        and (_names(one, request.principal) or _names_account(one, request.principal))
    ]
    return bool(found) and all(one.allows for one in found)


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
