"""Inventories of a system: who talks to whom, what is encrypted how, who may do what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from checks.accepted import ACCEPTED
from checks.evidence.controls.access import ROLE
from checks.evidence.controls.data import ENCRYPTED, LISTENER
from checks.permissions.wildcards import ACTIONS, ON_EVERYTHING
from checks.reachability import Reach
from checks.reachability.connections import INTERNET
from checks.resolved import Resource, System
from checks.walk import inner, items


@dataclass(frozen=True)
class Table:
    """An inventory."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def data_flow(reach: Reach) -> Table:
    """Return who can reach whom, how that is encrypted, and the rule that lets it in, or out to
    somewhere else.
    """
    rows = {
        (
            one.source,
            one.target,
            str(one.ports),
            _encrypted(one.source, str(one.ports)),
            one.rule.resource.address,
        )
        for one in reach.connections
    }
    return Table(
        "Data flow",
        "Every connection that security groups, routes and endpoints make possible. The build "
        "compares them with the description in both directions.",
        ("From", "To", "TCP port", "Encrypted", "Let through by"),
        tuple(sorted(rows)),
    )


def _encrypted(source: str, port: str) -> str:
    if port == "443":
        return "TLS"
    if source == INTERNET:
        return "no: port 80 redirects to TLS"
    return "as its two ends agree, inside the VPC"


def encryption_on_the_way(system: System) -> Table:
    """Return what each listener of the load balancer speaks."""
    rows = []
    for listener in system.of_type(LISTENER):
        given = listener.properties
        certificates = [one.get("CertificateArn") for one in given.get("Certificates", [])]
        rows.append(
            (
                listener.address,
                f"{given.get('Protocol')} {given.get('Port')}",
                str(given.get("SslPolicy", "")),
                ", ".join(map(str, certificates)),
                ", ".join(str(one.get("Type")) for one in given.get("DefaultActions", [])),
            )
        )
    return Table(
        "TLS",
        "The listeners of the load balancer. Port 80 answers nothing but a redirect.",
        ("Listener", "Protocol", "Policy", "Certificate", "Answer where no route matches"),
        tuple(rows),
    )


def keys(system: System) -> Table:
    """Return each key, whether it rotates, and what it encrypts; what has none comes last."""
    used: dict[str, list[str]] = {}
    keyless: list[str] = []
    for kind, place in ENCRYPTED:
        for resource in system.of_type(kind):
            value: Any = resource.properties
            for step in place.split("/"):
                value = value.get(step) if isinstance(value, dict) else None
            key = system.find("AWS::KMS::Key", value) if value else None
            if key is None:
                keyless.append(resource.address)
            else:
                used.setdefault(key.address, []).append(resource.address)
    rows = [
        (
            key.address,
            str(key.properties.get("Description", "")),
            "each year" if key.properties.get("EnableKeyRotation") else "no",
            ", ".join(used.get(key.address, [])),
        )
        for key in system.of_type("AWS::KMS::Key")
    ]
    keyless += [bucket.address for bucket in system.of_type("AWS::S3::Bucket")]
    if keyless:
        rows.append(("owned by AWS", "", "by AWS", ", ".join(keyless)))
    return Table(
        "Keys",
        "What each key is for and what it encrypts.",
        ("Key", "For", "Rotated", "Encrypts"),
        tuple(rows),
    )


def accepted() -> Table:
    """Return what is right although a rule of thumb is against it, with the reason."""
    rows = [(one.rule, f"{one.file} {one.path}", one.reason) for one in ACCEPTED]
    rows += [(action, "resource *, in a role", why) for action, why in ON_EVERYTHING.items()]
    rows += [(action, "wildcard, in a key policy", why) for action, why in ACTIONS.items()]
    return Table(
        "Exceptions",
        "Findings of cfn-lint that need no change, and all wildcards that policies of roles and "
        "keys may have. What scanners find and why it is right is in scanners/accepted.yaml.",
        ("What", "Where", "Why"),
        tuple(rows),
    )


def parts(system: System) -> Table:
    """Return every resource."""
    return Table(
        "Parts",
        "All that the stack and those nested in it consist of.",
        ("Resource", "Type", "Template"),
        tuple((one.address, one.type, one.file) for one in system.resources.values()),
    )


def roles(system: System) -> Table:
    """Return what each role may do, a row for each of its statements."""
    return Table(
        "Roles",
        "Who assumes each role, and all that it may do. The build proves by evaluating these "
        "policies that everything else is denied.",
        ("Role", "Assumed by", "Statement", "Actions", "Resources"),
        tuple(row for role in system.of_type(ROLE) for row in _statements(role)),
    )


def _statements(role: Resource) -> Iterator[tuple[str, ...]]:
    trust = role.properties.get("AssumeRolePolicyDocument", {}).get("Statement", [])
    assumed = ", ".join(
        text
        for statement in trust
        for principals in statement.get("Principal", {}).values()
        for text in _texts(principals)
    )
    empty = True
    for _, policy in items(role.properties.get("Policies")):
        for _, statement in items(inner(policy, "PolicyDocument", "Statement")):
            empty = False
            yield (
                role.address,
                assumed,
                str(statement.get("Sid", "")),
                ", ".join(_texts(statement.get("Action"))),
                ", ".join(_texts(statement.get("Resource"))),
            )
    if empty:
        yield role.address, assumed, "", "nothing", ""


def _texts(value: object) -> Iterable[str]:
    return map(str, value) if isinstance(value, list) else (str(value),)
