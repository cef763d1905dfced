"""Steps and durations made up for tests."""

from timeline.durations import Durations
from timeline.steps import Action, Step

STACK = "AWS::CloudFormation::Stack"


def times(**seconds: float | tuple[float, float]) -> Durations:
    """Return durations: a type takes its seconds, or is ready after the first of two.

    A nested stack takes 1 s before and 2 s after its resources, is seen at once, and the outermost
    one takes nothing.
    """
    types = {
        name: {
            "create": given[1] if isinstance(given, tuple) else given,
            "ready": given[0] if isinstance(given, tuple) else None,
            "update": 10 * (given[1] if isinstance(given, tuple) else given),
            "delete": 0,
        }
        for name, given in sorted(seconds.items())
    }
    stack = {
        "opening": 1,
        "opening_of_root": 0,
        "closing": 2,
        "unchanged": 0.5,
        "cleanup": 7,
        "looks": {"first": 0, "growth": 1},
        "sources": [],
    }
    return Durations.model_validate(
        {"as_of": "2026-01", "stack": stack, "sources": {}, "types": types}
    )


def resource(
    address: str,
    kind: str,
    after: str = "",
    depends_on: str = "",
    really: str = "",
    tries: str = "",
    action: Action = Action.CREATE,
) -> Step:
    """Return a resource; what it waits for is given as addresses with spaces between."""
    return Step(
        address=address,
        type=kind,
        action=action,
        after=frozenset(after.split()),
        after_all_of=frozenset(depends_on.split()),
        after_in_reality=frozenset(really.split()),
        complete_after=frozenset(tries.split()),
    )


def stack(address: str, *steps: Step, after: str = "", action: Action = Action.CREATE) -> Step:
    """Return a stack."""
    return Step(
        address=address,
        type=STACK,
        action=action,
        after=frozenset(after.split()),
        steps=steps,
    )
