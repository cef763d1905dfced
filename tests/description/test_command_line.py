import subprocess
import sys
from pathlib import Path

import pytest

from description.__main__ import main
from description.schema import schema_json
from tests.description.written import HEAD, WORKER
from tests.systems_under_test import ROOT


def test_check_accepts_the_descriptions_of_the_repository(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["check"]) == 0
    assert capsys.readouterr() == ("", "2 checked, no mistakes.\n")


def test_check_prints_the_mistakes_of_all_files_and_exits_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(f"name: good\ndescription: x\nservices: {{a: {WORKER}}}\n")
    Path("shop.yaml").write_text(f"{HEAD}services: {{a: {WORKER}}}\ncolor: red\nsize: 1\n")
    assert main(["check", "good.yaml", "shop.yaml", "none.yaml"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(". ")[0] for line in err.splitlines()] == [
        "shop.yaml:4: color: is not a known field",
        "shop.yaml:5: size: is not a known field",
        "none.yaml: cannot be read: No such file or directory.",
    ]


def test_check_says_when_there_is_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "Nothing to check" in capsys.readouterr().err


def test_schema_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == schema_json()


def test_loading_imports_nothing_that_only_others_need() -> None:
    code = (
        "import sys; from pathlib import Path; from description.load import load_all;"
        "names = [system.name for system in load_all(Path('systems'))];"
        "others = {'awacs', 'boto3', 'cfnlint', 'rich', 'troposphere'};"
        "print(names, sorted(others & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['gateway', 'gateway', 'payments', 'payments'] []\n"
