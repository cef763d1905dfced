"""A stack that is too large to be deleted at once: services go first, in waves.

A service goes when its image is taken away, with the nested stack that it is in.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console

from checks.quotas import NEST_RESOURCES
from delivery import changesets, operations, stacks
from delivery.aws import Aws
from delivery.errors import DeliveryError
from delivery.output import tell
from delivery.parameters import without_images
from delivery.removal import Resource
from delivery.request import Request
from delivery.stacks import Stack
from description import digests
from description.names import stack_of


def delete(aws: Aws, console: Console, stack: Stack, found: Sequence[Resource]) -> None:
    """Delete a stack, of which ``found`` is what is in it and below it, in as many operations as
    that takes.

    Raises ``DeliveryError`` with the root cause where something stays that should go.
    """
    waves = list(waves_of(stack.parameters, found)) if stacks.can_be_updated(stack) else []
    for number, names in enumerate(waves, 1):
        what = f"{len(names)} services go, with all that is theirs"
        tell(console, f"{stack.name}: wave {number} of {len(waves) + 1}, {what}")
        stack = _take_away(aws, console, stack, names)
    if waves:
        total = len(waves) + 1
        tell(console, f"{stack.name}: wave {total} of {total}, the rest goes")
    operations.delete_stack(aws, console, stack)


def waves_of(parameters: Mapping[str, str], found: Sequence[Resource]) -> Iterator[list[str]]:
    """Yield the services that go in each wave before the rest can go at once, as ``parameters``
    know them; nothing where all can. Nested stacks count, for each is updated or deleted.
    """
    nested = {one.path[:depth] for one in found for depth in range(1, len(one.path) + 1)}
    sizes = Counter(one.path[0] for one in found if one.path)
    left = len(found) + len(nested)
    some: list[str] = []
    room = NEST_RESOURCES - len(nested)
    for title, name in digests.titles(parameters).items():
        if left <= NEST_RESOURCES:
            break
        size = sizes[stack_of(title)]
        if size > room:
            yield some
            some, room = [], NEST_RESOURCES - len(nested)
        some.append(name)
        room -= size
        left -= size + 1
    if some:
        yield some


def _take_away(aws: Aws, console: Console, stack: Stack, names: Sequence[str]) -> Stack:
    """Delete services, and return the stack as it is then."""
    request = Request(stack.name, "", without_images(names, stack), stack.own_tags)
    change_set = changesets.create(aws, request, stack, lambda text: tell(console, text))
    if change_set is None:
        raise DeliveryError(f"{stack.name}: taking images away changes nothing.")
    return operations.execute(aws, console, stack.name, change_set)
