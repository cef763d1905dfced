"""The pages about descriptions are what the model is and what the commands print."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from description.__main__ import main
from description.crosschecks import RULES
from description.model import Section, System
from description.profiles import development
from description.reference import INTRODUCTION, reference
from tests.systems_under_test import ROOT

BLOCK = re.compile(r"^```(?P<kind>yaml|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = (INTRODUCTION, ROOT / "docs" / "costs.md")


def blocks(page: Path, kind: str) -> list[str]:
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [one["text"] for one in found if one["kind"] == kind]


def sections(kind: type[Section]) -> set[type[Section]]:
    """Return a section's type and those of all sections in it."""
    found = {kind}
    for field in kind.model_fields.values():
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, Section):
                found |= sections(inner)
    return found


def test_committed_reference_is_that_of_the_model() -> None:
    committed = (ROOT / "docs" / "description.md").read_text(encoding="utf-8")
    assert committed == reference(), (
        "the model has changed: python -m description reference > docs/description.md"
    )


def test_reference_prints_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reference"]) == 0
    assert capsys.readouterr().out == reference()


def test_reference_has_a_row_for_every_field_of_every_section() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", reference(), re.MULTILINE)
    fields = [name for kind in sections(System) for name in kind.model_fields]
    fields += [one.field.split(".")[-1] for one in development() if "." not in one.field]

    assert len(fields) > 50
    assert sorted(rows) == sorted(fields)


def test_every_row_has_five_cells_and_a_meaning() -> None:
    rows = [line for line in reference().splitlines() if re.match(r"\| `[a-z_]+` \| [^`\d]", line)]

    assert len(rows) > 50
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 5, row
        assert cells[4].endswith("."), row


@pytest.mark.parametrize(
    "row",
    [
        "| `zones` | whole number | `3` | 2 to 6 | The number of availability zones. |",
        "| `key` | text | `customer` | `customer` or `aws` | `customer`: a KMS key of this system; "
        "`aws`: the key that CloudWatch Logs owns. |",
        "| `services` | [sections by name](#servicesname) | **required** | one or more: a name | "
        "The services, by name. |",
        "| `scaling` | [section](#servicesnamescaling) | those below |  | How many tasks it has. |",
        "| `memory_scale_in` | true or false | `false` |  | ",
        "| `writable_paths` | list of text | `[/tmp]` | an absolute path of a directory | ",
        "| `requests_per_target` | whole number or null | none | 1 or more | ",
        "| 4096 | 8192 to 30720 in steps of 1024 |",
        "| 32768 | 61440, 122880 or 249856 |",
    ],
)
def test_reference_says_type_default_and_what_is_allowed(row: str) -> None:
    assert f"\n{row}" in reference()


def test_every_link_in_the_reference_leads_to_a_heading() -> None:
    text = reference()
    headings = re.findall(r"^###? `?([^`\n]+)`?$", text, re.MULTILINE)
    anchors = {
        re.sub(r"[^a-z0-9_-]", "", heading.lower().replace(" ", "-")) for heading in headings
    }
    links = set(re.findall(r"\]\(#([^)]+)\)", text))

    assert len(links) > 10
    assert links <= anchors


def test_reference_tells_what_each_rule_finds() -> None:
    listed = reference().partition("## What else is checked")[2]

    assert "\n- routes that share a priority\n" in listed
    assert listed.count("\n- ") == len(RULES)
    assert "``" not in listed
    assert all((rule.__doc__ or "").startswith("Find ") for rule in RULES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "systems", tmp_path / "systems")
    monkeypatch.chdir(tmp_path)
    shown = 0
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["kind"] == "yaml":
            Path("systems/shop.yaml").write_text(block["text"], encoding="utf-8")
            continue
        command, _, output = block["text"].partition("\n")
        main(shlex.split(command.removeprefix("$ python -m description ")))
        captured = capsys.readouterr()
        assert captured.out + captured.err == output, f"{page.name} shows another output"
        shown += 1
    assert shown == 2


def test_the_complete_example_has_no_mistakes_and_the_other_one_each_kind() -> None:
    right, wrong = blocks(INTRODUCTION, "console")
    assert right.endswith("\n1 checked, no mistakes.\n")
    for words in ("did you mean", "Found: ", "Allowed: ", "credential"):
        assert words in wrong
    assert "hunter2" not in wrong
