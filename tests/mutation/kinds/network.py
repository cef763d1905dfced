"""Addresses, ports, protocols and firewalls that are not what they should be."""

from ipaddress import IPv4Network

from tests.mutation.kinds.functions import is_literal
from tests.mutation.mutant import REMOVED, Mutants, Site

ANYWHERE = "0.0.0.0/0"
GROUP = "AWS::EC2::SecurityGroup"
RULES = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
SOURCES = ("SourceSecurityGroupId", "DestinationSecurityGroupId")


def an_address(site: Site) -> Mutants:
    """Widen, narrow or move a range of addresses."""
    if not isinstance(site.value, str) or not is_literal(site.path):
        return
    try:
        network = IPv4Network(site.value)
    except ValueError:
        return
    if "/" not in site.value:
        return
    if network.prefixlen:
        yield site.changed("addresses opened to all", ANYWHERE)
        yield site.changed("addresses widened", str(network.supernet()))
        yield site.changed(
            "addresses moved", f"{network.network_address + 2**24}/{network.prefixlen}"
        )
    if network.prefixlen < 32:
        yield site.changed("addresses narrowed", str(next(network.subnets())))


def a_rule(site: Site) -> Mutants:
    """Change the ports, the protocol and the other side of a firewall's rule."""
    rule = site.value
    if not isinstance(rule, dict) or "IpProtocol" not in rule:
        return

    def changed(kind: str, **values: object) -> Mutants:
        edits = tuple(((*site.path, key), value) for key, value in values.items())
        yield site.mutant(kind, *edits, detail=str(values))

    if isinstance(rule.get("ToPort"), int):
        port = rule["ToPort"]
        yield from changed("port moved", FromPort=port + 1, ToPort=port + 1)
        yield from changed("ports widened", ToPort=port + 1)
        yield from changed("ports widened to all", FromPort=0, ToPort=65535)
        yield from changed("port of ssh", FromPort=22, ToPort=22)
    if rule["IpProtocol"] != "-1":
        everything = dict.fromkeys(("FromPort", "ToPort"), REMOVED)
        yield from changed("protocols widened to all", IpProtocol="-1", **everything)
        yield from changed("protocol swapped", IpProtocol="udp")
    for key in SOURCES:
        if key in rule:
            values = {key: REMOVED, "CidrIp": ANYWHERE}
            yield from changed("group replaced by all addresses", **values)
            if "GroupId" in rule:
                swapped = {"GroupId": rule[key], key: rule["GroupId"]}
                yield from changed("groups of a rule swapped", **swapped)


def a_group(site: Site) -> Mutants:
    """Add a rule to a security group."""
    if site.type != GROUP or len(site.path) != 2:
        return
    properties = site.value["Properties"]
    for key in ("SecurityGroupIngress", "SecurityGroupEgress"):
        for port in (22, 8080, 443):
            rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": ANYWHERE}
            rules = [*properties.get(key, []), rule]
            place = (*site.path, "Properties", key)
            kind = f"{key.removeprefix('SecurityGroup').lower()} rule added"
            yield site.mutant(kind, (place, rules), detail=str(port), at=place)


def a_public_address(site: Site) -> Mutants:
    """Turn a rule around: what may come may go, and the other way round."""
    if site.type in RULES and len(site.path) == 2:
        to, source = RULES[site.type == RULES[0]], dict(site.value["Properties"])
        names = SOURCES if site.type == RULES[0] else SOURCES[::-1]
        if names[0] in source:
            source[names[1]] = source.pop(names[0])
        turned = {**site.value, "Type": to, "Properties": source}
        yield site.changed("rule turned around", turned)


PLANTERS = (an_address, a_rule, a_group, a_public_address)
