"""Rules on a load balancer and in security groups. The local AWS has no quotas: Service Quotas is
answered by a stub.
"""

from dataclasses import replace

import pytest
from botocore.stub import Stubber

from checks.resolved import resolve, samples
from delivery.deployment import Order
from delivery.preflight import rules
from delivery.preflight.results import State
from delivery.preflight.subject import Subject
from localaws import LocalSession
from tests.delivery.preflight.conftest import place
from tests.systems_under_test import rendered


def test_rules_are_counted_by_group_and_direction_wherever_they_stand() -> None:
    it = rendered("gateway")
    system = resolve(it, samples(it))

    assert rules.on_balancer(system) == {"LoadBalancer": 1}
    counted = rules.in_groups(system)
    # From the internet to 80 and 443; to nowhere, and to the service that has routes.
    assert counted["LoadBalancerSecurityGroup, in"] == 2
    assert counted["LoadBalancerSecurityGroup, out"] == 2
    # From the load balancer; to HTTPS, and to the two that it calls.
    assert counted["Services/ApiGatewaySecurityGroup, in"] == 1
    assert counted["Services/ApiGatewaySecurityGroup, out"] == 3


@pytest.mark.parametrize(
    ("most", "state", "said"),
    [
        (3.0, State.OK, "3 of 3 rules of a security group in one direction: "),
        (2.0, State.PROBLEM, "Services/ApiGatewaySecurityGroup, out: the account may have 2 rules"),
        (None, State.UNKNOWN, "whether there may be 3 rules of a security group in one direction"),
    ],
)
def test_more_rules_than_every_account_may_have_are_compared_with_its_quota(
    account: LocalSession,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
    most: float | None,
    state: State,
    said: str,
) -> None:
    balancer, group = rules.QUOTAS
    monkeypatch.setattr(rules, "QUOTAS", (balancer, replace(group, default=2)))
    where = place(account)
    with Stubber(where.aws.client("service-quotas")) as api:
        if most is None:
            api.add_client_error("get_service_quota", "AccessDeniedException")
        else:
            which = {"ServiceCode": "vpc", "QuotaCode": "L-0EA8095F"}
            api.add_response("get_service_quota", {"Quota": {"Value": most}}, which)
        (result,) = rules.check(Subject(where, order, None))

    assert result.state is state
    assert result.message.startswith(said)
    wanted = "--service-code vpc --quota-code L-0EA8095F --desired-value 3"
    assert (wanted in result.message) == (state is State.PROBLEM)
