"""Requirements 2 and 6: secure configuration, and software that is kept secure."""

from collections.abc import Iterator
from typing import Any, Final

from checks.evidence.control import Control, Fact, absent, every, given, is_, routed
from checks.resolved import System
from description.model import System as Description

TASK: Final = "AWS::ECS::TaskDefinition"
NO_EDGE: Final = "No service has routes: there is no load balancer."
REPOSITORY: Final = "AWS::ECR::Repository"


def _not_root(value: Any) -> bool:
    user = str(value or "root").partition(":")[0]
    return user not in {"root", "0"}


def _by_digest(value: Any) -> bool:
    return "@sha256:" in str(value)


def _makes_repositories(system: Description) -> bool:
    return system.registry.mode == "create"


def _refusals(system: System) -> Iterator[Fact]:
    """Yield what each rule of a web ACL does with what it finds: it refuses, or does as AWS's group
    says.
    """
    for acl in system.of_type("AWS::WAFv2::WebACL"):
        for index, rule in enumerate(acl.properties.get("Rules", [])):
            does = rule.get("Action") or rule.get("OverrideAction") or {}
            value = {"Name": rule.get("Name"), "Priority": rule.get("Priority"), "does": does}
            yield Fact(acl, f"Rules/{index}", value, bool(does.keys() & {"Block", "None"}))


CONTROLS: Final = (
    Control(
        "2.2.4",
        "Only what is needed is enabled; the rest is removed or disabled.",
        "Containers run a read-only root file system and have no privileges; nobody can open a "
        "shell in a task.",
        ("E9118", "E9155", "E9156", "E9157", "E9158", "E9160"),
        (
            every(TASK, "ContainerDefinitions/*/ReadonlyRootFilesystem", is_(True)),
            every(TASK, "ContainerDefinitions/*/Privileged", absent),
            every(TASK, "ContainerDefinitions/*/LinuxParameters/Capabilities/Add", absent),
            every("AWS::ECS::Service", "EnableExecuteCommand", is_(False)),
        ),
    ),
    Control(
        "2.2.6",
        "Security settings prevent misuse.",
        "Containers run as a user that is not root.",
        ("E9714",),
        (every(TASK, "ContainerDefinitions/*/User", _not_root),),
    ),
    Control(
        "6.3.1",
        "Vulnerabilities of software are found.",
        "Images are scanned when they are pushed, and a tag cannot be moved to another image.",
        ("E9776",),
        (
            every(REPOSITORY, "ImageScanningConfiguration/ScanOnPush", is_(True)),
            every(REPOSITORY, "ImageTagMutability", is_("IMMUTABLE")),
        ),
        _makes_repositories,
        "The repositories are there before the system: show their settings where they are made.",
    ),
    Control(
        "6.5.1",
        "Changes in production are made by a procedure: described, tested, approved.",
        "Tasks run images by digest: another image is another digest, and a reviewed change set.",
        ("E9152", "E9716"),
        (every(TASK, "ContainerDefinitions/*/Image", _by_digest),),
    ),
    Control(
        "6.4.2",
        "Attacks on public web applications are detected and prevented.",
        "A web ACL with managed rules and a rate limit stands in front of the load balancer.",
        ("E9703", "E9757", "E9758"),
        (every("AWS::WAFv2::WebACLAssociation", "ResourceArn", given), _refusals),
        routed,
        NO_EDGE,
    ),
)
