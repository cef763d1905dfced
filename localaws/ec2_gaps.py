"""What ministack's EC2 forgets: prefix lists of rules, and half of a VPC endpoint."""

import json
from itertools import count
from xml.sax.saxutils import escape

from localaws import emulator
from localaws.emulator import Parameters, Record


def install() -> None:
    """Let EC2 keep and describe them."""
    emulator.replace("_parse_ip_permissions", parse_permissions, emulator.ec2)
    emulator.replace("_vpce_fields_xml", describe_endpoint, emulator.ec2)


def parse_permissions(parameters: Parameters, prefix: str) -> list[Record]:
    """Return the rules of a request, those for prefix lists too."""
    rules = emulator.ec2_permissions(parameters, prefix)
    for number, rule in enumerate(rules, 1):
        lists = f"{prefix}.{number}.PrefixListIds"
        for index in count(1):
            entry = {
                name: parameters[f"{lists}.{index}.{name}"][0]
                for name in ("PrefixListId", "Description")
                if f"{lists}.{index}.{name}" in parameters
            }
            if not entry:
                break
            rule["PrefixListIds"].append(entry)
    return rules


def describe_endpoint(endpoint: Record, tag: str = "item") -> str:
    """Return an endpoint as EC2's answers carry it."""
    incomplete = emulator.ec2_endpoint(endpoint, tag=tag)
    closing = f"</{tag}>"
    return incomplete.removesuffix(closing) + _rest(endpoint) + closing


def _rest(endpoint: Record) -> str:
    groups = "".join(
        f"<item><groupId>{group}</groupId></item>" for group in endpoint.get("SecurityGroupIds", [])
    )
    private = str(bool(endpoint.get("PrivateDnsEnabled"))).lower()
    return (
        f"<groupSet>{groups}</groupSet>"
        f"<privateDnsEnabled>{private}</privateDnsEnabled>{_policy(endpoint)}"
    )


def _policy(endpoint: Record) -> str:
    policy = endpoint.get("PolicyDocument")
    if not policy:
        return ""
    text = policy if isinstance(policy, str) else json.dumps(policy)
    return f"<policyDocument>{escape(text)}</policyDocument>"
