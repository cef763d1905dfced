"""Private DNS namespaces of one name: each VPC can have its own, as on AWS.

ministack knows a namespace by its name alone.
"""

from typing import Any

from localaws import emulator
from localaws.emulator import Record, Response

_PRIVATE = "DNS_PRIVATE"


def install() -> None:
    """Let Cloud Map, and CloudFormation with it, create a private namespace in each VPC."""
    emulator.replace("_create_namespace_record", create, emulator.servicediscovery)


def create(
    name: str,
    kind: str,
    description: str | None = None,
    tags: list[dict[str, str]] | None = None,
    soa_ttl: Any = None,
    vpc: str | None = None,
) -> tuple[Record | None, Response | None]:
    """Return a new namespace, or what refuses it; ministack's function, extended.

    A private namespace is refused only where its VPC resolves the name already.
    """
    rest = (description, tags, soa_ttl, vpc)
    namesakes = [other for other in emulator.namespaces.values() if other["Name"] == name]
    if kind != _PRIVATE or any(other["Type"] != _PRIVATE for other in namesakes):
        return emulator.create_namespace(name, kind, *rest)
    # The name with its final dot has the same hosted zone, but no namesake.
    qualified = f"{name.removesuffix('.')}."
    if emulator.hosted_zone(qualified, {"VPCId": vpc, "VPCRegion": emulator.region()}):
        return None, _conflict(name, vpc)
    namespace, refusal = emulator.create_namespace(qualified, kind, *rest)
    if namespace:
        namespace["Name"] = name
    return namespace, refusal


def _conflict(name: str, vpc: str | None) -> Response:
    """Return Route 53's reason, which Cloud Map passes on."""
    return emulator.json_error(
        "ConflictingDomainExists",
        f"The VPC that you chose, {vpc} in region {emulator.region()}, is already associated with "
        f"another private hosted zone that has an overlapping name space, {name}.",
    )
