"""What a system costs in a month at its smallest: the fewest tasks of each service, all the time.

Prices are list prices, in ``prices.yaml``. What depends on traffic is given by its unit.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

import yaml

from description.endpoints import needed
from description.fargate import GIB
from description.fields import Section
from description.model import Capacity, Nat, Service, System
from description.surroundings import FORMER_DAYS

PRICES: Final = Path(__file__).with_name("prices.yaml")

LEFT_OUT: Final = (
    "data transfer to the internet and between zones",
    "CloudWatch metrics of Container Insights, and alarms of scaling policies",
    "GuardDuty's Runtime Monitoring and its endpoint, where the account has it",
    "the Route 53 zone of the namespace, images in ECR, yearly versions of keys, requests to them",
    "discounts, free tiers, support and taxes",
)


class TaskPrices(Section):
    """Prices of Fargate for one architecture."""

    vcpu_hour: Decimal
    gb_hour: Decimal


class Prices(Section):
    """Prices of what a system is made of, in ``currency``."""

    source: str
    region: str
    currency: str
    as_of: str
    """Year and month."""
    hours_a_month: int
    fargate: dict[str, TaskPrices]
    """By the architecture of a service."""
    spot_discount: Decimal
    """The part of Fargate's price that Spot saves."""
    load_balancer_hour: Decimal
    load_balancer_lcu_hour: Decimal
    nat_gateway_hour: Decimal
    nat_gateway_gb: Decimal
    public_ipv4_hour: Decimal
    interface_endpoint_hour: Decimal
    interface_endpoint_gb: Decimal
    kms_key_month: Decimal
    secret_month: Decimal
    web_acl_month: Decimal
    web_acl_rule_month: Decimal
    web_acl_million_requests: Decimal
    alarm_month: Decimal
    logs_gb_in: Decimal
    logs_gb_month: Decimal
    flow_logs_gb_in: Decimal
    bucket_gb_month: Decimal


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something that costs the same in every month."""

    item: str
    quantity: int
    each: Decimal
    """The price of one in a month."""

    @property
    def month(self) -> Decimal:
        """The price of all in a month, in whole cents."""
        return cents(self.quantity * self.each)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a system costs in a month."""

    system: str
    prices: Prices
    lines: list[Line]
    traffic: list[tuple[str, Decimal]]
    """What comes on top: a unit, and its price."""

    @property
    def total(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.month for line in self.lines), Decimal(0))


def prices() -> Prices:
    """Return the prices in ``prices.yaml``."""
    return Prices.model_validate(yaml.safe_load(PRICES.read_text(encoding="utf-8")))


def estimate(system: System, at: Prices) -> Estimate:
    """Return what ``system`` costs in a month with the fewest tasks that scaling allows."""
    lines = [*_tasks(system, at), *_surroundings(system, at)]
    return Estimate(
        system=system.name,
        prices=at,
        lines=[line for line in lines if line.quantity],
        traffic=list(_traffic(system, at)),
    )


def placed(tasks: int, capacity: Capacity) -> tuple[int, int]:
    """Return how many of ``tasks`` run on Fargate and how many on Fargate Spot.

    ECS does not say how it rounds shares of a task: here Spot gets the lower number, so that the
    price is never too low.
    """
    shared = max(tasks - capacity.fargate_base, 0)
    spot = shared * capacity.spot_weight // (capacity.fargate_weight + capacity.spot_weight)
    return tasks - spot, spot


def cents(amount: Decimal) -> Decimal:
    """Return an amount rounded to cents, halves up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def as_text(one: Estimate) -> str:
    """Return an estimate as a table for people."""
    wide = max(len(line.item) for line in one.lines)
    rows = [f"{'':{wide}}  quantity      each     month"]
    rows += [
        f"{line.item:{wide}}  {line.quantity:8}  {cents(line.each):8}  {line.month:8}"
        for line in one.lines
    ]
    rows.append(f"{'Total':{wide}}  {'':8}  {'':8}  {one.total:8}")
    at = one.prices
    return "\n".join(
        [
            f"{one.system}: {one.total} {at.currency} a month at its smallest",
            f"Prices: {at.source}; {at.hours_a_month} hours a month.",
            "",
            *rows,
            "",
            "On top, by traffic:",
            *(f"  {price:.3f} per {unit}" for unit, price in one.traffic),
            "Left out:",
            *(f"  {item}" for item in LEFT_OUT),
            "",
        ]
    )


def as_json(one: Estimate) -> str:
    """Return an estimate as JSON for programs."""
    at = one.prices
    content = {
        "system": one.system,
        "source": at.source,
        "region": at.region,
        "currency": at.currency,
        "as_of": at.as_of,
        "hours_a_month": at.hours_a_month,
        "lines": [
            {
                "item": line.item,
                "quantity": line.quantity,
                "each": float(cents(line.each)),
                "month": float(line.month),
            }
            for line in one.lines
        ],
        "total": float(one.total),
        "traffic": [{"unit": unit, "price": float(price)} for unit, price in one.traffic],
        "left_out": LEFT_OUT,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _tasks(system: System, at: Prices) -> Iterator[Line]:
    for name, service in system.services.items():
        on_fargate, on_spot = placed(service.scaling.min, service.capacity)
        size = f"{Decimal(service.cpu) / GIB} vCPU, {Decimal(service.memory) / GIB} GB"
        kind = f"{name}: {size}, {service.architecture}"
        each = _task(service, at)
        yield Line(item=f"Fargate, {kind}", quantity=on_fargate, each=each)
        spot = each * (1 - at.spot_discount)
        yield Line(item=f"Fargate Spot, {kind}", quantity=on_spot, each=spot)


def _task(service: Service, at: Prices) -> Decimal:
    price = at.fargate[service.architecture]
    vcpus, memory = Decimal(service.cpu) / GIB, Decimal(service.memory) / GIB
    return (vcpus * price.vcpu_hour + memory * price.gb_hour) * at.hours_a_month


def _surroundings(system: System, at: Prices) -> Iterator[Line]:
    def hourly(item: str, quantity: int, price: Decimal) -> Line:
        return Line(item=item, quantity=quantity, each=price * at.hours_a_month)

    nats = nat_gateways(system)
    zones = system.network.zones
    yield hourly("NAT gateway", nats, at.nat_gateway_hour)
    yield hourly("Public IPv4 address, NAT gateway", nats, at.public_ipv4_hour)
    yield hourly("Load balancer", int(system.routed), at.load_balancer_hour)
    addresses = zones if system.routed else 0
    yield hourly("Public IPv4 address, load balancer", addresses, at.public_ipv4_hour)
    rules = web_acl_rules(system)
    yield Line(item="Web ACL", quantity=int(bool(rules)), each=at.web_acl_month)
    yield Line(item="Rule of the web ACL", quantity=rules, each=at.web_acl_rule_month)
    endpoints = interface_endpoints(system) * zones
    yield hourly("Interface endpoint, per zone", endpoints, at.interface_endpoint_hour)
    yield Line(item="KMS key", quantity=customer_keys(system), each=at.kms_key_month)
    yield Line(item="Secret", quantity=len(system.secrets), each=at.secret_month)
    yield Line(item="Alarm", quantity=alarms(system), each=at.alarm_month)


def customer_keys(system: System) -> int:
    """Return how many KMS keys are the system's own: of logs, alarms, secrets and images."""
    return sum(
        (
            system.logs.key == "customer",
            system.alarms,
            system.secrets_key == "customer" and bool(system.secrets),
            system.registry.key == "customer" and system.registry.mode == "create",
        )
    )


def alarms(system: System) -> int:
    """Return how many alarms there are: three over the tasks of each service, two more over those
    with routes, two over the load balancer and two over each NAT gateway.
    """
    if not system.alarms:
        return 0
    routed = sum(1 for service in system.services.values() if service.routes)
    zonal = system.network.nat is not Nat.REGIONAL
    gateways = nat_gateways(system) if zonal else 1
    return 3 * len(system.services) + 2 * (routed + int(system.routed) + gateways)


def nat_gateways(system: System) -> int:
    """Return how many NAT gateways are paid for: a regional one in each zone that it spreads to."""
    match system.network.nat:
        case Nat.NONE:
            return 0
        case Nat.SINGLE:
            return 1
        case Nat.PER_ZONE | Nat.REGIONAL:
            return system.network.zones


def web_acl_rules(system: System) -> int:
    """Return how many rules the web ACL has: AWS's four groups, and a limit if one is given."""
    return (4 + (system.edge.rate_limit is not None)) if system.has_web_acl else 0


def interface_endpoints(system: System) -> int:
    """Return how many interface endpoints there are; each is paid for in each zone."""
    return len(needed(system)[1]) if system.network.has_endpoints else 0


def _traffic(system: System, at: Prices) -> Iterator[tuple[str, Decimal]]:
    if system.routed:
        yield "LCU-hour of the load balancer", at.load_balancer_lcu_hour
    if system.has_web_acl:
        yield "million requests to the web ACL", at.web_acl_million_requests
    if nat_gateways(system):
        yield "GB through a NAT gateway", at.nat_gateway_gb
    if interface_endpoints(system):
        yield "GB through an interface endpoint", at.interface_endpoint_gb
    yield "GB of logs written", at.logs_gb_in
    yield f"GB and month of logs kept, here for {system.logs.retention_days} days", at.logs_gb_month
    if system.network.flow_logs:
        yield "GB of flow logs written", at.flow_logs_gb_in
    if system.keeps_logs_in_a_bucket:
        days = system.logs.retention_days + FORMER_DAYS
        yield f"GB and month in the bucket of logs, here for {days} days", at.bucket_gb_month
