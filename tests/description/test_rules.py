"""Each rule over sections, on a description that breaks it and on one that does not."""

import pytest

from description.crosschecks import RULES, check
from description.mistakes import dotted
from description.rules.services import shards_have_room
from description.shards import MOST, SECRETS
from tests.description.examples import Example, behaviour, many_secrets, structure
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


def spread(*numbers: int) -> list[str]:
    """What is said of a system with so many secrets in each shard, from 1 on."""
    one = described(many_secrets(1, "")).secrets["s0"]
    secrets = {
        f"s{shard}-{number}": one.model_copy(update={"shard": shard})
        for shard, count in enumerate(numbers, 1)
        for number in range(count)
    }
    system = described(many_secrets(1, "")).model_copy(update={"secrets": secrets})
    return [finding.problem.partition(". ")[2] for finding in shards_have_room(system)]


def test_shards_that_are_too_full_are_sent_to_different_room() -> None:
    cannot = "what is deployed cannot move"
    assert spread(200, 160, 190) == [
        f"Of those that are not deployed yet give 10 shard: 2 and 20 shard: 4; {cannot}",
        f"Of those that are not deployed yet give 20 shard: 4; {cannot}",
    ]
    assert spread(*[SECRETS] * (MOST - 2), SECRETS + 9, SECRETS - 4) == [
        f"Of those that are not deployed yet give 4 shard: {MOST}, and for 5 no shard has room; "
        f"{cannot}"
    ]
    assert spread(*[SECRETS] * (MOST - 1), SECRETS + 1) == [
        f"No other shard has room: there are {MOST}"
    ]
