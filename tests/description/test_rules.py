"""Each rule over sections, on a description that breaks it and on one that does not."""

import pytest

from description.crosschecks import RULES, check
from description.mistakes import dotted
from tests.description.examples import Example, behaviour, structure
from tests.description.written import described

EXAMPLES = [*structure.EXAMPLES, *behaviour.EXAMPLES]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.rule.__name__)
def test_rule_finds_what_breaks_it(example: Example) -> None:
    found = list(example.rule(described(example.wrong)))
    assert [f"{dotted(one.where)}: {one.problem}" for one in found] == example.says


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.rule.__name__)
def test_rule_finds_nothing_where_it_is_kept(example: Example) -> None:
    assert list(example.rule(described(example.right))) == []


def test_every_rule_has_an_example_and_is_applied() -> None:
    assert {example.rule for example in EXAMPLES} == set(RULES)
    for example in EXAMPLES:
        said = [f"{dotted(one.where)}: {one.problem}" for one in check(described(example.wrong))]
        assert set(example.says) <= set(said)
