"""What can go wrong on the way to AWS, said once and in one sentence or two.

A message reads "{what happened}: {where or why}. {what to do next}".
"""


class DeliveryError(Exception):
    """A delivery failed. ``str()`` is the message for people."""

    exit_code = 1


class InputError(DeliveryError):
    """What the user gave cannot be right, whatever state AWS is in."""

    exit_code = 2
