"""Requirements 2 and 6: secure configuration, and software that is kept secure."""

from typing import Any, Final

from checks.evidence.control import Control, absent, both, every, is_
from description.model import System as Description

TASK: Final = "AWS::ECS::TaskDefinition"
REPOSITORY: Final = "AWS::ECR::Repository"


def _not_root(value: Any) -> bool:
    user = str(value or "root").partition(":")[0]
    return user not in {"root", "0"}


def _by_digest(value: Any) -> bool:
    return "@sha256:" in str(value)


def _makes_repositories(system: Description) -> bool:
    return system.registry.mode == "create"


def _is_routed(system: Description) -> bool:
    return system.routed


CONTROLS: Final = (
    Control(
        "2.2.4",
        "Only what is needed is enabled; the rest is removed or disabled.",
        "Containers run a read-only root file system and have no privileges; nobody can open a "
        "shell in a task.",
        ("E9155", "E9156", "E9157", "E9158", "E9160"),
        both(
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
        every(TASK, "ContainerDefinitions/*/User", _not_root),
    ),
    Control(
        "6.3.1",
        "Vulnerabilities of software are found.",
        "Images are scanned when they are pushed, and a tag cannot be moved to another image.",
        ("E9776",),
        both(
            every(REPOSITORY, "ImageScanningConfiguration/ScanOnPush", is_(True)),
            every(REPOSITORY, "ImageTagMutability", is_("IMMUTABLE")),
        ),
        _makes_repositories,
    ),
    Control(
        "6.3.3",
        "What runs is what was tested and patched.",
        "Tasks run images by digest: a patched image is a new digest, and a reviewed change.",
        ("E9152", "E9716"),
        every(TASK, "ContainerDefinitions/*/Image", _by_digest),
    ),
    Control(
        "6.4.2",
        "Attacks on public web applications are detected and prevented.",
        "A web ACL with managed rules and a rate limit stands in front of the load balancer.",
        ("E9703",),
        both(
            every("AWS::WAFv2::WebACLAssociation", "ResourceArn", bool),
            every("AWS::WAFv2::WebACL", "Rules/*/Name", bool),
        ),
        _is_routed,
    ),
)
