"""A system as plain troposphere: a module that says the same as templates do, and nothing else.

It is what is left when every tool is taken away: import troposphere, build the objects, write JSON.
Each class of troposphere checks its properties, as it does for us.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from keyword import iskeyword
from typing import Any

import troposphere
from troposphere import AWSObject, AWSProperty, Tags

FUNCTIONS = {
    "Ref": "Ref",
    "Condition": "Condition",
    **{
        f"Fn::{name}": name
        for name in (
            *("And", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue"),
            *("Join", "Not", "Or", "Select", "Split", "Sub"),
        )
    },
}
AS_IT_IS = {("AWS::Logs::ResourcePolicy", "PolicyDocument")}
"""Properties of which troposphere makes a text too soon: functions have no place in it."""

HEAD = """from troposphere import (
    {functions}, AWSHelperFn, Output, Parameter, Tags, Template
)
from troposphere import {modules}


class AsItIs(AWSHelperFn):
    def __init__(self, data):
        self.data = data


def main():
    return {{{names}}}


def write():
    for template in main().values():
        template().to_json()
"""


def module(templates: Mapping[str, Mapping[str, Any]]) -> str:
    """Return Python that makes these templates with troposphere."""
    bodies = {name: list(_lines(template)) for name, template in templates.items()}
    made = [
        f"def template_{nth}():\n    t = Template()\n"
        + "".join(f"    {line}\n" for line in lines)
        + "    return t\n\n\n"
        for nth, lines in enumerate(bodies.values())
    ]
    names = ", ".join(f"{name!r}: template_{nth}" for nth, name in enumerate(bodies))
    types = {one["Type"] for it in templates.values() for one in it["Resources"].values()}
    modules = {_class(one).__module__.rpartition(".")[2] for one in types}
    head = HEAD.format(
        functions=", ".join(sorted(set(FUNCTIONS.values()))),
        modules=", ".join(sorted(modules)),
        names=names,
    )
    before, main, rest = head.partition("def main():")
    return f"{before}{''.join(made)}{main}{rest}"


def _lines(template: Mapping[str, Any]) -> Iterator[str]:
    if "AWSTemplateFormatVersion" in template:
        yield f"t.set_version({template['AWSTemplateFormatVersion']!r})"
    if "Description" in template:
        yield f"t.set_description({template['Description']!r})"
    if "Metadata" in template:
        yield f"t.set_metadata({template['Metadata']!r})"
    for name, one in template.get("Parameters", {}).items():
        yield f"t.add_parameter(Parameter({name!r}, **{one!r}))"
    for name, one in template.get("Mappings", {}).items():
        yield f"t.add_mapping({name!r}, {one!r})"
    for name, one in template.get("Conditions", {}).items():
        yield f"t.add_condition({name!r}, {_said(one)})"
    for name, one in template["Resources"].items():
        given = {key: value for key, value in one.items() if key not in ("Type", "Properties")}
        kind = _class(one["Type"])
        words = [f"{key}={_said(value)}" for key, value in given.items()]
        words += _properties(kind, one.get("Properties", {}))
        yield f"t.add_resource({_called(kind)}({', '.join((repr(name), *words))}))"
    for name, one in template.get("Outputs", {}).items():
        words = [f"{key}={_said(value)}" for key, value in one.items()]
        yield f"t.add_output(Output({', '.join((repr(name), *words))}))"


def _properties(kind: type, given: Mapping[str, Any]) -> list[str]:
    return [_word(key, _property(kind, key, value)) for key, value in given.items()]


def _property(kind: type, key: str, value: Any) -> str:
    if (getattr(kind, "resource_type", ""), key) in AS_IT_IS:
        return f"AsItIs({_said(value)})"
    props: Mapping[str, tuple[Any, bool]] = kind.props  # type: ignore[attr-defined]
    declared = props[key][0]
    if not isinstance(declared, type | list | tuple):  # a function that checks it
        declared = getattr(importlib.import_module(kind.__module__), key, None)
    return _said(value, declared)


def _word(key: str, said: str) -> str:
    return f"**{{{key!r}: {said}}}" if iskeyword(key) else f"{key}={said}"


def _said(value: Any, kind: Any = None) -> str:
    """Return Python for a value of which troposphere expects ``kind``."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in FUNCTIONS:
            return _function(*next(iter(value.items())))
        if isinstance(kind, type) and issubclass(kind, AWSProperty):
            return f"{_called(kind)}({', '.join(_properties(kind, value))})"
        return f"{{{', '.join(f'{key!r}: {_said(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        if kind is Tags or (value and all(_is_tag(one) for one in value)):
            tags = (f"{one['Key']}={_said(one['Value'])}" for one in value)
            return f"Tags({', '.join(tags)})"
        item = kind[0] if isinstance(kind, list) else None
        return f"[{', '.join(_said(one, item) for one in value)}]"
    return repr(value)


def _function(name: str, argument: Any) -> str:
    several = name in ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Fn::If", "Fn::Join") or (
        isinstance(argument, list) and name != "Fn::GetAZs"
    )
    words = [_said(one) for one in argument] if several else [_said(argument)]
    return f"{FUNCTIONS[name]}({', '.join(words)})"


def _is_tag(one: Any) -> bool:
    return isinstance(one, dict) and one.keys() == {"Key", "Value"} and one["Key"].isidentifier()


def _called(kind: type) -> str:
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


@cache
def _class(type_: str) -> type:
    return _classes()[type_]


@cache
def _classes() -> dict[str, type]:
    found: dict[str, type] = {}
    for one in pkgutil.iter_modules(troposphere.__path__):
        if one.ispkg or one.name.startswith(("template_generator", "openstack")):
            continue
        for kind in vars(importlib.import_module(f"troposphere.{one.name}")).values():
            if isinstance(kind, type) and issubclass(kind, AWSObject):
                found.setdefault(str(getattr(kind, "resource_type", "")), kind)
    return found


def same(one: str, other: Mapping[str, Any]) -> bool:
    """Return whether a template written by troposphere says what another one does."""
    return bool(_ordered(json.loads(one)) == _ordered(other))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(one) for key, one in value.items()}
    if isinstance(value, list):
        items = [_ordered(one) for one in value]
        return sorted(items, key=json.dumps) if all(map(_is_tag, items)) else items
    return value
