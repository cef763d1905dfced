"""Documents that AWS takes up to a size only: policies of roles and endpoints, task definitions.

They are measured as they would be in the region with the longest name. What only AWS will know
counts as long as it can be.
"""

import json
import re
from typing import Any, Final

from checks.consistency.nest import ROLE, TASK, Nest, every
from checks.consistency.rule import Hit, Hits, rule

ROLE_CHARACTERS: Final = 10_240
"""All inline policies of a role together, white space not counted (IAM User Guide, "IAM and AWS STS
quotas")."""
ENDPOINT_CHARACTERS: Final = 20_480
"""A policy of a VPC endpoint, white space included (AWS PrivateLink Guide, "AWS PrivateLink
quotas")."""
TASK_BYTES: Final = 64 * 1024
"""A task definition (Amazon ECS Developer Guide, "Amazon ECS service quotas")."""

ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
LONGEST_REGION: Final = "ap-southeast-1"
LONGEST_ID: Final = 100
"""Characters of what AWS makes: the ARN of a role with the longest name has 94."""

_MARKER = re.compile(r"\$\{[^}]*\}")

ONE_ARN: Final = "Name resources that are alike by one ARN that ends with a wildcard"
"""What makes permissions shorter."""


@rule("E9797")
def policies_of_a_role(nest: Nest) -> Hits:
    """Require that a role's policies have at most 10,240 characters in all: IAM takes no more."""
    for role in nest.system.of_type(ROLE):
        documents = [one.get("PolicyDocument") for one in every(role.properties, "Policies")]
        size = sum(_size(nest, one) for one in documents)
        if size > ROLE_CHARACTERS:
            starts = role.logical_id.endswith("ExecutionRole")
            advice = "Put several keys into one secret" if starts else ONE_ARN
            yield Hit(role, _over(size, "characters of policies, IAM", ROLE_CHARACTERS, advice))


@rule("E9798")
def policy_of_an_endpoint(nest: Nest) -> Hits:
    """Require that an endpoint's policy has at most 20,480 characters: a VPC takes no more."""
    for endpoint in nest.system.of_type(ENDPOINT):
        size = _size(nest, endpoint.properties.get("PolicyDocument"))
        if size > ENDPOINT_CHARACTERS:
            what = "characters of policy for the permissions of all services, a VPC"
            yield Hit(endpoint, _over(size, what, ENDPOINT_CHARACTERS, ONE_ARN))


@rule("E9799")
def size_of_a_task(nest: Nest) -> Hits:
    """Require that a task definition has at most 64 KB: ECS takes no more."""
    for task in nest.system.of_type(TASK):
        size = _size(nest, task.properties)
        if size > TASK_BYTES:
            advice = "Give the container less in environment and secrets"
            yield Hit(task, _over(size, "bytes of task definition, ECS", TASK_BYTES, advice))


def _size(nest: Nest, document: Any) -> int:
    """Return how many bytes a document has at most, written without white space."""
    text = json.dumps(document, separators=(",", ":"), default=str, ensure_ascii=False)
    text = text.replace(nest.system.place.region, LONGEST_REGION)
    return len(_MARKER.sub("x" * LONGEST_ID, text).encode())


def _over(size: int, what: str, limit: int, advice: str) -> str:
    return f"{size:,} {what} takes {limit:,}. {advice}"
