"""Strings of which only CloudFormation knows some parts, as one readable ``Fn::Sub``."""

from collections.abc import Sequence

from troposphere import AWSHelperFn, GetAtt, Ref, Select, Split, Sub


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


def picked(service: str, texts: Sequence[Ref]) -> Select:
    """Return what ``texts`` say of a service (``description.texts``); nothing where none does.

    It is what stands behind the name, up to the next comma. The name comes once more at the end,
    with nothing behind it, so that there is always something to select.
    """
    everything = [part for text in texts for part in (",", text)]
    end = f",{service}="
    return Select(0, Split(",", Select(1, Split(end, sub(*everything, f"{end},")))))
