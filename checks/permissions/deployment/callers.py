"""The rights of those who run ``./deploy.sh``: a person, and a pipeline.

They follow from what the commands call (``commands``). Resources are the system's own wherever
their names can say so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from awacs.aws import ArnLike, Condition, ConditionElement, Statement, StringEquals, StringLike
from troposphere import AWSHelperFn, Partition, Region, URLSuffix, encode_to_dict

from checks.permissions.deployment.commands import Grant, granted
from checks.permissions.deployment.scopes import UNNAMED, cluster, forms, known_types, own_secrets
from checks.permissions.deployment.statements import (
    RECORDS,
    arns,
    objects,
    role_of_service,
    to_actions,
)
from description.guardduty import TAG as GUARDDUTY_TAG
from description.model import System
from templates import iam
from templates.text import sub

ECS: Final = "ecs.amazonaws.com"

QUOTAS: Final = (
    "ec2/L-0263D0A3",
    "elasticloadbalancing/L-53DA6B97",
    "elasticloadbalancing/L-B6DF7632",
    "fargate/L-3032A538",
    "fargate/L-36FBB829",
    "vpc/L-0EA8095F",
    "vpc/L-F678F1CE",
)
"""The quotas that ``check`` compares with (``delivery.preflight.quotas``, ``fargate`` and
``rules``)."""

FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "acm": {"certificate": "certificate/*"},
    "cloudformation": {"changeset": "changeSet/review-*/*"},
    "ecs": {"task": "task/{cluster}-*/*"},
    "servicequotas": {"quota": " ".join(QUOTAS)},
}
"""As ``scopes.FORMS``, for what only callers look at."""

ON_EVERYTHING: Final = {
    # It knows instances of containers only, of which Fargate has none; the cluster is a condition.
    "ecs:ListTasks",
    # It knows data sets, which metrics of AWS's own are not in.
    "cloudwatch:GetMetricData",
}
"""Actions that know resources, none of which is ours: AWS asks about ``*``."""


@dataclass(frozen=True)
class Place:
    """What the template of the rights is told of an account."""

    bucket: AWSHelperFn
    """The name of the bucket of templates."""
    prefix: str
    """Where in it they are."""
    role: AWSHelperFn
    """The ARN of the role that CloudFormation acts with."""
    registry: AWSHelperFn | None = None
    """The account of the repositories; none: this one."""


def statements(system: System, place: Place, *grants: Grant) -> Iterator[Statement]:
    """Yield what the needs of ``grants`` take for ``system``: a statement for each service and its
    resources, those under conditions apart.
    """
    wanted = {action for need in granted(*grants) for action in need.actions}
    if not system.secrets:
        wanted -= {one for one in wanted if one.partition(":")[0] in _OF_SECRETS}
    conditions = dict(_conditions(system, place, strict=Grant.PERSON not in grants))
    together: dict[tuple[str, str], list[str]] = {}
    for action in sorted(wanted):
        found = resources(action, system, place)
        service = "" if found == ["*"] else action.partition(":")[0]
        apart = action if action in conditions else service
        together.setdefault((apart, repr([_shown(one) for one in found])), []).append(action)
    for (apart, _), actions in together.items():
        found = resources(actions[0], system, place)
        more = {"Condition": Condition(conditions[apart])} if apart in conditions else {}
        yield iam.statement(_sid(apart, actions), to_actions(actions), found, **more)


_OF_SECRETS: Final = ("kms", "secretsmanager")


def resources(action: str, system: System, place: Place) -> list[object]:
    """Return what an action is allowed on: ``*`` where IAM knows no resource of ours for it.

    Raises ``LookupError`` for an action that is unknown or about nothing that we name.
    """
    service, _, name = action.partition(":")
    if action in ON_EVERYTHING or not known_types(action):
        return ["*"]
    if action in UNNAMED:
        return [iam.arn(service, UNNAMED[action])]
    if action == "iam:PassRole":
        return [place.role]
    if action == "iam:CreateServiceLinkedRole":
        return [role_of_service(ECS)]
    if service == "s3":
        return _in_s3(name, system, place)
    if service == "ecr" and system.registry.mode == "existing":
        return [
            iam.arn("ecr", f"repository/{one.repository or name}", account=place.registry)
            for name, one in sorted(system.services.items())
        ]
    if service == "secretsmanager":
        return [iam.arn(service, one) for one in own_secrets(system)]
    found = forms(service, system, known_types(action), FORMS)
    if not found:
        raise LookupError(f"{action}: nothing is said of {', '.join(known_types(action))}")
    return arns(service, found)


def _in_s3(name: str, system: System, place: Place) -> list[object]:
    """Return the buckets, or the objects, that an action is about."""
    of_logs = f"{system.name}-*"
    if name == "ListBucketVersions":
        return [sub("arn:", Partition, f":s3:::{of_logs}")]
    if name.startswith("DeleteObject"):
        return [sub("arn:", Partition, f":s3:::{of_logs}/*")]
    if name in ("GetObject", "PutObject"):
        records = f"{place.prefix}/{RECORDS}/{system.name}-*"
        return [
            objects(place.bucket, f"{place.prefix}/{system.name}"),
            objects(place.bucket, records),
        ]
    return [sub("arn:", Partition, ":s3:::", place.bucket)]


def _conditions(
    system: System, place: Place, *, strict: bool
) -> Iterator[tuple[str, ConditionElement | list[ConditionElement]]]:
    """Yield the conditions of actions. Those of a pipeline are ``strict``: each change set names
    the role, and a template of ours. Without that, CloudFormation would act with whatever role a
    stack was given before, also for who may not give it.

    Source: CloudFormation User Guide, "CloudFormation service role"; Service Authorization
    Reference, AWS CloudFormation, condition keys of CreateChangeSet.
    """
    yield "iam:PassRole", StringEquals("iam:PassedToService", "cloudformation.amazonaws.com")
    yield "iam:CreateServiceLinkedRole", StringEquals("iam:AWSServiceName", ECS)
    yield "ecs:ListTasks", ArnLike("ecs:cluster", iam.arn("ecs", f"cluster/{cluster(system)}-*"))
    for action in ("ec2:DeleteSecurityGroup", "ec2:DeleteVpcEndpoints"):
        yield action, StringEquals(f"aws:ResourceTag/{GUARDDUTY_TAG}", "true")
    yield (
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        StringLike("aws:ResourceTag/aws:cloudformation:stack-name", f"{system.name}-*"),
    )
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        yield action, StringLike("kms:ViaService", "secretsmanager.*")
    if strict:
        ours = sub(
            "https://s3.", Region, ".", URLSuffix, "/", place.bucket, f"/{place.prefix}/",
            f"{system.name}/*",
        )  # fmt: skip
        yield (
            "cloudformation:CreateChangeSet",
            [
                ArnLike("cloudformation:RoleArn", place.role),
                StringLike("cloudformation:TemplateUrl", ours),
            ],
        )


def _shown(value: object) -> object:
    """Return a value so that equal ones look equal."""
    return encode_to_dict(value) if isinstance(value, AWSHelperFn) else value


def _sid(apart: str, actions: Sequence[str]) -> str:
    """Return a name for a statement that no other one has: after its first action, or after why it
    is for everything.
    """
    if not apart:
        return "ActionsWithoutResources"
    words = re.split("[:-]", actions[0])
    return "".join(word[0].upper() + word[1:] for word in words)
