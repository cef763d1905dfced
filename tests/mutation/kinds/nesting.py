"""Wires between stacks: parameters, conditions, outputs and nested templates mixed up."""

from typing import Any

from checks.rendering import STACK
from tests.mutation.mutant import REMOVED, Mutants, Site, shown

TEXTS = ("Description", "ConstraintDescription")


def given(site: Site) -> Mutants:
    """Give a nested stack no value, a text, or what another parameter gets."""
    if site.type != STACK or site.inner != ("Parameters",):
        return
    names = list(site.value)
    for index, name in enumerate(names):
        place = (*site.path, name)
        yield site.mutant("nested parameter removed", (place, REMOVED), at=place)
        yield site.mutant("nested parameter replaced by a text", (place, "text"), at=place)
        for other in {names[index - 1], names[(index + 1) % len(names)]} - {name}:
            value = site.value[other]
            detail = f"{shown(site.value[name])} → {shown(value)}"
            yield site.mutant("nested parameter mixed up", (place, value), detail=detail, at=place)
        for other in names[index + 1 :]:
            if site.value[other] != site.value[name]:
                edits = ((place, site.value[other]), ((*site.path, other), site.value[name]))
                yield site.mutant("nested parameters swapped", *edits, detail=other, at=place)
    extra = (*site.path, "Extra")
    yield site.mutant("nested parameter added", (extra, "text"), at=extra)


def a_template(site: Site) -> Mutants:
    """Nest another template."""
    if site.type == STACK and site.inner == ("TemplateURL",):
        others = sorted(site.subject.templates.keys() - {site.value})
        for other in others[:2]:
            yield site.changed("another template nested", other)


def a_parameter(site: Site) -> Mutants:
    """Change what a parameter may be."""
    if len(site.path) != 2 or site.path[0] != "Parameters":
        return
    yield site.removed("parameter removed")
    for key, value in site.value.items():
        if key in TEXTS:
            continue
        place = (*site.path, key)
        if key != "Type":
            yield site.mutant(f"{key} of a parameter removed", (place, REMOVED), at=place)
        for other in _others(key, value):
            detail = f"{shown(value)} → {shown(other)}"
            yield site.mutant(
                f"{key} of a parameter changed", (place, other), detail=detail, at=place
            )
    if "Default" not in site.value:
        place = (*site.path, "Default")
        yield site.mutant("Default of a parameter added", (place, "text"), at=place)


def _others(key: str, value: Any) -> list[Any]:
    match key, value:
        case "Type", "CommaDelimitedList":
            return ["String"]
        case "Type", "String":
            return ["CommaDelimitedList", "Number"]
        case "Type", _:
            return ["String"]
        case "AllowedPattern", str():
            return [".*", value.replace("$", "x$")]
        case "AllowedValues", list():
            return [value[1:], value[:-1], [*value, "text"]]
        case "Default", "true" | "false":
            return ["false" if value == "true" else "true"]
        case "Default", int():
            return [value + 1, 1]
        case "Default", _:
            return [f"{value}x"]
        case _, int():
            return [value + 1]
    return []


def a_condition(site: Site) -> Mutants:
    """Turn a condition around, or take it out."""
    if len(site.path) == 2 and site.path[0] == "Conditions":
        yield site.removed("condition removed")
        turned = site.value.get("Fn::Not", [None])[0] or {"Fn::Not": [site.value]}
        yield site.changed("condition turned around", turned)
        yield site.changed("condition always true", {"Fn::Equals": ["", ""]})
        yield site.changed("condition never true", {"Fn::Equals": ["", "x"]})


def an_output(site: Site) -> Mutants:
    """Take an output out, or give another one's value."""
    if len(site.path) != 2 or site.path[0] != "Outputs":
        return
    yield site.removed("output removed")
    outputs = site.template["Outputs"]
    names = list(outputs)
    index = names.index(str(site.path[1]))
    for other in {names[index - 1], names[(index + 1) % len(names)]} - {names[index]}:
        value = outputs[other]["Value"]
        place = (*site.path, "Value")
        detail = f"{shown(site.value['Value'])} → {shown(value)}"
        yield site.mutant("output mixed up", (place, value), detail=detail, at=place)
    if "Condition" in site.value:
        place = (*site.path, "Condition")
        yield site.mutant("output's condition removed", (place, REMOVED), at=place)


PLANTERS = (given, a_template, a_parameter, a_condition, an_output)
