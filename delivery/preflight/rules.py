"""Looks whether the account may have as many rules as a system has, on its load balancer and in a
security group. Nobody is asked while that is no more than every account may have.

Source of codes and defaults: Service Quotas, "Rules per Application Load Balancer" and "Inbound or
outbound rules per security group". The default rule of a listener does not count; in and out are
counted apart (Amazon VPC User Guide, "Amazon VPC quotas").
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from checks.resolved import System
from delivery.preflight.quotas import allowed, ask_for, refused
from delivery.preflight.results import Result, ok, problem, unknown
from delivery.preflight.subject import Subject

_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_GROUP = "AWS::EC2::SecurityGroup"


def on_balancer(system: System) -> Counter[str]:
    """Return the number of rules on each load balancer, by what it is called; a system has one."""
    rules = len(system.of_type("AWS::ElasticLoadBalancingV2::ListenerRule"))
    return Counter({one.address: rules for one in system.of_type(_BALANCER)})


def in_groups(system: System) -> Counter[str]:
    """Return the number of rules of each security group in each direction."""
    found: Counter[str] = Counter()
    for direction, words in (("Ingress", "in"), ("Egress", "out")):
        for group in system.of_type(_GROUP):
            inline = group.properties.get(f"SecurityGroup{direction}", ())
            found[f"{group.address}, {words}"] += len(inline)
        for rule in system.of_type(f"{_GROUP}{direction}"):
            if of := system.find(_GROUP, rule.properties.get("GroupId")):
                found[f"{of.address}, {words}"] += 1
    return found


@dataclass(frozen=True)
class Quota:
    """How many rules something may have."""

    name: str
    service: str
    code: str
    default: int
    """What every account may have."""
    counted: Callable[[System], Counter[str]]


QUOTAS = (
    Quota("rules on a load balancer", "elasticloadbalancing", "L-B6DF7632", 100, on_balancer),
    Quota("rules of a security group in one direction", "vpc", "L-0EA8095F", 60, in_groups),
)


def check(it: Subject) -> Iterator[Result]:
    """Compare the rules that are more than every account may have with the account's quotas: up to
    two calls for each quota.
    """
    system = it.system if it.deployed else it.system_with_images
    for quota in QUOTAS:
        for address, count in quota.counted(system).most_common(1):
            if count > quota.default:
                yield _compared(it, quota, address, count)


def _compared(it: Subject, quota: Quota, address: str, count: int) -> Result:
    try:
        most = allowed(it.aws, quota.service, quota.code)
    except ClientError as error:
        return unknown(f"whether there may be {count} {quota.name}: {refused(error)}")
    if count <= most:
        return ok(f"{count} of {most} {quota.name}: {address}")
    return problem(
        f"{address}: the account may have {most} {quota.name}, and this has {count}. Describe "
        f"fewer routes or calls, or ask for more with: "
        f"{ask_for(it.aws, quota.service, quota.code, count)}"
    )
