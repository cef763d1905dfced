"""Protection from deletion: of a stack of production, and of a load balancer."""

from collections.abc import Iterable

from botocore.exceptions import ClientError
from rich.console import Console

from delivery.aws import Aws, error_code, explained
from delivery.errors import DeliveryError
from delivery.output import tell
from delivery.removal import Resource
from delivery.stacks import Stack
from description.profiles import Profile


def protect(aws: Aws, console: Console, stack: Stack, profile: Profile) -> None:
    """Turn the termination protection of a deployed stack on if it is of production.

    It holds for the nested stacks too. Nothing is turned off, and what was deployed stays so where
    this is not allowed. Source: CloudFormation User Guide, "Protect CloudFormation stacks from
    being deleted".
    """
    if profile is not Profile.PRODUCTION or stack.protected:
        return
    try:
        with explained():
            aws.cloudformation.update_termination_protection(
                StackName=stack.id, EnableTerminationProtection=True
            )
    except DeliveryError as error:
        tell(
            console,
            f"{stack.name} has no termination protection: {error} Turn it on with: "
            "aws cloudformation update-termination-protection --enable-termination-protection "
            f"--stack-name {stack.name} {aws.cli_options}",
        )
    else:
        tell(console, f"{stack.name}: termination protection is on")


def balancers(aws: Aws, found: Iterable[Resource]) -> list[Resource]:
    """Return the load balancers among the resources ``found`` that cannot be deleted before their
    protection goes. One call for each.
    """
    return [
        one
        for one in found
        if one.type == "AWS::ElasticLoadBalancingV2::LoadBalancer"
        and not one.retained
        and _protected(aws, one.physical_id)
    ]


def take_away(aws: Aws, protected: Iterable[Resource]) -> None:
    """Take the protection of load balancers away, by their own API: a stack that can only be
    deleted has no other way. Raises ``DeliveryError`` where that is not allowed.

    Source: Application Load Balancers User Guide, "Deletion protection".
    """
    off = {"Key": _PROTECTION, "Value": "false"}
    for one in protected:
        with explained():
            aws.client("elbv2").modify_load_balancer_attributes(
                LoadBalancerArn=one.physical_id, Attributes=[off]
            )


_PROTECTION = "deletion_protection.enabled"


def _protected(aws: Aws, arn: str) -> bool:
    with explained():
        try:
            found = aws.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)
        except ClientError as error:
            if error_code(error) != "LoadBalancerNotFound":
                raise
            return False  # somebody has deleted it already
    return {"Key": _PROTECTION, "Value": "true"} in found["Attributes"]
