"""Looks whether the region has the availability zones in which subnets would be made."""

from collections.abc import Iterator

from delivery.preflight.results import Result, ok, problem
from delivery.preflight.subject import Subject


def check(it: Subject) -> Iterator[Result]:
    """Compare the zones of a first deployment with those of the region: one call.

    Source: EC2 API Reference, DescribeAvailabilityZones: only those that the account may use.
    """
    if it.deployed:
        yield ok("the subnets are there already")
        return
    subnets = [one.properties for one in it.system.of_type("AWS::EC2::Subnet")]
    named = {str(one["AvailabilityZoneId"]) for one in subnets if "AvailabilityZoneId" in one}
    count = len({str(one.get("AvailabilityZone", "")) for one in subnets})
    found = it.aws.client("ec2").describe_availability_zones(
        Filters=[{"Name": "zone-type", "Values": ["availability-zone"]}]
    )
    there = sorted(z["ZoneId"] for z in found["AvailabilityZones"] if z["State"] == "available")
    has = f"{it.aws.region} has {', '.join(there)}"
    if missing := sorted(named - set(there)):
        yield problem(
            f"AvailabilityZoneIds: {', '.join(missing)} is not to be had: {has}. "
            f"Give {len(named)} of these in the parameter file, for good: they cannot be changed."
        )
    elif not named and count > len(there):
        yield problem(
            f"network.zones: {count} are described, and {has}. Describe fewer, or use another "
            "region."
        )
    else:
        yield ok(f"{', '.join(sorted(named)) or f'{count} of {len(there)}'} in {it.aws.region}")
