"""Rules over single properties that a template should leave alone: one table, one rule a line."""

from typing import Any, Final, NamedTuple

from checks.own.rule import Hits, Rule, rule
from checks.rendering import Node, Path
from checks.walk import branches, is_absent, items, resources

TASK: Final = "AWS::ECS::TaskDefinition"
KEY: Final = "AWS::KMS::Key"


class Switch(NamedTuple):
    """A property with the values that are right; being absent is right unless ``required``."""

    id: str
    type: str
    path: str
    right: tuple[str, ...]
    reason: str
    required: bool = False


SWITCHES: Final = (
    Switch(
        "E9110",
        "AWS::ECS::Service",
        "SchedulingStrategy",
        ("REPLICA",),
        "Refuse daemons: Fargate has no hosts to run one on each (Amazon ECS API Reference, "
        "CreateService).",
    ),
    Switch(
        "E9118",
        "AWS::ECS::Service",
        "EnableExecuteCommand",
        ("false",),
        "Refuse ECS Exec: whoever may call it has a shell in a container that holds card data.",
    ),
    Switch(
        "E9123",
        KEY,
        "BypassPolicyLockoutSafetyCheck",
        ("false",),
        "Refuse to leave out the check that somebody can still change the key's policy.",
    ),
    Switch(
        "E9124",
        KEY,
        "KeySpec",
        ("SYMMETRIC_DEFAULT",),
        "Require symmetric keys: AWS services encrypt what they store with no other ones.",
    ),
    Switch(
        "E9125",
        KEY,
        "MultiRegion",
        ("false",),
        "Refuse keys that can be copied to other regions: what they encrypt stays in this one.",
    ),
    Switch(
        "E9128",
        KEY,
        "EnableKeyRotation",
        ("true",),
        "Require that a key rotates each year (PCI DSS 3.7.4).",
        required=True,
    ),
    Switch(
        "E9157",
        TASK,
        "ContainerDefinitions/#/Interactive",
        ("false",),
        "Refuse an open standard input: nobody is there to type, and it is for debugging only.",
    ),
    Switch(
        "E9158",
        TASK,
        "ContainerDefinitions/#/PseudoTerminal",
        ("false",),
        "Refuse a terminal in a container: it is for debugging only.",
    ),
    Switch(
        "E9159",
        TASK,
        "EnableFaultInjection",
        ("false",),
        "Refuse that tasks accept injected faults: whatever runs in one could then cut its "
        "network.",
    ),
    Switch(
        "E9160",
        TASK,
        "IpcMode",
        ("none",),
        "Refuse to share memory between containers or with the host, which Fargate does not do.",
    ),
    Switch(
        "E9164",
        "AWS::Logs::LogGroup",
        "BearerTokenAuthenticationEnabled",
        ("false",),
        "Refuse log events that are sent with a token that never ends instead of a role.",
    ),
    Switch(
        "E9165",
        TASK,
        "ContainerDefinitions/#/LinuxParameters/InitProcessEnabled",
        ("true",),
        "Require an init process: without one, many programs never get the signal to stop, and are "
        "killed with their requests.",
        required=True,
    ),
    Switch(
        "E9176",
        "AWS::Logs::LogGroup",
        "LogGroupClass",
        ("STANDARD",),
        "Refuse other classes of log groups: they keep events for two days only, or offer neither "
        "metric filters nor subscriptions (Amazon CloudWatch Logs User Guide, Log classes).",
    ),
    Switch(
        "E9177",
        TASK,
        "ContainerDefinitions/#/DisableNetworking",
        ("false",),
        "Refuse a container without a network: Fargate does not know it, and nobody reaches one.",
    ),
    Switch(
        "E9178",
        TASK,
        "PidMode",
        (),
        "Refuse that containers or the host see each other's processes.",
    ),
    Switch(
        "E9179",
        "AWS::ServiceDiscovery::Service",
        "Type",
        ("DNS_HTTP",),
        "Refuse entries that only an API call finds: callers look names up in DNS.",
    ),
    Switch(
        "E9173",
        "AWS::EC2::VPC",
        "InstanceTenancy",
        ("default",),
        "Refuse dedicated hosts in a network for Fargate, which does not run on them.",
    ),
)


def rules() -> tuple[Rule, ...]:
    """Return a rule for each switch."""
    return tuple(_rule(one) for one in SWITCHES)


def _rule(switch: Switch) -> Rule:
    def find(template: Node) -> Hits:
        for path, properties in resources(template, switch.type):
            yield from _wrong(switch, properties, switch.path.split("/"), path)

    find.__doc__ = switch.reason
    return rule(switch.id)(find)


def _wrong(switch: Switch, value: Any, steps: list[str], path: Path) -> Hits:
    """Yield where a value on the way of ``steps`` is none of the right ones."""
    if not steps:
        for choice in branches(value):
            if is_absent(choice):
                if switch.required:
                    yield path, f"is missing: it must be {_either(switch)}"
            elif isinstance(choice, bool | str) and _text(choice) not in switch.right:
                yield path, f"must be {_either(switch)}, found {_text(choice)}"
        return
    step, rest = steps[0], steps[1:]
    if step == "#":
        for place, item in items(value, path):
            yield from _wrong(switch, item, rest, place)
        return
    for choice in branches(value):
        found = choice.get(step) if isinstance(choice, dict) else None
        yield from _wrong(switch, found, rest, (*path, step))


def _either(switch: Switch) -> str:
    return " or ".join(switch.right) or "absent"


def _text(value: bool | str) -> str:
    return str(value).lower() if isinstance(value, bool) else value
