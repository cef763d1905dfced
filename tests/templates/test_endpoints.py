"""VPC endpoints: what passes through them is what the roles of tasks may do, and nothing else."""

from collections.abc import Iterator

import pytest

from checks.rendering import Node, Rendering
from description.endpoints import carrier
from description.model import System
from templates.render import render
from tests.resolved import Resources, as_deployed, deployed, of_type
from tests.systems_under_test import FILES, described

WITH_ENDPOINTS = [name for name in FILES if described(name).network.has_endpoints]
LAYERS = "arn:aws-x:s3:::prod-eu-west-3-starport-layer-bucket/*"


def policies(resources: Resources) -> dict[str, list[Node]]:
    """Return the statements of each endpoint's policy, by the name of its service."""
    return {
        one["ServiceName"].removeprefix("com.amazonaws.eu-west-3."): one["PolicyDocument"][
            "Statement"
        ]
        for one in of_type(resources, "AWS::EC2::VPCEndpoint").values()
    }


def granted(resources: Resources) -> Iterator[Node]:
    """Yield the statements of all roles, but for what another service calls for them."""
    for role in of_type(resources, "AWS::IAM::Role").values():
        for policy in role.get("Policies", []):
            for one in policy["PolicyDocument"]["Statement"]:
                if "kms:ViaService" not in one.get("Condition", {}).get("StringEquals", {}):
                    yield one


def carriers(action: str) -> tuple[str, ...]:
    """Return the endpoints that carry an action; two for the registry: its API, and Docker's."""
    known = carrier(action)
    started = {"ecr": ("ecr.api", "ecr.dkr"), "logs": ("logs",)}
    return started.get(action.partition(":")[0], (known,) if known else ())


def actions_of(statements: list[Node]) -> set[str]:
    return {action for one in statements for action in one["Action"]}


def described_with(permissions: list[dict[str, object]]) -> System:
    description = described("gateway").model_dump(mode="json", exclude_unset=True)
    description["services"]["fraud-detector"]["permissions"] = permissions
    return System.model_validate(description)


@pytest.fixture(params=WITH_ENDPOINTS)
def resources(request: pytest.FixtureRequest) -> Resources:
    return deployed(request.param)


def test_some_systems_have_endpoints_beside_a_nat_and_one_has_them_instead_of_it() -> None:
    nats = {name: bool(of_type(deployed(name), "AWS::EC2::NatGateway")) for name in WITH_ENDPOINTS}

    assert nats == {"enclave": False, "gateway": True, "payments": True}


def test_a_system_with_nat_may_do_without_endpoints() -> None:
    assert of_type(deployed("marketplace"), "AWS::EC2::VPCEndpoint") == {}
    assert "Network/EndpointSecurityGroup" not in deployed("marketplace")


def test_what_roles_may_do_passes_through_the_endpoint_of_its_service(resources: Resources) -> None:
    found = policies(resources)
    tried = 0

    for one in granted(resources):
        for action in one["Action"]:
            for name in carriers(action):
                passing = [it for it in found[name] if action in it["Action"]]
                resources_of = {resource for it in passing for resource in it["Resource"]}
                assert "*" in resources_of or set(one["Resource"]) <= resources_of
                tried += 1
    assert tried > 10


def test_nothing_passes_through_an_endpoint_that_no_role_may_do(resources: Resources) -> None:
    for name, statements in policies(resources).items():
        allowed = {
            action
            for one in granted(resources)
            for action in one["Action"]
            if name in carriers(action)
        }
        assert actions_of(statements) == allowed | ({"s3:GetObject"} if name == "s3" else set())


def test_only_this_account_s_credentials_pass_but_where_ecr_signs_for_layers(
    resources: Resources,
) -> None:
    for name, statements in policies(resources).items():
        for one in statements:
            condition = {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}
            layers = name == "s3" and one["Resource"] == [LAYERS]
            assert one.get("Condition") == (None if layers else condition)
            assert one["Principal"] == "*"
            assert one["Effect"] == "Allow"


def test_buckets_and_tables_that_nobody_described_cannot_be_reached(resources: Resources) -> None:
    found = policies(resources)

    assert [one["Resource"] for one in found["s3"]] == [[LAYERS]]
    assert all("*" not in one["Resource"] for one in found.get("dynamodb", []))


def test_the_bucket_of_a_permission_can_be_reached_for_what_it_says() -> None:
    bucket = "arn:${AWS::Partition}:s3:::receipts-${EnvironmentSuffix}/*"
    system = described_with([{"sid": "Keep", "actions": ["s3:PutObject"], "resources": [bucket]}])

    layers, receipts = policies(as_deployed(Rendering("gateway", render(system))))["s3"]

    assert (layers["Sid"], layers["Action"]) == ("PullLayers", ["s3:GetObject"])
    assert (receipts["Action"], receipts["Resource"]) == (
        ["s3:PutObject"],
        ["arn:aws-x:s3:::receipts-blue/*"],
    )


def test_what_one_service_does_with_its_queue_none_does_with_that_of_another() -> None:
    arn = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"
    system = described_with(
        [
            {"sid": "Send", "actions": ["sqs:SendMessage"], "resources": [f"{arn}a", f"{arn}b"]},
            {"sid": "Receive", "actions": ["sqs:ReceiveMessage"], "resources": [f"{arn}b"]},
            {"sid": "Delete", "actions": ["sqs:DeleteMessage"], "resources": [f"{arn}c"]},
        ]
    )
    rendering = Rendering(system.name, render(system), system.profile.value)
    (statements,) = [
        it for name, it in policies(as_deployed(rendering)).items() if name.endswith("sqs")
    ]
    allowed = {
        (action, resource.rpartition(":")[2])
        for statement in statements
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    assert allowed == {
        ("sqs:SendMessage", "a"),
        ("sqs:SendMessage", "b"),
        ("sqs:ReceiveMessage", "b"),
        ("sqs:DeleteMessage", "c"),
    }
    assert len({one["Sid"] for one in statements}) == len(statements)
