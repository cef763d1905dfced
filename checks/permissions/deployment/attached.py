"""How many managed policies somebody may have.

Source: IAM User Guide, "IAM and AWS STS quotas".
"""

import argparse
from collections.abc import Mapping
from typing import Final

ATTACHED: Final = 10
"""Managed policies that a role or a user may have, unless the account's quota is raised."""

ATTACHED_AT_MOST: Final = 25
"""So far the quota of a role can be raised; that of a user, to 20."""


class TooManyPoliciesError(Exception):
    """Somebody would need more managed policies than IAM attaches. ``str()`` says what to do."""


def check_count(system: str, needed: Mapping[str, int], attached: int = ATTACHED) -> None:
    """Raise ``TooManyPoliciesError`` if more policies of one name are ``needed`` than may be
    ``attached``.
    """
    most = max(needed.values())
    if most <= attached:
        return
    numbers = ", ".join(f"{name} {count}" for name, count in needed.items() if count > attached)
    raised = (
        '; or have the quotas "Managed policies per role" and "Managed policies per user" raised, '
        f"and give --attached {most}"
    )
    raise TooManyPoliciesError(
        f"The rights to deploy {system} take more managed policies than the {attached} that IAM "
        f"attaches to a role or a user: {numbers}. Put several keys into one secret, or make two "
        f"systems of it{raised if most <= ATTACHED_AT_MOST else ''}."
    )


def attached(text: str) -> int:
    """Return the number of managed policies that an account lets somebody have, as an option."""
    if not (text.isdecimal() and ATTACHED <= int(text) <= ATTACHED_AT_MOST):
        allowed = f"{ATTACHED} to {ATTACHED_AT_MOST}"
        raise argparse.ArgumentTypeError(f"must be a number from {allowed}: {text}")
    return int(text)
