"""The ranges of the subnets of a VPC whose description gives none.

A VPC is cut into sixteen blocks. The first holds the public subnets, which need few addresses; each
zone's private subnet is a block of its own, since every task takes an address. 10.0.0.0/16 gives
10.0.0.0/24, 10.0.1.0/24 … and 10.0.16.0/20, 10.0.32.0/20 … A range depends on its zone's place
only, so another zone moves no subnet, and the blocks from the eighth on stay free.
"""

from ipaddress import IPv4Network
from typing import Final

SMALLEST_VPC: Final = 20
"""Prefix length of the smallest VPC that is cut up: its public subnets are the smallest that a load
balancer takes, /27 (Elastic Load Balancing, "Subnets for your load balancer")."""

_BLOCK_BITS: Final = 4
_PUBLIC_BITS: Final = 8
_SMALLEST_PUBLIC: Final = 27


def public_ranges(vpc: IPv4Network, zones: int) -> tuple[IPv4Network, ...]:
    """Return the public subnets' ranges, one for each of at most six zones.

    Raises ``ValueError`` for a VPC smaller than ``SMALLEST_VPC``.
    """
    prefix = min(vpc.prefixlen + _PUBLIC_BITS, _SMALLEST_PUBLIC)
    return tuple(_blocks(vpc)[0].subnets(new_prefix=prefix))[:zones]


def private_ranges(vpc: IPv4Network, zones: int) -> tuple[IPv4Network, ...]:
    """Return the private subnets' ranges, one for each of at most six zones.

    Raises ``ValueError`` for a VPC smaller than ``SMALLEST_VPC``.
    """
    return tuple(_blocks(vpc)[1 : zones + 1])


def _blocks(vpc: IPv4Network) -> list[IPv4Network]:
    if vpc.prefixlen > SMALLEST_VPC:
        raise ValueError(f"{vpc} is too small to derive subnets from: give their ranges")
    return list(vpc.subnets(prefixlen_diff=_BLOCK_BITS))
