"""What a change set lists where the tags of a stack change: what can have tags.

Of a stack without such a resource it lists nothing (envato/stack_master, issue 302); ministack
would list almost everything.
"""

from checks import schemas
from localaws import emulator


class _Untagged:
    """The types that get no tags of their stack."""

    def __contains__(self, resource_type: str) -> bool:
        return resource_type in emulator.untagged_types or not schemas.taggable(resource_type)


UNTAGGED = _Untagged()
