"""What the rollback of a creation cannot delete stays in the stack, and goes with it later."""

from collections.abc import Callable

import pytest

from tests.localaws.stacks import Stacks, Template, child, template
from tests.localaws.test_load_balancing_types import BALANCER, VPC

PROTECTED = {"Key": "deletion_protection.enabled", "Value": "true"}
KEPT = {
    **VPC,
    "Balancer": {
        **BALANCER["Balancer"],
        "Properties": {
            **BALANCER["Balancer"]["Properties"],  # type: ignore[dict-item]
            "LoadBalancerAttributes": [PROTECTED],
        },
    },
}
UNKNOWN = {"Type": "AWS::SQS::Queue"}


def of_one_stack(stacks: Stacks) -> Template:
    del stacks
    return template({**KEPT, "Broken": {**UNKNOWN, "DependsOn": "Balancer"}})


def beside_a_nested_stack(stacks: Stacks) -> Template:
    nested = child(stacks.publish("kept.json", template(KEPT)))
    return template({"Kept": nested, "Broken": {**UNKNOWN, "DependsOn": "Kept"}})


def in_a_nested_stack(stacks: Stacks) -> Template:
    return template({"Kept": child(stacks.publish("kept.json", of_one_stack(stacks)))})


@pytest.mark.parametrize(
    ("made", "where"),
    [
        (of_one_stack, "Balancer"),
        (beside_a_nested_stack, "Kept/Balancer"),
        (in_a_nested_stack, "Kept/Balancer"),
    ],
)
def test_a_protected_load_balancer_stays_until_its_protection_goes(
    stacks: Stacks, made: Callable[[Stacks], Template], where: str
) -> None:
    body = made(stacks)
    assert stacks.create(body)["StackStatus"] == "ROLLBACK_FAILED"
    assert stacks.events()[-1]["ResourceStatus"] == "ROLLBACK_FAILED"
    assert stacks.resource(where.partition("/")[0])["ResourceStatus"] == "DELETE_FAILED"
    arn = stacks.physical_id(where)
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"

    off = {**PROTECTED, "Value": "false"}
    elb = stacks.session.client("elbv2")
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[off])
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE", stacks.failures()
    assert stacks.alive() == []
    assert not elb.describe_load_balancers()["LoadBalancers"]
