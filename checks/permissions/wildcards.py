"""The wildcards that policies may have, each with its source. No other is accepted."""

from typing import Final

from checks.permissions.language import Kind

ON_EVERYTHING: Final = {
    "ecr:GetAuthorizationToken": "Service Authorization Reference, Amazon ECR: the action knows no "
    "resource, so that it has to be *",
}
"""Actions that a role may have on ``*``."""

THE_KEY_ITSELF: Final = "*"
"""In a key policy the resource ``*`` is the key that it belongs to, and has to be.

Source: KMS Developer Guide, "Key policies".
"""

THROUGH_ENDPOINTS: Final = {
    f"{prefix}:{name}": "The network is there before what the roles name: repositories, log groups "
    "and secrets. What each role may do, its own policy says."
    for prefix, names in {
        "ecr": (
            "BatchCheckLayerAvailability",
            "BatchGetImage",
            "GetAuthorizationToken",
            "GetDownloadUrlForLayer",
        ),
        "logs": ("CreateLogStream", "PutLogEvents"),
        "secretsmanager": ("GetSecretValue",),
    }.items()
    for name in names
}
"""Actions that this account's roles may have on ``*`` through an endpoint."""

ON: Final = {Kind.IDENTITY: ON_EVERYTHING, Kind.ENDPOINT: THROUGH_ENDPOINTS}
"""Kind of policy to the actions that it may have on ``*``."""

ADMINISTRATION: Final = "kms:*"
"""What the account may do with its own key.

Source: KMS Developer Guide, "Default key policy": without it nobody could change the key's policy.
"""

ACTIONS: Final = {
    ADMINISTRATION: "KMS Developer Guide, Default key policy",
    **dict.fromkeys(
        ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"),
        "CloudWatch Logs User Guide, Encrypt log data in CloudWatch Logs using KMS",
    ),
}
"""Patterns of actions that a policy may have, and where AWS writes them so."""
