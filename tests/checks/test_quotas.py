import json
from typing import Any

import pytest

from checks import quotas
from checks.rendering import Node, Rendering
from tests.checks.templates import nested, rendering
from tests.systems_under_test import SYSTEMS, rendered

TOPIC = {"Type": "AWS::SNS::Topic"}


def many(count: int, value: object) -> dict[str, Any]:
    return {f"Name{index}": value for index in range(count)}


def section(name: str, count: int, value: object) -> Node:
    return {name: many(count, value)}


def given(value: object) -> Node:
    return {"Resources": {"Child": nested("child.json", Given=value)}}


REF = {"Ref": "X"}


@pytest.mark.parametrize(
    ("rule", "path", "over", "at_the_limit"),
    [
        ("E9302", "Resources", section("Resources", 501, TOPIC), section("Resources", 500, TOPIC)),
        ("E9302", "Parameters", section("Parameters", 201, {}), section("Parameters", 200, {})),
        ("E9302", "Outputs", section("Outputs", 201, {}), section("Outputs", 200, {})),
        ("E9302", "Mappings", section("Mappings", 201, {}), section("Mappings", 200, {})),
        (
            "E9303",
            "Mappings/Map",
            {"Mappings": {"Map": many(201, {})}},
            {"Mappings": {"Map": many(200, {})}},
        ),
        (
            "E9304",
            f"Resources/{'A' * 256}",
            {"Resources": {"A" * 256: TOPIC}},
            {"Resources": {"A" * 255: TOPIC}},
        ),
        ("E9305", "Description", {"Description": "é" * 513}, {"Description": "é" * 512}),
        (
            "E9306",
            "Parameters/P/Default",
            {"Parameters": {"P": {"Default": "a" * 4097}}},
            {"Parameters": {"P": {"Default": "a" * 4096}}},
        ),
        (
            "E9306",
            "Resources/Child/Properties/Parameters/Given",
            given({"Fn::Join": [",", ["a" * 2048, "b" * 2046, REF, REF]]}),
            given({"Fn::Join": [",", ["a" * 2048, "b" * 2045, REF, REF]]}),
        ),
        (
            "E9306",
            "Resources/Child/Properties/Parameters/Given",
            given({"Fn::If": ["C", "a" * 4097, ""]}),
            given({"Fn::If": ["C", "a" * 4096, {"Ref": "a" * 4097}]}),
        ),
        (
            "E9307",
            "",
            section("Outputs", 61, {"Value": "{{resolve:ssm:a}}"}),
            section("Outputs", 60, {"Value": "{{resolve:ssm:a}}"}),
        ),
    ],
)
def test_each_quota_is_exceeded_by_one_more(
    rule: str, path: str, over: Node, at_the_limit: Node
) -> None:
    found = quotas.check(rendering({"parent.json": over}))
    assert (rule, path) in {(one.rule, one.path) for one in found}
    assert quotas.check(rendering({"parent.json": at_the_limit})) == []


def test_a_template_has_a_million_bytes() -> None:
    def sized(total: int) -> Rendering:
        return Rendering("shop", {"parent.json": b'{"A": "' + b"a" * (total - 9) + b'"}'})

    assert len(sized(1_000_000).files["parent.json"]) == 1_000_000
    assert quotas.check(sized(1_000_000)) == []
    (finding,) = quotas.check(sized(1_000_001))
    assert finding.rule == "E9301"
    assert finding.message == (
        "1,000,001 bytes of template, CloudFormation allows 1,000,000. It hands each service what "
        "it calls and reads: let services call fewer others, or give them shorter names, or make "
        "two systems of it."
    )


def test_counts_the_resources_of_a_whole_nest() -> None:
    def nest(topics: int) -> Rendering:
        stacks = {f"Stack{index}": nested("child.json") for index in range(5)}
        child = {"Resources": many(topics, TOPIC)}
        return rendering({"parent.json": {"Resources": stacks}, "child.json": child})

    assert quotas.nest_size(nest(499), "parent.json") == 2_500
    assert quotas.check(nest(499)) == []
    (finding,) = quotas.check(nest(500))
    assert (finding.rule, finding.file) == ("E9308", "shop/parent.json")


def test_what_has_a_condition_can_come_later_and_counts_by_itself() -> None:
    def nest(stacks: int, topics: int, depth: int) -> Rendering:
        later = {
            f"Later{index}": {**nested("a.json"), "Condition": "Known"} for index in range(stacks)
        }
        deep = {f"Deep{index}": nested("b.json") for index in range(depth)}
        return rendering(
            {
                "parent.json": {"Resources": later | {"Now": TOPIC}},
                "a.json": {"Resources": deep},
                "b.json": {"Resources": many(topics, TOPIC)},
            }
        )

    assert quotas.nest_size(nest(20, 400, 1), "parent.json") > 3 * 2_500
    assert quotas.check(nest(20, 400, 1)) == []
    found = quotas.check(nest(2, 499, 5))  # 2,500 in it, itself and the two beside
    assert [(one.rule, one.path) for one in found] == [
        ("E9308", "Resources/Later0"),
        ("E9308", "Resources/Later1"),
    ]
    assert quotas.check(nest(2, 498, 5)) == []


def test_urls_that_publishing_writes_count() -> None:
    def sized(total: int) -> list[str]:
        files = {"child.json": b'{"Resources": {}}'}
        parent = json.dumps({"Resources": {"Child": nested("child.json")}}).encode()
        files["parent.json"] = parent + b" " * (total - len(parent))
        return [one.rule for one in quotas.check(Rendering("shop", files))]

    assert sized(1_000_000 - quotas.URL_BYTES) == []
    assert sized(1_000_001 - quotas.URL_BYTES) == ["E9301"]


def test_a_template_that_nests_itself_is_too_large() -> None:
    circle = {"parent.json": {"Resources": {"Child": nested("parent.json")}}}
    assert "E9308" in {one.rule for one in quotas.check(rendering(circle))}


@pytest.mark.parametrize("system", SYSTEMS)
def test_our_own_systems_stay_within_the_quotas(system: str) -> None:
    assert quotas.nest_size(rendered(system), "parent.json") > 40
    assert quotas.check(rendered(system)) == []
