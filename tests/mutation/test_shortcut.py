"""Whether the sample that cfn-lint reads loses a finding; ``python -m tests.mutation --shortcut``
asks the same of as many defects as one likes.
"""

import pytest

from tests.mutation import shortcut
from tests.mutation.mutant import Subject
from tests.mutation.subjects import subjects
from tests.systems_under_test import ROOT


@pytest.fixture(scope="module")
def many() -> Subject:
    return shortcut.many(12)


def test_a_defect_is_planted_in_one_service_and_in_all_that_are_alike(many: Subject) -> None:
    found = shortcut.defects(many)
    together = [one for one in found if len(one.mutants) > 1]
    assert len(together) > 500
    files = {mutant.file for one in together for mutant in one.mutants}
    assert len([name for name in files if name.startswith("service-")]) == 12
    several = next(one for one in together if len({it.file for it in one.mutants}) > 2)
    system = shortcut.planted(many, several)
    changed = {name for name, body in system.files.items() if body != many.rendering.files[name]}
    assert changed == {mutant.file for mutant in several.mutants}
    assert "more like it" in str(several)


def test_a_sample_of_defects_has_as_many_of_either_kind(many: Subject) -> None:
    every = shortcut.defects(many)
    chosen = shortcut.choose(every, 10, seed=1)
    assert [len(one.mutants) > 1 for one in chosen] == [True] * 5 + [False] * 5
    assert shortcut.choose(every, 10, seed=1) == chosen
    assert shortcut.choose(every, 0, seed=1) == every


@pytest.mark.slow(reason="lints a reference system")
def test_the_sample_loses_no_defect_of_a_reference_system() -> None:
    gateway = subjects()[0]
    every = shortcut.defects(gateway, everywhere=True)
    noticed = [one for one in every if one.mutants[0].kind == "required property removed"]
    chosen = shortcut.choose(noticed, 4, seed=3)
    compared = list(shortcut.compare(gateway, chosen, ROOT / ".cache" / "lint"))
    assert len(compared) == 4
    assert any(one.full for one in compared)
    assert [list(shortcut.lines(one)) for one in compared if one.full != one.shortcut] == []
