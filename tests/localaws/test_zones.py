"""Availability zones: a subnet stands in the one that it asks for, or it is refused."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAws, LocalSession
from tests.localaws.readback import ref
from tests.localaws.stacks import Stacks, Template, template

CIDR = "10.0.{}.0/24"


def subnets(**zones: dict[str, Any]) -> Template:
    """Return a template with a VPC and a subnet for each zone."""
    return template(
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            **{
                logical_id: {
                    "Type": "AWS::EC2::Subnet",
                    "Properties": {
                        "CidrBlock": CIDR.format(number),
                        "VpcId": ref("Vpc"),
                        **zone,
                    },
                }
                for number, (logical_id, zone) in enumerate(zones.items())
            },
        }
    )


def described(session: LocalSession, **asked: Any) -> dict[str, str]:
    found = session.client("ec2").describe_availability_zones(**asked)["AvailabilityZones"]
    assert {zone["State"] for zone in found} <= {"available"}
    return {zone["ZoneName"]: zone["ZoneId"] for zone in found}


def test_subnets_stand_in_the_zones_of_the_ids_they_ask_for(stacks: Stacks) -> None:
    ids = ["use1-az1", "use1-az2", "use1-az4"]
    stacks.create(subnets(**{f"S{n}": {"AvailabilityZoneId": i} for n, i in enumerate(ids)}))

    ec2 = stacks.session.client("ec2")
    subnet_ids = [stacks.physical_id(f"S{number}") for number in range(3)]
    found = {s["SubnetId"]: s for s in ec2.describe_subnets(SubnetIds=subnet_ids)["Subnets"]}
    assert [found[i]["AvailabilityZoneId"] for i in subnet_ids] == ids
    assert [found[i]["AvailabilityZone"] for i in subnet_ids] == [
        "us-east-1a",
        "us-east-1b",
        "us-east-1d",
    ]


@pytest.mark.parametrize(
    ("property_name", "value", "parameter"),
    [
        ("AvailabilityZone", "us-east-1g", "availabilityZone"),
        ("AvailabilityZone", "eu-west-1a", "availabilityZone"),
        ("AvailabilityZoneId", "use1-az7", "availabilityZoneId"),
        ("AvailabilityZoneId", "us-east-1a", "availabilityZoneId"),
    ],
)
def test_refuses_a_zone_that_the_region_does_not_have(
    stacks: Stacks, property_name: str, value: str, parameter: str
) -> None:
    reason = (
        f"Value ({value}) for parameter {parameter} is invalid. Subnets can currently only be "
        "created in the following availability zones: us-east-1a, us-east-1b, us-east-1c, "
        "us-east-1d, us-east-1e, us-east-1f."
    )
    stacks.create(subnets(Subnet={property_name: value}))
    assert stacks.failures()["Subnet"] == reason

    ec2 = stacks.session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError) as refused:
        ec2.create_subnet(VpcId=vpc, CidrBlock=CIDR.format(0), **{property_name: value})
    assert refused.value.response["Error"] == {"Code": "InvalidParameterValue", "Message": reason}


def test_an_update_to_an_unknown_zone_leaves_the_subnet_where_it_is(stacks: Stacks) -> None:
    stacks.create(subnets(Subnet={"AvailabilityZoneId": "use1-az5"}))
    before = stacks.physical_id("Subnet")

    updated = stacks.update(subnets(Subnet={"AvailabilityZoneId": "use1-az9"}))

    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "Value (use1-az9)" in stacks.failures()["Subnet"]
    assert stacks.physical_id("Subnet") == before


def test_the_api_creates_a_subnet_in_the_zone_of_an_id(stacks: Stacks) -> None:
    ec2 = stacks.session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=CIDR.format(0), AvailabilityZoneId="use1-az6")[
        "Subnet"
    ]
    assert subnet["AvailabilityZone"] == "us-east-1f"
    assert subnet["AvailabilityZoneId"] == "use1-az6"


def test_describes_the_zones_of_the_region(local_aws: LocalAws) -> None:
    session = local_aws.session(account="230000000001", region="eu-west-1")
    assert described(session) == {f"eu-west-1{z}": f"euw1-az{n}" for n, z in enumerate("abcdef", 1)}


def test_describes_the_zones_that_are_asked_for(stacks: Stacks) -> None:
    last = {"us-east-1f": "use1-az6"}
    assert described(stacks.session, ZoneIds=["use1-az6"]) == last
    assert described(stacks.session, ZoneNames=["us-east-1f"]) == last
    with pytest.raises(ClientError, match=r"InvalidParameterValue.*use1-az9"):
        described(stacks.session, ZoneIds=["use1-az9", "use1-az6"])
