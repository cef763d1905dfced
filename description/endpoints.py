"""VPC endpoints that carry the calls of tasks to AWS where there is no NAT gateway.

Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink"; Amazon VPC User
Guide, "Gateway endpoints".
"""

from typing import Final

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
