"""What VPC endpoints must let through: what tasks call, and the layers of their images.

Sources: ECS Developer Guide, "Amazon ECS interface VPC endpoints"; Amazon ECR User Guide, "Minimum
Amazon S3 bucket permissions for Amazon ECR"; AWS PrivateLink Guide, "Control access to VPC
endpoints using endpoint policies".
"""

from collections.abc import Iterable, Iterator

from checks.permissions import wildcards
from checks.permissions.language import ANYONE, Kind
from checks.permissions.needs import STRANGER, Need
from checks.permissions.policies import ENDPOINT
from checks.resolved import Resource, System
from description.endpoints import carrier


def needs(system: System, of_tasks: Iterable[Need]) -> Iterator[Need]:
    """Yield what each endpoint of ``system`` must let through for its tasks."""
    prefix = f"com.amazonaws.{system.place.region}."
    endpoints = {
        str(one.properties.get("ServiceName")).removeprefix(prefix): one
        for one in system.of_type(ENDPOINT)
    }
    if "s3" in endpoints:
        yield _layers(system, endpoints["s3"])
    for need in of_tasks:
        for name in _carriers(need):
            if name in endpoints:
                yield _through(system, need, endpoints[name])


def _carriers(need: Need) -> tuple[str | None, ...]:
    """Return the endpoints that carry what a task needs; none for what AWS calls by itself."""
    if Kind.TRUST in need.kinds or "kms:viaservice" in need.context:
        return ()
    prefix = need.action.partition(":")[0]
    return {"ecr": ("ecr.api", "ecr.dkr"), "logs": ("logs",)}.get(prefix, (carrier(need.action),))


def _through(system: System, need: Need, endpoint: Resource) -> Need:
    everything = "*" if need.action in wildcards.THROUGH_ENDPOINTS else need.scope
    return Need(
        need.who,
        need.action,
        need.resource,
        need.reason,
        endpoint,
        everything,
        context={"aws:principalaccount": system.place.account},
        strange={"aws:principalaccount": (STRANGER,)},
        endpoint=endpoint,
    )


def _layers(system: System, endpoint: Resource) -> Need:
    """Return that image layers come from a bucket of ECR's, by requests that ECR has signed."""
    place = system.place
    bucket = f"arn:{place.partition}:s3:::prod-{place.region}-starport-layer-bucket"
    return Need(
        who=ANYONE,
        action="s3:GetObject",
        resource=f"{bucket}/0123",
        reason="tasks get the layers of their images",
        place=endpoint,
        scope=f"{bucket}/*",
        endpoint=endpoint,
    )
