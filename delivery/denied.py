"""What AWS says where a permission is missing, and what helps."""

import re
from dataclasses import dataclass

RIGHTS = "docs/rights.md"
"""The page that says which command needs what."""


@dataclass(frozen=True)
class Denial:
    """Somebody may not do something."""

    who: str
    """The ARN of a user, or of a role's session."""
    action: str

    @property
    def by_cloudformation(self) -> bool:
        """Whether it was CloudFormation, with the role that a stack has.

        Source: CloudTrail User Guide, the session of a service role of CloudFormation has its name.
        """
        return ":assumed-role/" in self.who and self.who.endswith("/AWSCloudFormation")


_SAID = re.compile(r"User: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)")
"""Source: IAM User Guide, "Troubleshoot access denied error messages"."""


def denial(said: str) -> Denial | None:
    """Return who may not do what, where AWS says so."""
    found = _SAID.search(said)
    return Denial(found["who"], found["action"]) if found else None


def explained(operation: str, said: str) -> str:
    """Return a message about a call that was refused: what AWS said, and what to do.

    ``said`` names principal, permission and resource, or nothing where the answer has no body.
    """
    found = denial(said)
    actions = (found.action,) if found else needed(operation)
    what = " and ".join(actions) or "that permission"
    needs = "" if found or not actions else f" It needs {what}."
    if "explicit deny" in said:
        advice = f"A policy denies {what} by name: ask whoever wrote it"
    else:
        advice = f"Ask for {what} ({RIGHTS} has policies with what each command needs)"
    return f"Access denied: {operation}: {said}.{needs} {advice}, or use another --profile."


def needed(operation: str) -> tuple[str, ...]:
    """Return the actions that a call of ours needs; none for one that is not ours."""
    from checks.permissions.deployment.commands import NEEDS, actions_of  # only where it is needed

    calls = {call for need in NEEDS for call in need.calls if call.endswith(f":{operation}")}
    return tuple(sorted(action for call in calls for action in actions_of(call)))


def hint(said: str) -> str:
    """Return what helps where a resource could not be made for want of a permission."""
    found = denial(said)
    if found is None:
        return "Whoever deploys lacks that permission."
    if found.by_cloudformation:
        return (
            f"The role that CloudFormation acts with lacks {found.action}: deploy the template of "
            f"its rights again, or add that ({RIGHTS})."
        )
    return (
        f"CloudFormation acts with your own rights, which lack {found.action}: give it a role with "
        f"--role-arn ({RIGHTS})."
    )
