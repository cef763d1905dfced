"""Costs: what is counted is what the templates make, and sums are those of published prices."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from description.__main__ import main
from description.cost import Estimate, Line, estimate, placed, prices
from description.model import Capacity
from tests.description.written import HEAD, described
from tests.resolved import deployed, of_type, the
from tests.systems_under_test import FILES, ROOT
from tests.systems_under_test import described as system_called

PRICES = prices()


def cost_of(text: str) -> Estimate:
    return estimate(described(text), PRICES)


def fargate(one: Estimate) -> Decimal:
    return sum((line.month for line in one.lines if "Fargate" in line.item), Decimal(0))


def quantity(one: Estimate, item: str) -> int:
    return sum(line.quantity for line in one.lines if line.item.startswith(item))


def monthly(one: Estimate, item: str) -> Decimal:
    return sum((line.month for line in one.lines if line.item.startswith(item)), Decimal(0))


@pytest.mark.parametrize(("architecture", "month"), [("x86_64", "216.24"), ("arm64", "173.01")])
def test_six_tasks_of_one_vcpu_and_two_gb_cost_what_is_published(
    architecture: str, month: str
) -> None:
    one = cost_of(f"services: {{api: {{architecture: {architecture}, scaling: {{min: 6}}}}}}")
    assert fargate(one) == Decimal(month)
    service = f"{{architecture: {architecture}, scaling: {{min: 2}}}}"
    three = cost_of(f"services: {{a: {service}, b: {service}, c: {service}}}")
    assert fargate(three) == Decimal(month)


def test_each_service_has_the_price_of_its_own_architecture_and_size() -> None:
    one = cost_of(
        "services: {a: {scaling: {min: 1}}, b: {architecture: arm64, scaling: {min: 1}},"
        " c: {cpu: 256, memory: 512, scaling: {min: 1}}}"
    )
    assert [line.month for line in one.lines[:3]] == [
        Decimal("36.04"),
        Decimal("28.84"),
        Decimal("9.01"),
    ]


@pytest.mark.parametrize(
    ("tasks", "base", "fargate_weight", "spot_weight", "expected"),
    [
        (2, 0, 1, 0, (2, 0)),
        (2, 2, 1, 1, (2, 0)),
        (2, 3, 0, 1, (2, 0)),
        (2, 0, 1, 1, (1, 1)),
        (4, 2, 1, 1, (3, 1)),
        (3, 0, 1, 1, (2, 1)),
        (9, 1, 1, 3, (3, 6)),
        (2, 0, 0, 1, (0, 2)),
    ],
)
def test_tasks_beyond_the_base_are_shared_by_weights(
    tasks: int, base: int, fargate_weight: int, spot_weight: int, expected: tuple[int, int]
) -> None:
    capacity = Capacity(fargate_base=base, fargate_weight=fargate_weight, spot_weight=spot_weight)
    assert placed(tasks, capacity) == expected


def test_spot_costs_a_third_of_fargate() -> None:
    one = cost_of("services: {a: {capacity: {fargate_weight: 0, spot_weight: 1}}}")
    assert quantity(one, "Fargate Spot, a") == 2
    assert fargate(one) == Decimal("23.07")


@pytest.mark.parametrize("name", sorted(FILES))
def test_what_is_counted_is_what_the_templates_make(name: str) -> None:
    resources = deployed(name)
    one = estimate(system_called(name), PRICES)
    zones = system_called(name).network.zones

    gateways = of_type(resources, "AWS::EC2::NatGateway").values()
    spread = sum(zones if "AvailabilityMode" in one else 1 for one in gateways)
    assert quantity(one, "NAT gateway") == spread
    assert quantity(one, "Public IPv4 address, NAT") == spread

    balancers = of_type(resources, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    assert quantity(one, "Load balancer") == len(balancers) == 1
    subnets = sum(len(balancer["Subnets"]) for balancer in balancers)
    assert quantity(one, "Public IPv4 address, load balancer") == subnets == zones

    interfaces = [
        len(endpoint["SubnetIds"])
        for endpoint in of_type(resources, "AWS::EC2::VPCEndpoint").values()
        if endpoint["VpcEndpointType"] == "Interface"
    ]
    assert quantity(one, "Interface endpoint") == sum(interfaces)
    assert quantity(one, "KMS key") == len(of_type(resources, "AWS::KMS::Key"))
    assert quantity(one, "Alarm") == len(of_type(resources, "AWS::CloudWatch::Alarm"))
    assert quantity(one, "Secret") == len(of_type(resources, "AWS::SecretsManager::Secret"))

    scaled = of_type(resources, "AWS::ApplicationAutoScaling::ScalableTarget").values()
    assert quantity(one, "Fargate") == sum(target["MinCapacity"] for target in scaled)


def test_without_routes_and_nat_there_is_nothing_to_pay_for_an_edge() -> None:
    one = cost_of(
        "network: {nat: none}\nlogs: {key: aws}\nregistry: {key: aws}\nalarms: false\n"
        "services: {a: {}}"
    )
    assert [line.item.partition(",")[0] for line in one.lines] == [
        "Fargate",
        "Interface endpoint",
    ]
    assert not any("load balancer" in unit or "NAT" in unit for unit, _ in one.traffic)


def test_logs_in_the_bucket_are_paid_for_until_their_former_versions_are_gone() -> None:
    (rule,) = the(deployed("gateway"), "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    days = 400 + rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
    units = [unit for unit, _ in estimate(system_called("gateway"), PRICES).traffic]
    assert f"GB and month in the bucket of logs, here for {days} days" in units


def test_lines_add_up_to_the_total_as_they_are_printed() -> None:
    line = Line(item="x", quantity=1, each=Decimal("16.425"))
    one = Estimate(system="a", prices=PRICES, lines=[line, line], traffic=[])
    assert line.month == Decimal("16.43")
    assert one.total == Decimal("32.86")


def test_json_says_what_the_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(FILES["gateway"])
    assert main(["cost", file, "--profile", "development", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert main(["cost", file, "--profile", "development"]) == 0
    table = capsys.readouterr().out

    one = estimate(system_called("gateway/development"), PRICES)
    assert (said["system"], said["total"]) == ("gateway", float(one.total))
    assert (said["region"], said["currency"], said["as_of"]) == ("us-east-1", "USD", "2026-10")
    assert sum(round(100 * line["month"]) for line in said["lines"]) == 100 * one.total
    assert len(said["lines"]) == len(one.lines) > 5
    for line in said["lines"]:
        assert f"{line['item']} " in table
        assert f" {line['month']:.2f}\n" in table
    assert {"unit": "GB through a NAT gateway", "price": 0.045} in said["traffic"]
    assert all(f"  {left}\n" in table for left in said["left_out"])


def test_cost_reports_the_mistakes_of_a_description_and_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"{HEAD}services: {{}}\n")
    assert main(["cost", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{file}:3: services: is empty. Found: a mapping. Allowed: one or more.\n"


def test_figures_on_the_page_are_those_of_the_estimates() -> None:
    page = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    gateway = estimate(system_called("gateway/development"), PRICES)
    payments = estimate(system_called("payments/development"), PRICES)
    both = (gateway, estimate(system_called("gateway"), PRICES))

    def columns(*items: str) -> str:
        return " | ".join(str(sum(monthly(one, item) for item in items)) for one in both)

    nat = ("NAT gateway", "Public IPv4 address, NAT")
    balancer = ("Load balancer", "Public IPv4 address, load balancer")
    on_arm = "services: {api: {architecture: arm64, scaling: {min: %d}}}"

    for row in (
        f"| Fargate | 50-80 | {' | '.join(str(fargate(one)) for one in both)} |",
        f"| NAT gateways | 32 | {columns(*nat)} |",
        f"| Load balancer | 16 | {columns(*balancer)} |",
        f"| Web ACL | - | {columns('Web ACL', 'Rule of the web ACL')} |",
        f"| Interface endpoints | - | {columns('Interface endpoint')} |",
        f"| Secrets | 1 | {columns('Secret')} |",
        f"| Keys | - | {columns('KMS key')} |",
        f"| Alarms | - | {columns('Alarm')} |",
        f"| **Total** | **100-140** | {' | '.join(f'**{one.total}**' for one in both)} |",
        f"cost {fargate(cost_of(on_arm % 2))} (ARM) to {gateway.lines[0].month} (x86)",
        f"cost {fargate(cost_of(on_arm % 6))} instead of {fargate(gateway)}",
        f"costs {2 * sum(monthly(gateway, item) for item in nat)} more than a single one",
    ):
        assert row in page
    assert quantity(payments, "Fargate Spot") == 1


def test_costs_need_neither_troposphere_nor_boto3() -> None:
    code = (
        "import sys; from description.__main__ import main; main(['cost', 'systems/gateway.yaml']);"
        "print(sorted({'awacs', 'boto3', 'cfnlint', 'troposphere'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\n[]\n")
