"""What can go wrong on the way to AWS, said once and in one sentence or two.

A message reads "{what happened}: {where or why}. {what to do next}".
"""

from collections.abc import Iterable
from difflib import get_close_matches

from delivery.launch import INTERRUPTED


class DeliveryError(Exception):
    """A delivery failed. ``str()`` is the message for people."""

    exit_code = 1


class InputError(DeliveryError):
    """What the user gave cannot be right, whatever state AWS is in."""

    exit_code = 2


class RefusedError(DeliveryError):
    """A policy does not let it happen. Nothing was changed."""

    exit_code = 3


class UnwatchedError(DeliveryError):
    """Nobody watches any more what AWS has begun."""

    exit_code = INTERRUPTED


def nearest(name: str, known: Iterable[str]) -> str:
    """Return advice for a ``name`` that is not among the ``known`` ones."""
    known = sorted(known)
    close = get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known) or 'none'}."
