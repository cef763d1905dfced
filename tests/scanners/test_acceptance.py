from pathlib import Path

import pytest

from scanners.__main__ import SCANNERS
from scanners.acceptance import AcceptanceError, Row, judge, read
from scanners.findings import Finding, Form

FOUND = Finding(
    "checkov", "CKV_1", "shop", "production", "Services/Shop/Role", Form.RAW, "not right"
)
ENTRY = """
- resource: {resource}
  found: {{checkov: [CKV_1]}}
  reason: It is right as it is, and this says why.
"""


def rows(tmp_path: Path, text: str) -> list[Row]:
    path = tmp_path / "accepted.yaml"
    path.write_text(text)
    return read(path)


@pytest.mark.parametrize(
    "resource",
    ["Services/Shop/Role", "Services/*/Role", "'*'"],
)
def test_accepts_what_a_row_says(resource: str, tmp_path: Path) -> None:
    verdict = judge([FOUND], rows(tmp_path, ENTRY.format(resource=resource)))

    assert [row.reason for row in verdict.accepted.values()] == [
        "It is right as it is, and this says why."
    ]
    assert (verdict.left, verdict.stale) == ([], [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Services/*/Role", "Services/Role"),
        ("checkov", "cdk-nag"),
        ("CKV_1", "CKV_2"),
        ("  reason", "  system: market\n  reason"),
        ("  reason", "  profile: development\n  reason"),
        ("  reason", "  form: merged\n  reason"),
    ],
)
def test_a_row_that_covers_nothing_is_stale_and_accepts_nothing(
    old: str, new: str, tmp_path: Path
) -> None:
    text = ENTRY.format(resource="Services/*/Role").replace(old, new)

    verdict = judge([FOUND], rows(tmp_path, text))

    assert verdict.left == [FOUND]
    assert len(verdict.stale) == 1


def test_a_row_may_be_of_one_system_profile_and_form(tmp_path: Path) -> None:
    only = "  system: shop\n  profile: production\n  form: raw\n  reason"
    text = ENTRY.format(resource="Services/*/Role").replace("  reason", only)

    verdict = judge([FOUND], rows(tmp_path, text))

    assert not verdict.left
    assert [str(row) for row in verdict.accepted.values()] == [
        "checkov CKV_1 Services/*/Role (shop, production, raw)"
    ]


def test_each_rule_of_an_entry_has_to_cover_something(tmp_path: Path) -> None:
    text = ENTRY.format(resource="'*'").replace("[CKV_1]", "[CKV_1, CKV_2]")

    assert [row.rule for row in judge([FOUND], rows(tmp_path, text)).stale] == ["CKV_2"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- {", "cannot be read"),
        ("- resource: x", "found: Field required"),
        (
            ENTRY.format(resource="x").replace("It is right as it is, and this says why.", "Fine."),
            "reason",
        ),
        (ENTRY.format(resource="x") + "  because: x\n", "because"),
        (ENTRY.format(resource="x").replace("[CKV_1]", "[]"), "found/checkov"),
    ],
)
def test_says_what_is_wrong_with_the_list(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(AcceptanceError, match=complaint):
        rows(tmp_path, text)


def test_our_list_names_scanners_that_there_are_and_nothing_twice() -> None:
    ours = read()

    assert {row.scanner for row in ours} <= SCANNERS.keys()
    known = [
        (row.scanner, row.rule, row.resource, row.system, row.profile, row.form) for row in ours
    ]
    assert len(known) == len(set(known))
