import copy
import re

import pytest

from checks.build import Project
from checks.parameter_files import read_all
from checks.permissions import check as permissions
from checks.reachability import Reach, matrix, reach
from checks.reachability.groups import Ports, tcp
from checks.rendering import Rendering
from checks.resolved import samples
from description.model import System
from templates.render import render
from tests.checks import network_defects as defects
from tests.checks.templates import rendering
from tests.systems_under_test import REFERENCES, ROOT, SYSTEMS, described, rendered

ODD: list[object] = [None, "x", 7, [], {}]
"""What is put where an object or a list belongs."""

PRIVATE = ("10.0.10.0/24", "10.0.11.0/24", "10.0.12.0/24")
"""The private subnets of the gateway."""


def reached(system: str, plant: defects.Defect | None = None) -> Reach:
    """Who reaches whom in a system of ours with a defect planted."""
    templates = copy.deepcopy(rendered(system).templates)
    if plant is not None:
        plant(templates)
    spoilt = rendering(templates, system)
    return reach(spoilt, described(system), "dev", samples(spoilt))


DEFECTS: list[tuple[str, defects.Defect, str, str]] = [
    (
        "gateway",
        defects.a_dropped_egress_rule,
        "E9501",
        "api-gateway must reach fraud-detector on port 80",
    ),
    ("gateway", defects.a_dropped_egress_rule, "E9503", "leads nowhere"),
    ("gateway", defects.a_dropped_ingress_rule, "E9501", "api-gateway must reach fraud-detector"),
    (
        "gateway",
        defects.swapped_groups,
        "E9501",
        "api-gateway must reach fraud-detector on port 8080",
    ),
    (
        "gateway",
        defects.a_wrong_port,
        "E9501",
        "api-gateway must reach fraud-detector on port 8080",
    ),
    ("gateway", defects.a_range_of_ports, "E9502", "reaches fraud-detector on port 8080-8090"),
    ("gateway", defects.another_protocol, "E9501", "api-gateway must reach fraud-detector"),
    (
        "gateway",
        defects.tasks_open_to_everybody,
        "E9502",
        "10.0.0.0/16 reaches fraud-detector on port 80",
    ),
    ("gateway", defects.tasks_open_to_strangers_that_cannot_come, "E9503", "leads nowhere"),
    (
        "gateway",
        defects.tasks_that_may_call_anybody,
        "E9502",
        "fraud-detector reaches internet on port al",
    ),
    (
        "gateway",
        defects.tasks_that_cannot_call_aws,
        "E9501",
        "fraud-detector must reach internet on port 4",
    ),
    (
        "gateway",
        defects.a_database_open_to_another_service,
        "E9502",
        "fraud-detector reaches 10.0.0.0/16",
    ),
    (
        "gateway",
        defects.a_dropped_way_to_the_database,
        "E9501",
        "payment-processor must reach 10.0.0.0/16",
    ),
    (
        "gateway",
        defects.an_extra_caller,
        "E9502",
        "fraud-detector reaches payment-processor on port 8080",
    ),
    (
        "gateway",
        defects.a_service_that_calls_itself,
        "E9502",
        "fraud-detector reaches fraud-detector",
    ),
    (
        "gateway",
        defects.a_load_balancer_that_reaches_an_internal_service,
        "E9502",
        "load balancer reaches fraud-detector on port 8080",
    ),
    (
        "gateway",
        defects.a_service_in_its_neighbours_group,
        "E9502",
        "load balancer reaches fraud-detector",
    ),
    ("gateway", defects.callees_mixed_up, "E9501", "api-gateway must reach fraud-detector"),
    ("gateway", defects.tasks_in_public_subnets, "E9506", "PublicSubnetA, a public subnet"),
    ("gateway", defects.tasks_with_public_addresses, "E9506", "gives its tasks public addresses"),
    ("gateway", defects.a_missing_nat_route, "E9507", "has no way out"),
    ("gateway", defects.a_route_in_the_wrong_table, "E9507", "has no way out"),
    ("gateway", defects.a_missing_association, "E9505", "found none: the VPC's own"),
    ("gateway", defects.two_associations, "E9505", "found PrivateRouteTableA, PrivateRouteTableB"),
    ("gateway", defects.a_nat_gateway_in_a_private_subnet, "E9507", "has no way out"),
    ("gateway", defects.a_nat_gateway_for_private_addresses, "E9507", "has no way out"),
    (
        "gateway/development",
        defects.a_second_nat_gateway,
        "E9507",
        "has NatGatewayA, NatGatewayB as ways out",
    ),
    ("gateway", defects.a_nat_gateway_without_an_address, "E9507", "has no way out"),
    (
        "gateway",
        defects.an_internet_gateway_of_another_vpc,
        "E9501",
        "internet must reach load balancer",
    ),
    (
        "gateway",
        defects.all_subnets_in_one_zone,
        "E9508",
        "must be in 3 zones, found us-east-1a, us-east-",
    ),
    ("gateway", defects.a_load_balancer_in_two_zones, "E9508", "must be in 3 zones"),
    (
        "gateway",
        defects.a_load_balancer_in_private_subnets,
        "E9501",
        "internet must reach load balancer",
    ),
    (
        "gateway",
        defects.an_internal_load_balancer,
        "E9501",
        "internet must reach load balancer on port 443",
    ),
    (
        "gateway",
        defects.an_edge_without_https,
        "E9501",
        "internet must reach load balancer on port 443",
    ),
    (
        "gateway",
        defects.an_edge_with_another_port,
        "E9502",
        "internet reaches load balancer on port 8443",
    ),
    (
        "gateway",
        defects.a_listener_that_does_not_redirect,
        "E9504",
        "with redirect to https 443, as the",
    ),
    ("gateway", defects.a_listener_on_another_port, "E9504", "on port 8443"),
    (
        "gateway",
        defects.a_rule_on_the_wrong_listener,
        "E9504",
        "100: paths /* on port 80 with api-gateway",
    ),
    (
        "gateway",
        defects.a_rule_for_other_paths,
        "E9504",
        "answers requests 100: paths /admin/* on port",
    ),
    (
        "gateway",
        defects.a_rule_that_answers_by_itself,
        "E9504",
        "100: paths /* on port 443 with fixed-res",
    ),
    ("gateway", defects.tasks_registered_with_another_port, "E9504", "with api-gateway 9090"),
    ("gateway", defects.tasks_registered_nowhere, "E9504", "with no service"),
    ("gateway", defects.a_network_acl, "E9500", "AWS::EC2::NetworkAcl"),
    ("gateway", defects.a_second_vpc, "E9500", "one VPC"),
    ("gateway", defects.subnets_with_ipv6, "E9500", "connections by IPv6 are not followed"),
    ("gateway", defects.a_load_balancer_with_ipv6, "E9500", "found dualstack"),
    ("enclave", defects.an_endpoint_in_a_public_subnet, "E9506", "PublicSubnetA, a public"),
    ("enclave", defects.an_endpoint_in_one_zone, "E9508", "must be in"),
    ("gateway", defects.a_subnet_in_whatever_zone, "E9508", "must be in 3 zones, found no zone"),
    ("gateway", defects.a_smaller_vpc, "E9510", "must be 10.0.0.0/16 as described"),
    ("gateway", defects.a_smaller_subnet, "E9510", "as described, found 10.0.11.0/25"),
    ("gateway", defects.a_rule_for_ipv6, "E9500", "must have CidrIp"),
    ("gateway", defects.a_route_to_somewhere_else, "E9500", "found 192.168.0.0/16"),
    ("gateway", defects.no_addresses, "E9500", "must be a range of IPv4 addresses"),
    ("gateway", defects.no_groups, "E9500", "must have security groups"),
    ("gateway", defects.ports_that_are_no_numbers, "E9500", "must have ports that are numbers"),
    ("gateway", defects.something_that_cannot_be_resolved, "E9500", "'Nothing' is no parameter"),
    (
        "payments",
        defects.the_neighbours_nat_gateway,
        "E9507",
        "us-east-1a, must be in its own, us-east-1b",
    ),
    ("marketplace", defects.a_zonal_nat_gateway, "E9507", "which is not what nat: regional says"),
    (
        "enclave",
        defects.a_missing_endpoint,
        "E9501",
        "tokenizer must reach endpoint logs on port 443",
    ),
    ("enclave", defects.a_missing_gateway_endpoint, "E9501", "audit must reach endpoint s3"),
    (
        "enclave",
        defects.a_gateway_endpoint_beside_a_route_table,
        "E9501",
        "audit must reach endpoint s3",
    ),
    ("enclave", defects.endpoints_closed_to_one_zone, "E9501", "audit must reach endpoint ecr.api"),
    ("enclave", defects.endpoints_open_to_more, "E9502", "reaches endpoint logs on port 443"),
    ("enclave", defects.an_endpoint_that_nobody_needs, "E9502", "audit reaches endpoint sqs"),
    ("gateway", defects.a_missing_endpoint, "E9501", "api-gateway must reach endpoint logs"),
    ("gateway", defects.a_missing_gateway_endpoint, "E9501", "must reach endpoint s3"),
    ("marketplace", defects.an_endpoint_not_described, "E9502", "orders reaches endpoint sqs"),
    ("enclave", defects.an_endpoint_without_its_name, "E9509", "must be true"),
    ("enclave", defects.a_way_to_the_internet, "E9506", "PrivateSubnetA, a public subnet"),
]


@pytest.mark.parametrize(
    ("system", "plant", "rule", "message"),
    DEFECTS,
    ids=[f"{plant.__name__}-{rule}" for _, plant, rule, _ in DEFECTS],
)
def test_notices(system: str, plant: defects.Defect, rule: str, message: str) -> None:
    found = reached(system, plant).findings

    assert any(one.rule == rule and message in one.message for one in found), found
    assert all(one.file.startswith(f"{system}/") for one in found)


@pytest.mark.parametrize("system", SYSTEMS)
def test_systems_of_ours_connect_what_is_described_and_nothing_else(system: str) -> None:
    one = reached(system)

    assert one.findings == ()
    assert len(one.connections) > len(described(system).services)


def test_no_environment_connects_otherwise() -> None:
    files = read_all(Project(ROOT).parameters, REFERENCES)

    assert len(files) == 6
    for file in files:
        system = file.system
        one = reach(rendered(system), described(system), file.environment, file.parameters)
        assert one.findings == ()
        assert one.connections == reached(system).connections


def test_every_call_every_route_and_every_way_out_is_a_connection() -> None:
    found = {(one.source, one.target, str(one.ports)) for one in reached("gateway").connections}

    assert found == {
        ("internet", "load balancer", "80"),
        ("internet", "load balancer", "443"),
        ("load balancer", "api-gateway", "8080"),
        ("api-gateway", "payment-processor", "8080"),
        ("api-gateway", "fraud-detector", "8080"),
        ("payment-processor", "10.0.0.0/16", "5432"),
        *((name, "internet", "443") for name in described("gateway").services),
        # Whoever may open HTTPS connections reaches what is public.
        *((name, "load balancer", "443") for name in described("gateway").services),
        # Calls to AWS, by endpoints that take them from all private subnets.
        *(
            (name, f"endpoint {endpoint}", "443")
            for endpoint in ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
            for name in (*described("gateway").services, *PRIVATE)
        ),
        *((name, "endpoint s3", "443") for name in described("gateway").services),
    }


@pytest.mark.parametrize("nat", ["single", "none"])
@pytest.mark.parametrize("endpoints", [True, False])
def test_endpoints_are_there_where_they_are_described_and_where_there_is_no_nat(
    nat: str, endpoints: bool
) -> None:
    network = {"nat": nat, "endpoints": endpoints}
    system = System.model_validate(
        {**described("marketplace").model_dump(mode="json", exclude_unset=True), "network": network}
    )
    one = Rendering("marketplace", render(system))
    found = reach(one, system, "dev", samples(one))

    targets = {connection.target for connection in found.connections}
    assert found.findings == ()
    assert ("endpoint sqs" in targets, "endpoint s3" in targets) == (
        (True, True) if endpoints or nat == "none" else (False, False)
    )
    assert ("internet" in {one.target for one in found.connections}) == (nat == "single")


def test_with_nat_a_service_without_a_known_endpoint_is_called_by_nat() -> None:
    permission = {
        "sid": "SendMail",
        "actions": ["ses:SendEmail"],
        "resources": ["arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/x"],
    }
    description = described("gateway").model_dump(mode="json", exclude_unset=True)
    description["services"]["fraud-detector"]["permissions"] = [permission]
    system = System.model_validate(description)
    one = Rendering("gateway", render(system))

    assert reach(one, system, "dev", samples(one)).findings == ()


def test_without_nat_nobody_reaches_the_internet() -> None:
    found = reached("enclave").connections

    assert {one.source for one in found if one.target == "endpoint secretsmanager"} >= {
        "tokenizer",
        "audit",
    }
    assert [one for one in found if one.target == "internet"] == []


def test_the_matrix_shows_ports_and_the_environments_in_which_it_holds() -> None:
    gateway = rendered("gateway")
    reaches = [
        reach(gateway, described("gateway"), name, samples(gateway)) for name in ("dev", "prod")
    ]

    lines = list(matrix(reaches))

    assert lines[0] == "gateway (dev, prod)"
    assert re.split(r"  +", lines[2]) == [
        "from \\ to",
        "internet",
        "load balancer",
        "api-gateway",
        "fraud-detector",
        "payment-processor",
        "10.0.0.0/16",
        *("endpoint ecr.api", "endpoint ecr.dkr", "endpoint logs", "endpoint s3"),
        "endpoint secretsmanager",
    ]
    assert [line.split() for line in lines[3:5]] == [
        ["internet", "·", "80", "443", *"·" * 9],
        ["load", "balancer", "·", "·", "8080", *"·" * 8],
    ]
    assert len(lines) == 8 + len(PRIVATE)


def test_environments_that_differ_have_a_matrix_each() -> None:
    reaches = [reached("gateway"), reached("gateway", defects.an_extra_caller), reached("enclave")]

    titles = [line for line in matrix(reaches) if line.endswith(")")]

    assert titles == ["gateway (dev)", "gateway (dev)", "enclave (dev)"]


EVERYTHING = Ports("-1", 0, 65535)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (tcp(80), tcp(80), tcp(80)),
        (tcp(80), tcp(81), None),
        (tcp(80), Ports("udp", 80, 80), None),
        (Ports("tcp", 80, 90), Ports("tcp", 85, 99), Ports("tcp", 85, 90)),
        (EVERYTHING, tcp(80), tcp(80)),
        (EVERYTHING, EVERYTHING, EVERYTHING),
    ],
)
def test_a_connection_has_the_ports_that_both_sides_allow(
    one: Ports, other: Ports, both: Ports | None
) -> None:
    assert one.meet(other) == both
    assert other.meet(one) == both


@pytest.mark.parametrize(
    "path",
    [
        "Policies",
        "Policies/0",
        "Policies/0/PolicyDocument",
        "Policies/0/PolicyDocument/Statement",
        "Policies/0/PolicyDocument/Statement/0",
        "Policies/0/PolicyDocument/Statement/0/Action",
    ],
)
@pytest.mark.parametrize("odd", ODD)
def test_leaves_a_policy_of_another_shape_to_the_check_of_permissions(
    path: str, odd: object
) -> None:
    templates = copy.deepcopy(rendered("payments").templates)
    file = templates["roles.json"]
    *before, last = (int(step) if step.isdecimal() else step for step in path.split("/"))
    node = file["Resources"]["NotificationServiceTaskRole"]["Properties"]
    for step in before:
        node = node[step]
    node[last] = odd
    spoilt = rendering(templates, "payments")
    given = described("payments"), samples(spoilt)

    # Who may do what hardly decides who has to be reached; a policy that is there is judged.
    assert reach(spoilt, given[0], "dev", given[1]).connections
    assert [one.rule for one in permissions.check(spoilt, *given)] != []
