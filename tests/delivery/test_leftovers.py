"""What a failed creation leaves in the account is told with what removes it."""

import json
from dataclasses import replace

import pytest

from delivery import deployment, leftovers, operations, stacks
from delivery.aws import Aws
from delivery.deployment import Place
from delivery.errors import DeliveryError
from delivery.stacks import Stack
from tests.delivery.samples import DIGEST, order, templates


def retaining(*, broken: bool) -> dict[str, bytes]:
    """Templates of which ``Data/Logs`` is retained; ``Services`` waits for it."""
    sources = templates(broken=broken)
    data, parent = json.loads(sources["data.json"]), json.loads(sources["parent.json"])
    data["Resources"]["Logs"]["DeletionPolicy"] = "RetainExceptOnCreate"
    parent["Resources"]["Services"]["DependsOn"] = "Data"
    return {
        **sources,
        "data.json": json.dumps(data).encode(),
        "parent.json": json.dumps(parent).encode(),
    }


def read(aws: Aws) -> Stack:
    stack = stacks.read(aws, "tiny-dev")
    assert stack
    return stack


def test_what_a_failed_creation_retains_comes_with_the_command_that_removes_it(
    place: Place, aws: Aws
) -> None:
    with pytest.raises(DeliveryError) as failure:
        deployment.deploy(place, order(retaining(broken=True), {"ApiImageDigest": DIGEST}))
    assert f"./deploy.sh destroy tiny dev {aws.cli_options} says how to remove it." in str(
        failure.value
    )
    stack = read(aws)
    assert stack.status == "ROLLBACK_COMPLETE"
    operations.delete_stack(aws, place.console, stack)

    assert leftovers.removals(aws, stack) == [
        f"aws logs delete-log-group --log-group-name /data-dev {aws.cli_options}"
    ]


def test_what_a_stack_retains_that_was_made_once_is_not_told(place: Place, aws: Aws) -> None:
    stack = deployment.deploy(place, order(retaining(broken=False))).stack
    operations.delete_stack(aws, place.console, stack)

    assert leftovers.removals(aws, stack) == []
    assert leftovers.removals(aws, replace(stack, status="DELETE_FAILED")) == []
