"""The template that gives an account the rights to deploy one system, and no other."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import awacs.sts
from awacs.aws import Principal, Statement
from troposphere import GetAtt, Output, Parameter, Ref, Template, encode_to_dict
from troposphere import iam as resources

from checks.permissions.deployment import statements
from checks.permissions.deployment.handlers import called
from checks.rendering import Rendering
from description.model import System
from templates import iam

MOST: Final = 6144
"""Characters that a managed policy may have, without white space.

Source: IAM User Guide, "IAM and AWS STS quotas".
"""

NAME: Final = 63
"""Characters that a bucket's name may have."""

BUCKET: Final = "TemplateBucket"
PREFIX: Final = "templates"
"""Where ``./deploy.sh`` puts templates unless it is told otherwise."""


def template(system: System, renderings: Iterable[Rendering]) -> dict[str, Any]:
    """Return a template with what it takes to deploy ``system``, rendered in each of its profiles.

    ``ExecutionRole`` is what CloudFormation acts with; ``DeploymentPolicy`` is for people and
    pipelines that start it.
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
    policies = [
        t.add_resource(
            resources.ManagedPolicy(
                f"ExecutionPolicy{number}",
                Description=f"What CloudFormation does to deploy {system.name}, part {number}",
                PolicyDocument=iam.policy(*part),
            )
        )
        for number, part in enumerate(parts(rights), 1)
    ]
    role = t.add_resource(
        resources.Role(
            "ExecutionRole",
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
    given = t.add_resource(
        resources.ManagedPolicy(
            "DeploymentPolicy",
            Description=f"What ./deploy.sh does to deploy {system.name} with the execution role",
            PolicyDocument=iam.policy(
                *statements.deployment(system, bucket, PREFIX, GetAtt(role, "Arn"))
            ),
        )
    )
    t.add_output(Output("ExecutionRoleArn", Value=GetAtt(role, "Arn")))
    t.add_output(Output("DeploymentPolicyArn", Value=Ref(given)))
    made: dict[str, Any] = json.loads(t.to_json())
    return made


def parts(rights: Sequence[Statement]) -> Iterator[list[Statement]]:
    """Yield ``rights`` in parts that each fit into a managed policy. Raises ``ValueError`` for a
    statement that does not.
    """
    part: list[Statement] = []
    for one in rights:
        if size([one]) > MOST - NAME:
            raise ValueError(f"{one.properties['Sid']} does not fit into a managed policy")
        if size([*part, one]) > MOST - NAME:
            yield part
            part = []
        part.append(one)
    yield part


def size(part: Iterable[Statement]) -> int:
    """Return how many characters a policy will have at most, without white space and the bucket.

    Account, region and partition are shorter than what stands for them here.
    """
    text = json.dumps(encode_to_dict(iam.policy(*part)), separators=(",", ":"))
    return len("".join(text.split()))
