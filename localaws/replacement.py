"""Which changes replace a resource, also of types that only the emulator knows."""

from contextvars import ContextVar

from checks import schemas
from localaws import emulator

predecessor: ContextVar[str] = ContextVar("localaws_predecessor", default="")
"""The physical id of the resource that is being updated, while it is."""


def recreation(resource_type: str, name: str) -> str:
    """Return Always, Conditionally or Never: whether a change of the property replaces."""
    try:
        return schemas.recreation(resource_type, name)
    except KeyError:
        return emulator.property_recreation(resource_type, name)
