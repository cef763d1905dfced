"""A deployment by somebody who has the shipped policy and no other right, where rights count."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from rich.console import Console

from checks.permissions.deployment import template
from checks.permissions.deployment.stack import BUCKET
from checks.rendering import Rendering
from checks.resolved import Place as Where
from checks.resolved import resolve
from delivery import deployment
from delivery.aws import Aws
from delivery.deployment import Place
from delivery.errors import DeliveryError
from localaws import LocalAws
from templates.render import render
from tests.checks.templates import rendering
from tests.integration.conftest import NewSite
from tests.integration.deployed import Site
from tests.systems_under_test import REFERENCES

EXECUTION_ROLE = "gateway-rights-ExecutionRole"
PARAMETER = "/payment/{}/certificate-arn"


@pytest.fixture(scope="module")
def rights_count(local_aws: LocalAws) -> Iterator[None]:
    """The local AWS checks the rights of its callers, until the end of this module."""
    assert local_aws.endpoint_url
    with LocalAws(enforce_iam=True):
        yield
    with LocalAws():  # as it was for others
        pass


def policy(site: Site, role: str) -> dict[str, Any]:
    """The deployment policy, as it is in the account of a site."""
    system = site.system
    made = template(system, [Rendering(system.name, render(system))])
    one = rendering({"parent.json": made}, system.name)
    place = Where(account=site.session.account, stack_name="rights")
    resolved = resolve(one, {BUCKET: site.bucket}, place=place)
    text = json.dumps(resolved.resources["DeploymentPolicy"].properties["PolicyDocument"])
    found: dict[str, Any] = json.loads(text.replace("role/${ExecutionRole}", f"role/{role}"))
    return found


def allowed(site: Site, *without: str) -> Place:
    """A place reached by a user who has the policy, ``without`` some of its statements."""
    iam = site.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "cloudformation.amazonaws.com"},
            }
        ],
    }
    iam.create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    document = policy(site, EXECUTION_ROLE)
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] not in without]
    iam.create_user(UserName="pipeline")
    iam.put_user_policy(
        UserName="pipeline", PolicyName="deploy", PolicyDocument=json.dumps(document)
    )
    key = iam.create_access_key(UserName="pipeline")["AccessKey"]
    session = boto3.Session(
        key["AccessKeyId"], key["SecretAccessKey"], region_name=site.session.region
    )
    console = Console(file=site.log, width=160)
    return Place(Aws.over(session, site.session.endpoint_url), site.bucket, "templates", console)


def deploy(site: Site, place: Place) -> deployment.Deployed:
    name = PARAMETER.format(site.system.name)
    arn = site.client("acm").request_certificate(DomainName="pay.example.com")["CertificateArn"]
    site.client("ssm").put_parameter(Name=name, Value=arn, Type="String", Overwrite=True)
    role = f"arn:aws:iam::{site.session.account}:role/{EXECUTION_ROLE}"
    order = replace(site.order({}, CertificateArn=name), role_arn=role)
    return deployment.deploy(place, order)


@pytest.mark.usefixtures("rights_count")
@pytest.mark.parametrize("system", REFERENCES)
def test_the_shipped_policy_is_enough_to_deploy(new_site: NewSite, system: str) -> None:
    site = new_site(system)

    deploy(site, allowed(site))

    stack = site.stack()
    assert stack
    assert stack.status == "CREATE_COMPLETE"
    (kept,) = site.client("cloudformation").describe_stacks(StackName=stack.id)["Stacks"]
    assert kept["RoleARN"].endswith(f"role/{EXECUTION_ROLE}")


@pytest.mark.usefixtures("rights_count")
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DeployStacks", "cloudformation:DescribeStacks"),
        ("KeepTemplates", "s3:PutObject"),
        ("ListTemplates", "s3:ListBucket"),
    ],
)
def test_no_deployment_without_a_statement_of_it(
    new_site: NewSite, statement: str, said: str
) -> None:
    site = new_site("gateway")

    with pytest.raises(DeliveryError, match=said):
        deploy(site, allowed(site, statement))
