"""Addresses and zones are chosen once: another choice moves everything, so no slip makes it."""

from collections.abc import Mapping

import pytest

from checks.rendering import Rendering
from checks.resolved import System, resolve, samples
from delivery.forecast import forecast
from delivery.policy import Policy
from description import model
from templates.render import render
from tests.systems_under_test import described, rendered
from tests.test_fields_reach_templates import written

GIVEN = {"AvailabilityZoneIds": "use1-az1,use1-az2,use1-az3"}
HOLDS_EVERYTHING = {"AWS::EC2::VPC", "AWS::EC2::Subnet"}


def system(of: model.System, parameters: Mapping[str, str]) -> System:
    it = Rendering(of.name, render(of), of.profile.value)
    return resolve(it, {**samples(it), **parameters})


@pytest.mark.parametrize(
    ("changed", "parameters", "moved"),
    [
        ({"network/vpc_cidr": "10.0.0.0/17"}, GIVEN, 7),
        ({"network/public_subnets": ["10.0.4.0/24", "10.0.1.0/24", "10.0.2.0/24"]}, GIVEN, 1),
        ({}, {"AvailabilityZoneIds": "use1-az1,use1-az3,use1-az2"}, 4),
        ({}, {}, 6),
    ],
    ids=["the VPC's addresses", "a subnet's", "zones in another order", "zones no longer given"],
)
def test_another_network_is_refused_in_production(
    changed: Mapping[str, object], parameters: Mapping[str, str], moved: int
) -> None:
    before = resolve(rendered("gateway"), {**samples(rendered("gateway")), **GIVEN})
    after = system(written("gateway", changed), parameters)
    changes = forecast(before, after)
    refused = {one.change.address for one in Policy().refusals(changes, "production")}

    affected = {c.address for c in changes if c.type in HOLDS_EVERYTHING and c.effect == "replace"}
    assert len(affected) == moved
    assert affected <= refused
    assert not Policy().refusals(changes, "production", refused)


def test_a_zone_less_takes_its_subnets_away_and_is_refused() -> None:
    fewer = written("payments", {"network/zones": described("payments").network.zones - 1})
    before = resolve(rendered("payments"), samples(rendered("payments")))
    changes = forecast(before, system(fewer, {}))
    refused = {one.change.address for one in Policy().refusals(changes, "production")}

    gone = {c.address for c in changes if c.type == "AWS::EC2::Subnet" and c.effect == "delete"}
    assert len(gone) >= 2
    assert gone <= refused
