import io
import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import Stubber
from rich.console import Console

from delivery import deployment, removal, stack_policy, stacks
from delivery.cli import main
from delivery.deployment import Place
from delivery.errors import DeliveryError, RefusedError
from delivery.policy import Policy
from delivery.protection import protect
from delivery.stack_policy import guard
from delivery.stacks import Stack
from description.model import Profile
from localaws import LocalSession
from localaws.deploy import make_certificate
from tests.delivery.samples import order, templates
from tests.systems_under_test import rendered


def deployed(place: Place) -> Stack:
    return deployment.deploy(place, order()).stack


def protected(place: Place) -> bool:
    stack = stacks.read(place.aws, "tiny-dev")
    assert stack
    return stack.protected


@pytest.mark.parametrize("profile", list(Profile))
def test_a_stack_of_production_is_protected_and_then_refuses_to_go(
    place: Place, profile: Profile
) -> None:
    stack = deployed(place)
    protect(place.aws, place.console, stack, profile)

    assert protected(place) is (profile is Profile.PRODUCTION)
    if protected(place):
        again = stacks.read(place.aws, "tiny-dev")
        assert again
        with pytest.raises(RefusedError, match="--no-enable-termination-protection"):
            removal.check(place.aws, again, "./deploy.sh deploy tiny dev")


def test_a_deployment_to_production_cannot_be_destroyed_by_one_command(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    make_certificate(ready, "/payment/gateway/staging/certificate-arn")
    assert main(["deploy", "gateway", "staging"]) == 0
    assert "gateway-staging: termination protection is on\n" in capsys.readouterr().err
    assert main(["deploy", "gateway", "staging"]) == 0
    assert "protection" not in capsys.readouterr().err
    assert main(["destroy", "gateway", "staging", "--yes"]) == 3
    assert "--no-enable-termination-protection" in capsys.readouterr().err


def policy_of(place: Place) -> str:
    return place.aws.cloudformation.get_stack_policy(StackName="tiny-dev").get(
        "StackPolicyBody", ""
    )


def test_the_stack_policy_of_production_keeps_what_the_rules_keep(place: Place) -> None:
    stack = deployed(place)
    guard(place.aws, place.console, stack, Profile.DEVELOPMENT, templates(), Policy())
    assert policy_of(place) == ""
    guard(place.aws, place.console, stack, Profile.PRODUCTION, templates(), Policy())

    statements = json.loads(policy_of(place))["Statement"]
    assert [one["Effect"] for one in statements] == ["Allow", "Deny"]
    assert statements[1]["Action"] == ["Update:Replace", "Update:Delete"]
    assert "LogicalResourceId/Data" in statements[1]["Resource"]  # a log group is in it


@pytest.mark.parametrize("system", ["gateway", "payments"])
def test_vpc_and_load_balancer_are_kept_and_services_come_and_go(system: str) -> None:
    ids = stack_policy.kept(rendered(system).files, Policy())

    assert {"Vpc", "PrivateSubnetA", "LoadBalancer", "LogBucket", "Security", "Network"} <= ids
    assert not any(name.endswith("Service") for name in ids)


def test_the_stack_policy_is_open_for_what_is_allowed_and_only_so_long(place: Place) -> None:
    stack = deployed(place)
    guard(place.aws, place.console, stack, Profile.PRODUCTION, templates(), Policy())
    before = policy_of(place)

    def go_wrong() -> None:
        with stack_policy.opened(place.aws, stack, Profile.PRODUCTION, ["Data/Logs"]):
            assert "LogicalResourceId/Data" not in policy_of(place)
            raise DeliveryError("It went wrong.")

    with pytest.raises(DeliveryError, match="went wrong"):
        go_wrong()
    assert policy_of(place) == before
    with stack_policy.opened(place.aws, stack, Profile.PRODUCTION, []):
        assert policy_of(place) == before


def test_the_stack_policy_refuses_what_another_tool_would_delete(place: Place) -> None:
    stack = deployed(place)
    guard(place.aws, place.console, stack, Profile.PRODUCTION, templates(), Policy())
    without = templates()
    parent = json.loads(without["parent.json"])
    del parent["Resources"]["Data"]
    without["parent.json"] = json.dumps(parent).encode()

    careless = replace(order(without), profile=Profile.DEVELOPMENT)
    with pytest.raises(DeliveryError, match="stack policy"):
        deployment.deploy(place, careless)


def test_who_may_not_protect_a_stack_learns_how_others_do(place: Place) -> None:
    stack = deployed(place)
    log = io.StringIO()
    with Stubber(place.aws.cloudformation) as api:
        api.add_client_error("update_termination_protection", "AccessDenied", "no", 403)
        protect(place.aws, Console(file=log, width=999), stack, Profile.PRODUCTION)

    assert "--enable-termination-protection --stack-name tiny-dev --region us-east-1" in (
        log.getvalue()
    )


def test_a_bucket_is_emptied_of_all_versions_and_markers(place: Place) -> None:
    s3: Any = place.aws.s3
    s3.create_bucket(Bucket="logs")
    s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="logs", Key="a", Body=body)
    s3.put_object(Bucket="logs", Key="b", Body=b"3")
    s3.delete_object(Bucket="logs", Key="b")
    bucket = removal.Resource((), "LogBucket", "AWS::S3::Bucket", "logs", False)
    kept = removal.Resource(("Network",), "Other", "AWS::S3::Bucket", place.bucket, True)
    s3.put_object(Bucket=place.bucket, Key="c", Body=b"4")

    assert removal.empty(place.aws, [bucket, kept]) == {"LogBucket": 4}
    s3.delete_bucket(Bucket="logs")
    assert removal.empty(place.aws, [bucket]) == {"LogBucket": 0}
    assert s3.list_objects_v2(Bucket=place.bucket)["KeyCount"] > 0


def test_what_s3_does_not_delete_is_an_error(place: Place) -> None:
    bucket = removal.Resource((), "LogBucket", "AWS::S3::Bucket", "logs", False)
    with Stubber(place.aws.s3) as api:
        version = {"Key": "a", "VersionId": "1"}
        api.add_response("list_object_versions", {"Versions": [version]})
        error = {**version, "Code": "AccessDenied", "Message": "no"}
        api.add_response("delete_objects", {"Errors": [error]})
        with pytest.raises(
            DeliveryError, match=r"LogBucket: a of bucket logs stays: no \(AccessDenied\)"
        ):
            removal.empty(place.aws, [bucket])
