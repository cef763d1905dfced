"""The actions that IAM knows, as awacs lists them.

IAM takes a misspelt action without a word, and never allows anything for it.
"""

from functools import cache
from importlib import import_module

from awacs.aws import Action

from checks.permissions.patterns import matches_action


def is_known(pattern: str) -> bool:
    """Return whether ``pattern`` is for an action that IAM knows: ``sns:Publish``, ``kms:*``."""
    prefix, _, name = pattern.partition(":")
    known = _actions(prefix.lower())
    return name.lower() in known or any(matches_action(name, one) for one in known)


@cache
def _actions(prefix: str) -> frozenset[str]:
    """Return the names of a service's actions, in lower case; none for one that is not known."""
    name = "awslambda" if prefix == "lambda" else prefix.replace("-", "_")
    try:
        module = import_module(f"awacs.{name}")
    except ImportError:
        return frozenset()
    if getattr(module, "prefix", None) != prefix:  # one of awacs's own
        return frozenset()
    found = (value for value in vars(module).values() if isinstance(value, Action))
    return frozenset(str(one.JSONrepr()).partition(":")[2].lower() for one in found)
