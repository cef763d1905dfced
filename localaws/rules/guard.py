"""Put a rule in front of a service's own call."""

from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

from localaws.api import CallError
from localaws.emulator import Response

T = TypeVar("T")

Refusal = Callable[[str, str], Response]


def guarded(
    action: Callable[[T], Response], rule: Callable[[T], object], refusal: Refusal
) -> Callable[[T], Response]:
    """Return the action with the rule before it; `refusal` makes an answer of code and message."""

    def answer(request: T) -> Response:
        try:
            rule(request)
        except CallError as refused:
            return refusal(refused.code, refused.message)
        return action(request)

    return answer


def guard(
    actions: MutableMapping[str, Callable[[T], Response]],
    refusal: Refusal,
    rules: dict[str, Callable[[T], object]],
) -> None:
    """Put each rule in front of the action of its name."""
    for name, rule in rules.items():
        actions[name] = guarded(actions[name], rule, refusal)


def refuse(condition: Any, code: str, message: str) -> None:
    """Raise CallError if the condition holds."""
    if condition:
        raise CallError(code, message)
