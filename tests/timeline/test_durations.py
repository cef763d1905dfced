"""The data file has all that we deploy; a number in it has a source, or says that it has none."""

import re

import pytest
import yaml
from pydantic import ValidationError

from checks.rendering import STACK
from tests.systems_under_test import SYSTEMS, rendered
from timeline.durations import CASES, DURATIONS, Durations, Kind, Seconds, durations

KNOWN = durations()


def test_every_type_that_we_deploy_has_durations() -> None:
    deployed = {
        resource["Type"]
        for system in SYSTEMS
        for template in rendered(system).templates.values()
        for resource in template["Resources"].values()
    }
    assert len(deployed) > 35
    assert deployed - {STACK} <= KNOWN.types.keys()


def test_there_are_none_for_types_that_we_do_not_deploy() -> None:
    texts = [body for system in SYSTEMS for body in rendered(system).files.values()]
    unused = [kind for kind in KNOWN.types if not any(kind.encode() in text for text in texts)]
    assert not unused


@pytest.mark.parametrize("kind", KNOWN.types)
def test_what_nobody_published_is_said_to_be_assumed(kind: str) -> None:
    about = KNOWN.types[kind]
    assert set(about.sources) <= KNOWN.sources.keys()
    assert about.sources or "create" in about.assumed
    assert not ("create" in about.assumed and about.sources)


def test_every_source_is_used_and_says_when_or_where_it_is_from() -> None:
    used = {one for kind in KNOWN.types.values() for one in kind.sources} | {*KNOWN.stack.sources}
    assert used == KNOWN.sources.keys()
    for text in KNOWN.sources.values():
        assert re.search(r"20[12]\d|https://|public repositor", text), text


def test_what_refers_to_a_resource_never_begins_after_it_is_complete() -> None:
    for kind in KNOWN.types.values():
        for case in CASES:
            assert kind.ready is None or kind.ready.at(case) <= kind.create.at(case)


def test_the_data_has_a_date() -> None:
    assert re.fullmatch(r"20\d\d-\d\d", KNOWN.as_of)


@pytest.mark.parametrize("wrong", [[3, 2, 4], [-1, 2, 3], [1, 2], "soon"])
def test_seconds_out_of_order_are_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        Seconds.model_validate(wrong)


def test_one_number_is_all_three() -> None:
    assert Seconds.model_validate(4) == Seconds(low=4, typical=4, high=4)
    assert [Seconds.model_validate([1, 2, 3]).at(case) for case in CASES] == [1, 2, 3]


def test_types_out_of_order_are_refused() -> None:
    content = yaml.safe_load(DURATIONS.read_text())
    content["types"] = dict(reversed(content["types"].items()))
    with pytest.raises(ValidationError, match="alphabetical"):
        Durations.model_validate(content)


def test_a_field_that_nobody_reads_is_refused() -> None:
    with pytest.raises(ValidationError, match="forbidden"):
        Kind.model_validate({"create": 1, "update": 1, "delete": 1, "because": "slow"})
