"""References that lead to something else, and functions that make something else of them."""

import re
from collections.abc import Iterable
from typing import Any

from tests.mutation import schemas
from tests.mutation.mutant import Mutants, Site, shown

PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")
PSEUDO = ("AWS::AccountId", "AWS::Region", "AWS::StackName")


def _neighbours(names: Iterable[str], name: str) -> list[str]:
    """Return the names before and after ``name``, in a circle."""
    order = sorted({*names, name})
    index = order.index(name)
    return sorted({order[index - 1], order[(index + 1) % len(order)]} - {name})


def _resources(site: Site, kind: str) -> list[str]:
    return [name for name, one in site.template["Resources"].items() if one["Type"] == kind]


def a_ref(site: Site) -> Mutants:
    """Refer to another resource or parameter, or to nothing but a text."""
    if not isinstance(site.value, dict) or site.value.keys() != {"Ref"}:
        return
    name, resources = site.value["Ref"], site.template.get("Resources", {})
    parameters = site.template.get("Parameters", {})
    if name in resources:
        kind = resources[name]["Type"]
        for other in _neighbours(_resources(site, kind), name):
            yield site.changed("Ref to another of its type", {"Ref": other})
        others = [one for one in sorted(resources) if resources[one]["Type"] != kind]
        for other in others[:1]:
            yield site.changed("Ref to another type", {"Ref": other})
        for attribute in schemas.attributes(kind)[:1]:
            yield site.changed("Ref read as attribute", {"Fn::GetAtt": [name, attribute]})
    elif name in parameters:
        kind = parameters[name].get("Type")
        same = [one for one in parameters if parameters[one].get("Type") == kind]
        for other in _neighbours(same, name):
            yield site.changed("Ref to another parameter", {"Ref": other})
    elif name in PSEUDO:
        for other in _neighbours(PSEUDO, name)[:1]:
            yield site.changed("Ref to another pseudo parameter", {"Ref": other})
    if site.path[0] != "Conditions":
        yield site.changed("Ref replaced by a text", str(name))


def a_getatt(site: Site) -> Mutants:
    """Read another attribute, or the attribute of another resource."""
    if not isinstance(site.value, dict) or site.value.keys() != {"Fn::GetAtt"}:
        return
    name, attribute = site.value["Fn::GetAtt"]
    resources = site.template["Resources"]
    kind = resources[name]["Type"]
    for other in _neighbours(_resources(site, kind), name):
        yield site.changed("GetAtt of another of its type", {"Fn::GetAtt": [other, attribute]})
    others = [one for one in sorted(resources) if resources[one]["Type"] != kind]
    for other in others[:1]:
        yield site.changed("GetAtt of another type", {"Fn::GetAtt": [other, attribute]})
    if attribute.startswith("Outputs."):
        child = site.subject.templates.get(resources[name]["Properties"].get("TemplateURL"), {})
        outputs = [f"Outputs.{one}" for one in child.get("Outputs", {})]
        for other in _neighbours(outputs, attribute):
            yield site.changed("another output read", {"Fn::GetAtt": [name, other]})
    else:
        for other in _neighbours(schemas.attributes(kind), attribute):
            yield site.changed("another attribute read", {"Fn::GetAtt": [name, other]})
        yield site.changed("GetAtt read as Ref", {"Ref": name})


def a_sub(site: Site) -> Mutants:
    """Change what stands in the placeholders of a text, and what stands between them."""
    if not isinstance(site.value, dict) or not isinstance(site.value.get("Fn::Sub"), str):
        return
    text = site.value["Fn::Sub"]
    known = [*site.template.get("Parameters", {}), *PSEUDO]
    for match in PLACEHOLDER.finditer(text):
        before, name, after = text[: match.start()], match[1], text[match.end() :]
        for other in _neighbours(known, name)[:1]:
            yield site.changed("placeholder swapped", {"Fn::Sub": f"{before}${{{other}}}{after}"})
        yield site.changed("placeholder removed", {"Fn::Sub": f"{before}{after}"})
        yield site.changed("placeholder left unresolved", f"{before}{match[0]}{after}")
        yield site.changed("placeholder widened to *", {"Fn::Sub": f"{before}*{after}"})
    places = [0, *(match.end() for match in PLACEHOLDER.finditer(text))]
    for place in sorted(set(places)):
        longer = f"{text[:place]}x{text[place:]}"
        yield site.changed("text around placeholders misspelt", {"Fn::Sub": longer})


def another_function(site: Site) -> Mutants:
    """Change how lists are joined, split and chosen from, and which branch is taken."""
    match site.value:
        case {"Fn::Join": [str(delimiter), parts]}:
            other = "," if delimiter != "," else ";"
            yield site.changed("delimiter changed", {"Fn::Join": [other, parts]})
        case {"Fn::Split": [str(delimiter), text]}:
            other = "," if delimiter != "," else ";"
            yield site.changed("delimiter changed", {"Fn::Split": [other, text]})
        case {"Fn::Select": [index, values]}:
            for other_index in {int(index) + 1, max(0, int(index) - 1)} - {int(index)}:
                yield site.changed("another item selected", {"Fn::Select": [other_index, values]})
        case {"Fn::GetAZs": _}:
            yield site.changed("zones of another region", {"Fn::GetAZs": "eu-west-1"})
        case {"Fn::If": [str(condition), yes, no]}:
            yield from _choice(site, condition, yes, no)


def _choice(site: Site, condition: str, yes: Any, no: Any) -> Mutants:
    yield site.changed("branches swapped", {"Fn::If": [condition, no, yes]})
    yield site.mutant("only one branch", (site.path, yes), detail=shown(yes))
    yield site.mutant("only one branch", (site.path, no), detail=shown(no))
    for other in sorted(site.template["Conditions"].keys() - {condition})[:1]:
        yield site.changed("another condition asked", {"Fn::If": [other, yes, no]})


PLANTERS = (a_ref, a_getatt, a_sub, another_function)
