"""Availability zones: six in every region, from a to f with ids that end in az1 to az6.

ministack has three, and takes every zone that it does not know for the first one. `Fn::GetAZs`
still gives its three: on AWS, too, it gives only the zones with a default subnet.
"""

from localaws import emulator
from localaws.ec2_answers import answer, elements, one, refusal, several
from localaws.emulator import Parameters, Properties, Response

_LETTERS = "abcdef"
_create_subnet = emulator.ec2_actions["CreateSubnet"]


class UnknownZoneError(ValueError):
    """The region has no such zone."""


def install() -> None:
    """Let EC2, and CloudFormation with it, know all zones and no other."""
    emulator.replace("_ec2_subnet_zone", zone_of_subnet, emulator.provisioners)
    emulator.ec2_actions.update(
        CreateSubnet=create_subnet, DescribeAvailabilityZones=describe_zones
    )


def zones() -> dict[str, str]:
    """Return the id of each zone of the region, by its name and in order."""
    names = [f"{emulator.region()}{letter}" for letter in _LETTERS]
    return {name: emulator.zone_id(name) for name in names}


def zone_of_subnet(properties: Properties) -> str:
    """Return the name of the zone that a subnet's properties ask for, the first one if they do not.

    Raises UnknownZoneError with EC2's message.
    """
    known = zones()
    asked = {
        "AvailabilityZone": dict(zip(known, known, strict=True)),
        "AvailabilityZoneId": {zone_id: name for name, zone_id in known.items()},
    }
    for parameter, names in asked.items():
        value = properties.get(parameter)
        if not value:
            continue
        if value not in names:
            raise UnknownZoneError(
                f"Value ({value}) for parameter {parameter[:1].lower()}{parameter[1:]} is invalid. "
                "Subnets can currently only be created in the following availability zones: "
                f"{', '.join(known)}."
            )
        return names[value]
    return next(iter(known))


def create_subnet(parameters: Parameters) -> Response:
    """CreateSubnet, in the zone that is asked for."""
    asked = {name: one(parameters, name) for name in ("AvailabilityZone", "AvailabilityZoneId")}
    try:
        zone = zone_of_subnet(asked)
    except UnknownZoneError as error:
        return refusal("InvalidParameterValue", str(error))
    return _create_subnet({**parameters, "AvailabilityZone": [zone]})


def describe_zones(parameters: Parameters) -> Response:
    """DescribeAvailabilityZones: all, or those with the names or ids in the request."""
    known = zones()
    names, ids = several(parameters, "ZoneName"), several(parameters, "ZoneId")
    unknown = sorted({*names} - known.keys() | {*ids} - {*known.values()})
    if unknown:
        return refusal("InvalidParameterValue", f"Invalid availability zone: {unknown}")
    found = [
        (name, zone_id)
        for name, zone_id in known.items()
        if (not names or name in names) and (not ids or zone_id in ids)
    ]
    items = "".join(f"<item>{_zone(name, zone_id)}</item>" for name, zone_id in found)
    return answer(
        "DescribeAvailabilityZones", f"<availabilityZoneInfo>{items}</availabilityZoneInfo>"
    )


def _zone(name: str, zone_id: str) -> str:
    region = emulator.region()
    return elements(
        {
            "zoneName": name,
            "zoneState": "available",
            "regionName": region,
            "zoneId": zone_id,
            "groupName": f"{region}-zg-1",
            "networkBorderGroup": region,
            "optInStatus": "opt-in-not-required",
            "zoneType": "availability-zone",
        }
    )
