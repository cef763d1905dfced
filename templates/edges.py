"""Typed edges between nested stacks.

A stack is a function from typed inputs to typed outputs, ``build(t, given) -> made``. Both are
frozen dataclasses whose fields are ``Value``s, mappings of names to ``Value``s (one per service,
say), groups of these in a dataclass of their own or, where a system has no such thing, ``None``.

``StackTemplate.nest`` gives a stack its inputs and returns its outputs. Seen from inside, an input
is a ``Ref`` to a parameter; seen from outside, an output is an ``Fn::GetAtt`` on the nested stack.
Which parameters and outputs a template has follows from what it is given and what it makes. A name
that exists on one side only, or a value of the wrong kind, fails mypy and fails the build.

Between stacks every value is one string; a list crosses as a comma-separated one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar, cast, get_args, get_type_hints

from troposphere import (
    AWSHelperFn,
    BaseAWSObject,
    GetAtt,
    Join,
    Output,
    Parameter,
    Ref,
    Split,
    Template,
)
from troposphere.cloudformation import Stack as NestedStack

from templates.names import pascal
from templates.plain import plain


class Value(AWSHelperFn):
    """Something that only CloudFormation will know, typed by what it identifies."""

    parameter_type: ClassVar[str] = "String"

    def __init__(self, data: object) -> None:
        self.data = data

    def as_string(self) -> object:
        """Return the form that can cross an edge."""
        return self.data

    @classmethod
    def from_string(cls, data: object) -> Self:
        """Return the value of a string that crossed an edge."""
        return cls(data)


class ValueList(Value):
    """A list of values."""

    parameter_type = "CommaDelimitedList"

    def __init__(self, data: object, string: object | None = None) -> None:
        super().__init__(data)
        self._string = Join(",", data) if string is None else string

    def as_string(self) -> object:
        """Return the list as one comma-separated string."""
        return self._string

    @classmethod
    def from_string(cls, data: object) -> Self:
        """Return the list that a comma-separated string stands for."""
        return cls(Split(",", data), data)


Kind = TypeVar("Kind", bound=Value)
Each = Mapping[str, Kind]
"""A value for each name; a field ``image_digest`` gives ``ApiGatewayImageDigest`` for
``api-gateway``."""

Inputs = TypeVar("Inputs")
Outputs = TypeVar("Outputs")

_Parameters = TypeVar("_Parameters", Parameter, list[Parameter])
_Resources = TypeVar("_Resources", bound=BaseAWSObject | list[BaseAWSObject])
_Outputs = TypeVar("_Outputs", Output, list[Output])


@dataclass(frozen=True)
class Stack(Generic[Inputs, Outputs]):
    """A stack that can be nested: its name, its purpose and the function that fills it."""

    name: str
    """The template's file name, without extension."""
    description: str
    build: Callable[["StackTemplate", Inputs], Outputs]


class StackTemplate(Template):
    """A template that knows the templates nested in it."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(Description=description)
        self.set_version()
        self.name = name
        self.children: list[StackTemplate] = []
        self._parameters: dict[tuple[str, str], Parameter] = {}

    @property
    def file_name(self) -> str:
        """The file that the template is written to."""
        return f"{self.name}.json"

    def add_parameter(self, parameter: _Parameters) -> _Parameters:
        """Add a parameter, however many there are: ``checks.quotas`` counts them, and says in which
        template there are too many. Troposphere would only raise an error.
        """
        return self._update(self.parameters, parameter)

    def add_resource(self, resource: _Resources) -> _Resources:
        """Add a resource, however many there are."""
        return self._update(self.resources, resource)

    def add_output(self, output: _Outputs) -> _Outputs:
        """Add an output, however many there are."""
        return self._update(self.outputs, output)

    def nest(
        self, title: str, stack: Stack[Inputs, Outputs], given: Inputs, **properties: Any
    ) -> Outputs:
        """Add ``stack`` under the logical id ``title`` and return what it will expose.

        ``properties`` are further properties and attributes of the nested stack: ``Tags``,
        ``Condition``, ``DependsOn``. It goes with its parent; what is to outlive it says so itself.

        Raises ``TypeError`` if a value given or made is not of its field's kind.
        """
        child = StackTemplate(stack.name, stack.description)
        self.children.append(child)
        nested = NestedStack(
            title,
            TemplateURL=child.file_name,
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            **properties,
        )
        parameters: dict[str, object] = {}

        def enter(name: str, value: Value) -> Value:
            parameters[name] = value.as_string()
            return type(value)(Ref(child.add_parameter(self._parameter(name, value))))

        def leave(name: str, value: Value) -> Value:
            child.add_output(Output(name, Value=value.as_string()))
            return type(value).from_string(GetAtt(nested, f"Outputs.{name}"))

        made = stack.build(child, _mirror(given, enter))
        nested.Parameters = parameters
        self.add_resource(nested)
        return _mirror(made, leave)

    def _parameter(self, name: str, value: Value) -> Parameter:
        """Return what declares a parameter in each stack nested here that takes one like it."""
        key = name, value.parameter_type
        if key not in self._parameters:
            self._parameters[key] = Parameter(name, Type=value.parameter_type)
        return self._parameters[key]

    def to_dict(self) -> dict[str, Any]:
        """Return the template as plain values, in troposphere's order of sections."""
        sections = {
            "Description": self.description,
            "Metadata": self.metadata,
            "Conditions": self.conditions,
            "Outputs": self.outputs,
            "Parameters": self.parameters,
            "AWSTemplateFormatVersion": self.version,
        }
        given = {name: plain(section) for name, section in sections.items() if section}
        return {**given, "Resources": plain(self.resources)}

    def family(self) -> list["StackTemplate"]:
        """Return this template and all those nested in it, parents first."""
        return [self, *(t for child in self.children for t in child.family())]


def _mirror(edge: Outputs, seen: Callable[[str, Value], Value]) -> Outputs:
    """Return the same edge as it is seen from the other side."""
    kind: type = type(edge)
    mirrored: dict[str, object] = {}
    for field in _fields(kind):
        value = getattr(edge, field.name)
        if isinstance(value, Mapping):
            mirrored[field.name] = {
                name: seen(pascal(name) + field.title, field.checked(item))
                for name, item in value.items()
            }
        elif value is None and field.is_optional:
            mirrored[field.name] = None
        elif is_dataclass(value):
            mirrored[field.name] = _mirror(value, seen)
        else:
            mirrored[field.name] = seen(field.title, field.checked(value))
    return cast(Outputs, kind(**mirrored))


class _Field(NamedTuple):
    """A field of an edge, whose type hint says what it takes."""

    edge: type
    name: str
    title: str
    """What its name is in logical ids."""
    kind: type[Value] | None
    """The kind of its value, or of each value in it; none of a group's."""
    is_optional: bool

    def checked(self, value: object) -> Value:
        """Return ``value`` if it is of the field's kind; raise ``TypeError`` if not."""
        if self.kind is None or not isinstance(value, self.kind):
            where = f"{self.edge.__module__}.{self.edge.__qualname__}.{self.name}"
            wanted = self.kind.__name__ if self.kind else "a group"
            raise TypeError(f"{where} takes {wanted}, not {type(value).__name__}")
        return value


@cache
def _fields(edge: type) -> tuple[_Field, ...]:
    """Return the fields of an edge."""
    if not is_dataclass(edge):
        raise TypeError(f"an edge is a dataclass, not {edge.__name__}")
    hints = get_type_hints(edge)
    return tuple(_field(edge, field.name, hints[field.name]) for field in fields(edge))


def _field(edge: type, name: str, hint: Any) -> _Field:
    named = (*get_args(hint), hint)
    kinds = (one for one in named if isinstance(one, type) and issubclass(one, Value))
    return _Field(edge, name, pascal(name), next(kinds, None), type(None) in named)
