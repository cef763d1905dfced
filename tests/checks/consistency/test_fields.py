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


def rules_that_see_something(of: System, in_templates_of: System) -> set[str]:
    it = Rendering(of.name, render(in_templates_of), of.profile.value)
    return {one.rule for one in consistency.check(it, of, samples(it))}


@pytest.mark.parametrize("field", CHANGES)
def test_sees_nothing_where_a_field_has_another_value(field: str) -> None:
    system = CHANGES[field].after

    assert rules_that_see_something(system, system) == set()


def test_sees_rules_of_the_firewall_that_count_and_should_not_and_the_other_way_round() -> None:
    counted = CHANGES["Edge.counted_rules"]

    assert rules_that_see_something(counted.before, counted.after) == {"E9758"}
    assert rules_that_see_something(counted.after, counted.before) == {"E9758"}


def test_the_properties_that_are_known_are_those_of_our_templates() -> None:
    known = json.loads(known_properties.FILE.read_text(encoding="utf-8"))

    assert known == known_properties.found(), "run python -m tests.known_properties and read it"
