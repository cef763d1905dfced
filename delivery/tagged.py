"""What a change of tags touches: CloudFormation hands a stack's tags on to all that is in it and in
nested stacks (API reference, CreateChangeSet, "Tags").

Change sets list as changed what can have tags, and nothing else (envato/stack_master, issue 302).
AWS does not say whether that counts among what one operation may change; here it does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks import schemas
from checks.resolved import System

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Retagged:
    """A change of tags."""

    resources: frozenset[str]
    """The addresses of those that are there before and after, and get it."""
    given: tuple[str, ...]
    """The names of the parent's own tags that differ."""
    described: tuple[str, ...]
    """The names of those that differ in templates only."""


NOTHING = Retagged(frozenset(), (), ())


def retagged(before: System, after: System, old: Tags, new: Tags) -> Retagged:
    """Return what other tags reach on the way from one system, whose parent has the ``old`` ones,
    to another with the ``new`` ones.
    """
    was, will = dict(_of_stacks(before, old)), dict(_of_stacks(after, new))
    names = {path: _differing(was[path], will[path]) for path in was.keys() & will.keys()}
    given = _differing(old, new)
    return Retagged(
        frozenset(
            one.address
            for one in after.resources.values()
            if names.get(one.stack) and one.address in before.resources
            if schemas.taggable(one.type)
        ),
        tuple(sorted(given)),
        tuple(sorted(frozenset().union(*names.values()) - given)),
    )


def _of_stacks(system: System, given: Tags) -> Iterator[tuple[str, Tags]]:
    """Yield the path of each stack and the tags that it hands on: the parent's, and its own."""
    for path, stack in system.stacks.items():
        yield path, {**given, **stack.tags}


def _differing(one: Tags, other: Tags) -> frozenset[str]:
    return frozenset(key for key, _ in one.items() ^ other.items())
