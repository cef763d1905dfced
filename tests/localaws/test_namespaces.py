"""A private DNS namespace belongs to its VPC: another VPC can have one of the same name."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalSession
from tests.localaws.readback import ref
from tests.localaws.stacks import Stacks, Template, template

NAME = "payment.local"


def network(**namespaces: str) -> Template:
    """Return a template with two VPCs, and namespaces of one name in the VPCs that are given."""
    return template(
        {
            **{
                vpc: {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
                for vpc in ("Vpc", "Other")
            },
            **{
                logical_id: {
                    "Type": "AWS::ServiceDiscovery::PrivateDnsNamespace",
                    "Properties": {"Name": NAME, "Vpc": ref(vpc)},
                }
                for logical_id, vpc in namespaces.items()
            },
        }
    )


def discovery(session: LocalSession) -> Any:
    return session.client("servicediscovery")


def found(session: LocalSession) -> list[tuple[str, str]]:
    """Return the type and name of every namespace."""
    namespaces = discovery(session).list_namespaces()["Namespaces"]
    return [(namespace["Type"], namespace["Name"]) for namespace in namespaces]


def vpc_of(session: LocalSession, namespace_id: str) -> str:
    namespace = discovery(session).get_namespace(Id=namespace_id)["Namespace"]
    zone_id = namespace["Properties"]["DnsProperties"]["HostedZoneId"]
    zone = session.client("route53").get_hosted_zone(Id=zone_id)
    assert zone["HostedZone"]["Name"] == f"{NAME}."
    return str(zone["VPCs"][0]["VPCId"])


def test_two_vpcs_can_have_namespaces_of_one_name(stacks: Stacks) -> None:
    stacks.create(network(First="Vpc", Second="Other"))

    assert found(stacks.session) == [("DNS_PRIVATE", NAME)] * 2
    for namespace, vpc in (("First", "Vpc"), ("Second", "Other")):
        expected = stacks.physical_id(vpc)
        assert vpc_of(stacks.session, stacks.physical_id(namespace)) == expected


def test_a_vpc_can_not_have_two_namespaces_of_one_name(stacks: Stacks) -> None:
    stack = stacks.create(network(First="Vpc", Second="Vpc"))

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "ConflictingDomainExists" in str(stacks.failures())
    assert found(stacks.session) == []


def test_a_namespace_goes_alone_and_its_name_is_free_again(stacks: Stacks) -> None:
    stacks.create(network(First="Vpc", Second="Other"))
    kept = stacks.physical_id("Second")

    stacks.update(network(Second="Other"))

    assert found(stacks.session) == [("DNS_PRIVATE", NAME)]
    assert vpc_of(stacks.session, kept) == stacks.physical_id("Other")
    assert stacks.update(network(Second="Other", Third="Vpc"))["StackStatus"] == "UPDATE_COMPLETE"
    stacks.delete()
    assert found(stacks.session) == []
    assert stacks.session.client("route53").list_hosted_zones()["HostedZones"] == []


def test_the_api_knows_the_rule_too(stacks: Stacks) -> None:
    api = discovery(stacks.session)
    api.create_private_dns_namespace(Name=NAME, Vpc="vpc-1")
    api.create_private_dns_namespace(Name=NAME, Vpc="vpc-2")

    with pytest.raises(ClientError, match=r"ConflictingDomainExists.*vpc-2 in region us-east-1"):
        api.create_private_dns_namespace(Name=NAME, Vpc="vpc-2")

    assert found(stacks.session) == [("DNS_PRIVATE", NAME)] * 2


@pytest.mark.parametrize("kind", ["http", "public_dns"])
def test_other_kinds_of_namespaces_are_known_by_their_name_alone(stacks: Stacks, kind: str) -> None:
    api = discovery(stacks.session)
    api.create_private_dns_namespace(Name=NAME, Vpc="vpc-1")

    with pytest.raises(ClientError, match="already exists"):
        getattr(api, f"create_{kind}_namespace")(Name=NAME)

    assert found(stacks.session) == [("DNS_PRIVATE", NAME)]


def test_a_private_namespace_does_not_take_the_name_of_another_kind(stacks: Stacks) -> None:
    api = discovery(stacks.session)
    api.create_http_namespace(Name=NAME)

    with pytest.raises(ClientError, match="already exists"):
        api.create_private_dns_namespace(Name=NAME, Vpc="vpc-1")

    assert found(stacks.session) == [("HTTP", NAME)]
