"""Which changes replace a resource, also of types that only the emulator knows."""

from checks import schemas
from localaws import emulator


def recreation(resource_type: str, name: str) -> str:
    """Return Always, Conditionally or Never: whether a change of the property replaces."""
    try:
        return schemas.recreation(resource_type, name)
    except KeyError:
        return emulator.property_recreation(resource_type, name)
