"""Resources, properties and list items that are missing, twice there or in another order."""

from typing import Any

from tests.mutation import schemas
from tests.mutation.areas import POLICIES
from tests.mutation.kinds.functions import inside, is_function
from tests.mutation.mutant import REMOVED, Edit, Mutants, Site

LIFECYCLE = ("DeletionPolicy", "UpdateReplacePolicy")


def a_resource(site: Site) -> Mutants:
    """Remove a resource, and every wish to wait for it; add it once more."""
    if len(site.path) != 2 or not site.type:
        return
    name, resources = site.path[1], site.template["Resources"]
    waiting: list[Edit] = []
    for other, resource in resources.items():
        before = resource.get("DependsOn", [])
        before = [before] if isinstance(before, str) else before
        if name in before:
            rest = [one for one in before if one != name]
            waiting.append((("Resources", other, "DependsOn"), rest or REMOVED))
    yield site.mutant("resource removed", *waiting, (site.path, REMOVED), detail=site.type)
    twin = ("Resources", f"{name}Copy")
    yield site.mutant("resource duplicated", (twin, site.value), detail=site.type)


def an_attribute(site: Site) -> Mutants:
    """Remove or change what stands beside a resource's properties."""
    if len(site.path) != 3 or not site.type:
        return
    key = str(site.path[2])
    if key == "DependsOn":
        names = [site.value] if isinstance(site.value, str) else site.value
        for index, name in enumerate(names):
            rest = [*names[:index], *names[index + 1 :]] or REMOVED
            yield site.mutant("DependsOn removed", (site.path, rest), detail=name)
    if key == "Condition":
        yield site.removed("resource's condition removed")
        for other in sorted(site.template["Conditions"].keys() - {site.value})[:1]:
            yield site.changed("resource's condition swapped", other)
    if key in LIFECYCLE:
        yield site.removed(f"{key} removed")
        for other in ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"):
            if other not in (site.value, "Snapshot"):
                yield site.changed(f"{key} changed", other)


def an_absent_attribute(site: Site) -> Mutants:
    """Keep what should be deleted."""
    if len(site.path) == 2 and site.type:
        for key in LIFECYCLE:
            if key not in site.value:
                yield site.mutant(f"{key} added", ((*site.path, key), "Retain"), detail="Retain")


def a_property(site: Site) -> Mutants:
    """Remove a property, at any depth."""
    if not site.inner or isinstance(site.path[-1], int) or inside(site.path):
        return
    if site.inner[0] == "Parameters" and site.type == "AWS::CloudFormation::Stack":
        return  # nesting has kinds of its own
    if POLICIES & set(site.inner[:-1]):
        return  # so have policies
    above = schemas.at(site.type, site.inner[:-1])
    if site.path[-1] in above.get("required", ()):
        yield site.removed("required property removed")
    elif len(site.inner) == 1:
        yield site.removed("property removed")
    else:
        yield site.removed("inner property removed")


def an_item(site: Site) -> Mutants:
    """Remove, repeat or reorder what is in a list."""
    if not isinstance(site.value, list):
        return
    function = inside(site.path)
    if function and not (function == "Fn::Join" and site.path[-1] == 1):
        return
    if site.path[0] == "Resources" and not site.inner:
        return
    if function and len(site.path) > 2 and site.path[0] == "Conditions":
        pass
    for index, item in enumerate(site.value):
        place = (*site.path, index)
        yield site.mutant("item removed", (place, REMOVED), detail=_brief(item), at=place)
        twice = [*site.value[: index + 1], item, *site.value[index + 1 :]]
        yield site.mutant("item repeated", (site.path, twice), detail=_brief(item), at=place)
    if len(site.value) > 1:
        yield site.mutant("items removed", (site.path, []))
        other = [site.value[1], site.value[0], *site.value[2:]]
        yield site.mutant("items reordered", (site.path, other))


def an_absent_property(site: Site) -> Mutants:
    """Say yes to what CloudFormation's schema offers and the template does not mention, and take
    the first of the choices that it offers."""
    if site.path[0] != "Resources" or not isinstance(site.value, dict) or is_function(site.value):
        return
    if not (site.inner or site.path[2:] == ("Properties",)) or POLICIES & set(site.inner):
        return
    if inside(site.path):
        return
    read_only = set(schemas.attributes(site.type)) if not site.inner else set()
    for name in sorted(schemas.at(site.type, site.inner).get("properties", {})):
        if name in site.value or name in read_only:
            continue
        schema = schemas.at(site.type, (*site.inner, name))
        place = (*site.path, name)
        if schemas.types(schema) == {"boolean"}:
            yield site.mutant("boolean added", (place, True), detail="true", at=place)
        elif choices := [one for one in schema.get("enum", ()) if isinstance(one, str)]:
            for choice in (choices[0], choices[-1]):
                yield site.mutant("choice added", (place, choice), detail=choice, at=place)


def _brief(item: Any) -> str:
    from tests.mutation.mutant import shown

    return shown(item)


PLANTERS = (a_resource, an_attribute, an_absent_attribute, a_property, an_item, an_absent_property)
