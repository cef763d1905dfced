"""What cfn-lint asks of values that a sample takes for as good as one another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cfnlint.rules
import pytest
from cfnlint.schema import OTHER_SCHEMA_MANAGER, PROVIDER_SCHEMA_MANAGER

from checks.linting import free, process
from checks.linting.choice import BY_SEVERAL
from checks.rendering import Node
from tests.systems_under_test import SYSTEMS, rendered

WITH_CODE = {
    "E3042",  # containers: one of them is essential
    "E3049",  # names and ports of containers, if a host port is 0: then all of a task is seen
    "E3053",  # the host port, if there is one, is the container port
    "E3510",  # policies: see the last test
    "E3511",  # the ARN of a role
    "E3530",  # trust policies
    "W3010",  # availability zones
}
"""Rules of these types that are code, not a schema, and have been read: none asks more than whether
numbers are equal, which a sample keeps.
"""
LOOK_AT_OTHERS = {
    "InstanceImageId",  # instances, which no template of ours has
    "RefFormat",  # E1041: whether a security group is in a VPC
    "ServiceDynamicPorts",  # E3049: host ports of 0
}
"""Rules whose code looks at the properties of a resource that another one refers to."""

FREE = [
    (kind, path)
    for table in (free.TEXTS, free.NUMBERS)
    for kind, paths in table.items()
    for path in paths
    if "PolicyDocument" not in path  # a schema of its own: see the last test
]
LISTS = [
    (kind, path, name)
    for kind, paths in free.ELEMENTS.items()
    for path, name in paths.items()
    if "PolicyDocument" not in path
]
KINDS = sorted({*free.TEXTS, *free.NUMBERS, *free.ELEMENTS})
SAYS_NOTHING = {"description", "insertionOrder", "type"}


def asked(kind: str, path: str) -> tuple[Node, Node]:
    """What the schema of a type says of a property, and of what this is in."""
    whole = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    above, here = whole, whole
    for step in path.split("/"):
        above, here = here, here["items"] if step == "*" else here["properties"][step]
        while "$ref" in here:
            (name,) = here["$ref"].split("/")[2:]
            here = whole["definitions"][name]
    return above, here


def rules_of(kind: str) -> Iterator[Any]:
    for rule in process.rules().values():
        if any(kind in one.split("/") for one in getattr(rule, "keywords", ())):
            yield rule


def types() -> set[str]:
    """The types that templates of ours have."""
    return {
        resource["Type"]
        for system in SYSTEMS
        for template in rendered(system).templates.values()
        for resource in template["Resources"].values()
    }


def of_property(schema: Any, name: str) -> Iterator[Any]:
    """What a schema says of properties of this name, wherever they are."""
    if isinstance(schema, dict):
        if isinstance(properties := schema.get("properties"), dict) and name in properties:
            yield properties[name]
        for one in schema.values():
            yield from of_property(one, name)
    elif isinstance(schema, list):
        for one in schema:
            yield from of_property(one, name)


@pytest.mark.parametrize(("kind", "path"), FREE, ids=str)
def test_no_schema_asks_more_of_it_than_its_length_or_size(kind: str, path: str) -> None:
    path = path.removesuffix("/Fn::Sub")
    above, here = asked(kind, path)
    limits = {"minLength", "maxLength", "minimum", "maximum"}
    assert here.keys() <= SAYS_NOTHING | limits
    assert here["type"] == ("integer" if path in free.NUMBERS.get(kind, ()) else "string")
    assert above.keys() - {"properties", "items", "additionalProperties", "required"} <= {
        *SAYS_NOTHING,
        *("uniqueItems", "uniqueKeys", "maxItems", "minItems"),
        # What a whole resource has, which says nothing of this property.
        *([] if "/" in path else above),
    }


@pytest.mark.parametrize(("kind", "path"), FREE, ids=str)
def test_a_rule_that_is_a_schema_asks_whether_it_is_there_or_both_are_the_smallest(
    kind: str, path: str
) -> None:
    name = path.removesuffix("/Fn::Sub").removesuffix("/*").rpartition("/")[2]
    said = [
        one for rule in rules_of(kind) for one in of_property(getattr(rule, "schema", {}), name)
    ]
    assert all(one is False or one == {"enum": [-1, "-1"]} for one in said), said


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_that_is_code_has_been_read(kind: str) -> None:
    found = {rule.id for rule in rules_of(kind) if not getattr(rule, "schema", None)}
    assert found <= WITH_CODE


@pytest.mark.parametrize(("kind", "path", "name"), LISTS, ids=str)
def test_elements_are_compared_with_one_another_only_for_being_equal(
    kind: str, path: str, name: str
) -> None:
    _, here = asked(kind, path)
    assert here.keys() - {"items"} <= {*SAYS_NOTHING, "uniqueItems", "uniqueKeys"}
    assert here.get("uniqueKeys", [name]) == [name]


def test_what_rules_read_of_other_resources_is_known() -> None:
    read: dict[str, set[str]] = {}
    for rule in {rule.id: rule for kind in types() for rule in rules_of(kind)}.values():
        for gathered in gathers(getattr(rule, "schema", None)):
            for path in gathered["properties"].values() if "reference" in gathered else ():
                path = path if isinstance(path, str) else path["path"]
                read.setdefault(gathered["filter"]["type"], set()).add(path.split("/")[1])
    known = {
        kind: {path.split("/")[0] for path in paths} for kind, paths in free.READ_BY_OTHERS.items()
    }
    assert read
    for kind, names in read.items():
        assert names <= known[kind], kind


def gathers(schema: Any) -> Iterator[Node]:
    """What a schema gathers of a resource and those that it refers to."""
    if isinstance(schema, dict):
        yield from schema.get("cfnGather", {}).get("gather", {}).values()
        for one in schema.values():
            yield from gathers(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from gathers(one)


def test_code_that_looks_at_other_resources_has_been_read() -> None:
    ways = ("get_resource_by_name(", "get_cfn_path(")
    looking = {
        file.stem
        for folder in ("conditions", "functions", "resources")
        for file in Path(cfnlint.rules.__path__[0], folder).rglob("*.py")
        if any(way in file.read_text() for way in ways)
    }
    assert looking == LOOK_AT_OTHERS


def test_statements_are_compared_for_their_sid_and_sids_for_letters_and_digits() -> None:
    identity = OTHER_SCHEMA_MANAGER.get_schema("other.iam.policy_identity")
    statements = identity["properties"]["Statement"]
    (name,) = statements["uniqueKeys"]
    assert set(free.ELEMENTS["AWS::IAM::Role"].values()) == {name}
    statement = identity["definitions"]["Statement"]["properties"]
    assert statement["Sid"].keys() == {"$ref", "pattern"}
    assert statement["Sid"]["pattern"] == "^[A-Za-z0-9]+$"
    policy = OTHER_SCHEMA_MANAGER.get_schema("other.iam.policy")["definitions"]
    assert statement["Resource"] == {"$ref": "policy#/definitions/Resource"}
    assert policy["Statement"]["properties"]["Sid"] == {"type": "string"}


def test_types_that_are_told_apart_by_several_properties_are_known() -> None:
    found = set()
    for kind in types():
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
        given = {*schema["primaryIdentifier"]} - {*schema.get("readOnlyProperties", ())}
        found |= {kind} if len(given) > 1 else set()
    assert found
    assert found <= BY_SEVERAL
