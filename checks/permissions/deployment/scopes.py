"""On which resources an action may be performed: the system's own, where their names can say so.

Which types of resources an action knows is the Service Authorization Reference's word, in the form
that comes with cfn-lint.
"""

import json
from collections.abc import Collection, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from description.model import System

_EC2: Final = (
    "elastic-ip", "internet-gateway", "natgateway", "route-table", "security-group",
    "security-group-rule", "subnet", "vpc", "vpc-endpoint", "vpc-flow-log",
)  # fmt: skip

FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "application-autoscaling": {"ScalableTarget": "scalable-target/*"},
    "cloudformation": {"stack": "stack/{system}-*/*"},
    "cloudwatch": {
        "alarm": "alarm:{prefix}-* alarm:{system}-* alarm:TargetTracking-service/{cluster}-*"
    },
    "ec2": {one: f"{one}/*" for one in _EC2},
    "ecr": {"repository": "repository/{prefix}-*"},
    "ecs": {
        "capacity-provider": "capacity-provider/FARGATE*",
        "cluster": "cluster/{cluster}-*",
        "service": "service/{cluster}-*/*",
        "service-deployment": "service-deployment/{cluster}-*/*",
        "task-definition": "task-definition/{prefix}-*:*",
    },
    "elasticloadbalancing": {
        "listener-rule/app": "listener-rule/app/*",
        "listener/app": "listener/app/*",
        "loadbalancer/app/": "loadbalancer/app/*",
        "targetgroup": "targetgroup/*",
    },
    "iam": {"role": "role/{system}-*"},
    "kms": {"key": "key/*"},
    "lambda": {"function": "function:{function}"},
    "logs": {"log-group": "log-group:/ecs/{prefix}-* log-group:aws-waf-logs-{system}-*"},
    "route53": {"hostedzone": "hostedzone/*"},
    "s3": {"bucket": "{system}-*"},
    "secretsmanager": {"Secret": "secret:{prefix}-*"},
    "servicediscovery": {"namespace": "namespace/*", "service": "service/*"},
    "sns": {"topic": "{system}-*"},
    "ssm": {"parameter": "parameter/{prefix}/{system}/*"},
    "wafv2": {
        "loadbalancer/app/": "elasticloadbalancing@loadbalancer/app/*",
        "managedruleset": "*/managedruleset/*/*",
        "webacl": "*/webacl/*/*",
    },
}
"""Service, and type of its resources as the Service Authorization Reference calls it, to what the
ARNs of a system's resources end with, ``service@`` before it where they are another service's. AWS
makes ids for those that end with a plain ``*``: of these only region and account can be said."""


UNNAMED: Final = {
    "cloudwatch:DescribeAlarms": "alarm:*",
    "ecr:DescribeRepositories": "repository/*",
}
"""Actions that are asked about everything of a kind, in this account and region, to what the ARN
ends with: AWS refuses them where a policy names less, whatever the call names.

Source: CloudWatch and Amazon ECR answer "not authorized to perform … on resource" with these ARNs.
"""


def knows_resources(action: str) -> bool:
    """Return whether an action is for single resources. Raises ``LookupError`` for an unknown one.

    One that knows none can only be allowed on ``*``. One that knows types that none of ``FORMS`` is
    about is refused.
    """
    known = known_types(action)
    if known and not FORMS.get(action.partition(":")[0], {}).keys() & set(known):
        raise LookupError(f"{action}: nothing is said of {', '.join(known)}")
    return bool(known)


def known_types(action: str) -> tuple[str, ...]:
    """Return the types of resources that an action may be about. Raises ``LookupError`` for an
    unknown one.
    """
    service, _, name = action.partition(":")
    return tuple(_reference()[service]["Actions"][name.lower()].get("Resources", ()))


def forms(
    service: str,
    system: System,
    types: Collection[str] | None = None,
    more: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> list[str]:
    """Return what the ARNs of a service's resources end with, for one system.

    Only those of ``types`` if they are given; ``more`` is said as in ``FORMS``.
    """
    rotations = [one.rotation for one in system.secrets.values() if one.rotation]
    functions = {one.function.replace("${EnvironmentSuffix}", "*") for one in rotations}
    said = {**FORMS.get(service, {}), **more.get(service, {})}
    return [
        one.format(
            system=system.name,
            prefix=system.name_prefix,
            cluster=cluster(system),
            function=function,
        )
        for kind, text in said.items()
        if types is None or kind in types
        for one in text.split()
        for function in (functions if "{function}" in one else [""])
    ]


def cluster(system: System) -> str:
    """Return what the name of a system's cluster begins with."""
    return system.cluster_name or f"{system.name_prefix}-cluster"


def own_secrets(system: System) -> list[str]:
    """Return what the ARNs of a system's secrets end with, whatever the environment."""
    return [f"secret:{system.name_prefix}-{name}-*" for name in sorted(system.secrets)]


@cache
def _reference() -> dict[str, Any]:
    """Return the Service Authorization Reference: actions in lower case, resource types, ARNs."""
    spec = find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("cfn-lint is not installed", name="cfnlint")
    path = Path(spec.origin).parent / "data" / "AdditionalSpecs" / "Policies.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found
