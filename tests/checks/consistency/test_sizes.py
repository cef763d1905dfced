"""Documents count as long as they may become, whatever AWS calls what is in them."""

from typing import Any

import pytest

from checks.consistency import sizes
from checks.consistency.nest import ROLE, TASK, Nest
from checks.consistency.rule import Hit
from checks.resolved import resolve
from tests.checks.templates import rendering
from tests.systems_under_test import described

RULES = {
    ROLE: sizes.policies_of_a_role,
    sizes.ENDPOINT: sizes.policy_of_an_endpoint,
    TASK: sizes.size_of_a_task,
}


def said(kind: str, document: dict[str, Any]) -> list[Hit]:
    """What the rule about a type says of a document, in a system with nothing else but a key."""
    properties = {
        ROLE: {"Policies": [{"PolicyDocument": document}]},
        sizes.ENDPOINT: {"PolicyDocument": document},
        TASK: document,
    }
    resources = {
        "It": {"Type": kind, "Properties": properties[kind]},
        "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
    }
    found = rendering({"parent.json": {"Resources": resources}})
    return list(RULES[kind].find(Nest(found, resolve(found, {}), described("gateway"))))


@pytest.mark.parametrize(("kind", "most"), [(ROLE, 99), (sizes.ENDPOINT, 198), (TASK, 636)])
def test_what_only_aws_will_know_counts_as_long_as_it_can_be(kind: str, most: int) -> None:
    def document(count: int) -> dict[str, Any]:
        return {"Statement": [{"Ref": "Key"}] * count}

    assert said(kind, document(most)) == []
    (hit,) = said(kind, document(most + 1))
    one_id = sizes.LONGEST_ID + len('"",')
    total = len('{"Statement":[') + (most + 1) * one_id - len(",") + len("]}")
    assert hit.message.startswith(f"{total:,} ")


@pytest.mark.parametrize(("kind", "most"), [(ROLE, 601), (sizes.ENDPOINT, 1203), (TASK, 3854)])
def test_a_region_counts_as_the_one_with_the_longest_name(kind: str, most: int) -> None:
    def document(count: int) -> dict[str, Any]:
        return {"Statement": [{"Ref": "AWS::Region"}] * count}

    assert said(kind, document(most)) == []
    assert len(said(kind, document(most + 1))) == 1
