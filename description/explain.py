"""Says in plain words what the model found wrong with a value."""

from collections.abc import Callable
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from description.fields import MEANINGS, Section, listed
from description.mistakes import UNSAID, Finding, Where, close_to, did_you_mean
from description.model import System

Words = tuple[str, str]
"""A problem, and what is allowed."""

_KINDS = {
    "bool_type": ("is neither true nor false", "true or false, without quotes"),
    "dict_type": ("is not a mapping", "names and values"),
    "int_type": ("is not a whole number", "a whole number, without quotes"),
    "model_type": ("is not a mapping", "fields and values"),
    "string_type": ("is not text", "text; quotes make text of numbers, true and false"),
    "tuple_type": ("is not a list", "a list"),
    # Of all types of the model, only IPv4Network raises errors of Python's.
    "value_error": (
        "is not a range of addresses",
        "a range such as 10.0.0.0/16, without host bits",
    ),
}


def findings(error: ValidationError) -> list[Finding]:
    """Return what is wrong, a finding for each place."""
    return [_finding(one) for one in error.errors(include_url=False)]


def _finding(error: ErrorDetails) -> Finding:
    where: Where = error["loc"]
    is_key = where[-1:] == ("[key]",)
    if is_key:
        where = where[:-1]
    reads: tuple[Where, ...] | None = None
    found: object = error["input"]
    context: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "missing":
            problem, allowed, found = f"is missing: {_purpose(where)}", "", UNSAID
        case "extra_forbidden":
            known = _fields(where[:-1])
            problem = f"is not a known field{did_you_mean(str(where[-1]), known)}"
            allowed, found = listed(sorted(known)), UNSAID
            # What was meant is not missing.
            reads = (where, *((*where[:-1], one) for one in close_to(str(where[-1]), known)))
        case "broken":
            problem, allowed = context["problem"], context["allowed"]
            if context["fields"]:
                reads = tuple((*where, field) for field in context["fields"])
                found = _given_or_default(where, error["input"], reads[0][-1])
                where = reads[0]
        case kind if kind in _KINDS:
            problem, allowed = _KINDS[kind]
        case kind if kind in _LIMITS:
            problem, allowed = _LIMITS[kind](context, error["input"])
        case _:
            problem, allowed = "is not valid", error["msg"]
    if is_key:
        problem = problem.replace("is not valid", "is not a valid name")
    return Finding(where=where, problem=problem, found=found, allowed=allowed, reads=reads)


def _one_of(context: dict[str, Any], value: object) -> Words:
    expected = str(context["expected"]).replace("'", "")
    words = expected.replace(" or ", ", ").split(", ")
    return f"is not a known value{did_you_mean(str(value), words)}", expected


_LIMITS: dict[str, Callable[[dict[str, Any], object], Words]] = {
    "enum": _one_of,
    "greater_than_equal": lambda context, _: ("is too low", f"{context['ge']} or more"),
    "less_than_equal": lambda context, _: ("is too high", f"{context['le']} or less"),
    "literal_error": _one_of,
    "string_pattern_mismatch": lambda context, _: ("is not valid", MEANINGS[context["pattern"]]),
    "string_too_long": lambda context, value: (
        f"has {len(str(value))} characters",
        f"{context['max_length']} or less",
    ),
    "string_too_short": lambda *_: ("is empty", "some text"),
    "too_short": lambda *_: ("is empty", "one or more"),
}


def _type_at(where: Where) -> Any:
    """Return the type that the model declares for a place."""
    kind: Any = System
    for step in where:
        if isinstance(kind, type) and issubclass(kind, Section):
            kind = kind.model_fields[str(step)].annotation
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            kind = get_args(kind)[0]
    return kind


def _fields(where: Where) -> dict[str, str]:
    """Return the fields of the section at a place, each with its purpose."""
    fields = _type_at(where).model_fields
    return {name: field.description or "" for name, field in fields.items()}


def _given_or_default(section: Where, values: Any, field: str | int) -> object:
    """Return the value of a field of the section at a place."""
    default = _type_at(section).model_fields[field].default
    return values.get(field, default) if isinstance(values, dict) else default


def _purpose(where: Where) -> str:
    """Return what the field at a place is for, as its documentation begins."""
    purpose = _fields(where[:-1])[str(where[-1])].partition(". ")[0].rstrip(".")
    return " ".join([purpose[:1].lower() + purpose[1:]]).replace("``", "").replace("\n", " ")
