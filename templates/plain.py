"""What troposphere and awacs make, as plain values.

Troposphere's own ``to_dict`` gives the same, but reads what is nested once more at each level.
"""

from typing import Any, Final

from troposphere import AWSHelperFn, BaseAWSObject, Tags

_PLAIN: Final = (str, int, float)


def plain(value: Any) -> Any:
    """Return ``value`` and all that is in it as dictionaries, lists, texts and numbers.

    Raises ``ValueError`` for a resource or a property without all that it must have, ``TypeError``
    for what no template has.
    """
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return plain(_content(value))


def _content(value: Any) -> Any:
    """Return what an object stands for; what is in it may be objects again."""
    if isinstance(value, Tags):
        return value.tags
    if isinstance(value, AWSHelperFn):
        return value.data
    if isinstance(value, BaseAWSObject):
        return _checked(value)
    if hasattr(value, "JSONrepr"):  # of awacs
        return value.JSONrepr()
    raise TypeError(f"{type(value).__name__} cannot be part of a template")


def _checked(one: BaseAWSObject) -> dict[str, Any]:
    """Return a resource, property, parameter or output that has all that it must have."""
    for name, (_, required) in one.props.items():
        if required and name not in one.properties:
            raise ValueError(f"{one.title or type(one).__name__} has no {name}: it is required")
    one.validate()
    if one.properties:
        return one.resource
    return {name: value for name, value in one.resource.items() if name != one.dictname}
