import pytest

from tests.mutation import report
from tests.mutation.equivalent import Equivalence, known_actions
from tests.mutation.kinds import mutants
from tests.mutation.mutant import REMOVED, Mutant, Planted, Subject, at, edited
from tests.mutation.run import NOBODY, Result, choose, run
from tests.mutation.subjects import subjects
from tests.mutation.survivors import explained
from tests.systems_under_test import ROOT

SAMPLE = 40


@pytest.fixture(scope="module")
def subject() -> Subject:
    return subjects()[0]


def a_mutant(subject: Subject, kind: str, path: str) -> Mutant:
    return next(
        one
        for one in mutants(subject)
        if one.kind == kind and f"{one.file}/{'/'.join(map(str, one.path))}" == path
    )


def test_plants_more_than_sixty_kinds_in_every_area() -> None:
    found = [one for each in subjects() for one in mutants(each)]

    assert len({one.kind for one in found}) > 60
    assert {one.area for one in found} >= {"network", "edge", "ecs", "iam", "data", "nesting"}
    assert "other" not in {one.area for one in found}


def test_an_edit_leaves_the_original_alone() -> None:
    original = {"a": [1, {"b": 2}], "c": {}}

    assert edited(original, ("a", 1, "b"), 3) == {"a": [1, {"b": 3}], "c": {}}
    assert edited(original, ("a", 0), REMOVED) == {"a": [{"b": 2}], "c": {}}
    assert edited(original, ("a", 2), 4) == {"a": [1, {"b": 2}, 4], "c": {}}
    assert edited(original, ("c",), REMOVED) == {"a": [1, {"b": 2}]}
    assert edited(original, ("c", "d"), 5)["c"] == {"d": 5}
    assert original == {"a": [1, {"b": 2}], "c": {}}


def test_texts_for_people_and_what_aws_does_anyway_are_no_defects(subject: Subject) -> None:
    holds = Equivalence(subject).holds

    for kind, path in (
        ("text misspelt", "security.json/Resources/LogKey/Properties/Description"),
        ("property removed", "parent.json/Resources/Vpc/Properties/EnableDnsSupport"),
        ("property removed", "parent.json/Resources/Vpc/Properties/Tags"),
        ("property removed", "service-api-gateway.json/Resources/Service/Properties/"
         "EnableExecuteCommand"),
    ):  # fmt: skip
        mutant = a_mutant(subject, kind, path)
        assert holds(mutant, Planted(subject.rendering, mutant)), mutant


def test_a_defect_is_not_taken_for_equivalent(subject: Subject) -> None:
    holds = Equivalence(subject).holds

    for kind, path in (
        ("boolean flipped", "parent.json/Resources/Vpc/Properties/EnableDnsSupport"),
        ("property removed", "parent.json/Resources/Vpc/Properties/EnableDnsHostnames"),
        ("resource removed", "service-api-gateway.json/Resources/EgressFromLoadBalancer"),
        ("DeletionPolicy changed", "security.json/Resources/LogKey/DeletionPolicy"),
        ("DependsOn removed", "service-api-gateway.json/Resources/Service/DependsOn"),
    ):
        mutant = a_mutant(subject, kind, path)
        assert not holds(mutant, Planted(subject.rendering, mutant)), mutant


def test_patterns_of_actions_are_compared_by_what_they_allow() -> None:
    assert known_actions("kms:enc*") == known_actions("kms:encrypt*") == ("kms:encrypt",)
    assert len(known_actions("kms:*")) > 40
    assert known_actions("nothing:*") == ("nothing:*",)


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    some = subjects()[:1]
    one, same, other = (choose(some, sample=20, seed=seed) for seed in (1, 1, 2))

    assert [str(mutant) for _, mutant in one] == [str(mutant) for _, mutant in same]
    assert [str(mutant) for _, mutant in one] != [str(mutant) for _, mutant in other]


@pytest.mark.slow(reason="lints what checks leave")
def test_a_seeded_sample_is_noticed_but_for_the_survivors_that_are_listed_with_why() -> None:
    results = run(choose(subjects(), sample=SAMPLE, seed=4), ROOT / ".cache" / "mutation")

    assert len(results) > SAMPLE / 2
    assert_exact(results)
    by = {judge: [one.by for one in results if one.judge == judge] for judge in ("checks", "tests")}
    assert all(one.startswith("E9") for one in by["checks"])
    assert all(one.startswith("tests/templates/test_") for one in by["tests"])
    assert len(by["checks"]) > len(by["tests"]) > 0


@pytest.mark.slow(reason="plants hundreds of defects and lints those that checks leave: a minute")
@pytest.mark.timeout(20 * 60)
def test_nineteen_of_twenty_defects_are_noticed() -> None:
    results = run(choose(subjects(), sample=400, seed=23), ROOT / ".cache" / "mutation")

    assert report.noticed(results) >= 0.95


def assert_exact(results: list[Result]) -> None:
    """Each survivor is explained, and nothing is explained that somebody notices."""
    left = [one.mutant for one in results if one.judge == NOBODY]
    assert [str(one) for one in left if not explained(one)] == []
    assert list(report.wrong_entries(results)) == []


def test_the_report_counts_what_each_judge_notices(subject: Subject) -> None:
    mutant = Mutant("boolean flipped", "network", "network.json", ("Resources",), ())
    results = [Result("gateway", mutant, judge) for judge in ("checks", "nobody")]

    assert "| network | 2 | 1 | 0 | 0 | 1 | 50.0% |" in list(report.tables(results))
    assert at(subject.templates, ("network.json", "Resources"))
