"""Which of the replacements that CloudFormation thinks possible will not happen.

It says "maybe" of whatever refers to a resource that is changed in place, or to the output of a
nested stack in which something changes. The templates often tell that the value stays the same.
"""

from collections.abc import Iterable, Mapping

from checks.resolved import Place
from delivery import comparison
from delivery.aws import Aws
from delivery.changes import Change
from delivery.errors import DeliveryError
from delivery.forecast import forecast
from delivery.publish import Packaged
from delivery.stacks import Stack


def ruled_out(
    aws: Aws,
    stack: Stack,
    templates: Mapping[str, bytes],
    given: Mapping[str, str],
    changes: Iterable[Change],
    known: Mapping[str, Packaged],
) -> frozenset[str]:
    """Return the addresses of the ``changes`` that may replace, and surely do not.

    ``templates`` and the ``given`` parameters are what the ``stack`` shall become, ``known`` the
    templates as they are stored. None is ruled out where the templates cannot be read or followed.
    """
    perhaps = {change.address for change in changes if change.uncertain}
    if not perhaps:
        return frozenset()
    place = Place(account=aws.account, region=aws.region, stack_name=stack.name)
    try:
        before = comparison.of_stack(aws, stack, known).resolved(place, images=False)
        new = comparison.of_build(stack.name, templates, given, stack)
        after = new.resolved(place, images=False)
    except DeliveryError:
        return frozenset()
    replaced = {change.address for change in forecast(before, after) if change.effect == "replace"}
    there = before.resources.keys() & after.resources.keys()
    return frozenset(perhaps & there - replaced)
