"""Names as templates carry them, and those that templates keep for themselves."""

import re
from typing import Final

RESOURCES_OF_ALL_SERVICES: Final = frozenset(
    {
        "CapacityProviders",
        "Cluster",
        "HttpListener",
        "HttpsListener",
        "LoadBalancer",
        "LoadBalancerErrorsAlarm",
        "Namespace",
        "WebAcl",
        "WebAclAssociation",
        "WebAclLogGroup",
        "WebAclLogPolicy",
        "WebAclLogging",
        "RejectedConnectionsAlarm",
    }
)
"""Logical ids beside those of the services' nested stacks, whatever a description asks for."""

PARAMETERS_OF_ALL_SERVICES: Final = frozenset(
    {
        "AlarmTopicArn",
        "CertificateArn",
        "DeletionProtection",
        "EnvironmentSuffix",
        "LoadBalancerSecurityGroupId",
        "LogBucketName",
        "LogKeyArn",
        "LogRetentionDays",
        "PrivateSubnetIds",
        "PublicSubnetIds",
        "RegistryAccountId",
        "SecretKeyArn",
        "VpcId",
    }
)
"""Parameters of the same template.

A parameter and a resource cannot share a name (CloudFormation User Guide, "Parameters").
"""


def pascal(name: str) -> str:
    """Return ``name`` as a logical id: ``api-gateway``, ``api_gateway`` become ``ApiGateway``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[-_]", name))
