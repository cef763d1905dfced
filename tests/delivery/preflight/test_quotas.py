"""Quotas of the account. The local AWS has none: Service Quotas is answered by a stub."""

import pytest
from botocore.stub import Stubber

from delivery.deployment import Order, Place
from delivery.preflight.results import State
from delivery.preflight.run import run
from localaws import LocalSession
from tests.delivery.preflight.conftest import Look, messages, place


def found(where: Place, order: Order, vpcs: float) -> dict[State, list[str]]:
    """Return what is found where ``vpcs`` and 5 elastic addresses are allowed."""
    with Stubber(where.aws.client("service-quotas")) as api:
        which = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
        api.add_response("get_service_quota", {"Quota": {"Value": vpcs}}, which)
        api.add_client_error("get_service_quota", "NoSuchResourceException")
        which = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
        default = {"Quota": {"Value": 5.0}}
        api.add_response("get_aws_default_service_quota", default, which)
        which = {"ServiceCode": "elasticloadbalancing", "QuotaCode": "L-53DA6B97"}
        api.add_response("get_service_quota", {"Quota": {"Value": 50.0}}, which)
        results = run(where, order)
        api.assert_no_pending_responses()
    return {state: messages(results, state, "quotas") for state in State}


@pytest.mark.parametrize(("vpcs", "problems"), [(1.0, 1), (2.0, 0)])
def test_a_first_deployment_needs_room_for_its_network(
    account: LocalSession, order: Order, vpcs: float, problems: int
) -> None:
    told = found(place(account), order, vpcs)  # the account has its default VPC

    assert len(told[State.PROBLEM]) == problems
    assert "0 of 5 elastic IP addresses in use, 1 to be made" in told[State.OK]
    for message in told[State.PROBLEM]:
        assert message.startswith("1 of 1 VPCs are in use in us-east-1, and this makes 1 more.")
        assert "--service-code vpc --quota-code L-F678F1CE --desired-value 2" in message


def test_quotas_that_may_not_be_read_are_unknown(account: LocalSession, look: Look) -> None:
    told = messages(look(account), State.UNKNOWN, "quotas")

    assert told[0] == "how many VPCs there may be: GetServiceQuota was refused"


def test_what_runs_has_its_network(home: LocalSession, look: Look) -> None:
    assert messages(look(home), State.OK, "quotas") == ["the stack has its network already"]
