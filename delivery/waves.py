"""Waves: what touches more resources than CloudFormation takes at once, in several operations.

Services join with their images, each in a nested stack of its own, so that a large deployment can
be cut between services: in each wave some images are as they shall be, the others still as they
are. All else changes in the first wave. Services that are in no template any more go before it, by
their images, where they are too many for it.

Source: CloudFormation User Guide, "Understand CloudFormation quotas", on nested stacks: 2,500
resources that are created, updated or deleted per operation.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checks.quotas import NEST_RESOURCES, nest_size
from checks.rendering import Rendering
from checks.resolved import Place, System
from delivery import comparison
from delivery.aws import Aws
from delivery.comparison import Side
from delivery.errors import InputError
from delivery.forecast import forecast
from delivery.parameters import settled, with_images, without_images
from delivery.publish import PARENT, Packaged
from delivery.request import Request
from delivery.stacks import Stack
from delivery.tagged import Retagged, retagged
from description import digests
from description.names import pascal, stack_of

if TYPE_CHECKING:
    from delivery.deployment import Order

_SERVICE_AT_MOST = 100
"""Resources of a service that is gone, of which nobody asks how many they are."""

_NAMED = 8
"""So many services of a wave are named."""


@dataclass(frozen=True)
class Wave:
    """One operation of several."""

    images: Mapping[str, str]
    """The digests that are known after it, by service."""
    services: tuple[str, ...]
    """Whose image comes, changes or goes in it."""
    resources: int
    """How many it touches, nested stacks included."""
    leaving: bool = False
    """Whether nothing changes in it but that ``services`` go, which no template has any more."""


def to_deploy(
    aws: Aws,
    order: "Order",
    values: Mapping[str, str | None],
    stack: Stack | None,
    known: Mapping[str, Packaged],
    tags: Mapping[str, str],
) -> list[Wave]:
    """Return the operations that it takes to bring the ``stack`` to what is ordered, with these
    ``values`` of parameters and these ``tags``.

    Only of a large system is read what is deployed: of its templates those that are not ``known``.
    """
    target = Place(
        account=aws.account,
        region=aws.region,
        partition=aws.partition,
        stack_name=order.stack_name,
    )

    def before(there: Stack) -> System:
        return comparison.of_stack(aws, there, known).resolved(target, images=False)

    sent = settled(values, stack)
    there = stack if stack and stack.deployed else None
    return waves(order.templates, order.services, sent, there, before, target, tags)


def waves(
    templates: Mapping[str, bytes],
    services: Iterable[str],
    values: Mapping[str, str],
    stack: Stack | None,
    before: Callable[[Stack], System],
    place: Place,
    tags: Mapping[str, str] | None = None,
) -> list[Wave]:
    """Return the operations that bring the ``stack``, if there is one, to ``templates`` with
    ``values`` of the parent's parameters and ``tags``, those that it has if there are None; one
    where one is enough.

    ``before`` is called for what is deployed, where that matters. Raises ``InputError`` for what
    cannot be cut: tags are handed on to all that is deployed with the first of them.
    """
    names = list(services)
    rendering = Rendering(place.stack_name, templates)
    wanted = _known(values, names)
    if _is_small(rendering, names, stack):
        return [Wave(wanted, (), nest_size(rendering, PARENT))]
    there = _known(stack.parameters if stack else {}, names)
    first = Side(rendering, {**values, **digests.as_values(there, names)})
    base, whole = (one.resolved(place, images=False) for one in (first, Side(rendering, values)))
    deployed = before(stack) if stack else None
    changed = (
        {one.address for one in forecast(deployed, base)} if deployed else base.resources.keys()
    )
    costs = Counter(change.path[0] for change in forecast(base, whole) if change.path)
    changing = {n: costs[stack_of(n)] for n in names if wanted.get(n) != there.get(n)}
    every = {one for system in (deployed, base, whole) if system for one in system.stacks}
    stacks = len(every) - 1  # each is updated every time
    room = NEST_RESOURCES - stacks
    going = _going(stack, deployed, names, len(changed) - room) if stack and deployed else {}
    found = [
        Wave(there, tuple(some), touched + stacks, leaving=True)
        for some, touched in (_cut(going, 0, room, place.stack_name) if going else ())
    ]
    left = set(map(stack_of, going))
    changed = {address for address in changed if address.partition("/")[0] not in left}
    always = len(changed)
    if stack and deployed and always <= room:
        own = stack.own_tags
        handed_on = retagged(deployed, base, own, own if tags is None else tags)
        always = len(changed | handed_on.resources)
        if always > room:
            raise _too_many_tagged(place.stack_name, always, room, handed_on)
    for some, touched in _cut(changing, always, room, place.stack_name):
        there = {name: digest for name, digest in there.items() if name not in some}
        there |= {name: wanted[name] for name in some if name in wanted}
        found.append(Wave(there, tuple(some), touched + stacks))
    return found


def request(
    found: Sequence[Wave], whole: Request, services: Iterable[str], stack: Stack | None
) -> Request:
    """Return what is asked for the first of the waves, given what would be asked for the ``whole``
    if there were no waves.
    """
    first = found[0]
    if stack and first.leaving:
        values = without_images(first.services, stack)
        return replace(whole, parameters=values, tags=stack.own_tags, wave=True, same_template=True)
    if len(found) > 1:
        values = with_images(whole.parameters, first.images, services, stack)
        return replace(whole, parameters=values, wave=True)
    return whole


def told(found: Sequence[Wave], done: int) -> str:
    """Return what the first of the waves is, after those ``done``, in words."""
    first, total = found[0], done + len(found)
    names = ", ".join(first.services[:_NAMED])
    more = f" and {len(first.services) - _NAMED} more" if len(first.services) > _NAMED else ""
    what = f"with the images of {names}{more}" if names else "without images that are new"
    if first.leaving:
        what = f"in which {names}{more} go"
    return (
        f"wave {done + 1} of {total}, {what}: {first.resources:,} of the {NEST_RESOURCES:,} "
        "resources that CloudFormation takes at once"
    )


def _cut(
    costs: Mapping[str, int], always: int, room: int, stack_name: str
) -> Iterator[tuple[list[str], int]]:
    """Yield the services of each wave, and the resources that it touches.

    ``costs`` are those of each service, ``always`` those of the first wave whatever services are in
    it; ``room`` is for so many in each.
    """
    if always > room:
        raise _too_large(stack_name, always, room, "whatever images are deployed")
    some: list[str] = []
    touched = always
    for name, cost in costs.items():
        if cost > room:
            raise _too_large(stack_name, cost, room, f"for {name} alone")
        if touched + cost > room:
            yield some, touched
            some, touched = [], 0
        some.append(name)
        touched += cost
    yield some, touched


def _going(stack: Stack, deployed: System, services: Iterable[str], excess: int) -> dict[str, int]:
    """Return so many of the services that are deployed and not among ``services`` as have more
    than an ``excess`` of resources, and how many each has; named as the ``stack`` knows them.
    """
    kept = set(map(pascal, services))
    sizes = Counter(address.partition("/")[0] for address in deployed.resources)
    found: dict[str, int] = {}
    for title, name in digests.titles(stack.parameters).items():
        if sum(found.values()) >= excess:
            break
        if title not in kept:
            found[name] = sizes[stack_of(title)]
    return found


def _known(values: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    return {name: digest for name, digest in digests.known(values, services).items() if digest}


def _is_small(rendering: Rendering, services: Iterable[str], stack: Stack | None) -> bool:
    """Return whether all that there is, and all that there may have been, is few enough."""
    kept = set(map(digests.parameter, services))
    deployed = digests.one_by_one(stack.parameters) if stack else {}
    gone = [name for name in deployed if digests.pins_images(name) and name not in kept]
    size = nest_size(rendering, PARENT)
    return 2 * size + _SERVICE_AT_MOST * len(gone) <= NEST_RESOURCES


def _too_many_tagged(name: str, touched: int, room: int, handed_on: Retagged) -> InputError:
    advice = []
    if handed_on.given:
        others = ", ".join(handed_on.given)
        advice.append(f"Leave the tags of the stack, with --keep-tags: not as deployed is {others}")
    if handed_on.described:
        others = ", ".join(handed_on.described)
        advice.append(f"Leave the tags of the description: not as deployed is {others}")
    return InputError(
        f"{name}: {touched:,} resources would change in one operation, because tags change, which "
        "CloudFormation hands on to all that can have tags; it takes "
        f"{room:,} beside the nested stacks, and this cannot be cut. {'. '.join(advice)}."
    )


def _too_large(name: str, touched: int, room: int, when: str) -> InputError:
    return InputError(
        f"{name}: {touched:,} resources would change in one operation, {when}, and CloudFormation "
        f"takes {room:,} beside the nested stacks. Change the description in steps, some services "
        "at a time."
    )
