import json
from pathlib import Path

import pytest

from scanners import __main__ as command_line
from scanners import report
from scanners.acceptance import Row, Verdict
from scanners.findings import Finding, Form
from scanners.scanner import Installed


def found(rule: str, form: Form = Form.RAW, address: str = "LoadBalancer") -> Finding:
    return Finding("checkov", rule, "gateway", "production", address, form, f"{rule} is broken")


ROW = Row("checkov", "CKV_2", "Services/*", None, None, None, "Because of this and that.")
STALE = Row("checkov", "CKV_3", "", None, "development", Form.RAW, "Because of something else.")
VERDICT = Verdict(
    accepted={found("CKV_2"): ROW, found("CKV_1", Form.MERGED): ROW},
    left=[found("CKV_1"), found("CKV_4", address="")],
    stale=[STALE],
)
VERSIONS = {"checkov": "3.3.30", "parliament": "1.6.4"}


def test_reports_counts_what_is_left_and_what_is_stale() -> None:
    assert list(report.lines(VERSIONS, VERDICT)) == [
        "scanner     version  found  accepted  left",
        "checkov     3.3.30       3         1     2",
        "parliament  1.6.4        0         0     0",
        "",
        "checkov  CKV_1  gateway/production  raw  LoadBalancer  CKV_1 is broken",
        "checkov  CKV_4  gateway/production  raw  parent        CKV_4 is broken",
        "",
        "Accepted, but not found any more. Remove it from scanners/accepted.yaml:",
        "  checkov CKV_3 parent (development, raw)",
    ]


def test_the_report_for_programs_has_the_reason_of_what_is_accepted() -> None:
    made = json.loads(json.dumps(report.as_json(VERSIONS, VERDICT)))

    assert [(one["rule"], one["forms"], one["accepted"]) for one in made["findings"]] == [
        ("CKV_1", ["merged", "raw"], None),
        ("CKV_2", ["raw"], "Because of this and that."),
        ("CKV_4", ["raw"], None),
    ]
    assert made["scanners"] == VERSIONS
    assert made["stale"] == ["checkov CKV_3 parent (development, raw)"]


def test_says_how_to_install_the_scanners(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command_line, "INSTALLED", Installed(tmp_path))

    assert command_line.main([]) == 1
    assert capsys.readouterr().err == (
        "The scanners are not installed. ./scan.sh installs and runs them.\n"
    )


def test_refuses_a_system_that_there_is_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".installed-scanners").touch()
    monkeypatch.setattr(command_line, "INSTALLED", Installed(tmp_path))

    assert command_line.main(["--system", "nothing"]) == 2
    assert "No such system: nothing" in capsys.readouterr().err
