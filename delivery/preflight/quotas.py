"""Looks whether the account may have what a first deployment would make.

Source of the codes: Service Quotas, "VPCs per Region", "EC2-VPC Elastic IPs" and "Application Load
Balancers per Region".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from delivery import denied
from delivery.aws import DENIED, Aws, error_code, error_message
from delivery.preflight.results import Result, ok, problem, unknown
from delivery.preflight.subject import Subject


def vpcs(aws: Aws) -> int:
    """Return the number of VPCs in the region."""
    pages = aws.client("ec2").get_paginator("describe_vpcs").paginate()
    return sum(len(page["Vpcs"]) for page in pages)


def addresses(aws: Aws) -> int:
    """Return the number of elastic addresses in the region."""
    return len(aws.client("ec2").describe_addresses()["Addresses"])


def load_balancers(aws: Aws) -> int:
    """Return the number of application load balancers in the region."""
    pages = aws.client("elbv2").get_paginator("describe_load_balancers").paginate()
    return sum(one["Type"] == "application" for page in pages for one in page["LoadBalancers"])


@dataclass(frozen=True)
class Quota:
    """How many of a type an account may have in a region."""

    type: str
    name: str
    service: str
    code: str
    used: Callable[[Aws], int]


QUOTAS = (
    Quota("AWS::EC2::VPC", "VPCs", "vpc", "L-F678F1CE", vpcs),
    Quota("AWS::EC2::EIP", "elastic IP addresses", "ec2", "L-0263D0A3", addresses),
    Quota(
        *("AWS::ElasticLoadBalancingV2::LoadBalancer", "application load balancers"),
        *("elasticloadbalancing", "L-53DA6B97"),
        load_balancers,
    ),
)


def check(it: Subject) -> Iterator[Result]:
    """Compare what a first deployment would make with what there is: two calls for each quota."""
    if it.deployed:
        yield ok("the stack has its network already")
        return
    for quota in QUOTAS:
        wanted = sum(one.type == quota.type for one in it.system.resources.values())
        if wanted:
            yield _compared(it.aws, quota, wanted)


def _compared(aws: Aws, quota: Quota, wanted: int) -> Result:
    try:
        most, used = allowed(aws, quota.service, quota.code), quota.used(aws)
    except ClientError as error:
        return unknown(f"how many {quota.name} there may be: {refused(error)}")
    counts = f"{used} of {most} {quota.name}"
    if used + wanted <= most:
        return ok(f"{counts} in use, {wanted} to be made")
    return problem(
        f"{counts} are in use in {aws.region}, and this makes {wanted} more. Remove some, or ask "
        f"for more with: {ask_for(aws, quota.service, quota.code, used + wanted)}"
    )


def refused(error: ClientError) -> str:
    """Return why AWS does not tell."""
    if error_code(error) in DENIED:
        return denied.explained(error.operation_name, error_message(error))
    return f"{error.operation_name} was refused"


def ask_for(aws: Aws, service: str, code: str, value: int) -> str:
    """Return the command that asks AWS for a quota of ``value``."""
    return (
        f"aws service-quotas request-service-quota-increase --service-code {service} "
        f"--quota-code {code} --desired-value {value} {aws.cli_options}"
    )


def allowed(aws: Aws, service: str, code: str) -> int:
    """Return the account's quota, or the default where it never asked for another."""
    api = aws.client("service-quotas")
    which = {"ServiceCode": service, "QuotaCode": code}
    try:
        found = api.get_service_quota(**which)
    except ClientError as error:
        if error_code(error) != "NoSuchResourceException":
            raise
        found = api.get_aws_default_service_quota(**which)
    return int(found["Quota"]["Value"])
