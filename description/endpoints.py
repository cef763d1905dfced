"""VPC endpoints that carry the calls of tasks to AWS.

Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink"; Amazon VPC User
Guide, "Gateway endpoints".
"""

from typing import Final

from description.model import Permission, System

ALWAYS: Final = ("ecr.api", "ecr.dkr", "logs")
"""What a Fargate task needs to start and to write its logs, besides S3, which holds the layers.

Source: ECS Developer Guide, "Interface VPC endpoints".
"""

GATEWAY_BY_PREFIX: Final = {"dynamodb": "dynamodb", "s3": "s3"}
"""IAM service prefix to the gateway endpoint that carries its calls."""

INTERFACE_BY_PREFIX: Final = {
    "events": "events",
    "kinesis": "kinesis-streams",
    "kms": "kms",
    "lambda": "lambda",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "states",
    "sts": "sts",
}
"""IAM service prefix to the interface endpoint that carries its calls."""


KNOWN: Final = frozenset({*ALWAYS, *GATEWAY_BY_PREFIX.values(), *INTERFACE_BY_PREFIX.values()})
"""The endpoints that a system may have."""


def carrier(action: str) -> str | None:
    """Return the endpoint that carries an IAM action such as ``sns:Publish``, if one is known."""
    prefix = action.partition(":")[0]
    return GATEWAY_BY_PREFIX.get(prefix) or INTERFACE_BY_PREFIX.get(prefix)


def needed(system: System) -> tuple[list[str], list[str]]:
    """Return the gateway and the interface endpoints that ``system`` needs, by service name.

    Where there is no NAT its description allows no permission on a service without one.
    """
    names = {
        *ALWAYS,
        "s3",
        *(carrier(action) for one in permissions(system) for action in one.actions),
    }
    if any(service.secrets for service in system.services.values()):
        names.add("secretsmanager")
    gateways = set(GATEWAY_BY_PREFIX.values())
    known = {name for name in names if name is not None}
    return sorted(known & gateways), sorted(known - gateways)


def permissions(system: System) -> list[Permission]:
    """Return what the code of all services may do."""
    return [one for service in system.services.values() for one in service.permissions]
