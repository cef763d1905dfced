"""A local AWS that really deploys nested CloudFormation stacks, for trying templates and for tests.

Needs the extra `local` (ministack, pinned). Nothing in the rest of the product imports it.

Resources are created for real, with every property that a type lists in `localaws.resources`; any
other type or property fails the deployment. What AWS does and this does not:

- No container runs: a service's running count is its desired count, and no target is healthy.
- Nothing scales, rotates or expires by itself.
- Of what AWS refuses because of something that is there already, only `localaws.rules` is known.
- The notification topics of a stack are remembered and not used.
- The resources of a stack, nested stacks too, are deployed one after the other, and take no time;
  `localaws.pace` is for comparing with AWS.
- With `enforce_iam`, callers need rights for their own calls, and the role of a stack for what it
  makes and changes, not for what it deletes. Without a role, CloudFormation may do everything.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localaws.clients import LocalSession
    from localaws.server import LocalAws

__all__ = ["LocalAws", "LocalSession"]


def __getattr__(name: str) -> Any:
    """Import a class when it is asked for: boto3 takes long enough to be stopped in."""
    if name == "LocalAws":
        from localaws.server import LocalAws

        return LocalAws
    if name == "LocalSession":
        from localaws.clients import LocalSession

        return LocalSession
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
