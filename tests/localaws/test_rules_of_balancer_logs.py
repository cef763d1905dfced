"""A load balancer whose logs could not be delivered is refused, as AWS refuses it."""

from typing import Any

import pytest

from tests.localaws.readback import ref
from tests.localaws.refusals import code_of
from tests.localaws.stacks import Stacks, template
from tests.localaws.test_load_balancing_types import BALANCER, VPC
from tests.localaws.test_storage_types import (
    BALANCERS,
    LOG_BUCKET,
    ONLY_TLS,
    allow,
    bucket,
    bucket_policy,
    encrypted,
)

KINDS = ("access_logs", "connection_logs", "health_check_logs")
DENIED = "Access Denied for bucket"
LOAD_BALANCING = "logdelivery.elasticloadbalancing"


def attributes(kind: str, name: Any) -> list[dict[str, Any]]:
    values = {"enabled": "true", "bucket": name, "prefix": "edge"}
    return [{"Key": f"{kind}.s3.{key}", "Value": value} for key, value in values.items()]


def balancer(kind: str, name: Any) -> dict[str, Any]:
    properties = {
        **BALANCER["Balancer"]["Properties"],  # type: ignore[dict-item]
        "LoadBalancerAttributes": attributes(kind, name),
    }
    return {**BALANCER["Balancer"], "Properties": properties, "DependsOn": "LogPolicy"}


@pytest.mark.parametrize("kind", KINDS)
def test_logs_go_to_a_bucket_that_lets_them(stacks: Stacks, kind: str) -> None:
    resources = {**VPC, **LOG_BUCKET, "Balancer": balancer(kind, ref("Logs"))}
    created = stacks.create(template(resources))
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()
    (found,) = stacks.session.client("s3").list_objects_v2(Bucket=stacks.physical_id("Logs"))[
        "Contents"
    ]
    assert found["Key"].startswith(f"edge/AWSLogs/{stacks.session.account}/ELB")
    assert found["Key"].endswith("TestFile")


FAULTS: dict[str, dict[str, Any]] = {
    "encrypted with a key": {"Logs": bucket(BucketEncryption=encrypted("aws:kms"))},
    "for another service": {
        "LogPolicy": bucket_policy("Logs", ONLY_TLS, allow("delivery.logs", BALANCERS))
    },
    "for other resources": {
        "LogPolicy": bucket_policy("Logs", allow(LOAD_BALANCING, "arn:aws:logs:*:*:*"))
    },
    "for objects elsewhere": {
        "LogPolicy": bucket_policy(
            "Logs",
            {
                **allow(LOAD_BALANCING, BALANCERS),
                "Resource": {"Fn::Sub": "${Logs.Arn}/other/AWSLogs/${AWS::AccountId}/*"},
            },
        )
    },
    "and denied": {
        "LogPolicy": bucket_policy(
            "Logs",
            allow(LOAD_BALANCING, BALANCERS),
            {**ONLY_TLS, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        )
    },
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_logs_that_can_not_be_written_are_refused(stacks: Stacks, fault: str, kind: str) -> None:
    resources = {**VPC, **LOG_BUCKET, **FAULTS[fault], "Balancer": balancer(kind, ref("Logs"))}
    stacks.create(template(resources))
    assert DENIED in stacks.failures()["Balancer"]


@pytest.mark.parametrize("kind", KINDS)
def test_logs_to_a_bucket_that_does_not_exist_are_refused(stacks: Stacks, kind: str) -> None:
    stacks.create(template({**VPC, **LOG_BUCKET, "Balancer": balancer(kind, "nowhere")}))
    assert "nowhere is not located in the same region" in stacks.failures()["Balancer"]


def test_logs_without_a_policy_are_refused_in_an_update_too(stacks: Stacks) -> None:
    stacks.create(template({**VPC, **BALANCER, "Logs": bucket()}))
    logged = {**balancer("access_logs", ref("Logs")), "DependsOn": []}
    updated = stacks.update(template({**VPC, "Balancer": logged, "Logs": bucket()}))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert DENIED in stacks.failures()["Balancer"]


def test_the_services_own_call_refuses_them_too(stacks: Stacks) -> None:
    without_policy = {**VPC, **BALANCER, "Logs": LOG_BUCKET["Logs"]}
    stacks.create(template(without_policy))
    elb = stacks.session.client("elbv2")
    arn, name = stacks.physical_id("Balancer"), stacks.physical_id("Logs")
    wanted = attributes("access_logs", name)
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=wanted[1:])
    refused = code_of(
        elb.modify_load_balancer_attributes, LoadBalancerArn=arn, Attributes=wanted[:1]
    )
    assert refused == "InvalidConfigurationRequest"
    stacks.update(template({**without_policy, "LogPolicy": LOG_BUCKET["LogPolicy"]}))
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=wanted[:1])


def test_a_protected_load_balancer_stays(stacks: Stacks) -> None:
    protection = {"Key": "deletion_protection.enabled", "Value": "true"}
    stacks.create(template({**VPC, **BALANCER}))
    elb, arn = stacks.session.client("elbv2"), stacks.physical_id("Balancer")
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[protection])
    assert code_of(elb.delete_load_balancer, LoadBalancerArn=arn) == "OperationNotPermitted"
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"
    assert "deletion protection is enabled" in stacks.failures()["Balancer"]
    off = {**protection, "Value": "false"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[off])
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
