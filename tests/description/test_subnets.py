from ipaddress import IPv4Network

import pytest

from description.crosschecks import check
from description.model import Network
from tests.description.written import WORKER, described


def _ranges(network: Network) -> tuple[list[str], list[str]]:
    return [str(one) for one in network.public_ranges()], [
        str(one) for one in network.private_ranges()
    ]


def test_derives_small_public_and_large_private_subnets() -> None:
    assert _ranges(Network()) == (
        ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"],
        ["10.0.16.0/20", "10.0.32.0/20", "10.0.48.0/20"],
    )
    assert _ranges(Network(vpc_cidr=IPv4Network("10.7.16.0/20"), zones=2)) == (
        ["10.7.16.0/27", "10.7.16.32/27"],
        ["10.7.17.0/24", "10.7.18.0/24"],
    )


def test_takes_the_ranges_given() -> None:
    given = Network(
        zones=2,
        public_subnets=(IPv4Network("10.0.4.0/24"), IPv4Network("10.0.5.0/24")),
        private_subnets=(IPv4Network("10.0.6.0/24"), IPv4Network("10.0.7.0/24")),
    )
    assert _ranges(given) == (["10.0.4.0/24", "10.0.5.0/24"], ["10.0.6.0/24", "10.0.7.0/24"])


@pytest.mark.parametrize("prefix", range(16, 21))
def test_another_zone_moves_no_subnet(prefix: int) -> None:
    vpc = IPv4Network(f"10.0.0.0/{prefix}")
    most = Network(vpc_cidr=vpc, zones=6)
    for zones in range(2, 6):
        fewer = Network(vpc_cidr=vpc, zones=zones)
        assert fewer.public_ranges() == most.public_ranges()[:zones]
        assert fewer.private_ranges() == most.private_ranges()[:zones]


@pytest.mark.parametrize("prefix", range(16, 21))
@pytest.mark.parametrize("zones", range(2, 7))
def test_derived_ranges_keep_the_rules_for_given_ones(prefix: int, zones: int) -> None:
    derived = Network(vpc_cidr=IPv4Network(f"10.0.0.0/{prefix}"), zones=zones)
    public, private = _ranges(derived)
    assert len(public) == len(private) == zones
    text = f"""\
        network:
          vpc_cidr: {derived.vpc_cidr}
          zones: {zones}
          public_subnets: [{", ".join(public)}]
          private_subnets: [{", ".join(private)}]
        services: {{worker: {WORKER}}}
        """
    assert check(described(text)) == []


def test_does_not_derive_subnets_of_a_vpc_that_is_too_small() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/21 is too small"):
        Network(vpc_cidr=IPv4Network("10.0.0.0/21")).public_ranges()
