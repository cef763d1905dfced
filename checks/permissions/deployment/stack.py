"""The template that gives an account the rights to deploy one system, and no other."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import awacs.sts
from awacs.aws import Principal, Statement
from troposphere import AWSHelperFn, GetAtt, Output, Parameter, Ref, Template
from troposphere import iam as resources

from checks.permissions.deployment import callers, statements
from checks.permissions.deployment.attached import ATTACHED, check_count
from checks.permissions.deployment.callers import Place
from checks.permissions.deployment.commands import Grant
from checks.permissions.deployment.handlers import called
from checks.permissions.deployment.parts import BUCKET, REGISTRY, ROLE, parts
from checks.rendering import Rendering
from description.model import System
from templates import iam

PREFIX: Final = "templates"
"""Where ``./deploy.sh`` puts templates unless it is told otherwise."""


def template(
    system: System, renderings: Iterable[Rendering], attached: int = ATTACHED
) -> dict[str, Any]:
    """Return a template with what it takes to deploy ``system``, rendered in each of its profiles.

    ``ExecutionRole`` is what CloudFormation acts with; the other policies are for those who start
    it: a person, a pipeline, and whoever may delete logs. Raises ``TooManyPoliciesError`` if one of
    them would need more managed policies than may be ``attached``.
    """
    types = {
        resource["Type"]
        for rendering in renderings
        for one in rendering.templates.values()
        for resource in one["Resources"].values()
    }
    t = Template()
    t.set_version("2010-09-09")
    t.set_description(
        f"Rights to deploy {system.name}, for CloudFormation and for those who start it"
    )
    bucket = Ref(
        t.add_parameter(
            Parameter(
                BUCKET, Type="String", Description="Bucket that deploy.sh puts templates into"
            )
        )
    )
    rights = [
        *statements.execution(system, called(types)),
        statements.read_templates(system, bucket, PREFIX),
    ]
    policies = _policies(
        t, "Execution", f"What CloudFormation does to deploy {system.name}", rights
    )
    role = t.add_resource(
        resources.Role(
            ROLE,
            Description=f"CloudFormation deploys {system.name} with it",
            AssumeRolePolicyDocument=iam.policy(
                Statement(
                    Sid="AssumedByCloudFormation",
                    Effect="Allow",
                    Action=[awacs.sts.AssumeRole],
                    Principal=Principal("Service", "cloudformation.amazonaws.com"),
                )
            ),
            ManagedPolicyArns=[Ref(one) for one in policies],
        )
    )
    t.add_output(Output(f"{ROLE}Arn", Value=GetAtt(role, "Arn")))
    needed = {"Execution": len(policies)}
    place = Place(bucket, PREFIX, GetAtt(role, "Arn"), _registry(t, system))
    for name, (about, grants) in CALLERS.items():
        given = callers.statements(system, place, *grants)
        needed[name] = len(_policies(t, name, about.format(system.name), given))
    check_count(system.name, needed, attached)
    made: dict[str, Any] = json.loads(t.to_json())
    return made


CALLERS: Final[Mapping[str, tuple[str, tuple[Grant, ...]]]] = {
    "Person": (
        "What a person does to deploy {} and look after it",
        (Grant.ALL, Grant.PERSON),
    ),
    "Pipeline": ("What a pipeline does to deploy {}", (Grant.ALL,)),
    "Emptying": (
        "Deletes the logs of {} with its stack; not for accounts with an audit trail",
        (Grant.EMPTYING,),
    ),
}
"""Whose policies there are, what they are for, and which needs they are of."""


def _policies(
    t: Template, name: str, about: str, rights: Iterable[Statement]
) -> list[resources.ManagedPolicy]:
    """Add ``rights`` as managed policies, as many as it takes, with their ARNs as outputs."""
    made = []
    for number, part in enumerate(parts(rights), 1):
        policy = t.add_resource(
            resources.ManagedPolicy(
                f"{name}Policy{number}",
                Description=f"{about}, part {number}",
                PolicyDocument=iam.policy(*part),
            )
        )
        t.add_output(Output(f"{policy.title}Arn", Value=Ref(policy)))
        made.append(policy)
    return made


def _registry(t: Template, system: System) -> AWSHelperFn | None:
    """Return the account of the repositories; none where the system makes them."""
    if system.registry.mode == "create":
        return None
    parameter = Parameter(
        REGISTRY,
        Type="String",
        AllowedPattern=r"\d{12}",
        Description="Account that owns the image repositories",
    )
    return Ref(t.add_parameter(parameter))


BODY: Final = 51_200
"""Bytes of a template that is not in a bucket (CloudFormation User Guide, "Understand
CloudFormation quotas")."""


def text(made: dict[str, Any]) -> str:
    """Return a template for people to read, or without white space where it would be too large to
    be given to CloudFormation as it is.
    """
    for_people = json.dumps(made, indent=1)
    return for_people if is_small(for_people) else json.dumps(made, separators=(",", ":"))


def is_small(body: str) -> bool:
    """Return whether CloudFormation takes a template, printed as a line, without a bucket."""
    return len(f"{body}\n".encode()) <= BODY
