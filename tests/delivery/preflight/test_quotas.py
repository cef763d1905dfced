"""Quotas of the account. The local AWS has none: Service Quotas is answered by a stub."""

from dataclasses import replace

import pytest
from botocore.stub import Stubber

from checks.resolved import resolve, samples
from delivery.deployment import Order, Place
from delivery.preflight import fargate
from delivery.preflight.results import State
from delivery.preflight.run import run
from localaws import LocalSession
from tests.delivery.preflight.conftest import Look, messages, place
from tests.systems_under_test import described, rendered


def found(
    where: Place, order: Order, vpcs: float = 5.0, vcpus: float = 4000.0
) -> dict[State, list[str]]:
    """Return what is found where ``vpcs``, 5 elastic addresses and ``vcpus`` are allowed."""
    with Stubber(where.aws.client("service-quotas")) as api:
        which = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
        api.add_response("get_service_quota", {"Quota": {"Value": vpcs}}, which)
        api.add_client_error("get_service_quota", "NoSuchResourceException")
        which = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
        default = {"Quota": {"Value": 5.0}}
        api.add_response("get_aws_default_service_quota", default, which)
        which = {"ServiceCode": "elasticloadbalancing", "QuotaCode": "L-53DA6B97"}
        api.add_response("get_service_quota", {"Quota": {"Value": 50.0}}, which)
        which = {"ServiceCode": "fargate", "QuotaCode": "L-3032A538"}
        api.add_response("get_service_quota", {"Quota": {"Value": vcpus}}, which)
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


def vcpus_of(system: str) -> dict[str, tuple[float, float]]:
    """Capacity provider to the least and the most vCPU that a system takes of it."""
    it = rendered(system)
    taken = fargate.vcpus(resolve(it, samples(it)))
    return {provider: (take.least, take.most) for provider, take in taken.items() if take.most}


def test_each_task_takes_the_vcpu_of_its_size_where_it_is_placed() -> None:
    services = described("payments").services.values()
    assert any(one.capacity.spot_weight for one in services)
    both = {
        bound: sum(one.cpu / 1024 * getattr(one.scaling, bound) for one in services)
        for bound in ("min", "max")
    }
    taken = vcpus_of("payments")
    assert sum(least for least, _ in taken.values()) == both["min"]
    assert sum(most for _, most in taken.values()) == both["max"]

    spot = [one for one in services if one.capacity.spot_weight]
    shares = [
        (one.cpu / 1024, one.scaling.max - one.capacity.fargate_base, one.capacity) for one in spot
    ]
    expected = sum(
        size * -(-rest * use.spot_weight // (use.spot_weight + use.fargate_weight))
        for size, rest, use in shares
    )
    assert taken["FARGATE_SPOT"][1] == expected
    assert vcpus_of("gateway/development").keys() == {"FARGATE"}


@pytest.mark.parametrize(
    ("allowed", "state", "said"),
    [
        (1.0, State.PROBLEM, "The account may have 1 vCPU of Fargate On-Demand in us-east-1"),
        (6.0, State.LATER, "the account may have 6 vCPU of Fargate On-Demand, and all services"),
        (4000.0, State.OK, "6 to 30 of 4000 vCPU of Fargate On-Demand"),
    ],
)
def test_tasks_that_could_not_start_are_a_problem_and_a_maximum_out_of_reach_is_told(
    account: LocalSession, order: Order, allowed: float, state: State, said: str
) -> None:
    told = found(place(account), order, vcpus=allowed)
    (one,) = [
        (which, message)
        for which, messages in told.items()
        for message in messages
        if "vCPU" in message
    ]
    assert one[0] is state
    assert one[1].startswith(said)
    more = "--service-code fargate --quota-code L-3032A538 --desired-value "
    assert (more in one[1]) == (state is not State.OK)


def test_quotas_that_may_not_be_read_are_unknown(account: LocalSession, look: Look) -> None:
    told = messages(look(account), State.UNKNOWN, "quotas")

    assert told[0] == "how many VPCs there may be: GetServiceQuota was refused"


def test_what_runs_has_its_network(home: LocalSession, look: Look) -> None:
    assert messages(look(home), State.OK, "quotas") == ["the stack has its network already"]


def test_of_what_runs_only_more_vcpu_than_before_are_looked_at(
    home: LocalSession, order: Order
) -> None:
    def unknown(most: bytes) -> list[str]:
        changed = {
            name: body.replace(b'"MaxCapacity": 10', b'"MaxCapacity": ' + most)
            for name, body in order.templates.items()
        }
        results = run(place(home), replace(order, templates=changed))
        return messages(results, State.UNKNOWN, "quotas")

    assert unknown(b"9") == []
    assert unknown(b"11") == [
        "how many vCPU of Fargate On-Demand there may be: GetServiceQuota was refused"
    ]
