import json

import pytest

from delivery import deployment, removal, stacks
from delivery.aws import Aws
from delivery.deployment import Place
from delivery.errors import DeliveryError
from delivery.policy import Policy
from delivery.removal import Resource
from tests.delivery.samples import DIGEST, order, templates

LOGS = "AWS::Logs::LogGroup"


def test_every_resource_of_the_nest_is_found_and_whether_it_stays(place: Place, aws: Aws) -> None:
    sources = templates()
    data = json.loads(sources["data.json"])
    data["Resources"]["Logs"]["DeletionPolicy"] = "RetainExceptOnCreate"
    sources["data.json"] = json.dumps(data).encode()
    stack = deployment.deploy(place, order(sources, {"ApiImageDigest": DIGEST})).stack
    assert removal.resources(aws, stack) == [
        Resource(("Data",), "Logs", LOGS, "/data-dev", retained=True),
        Resource(("Services", "Api"), "Api", LOGS, "/api-dev", retained=False),
    ]


def test_who_is_asked_reads_what_is_lost_one_by_one_and_the_rest_by_type() -> None:
    def one(*path: str, kind: str, retained: bool = False) -> Resource:
        return Resource(path[:-1], path[-1], kind, path[-1].lower(), retained)

    found = [
        one("Vpc", kind="AWS::EC2::VPC"),
        one("Registry", "Api", kind="AWS::ECR::Repository"),
        one("Registry", "Web", kind="AWS::ECR::Repository", retained=True),
        one("Api", "Cpu", kind="AWS::CloudWatch::Alarm"),
        one("Web", "Cpu", kind="AWS::CloudWatch::Alarm"),
    ]

    assert list(removal.told(found, Policy())) == [
        "stays: Registry/Web AWS::ECR::Repository web",
        "goes: Vpc AWS::EC2::VPC vpc: all that runs in it moves, with other addresses",
        "goes: Registry/Api AWS::ECR::Repository api: its images are lost, and tasks that run them "
        "cannot start again",
        "goes: 2 of AWS::CloudWatch::Alarm",
    ]


def test_everything_in_a_nested_stack_that_is_retained_stays(place: Place, aws: Aws) -> None:
    sources = templates()
    parent = json.loads(sources["parent.json"])
    parent["Resources"]["Services"]["DeletionPolicy"] = "Retain"
    sources["parent.json"] = json.dumps(parent).encode()
    stack = deployment.deploy(place, order(sources, {"ApiImageDigest": DIGEST})).stack
    assert {one.address: one.retained for one in removal.resources(aws, stack)} == {
        "Data/Logs": False,
        "Services/Api/Api": True,
    }


def test_termination_protection_comes_with_the_command_that_ends_it(place: Place, aws: Aws) -> None:
    deployment.deploy(place, order())
    aws.cloudformation.update_termination_protection(
        StackName="tiny-dev", EnableTerminationProtection=True
    )
    stack = stacks.read(aws, "tiny-dev")
    assert stack
    with pytest.raises(
        DeliveryError, match=r"--no-enable-termination-protection .* --region us-east-1"
    ):
        removal.check(aws, stack, "./deploy.sh deploy tiny dev")
