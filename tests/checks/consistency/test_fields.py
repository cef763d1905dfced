"""Whatever a valid description says, its templates are as described."""

import json

import pytest

from checks import consistency
from checks.rendering import Rendering
from checks.resolved import samples
from description.model import System
from templates.render import render
from tests import known_properties
from tests.test_fields_reach_templates import CHANGES


def rules_that_see_something(of: System, it: Rendering) -> set[str]:
    return {one.rule for one in consistency.check(it, of, samples(it))}


@pytest.mark.parametrize("field", CHANGES)
def test_sees_nothing_where_a_field_has_another_value(field: str) -> None:
    change = CHANGES[field]

    assert rules_that_see_something(change.after, change.rendered) == set()


def test_sees_rules_of_the_firewall_that_count_and_should_not_and_the_other_way_round() -> None:
    counted = CHANGES["Edge.counted_rules"]
    before = Rendering(counted.before.name, render(counted.before), counted.before.profile.value)

    assert rules_that_see_something(counted.before, counted.rendered) == {"E9758"}
    assert rules_that_see_something(counted.after, before) == {"E9758"}


def test_the_properties_that_are_known_are_those_of_our_templates() -> None:
    known = json.loads(known_properties.FILE.read_text(encoding="utf-8"))

    assert known == known_properties.found(), "run python -m tests.known_properties and read it"
