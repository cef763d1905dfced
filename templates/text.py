"""Strings of which only CloudFormation knows some parts, as one readable ``Fn::Sub``."""

from troposphere import AWSHelperFn, GetAtt, Ref, Sub


def sub(*parts: object) -> Sub:
    """Return the given parts as one string: literals, and references in their place.

    Raises ``TypeError`` for a part that is neither a literal, a reference nor such a string.
    """
    return Sub("".join(_inline(part) for part in parts))


def _inline(part: object) -> str:
    """Return ``part`` as ``Fn::Sub`` writes it: ``${Vpc}``, ``${Service.Name}``."""
    if isinstance(part, str | int):
        return str(part)
    if isinstance(part, Ref):
        return f"${{{part.data['Ref']}}}"
    if isinstance(part, GetAtt):
        return "${" + ".".join(part.data["Fn::GetAtt"]) + "}"
    if isinstance(part, Sub) and isinstance(part.data["Fn::Sub"], str):
        return str(part.data["Fn::Sub"])
    if isinstance(part, AWSHelperFn) and isinstance(part.data, AWSHelperFn):
        return _inline(part.data)
    raise TypeError(f"{type(part).__name__} cannot be part of a string")
