"""VPC endpoints that carry the calls of tasks to AWS where there is no NAT gateway.

Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink"; Amazon VPC User
Guide, "Gateway endpoints".
"""

from typing import Final

from description.model import System

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


def has_endpoint(action: str) -> bool:
    """Return whether an endpoint is known that carries an IAM action such as ``sns:Publish``."""
    prefix = action.partition(":")[0]
    return prefix in GATEWAY_BY_PREFIX or prefix in INTERFACE_BY_PREFIX


def needed(system: System) -> tuple[list[str], list[str]]:
    """Return the gateway and the interface endpoints that ``system`` needs, by service name.

    Its description allows no permission on a service without one.
    """
    prefixes = {
        action.partition(":")[0]
        for service in system.services.values()
        for permission in service.permissions
        for action in permission.actions
    }
    if any(service.secrets for service in system.services.values()):
        prefixes.add("secretsmanager")
    gateways = {"s3", *(GATEWAY_BY_PREFIX[p] for p in prefixes if p in GATEWAY_BY_PREFIX)}
    interfaces = {*ALWAYS, *(INTERFACE_BY_PREFIX[p] for p in prefixes if p in INTERFACE_BY_PREFIX)}
    return sorted(gateways), sorted(interfaces)
