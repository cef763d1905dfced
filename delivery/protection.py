"""Termination protection: a stack of production is not deleted by one command."""

from rich.console import Console

from delivery.aws import Aws, explained
from delivery.errors import DeliveryError
from delivery.output import tell
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
