"""The policies of a resolved system: each one read, and known whose it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checks.findings import Finding
from checks.permissions.decision import Leave, Request, Ruling, account_of
from checks.permissions.language import Kind, PolicyError, Statement, parse
from checks.rendering import Path
from checks.resolved import Resource, System
from checks.walk import inner, items, objects

ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
BUCKET: Final = "AWS::S3::Bucket"
KEY: Final = "AWS::KMS::Key"
LOG_GROUP: Final = "AWS::Logs::LogGroup"
ROLE: Final = "AWS::IAM::Role"
TOPIC: Final = "AWS::SNS::Topic"

_REFUSED_OF_ROLES: Final = ("ManagedPolicyArns", "PermissionsBoundary")

_ANYTHING: Final = (Statement((), "", True, ("*",), ("*",), (), ()),)
"""What another account allows its own people: nobody here knows."""


class CannotFollowError(Exception):
    """Something decides who may do what in a way that is not understood."""

    def __init__(self, resource: Resource, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.finding: Finding = resource.finding("E9600", message, *path)


@dataclass(frozen=True, eq=False)
class Policy:
    """One policy document."""

    kind: Kind
    place: Resource
    """The resource in whose properties it is written."""
    path: Path
    """Where in them."""
    subject: Resource
    """The role that it is of, or the resource that it guards."""
    arn: str
    """The subject's ARN; none of an endpoint."""
    statements: tuple[Statement, ...]

    def finding(self, rule: str, message: str, *path: str | int) -> Finding:
        """Return something wrong with it, at ``path`` in the document."""
        return self.place.finding(rule, message, *self.path, *path)

    def is_about(self, principal: str, resource: str) -> bool:
        """Return whether it has a say in what ``principal`` does with ``resource``; an endpoint's
        policy has none by itself.
        """
        if self.kind is Kind.IDENTITY:
            return principal == self.arn
        return _holds(self.arn, resource)


class Policies:
    """All policies of a system. Raises ``CannotFollowError``."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.all = [one for resource in system.resources.values() for one in _of(system, resource)]
        self._identity = self._by_arn(Kind.IDENTITY)
        self._trust = self._by_arn(Kind.TRUST)
        self._guards = self._by_arn(Kind.RESOURCE)
        self._rulings: dict[tuple[str, str, str], Ruling | Leave] = {}
        self._guard_of: dict[str, list[Statement] | None] = {}
        self._through = {
            one.subject.address: one.statements for one in self.all if one.kind is Kind.ENDPOINT
        }

    def _by_arn(self, kind: Kind) -> Mapping[str, list[Statement]]:
        found: dict[str, list[Statement]] = {}
        for one in self.all:
            if one.kind is kind:
                found.setdefault(one.arn, []).extend(one.statements)
        return found

    def allow(self, request: Request) -> bool:
        """Return whether ``request`` is allowed by everything that this system says."""
        return self.ruling(request).allows(request.context)

    def ruling(self, request: Request) -> Ruling | Leave:
        """Return what everything that this system says makes of a request, in any context."""
        asked = request.principal, request.action, request.resource
        if asked not in self._rulings:
            self._rulings[asked] = self._ruling(request)
        return self._rulings[asked]

    def _ruling(self, request: Request) -> Ruling | Leave:
        if request.action == "sts:AssumeRole":
            return Leave(request, self._trust.get(request.resource, ()))
        account = self.system.place.account
        is_ours = account_of(request.principal) in (None, account)
        own = self._identity.get(request.principal, ()) if is_ours else _ANYTHING
        return Ruling(request, own, self._guard(request.resource), account=account)

    def of_role(self, arn: str) -> Sequence[Statement]:
        """Return what a role's own policies say."""
        return self._identity.get(arn, ())

    def has_guard(self, action: str, resource: str) -> bool:
        """Return whether another policy than the own ones of who asks has a say in it."""
        return action == "sts:AssumeRole" or self._guard(resource) is not None

    def _guard(self, arn: str) -> list[Statement] | None:
        """Return the policy of a resource, or of the bucket or log group that it is in."""
        if arn not in self._guard_of:
            found = (one for holder, one in self._guards.items() if _holds(holder, arn))
            self._guard_of[arn] = next(found, None)
        return self._guard_of[arn]

    def passage(self, endpoint: Resource, request: Request) -> Leave:
        """Return what an endpoint makes of a request, in any context."""
        return Leave(request, self._through.get(endpoint.address, ()))


def _holds(arn: str, other: str) -> bool:
    """Return whether ``other`` is ``arn`` or in its bucket or log group, whose ARN ends with
    ``:*``.
    """
    within = arn[:-1] if arn.endswith(":*") else f"{arn}/"
    return other == arn or other.startswith(within)


def _of(system: System, resource: Resource) -> Iterator[Policy]:
    """Yield the policies that ``resource`` declares."""
    reader = _READERS.get(resource.type)
    if reader is not None:
        yield from reader(system, resource)
    elif path := _statements(resource.properties):
        raise CannotFollowError(resource, f"has a policy, which is not understood: {path}", *path)


def _statements(node: Any) -> Path:
    """Return where ``node`` has something that looks like a policy; nothing if it has none."""
    found = (path for path, one in objects(node) if "Statement" in one)
    return next(((*path, "Statement") for path in found), ())


def _read(
    kind: Kind, place: Resource, document: Any, path: Path, subject: Resource, arn: str
) -> Policy:
    try:
        return Policy(kind, place, path, subject, arn, tuple(parse(document, kind)))
    except PolicyError as error:
        raise CannotFollowError(place, error.message, *path, *error.path) from None


def _of_role(system: System, role: Resource) -> Iterator[Policy]:
    for name in _REFUSED_OF_ROLES:
        if role.properties.get(name):
            raise CannotFollowError(role, "is not understood: what it allows is not known", name)
    arn = system.arns[role.address]
    trust = "AssumeRolePolicyDocument"
    yield _read(Kind.TRUST, role, role.properties.get(trust), (trust,), role, arn)
    for index, one in enumerate(_listed(role, "Policies")):
        if not isinstance(one, dict):
            raise CannotFollowError(role, "must be an inline policy", "Policies", index)
        path = ("Policies", index, "PolicyDocument")
        yield _read(Kind.IDENTITY, role, one.get("PolicyDocument"), path, role, arn)


def _listed(resource: Resource, name: str) -> list[Any]:
    found = resource.properties.get(name, [])
    if not isinstance(found, list):
        raise CannotFollowError(resource, "must be a list", name)
    return found


def _of_key(system: System, key: Resource) -> Iterator[Policy]:
    document, arn = key.properties.get("KeyPolicy"), system.arns[key.address]
    yield _read(Kind.RESOURCE, key, document, ("KeyPolicy",), key, arn)


def _of_endpoint(_: System, endpoint: Resource) -> Iterator[Policy]:
    document = endpoint.properties.get("PolicyDocument")
    yield _read(Kind.ENDPOINT, endpoint, document, ("PolicyDocument",), endpoint, "")


def _guarding(kind: str, given: Callable[[Resource], list[Any]]) -> Callable[..., Iterator[Policy]]:
    """Return what reads a policy that is a resource of its own."""

    def read(system: System, place: Resource) -> Iterator[Policy]:
        for name in given(place):
            guarded = system.find(kind, name)
            if guarded is None:
                raise CannotFollowError(place, f"is for {name}, which is not of this system")
            document, arn = place.properties.get("PolicyDocument"), system.arns[guarded.address]
            yield _read(Kind.RESOURCE, place, document, ("PolicyDocument",), guarded, arn)

    return read


def _resources(place: Resource) -> list[Any]:
    """Return the resources that a policy's statements name, each once; ``None`` for one that names
    none.
    """
    named: dict[str, Any] = {}
    for _, one in items(inner(place.properties, "PolicyDocument", "Statement")):
        found = one.get("Resource")
        for name in found if isinstance(found, list) else [found]:
            named[str(name)] = name
    return list(named.values())


_READERS: Final[Mapping[str, Callable[..., Iterator[Policy]]]] = {
    ROLE: _of_role,
    KEY: _of_key,
    ENDPOINT: _of_endpoint,
    "AWS::Logs::ResourcePolicy": _guarding(LOG_GROUP, _resources),
    "AWS::S3::BucketPolicy": _guarding(BUCKET, lambda one: [one.properties.get("Bucket")]),
    "AWS::SNS::TopicPolicy": _guarding(TOPIC, lambda one: _listed(one, "Topics")),
    "AWS::WAFv2::WebACL": lambda *_: iter(()),  # its statements are about requests of clients
}
"""Type to what reads its policies. A policy anywhere else is refused."""
