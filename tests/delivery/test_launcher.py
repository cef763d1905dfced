import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from delivery.launch import launch

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  our own scripts
        words, cwd="/", env=environment, capture_output=True, text=True, check=False
    )


def test_the_launcher_works_from_any_folder() -> None:
    helped = run(f"{ROOT}/deploy.sh", "--help", PATH="/usr/bin:/bin")
    assert helped.returncode == 0, helped.stderr
    assert helped.stdout.startswith("usage: ./deploy.sh")


def test_the_local_launcher_is_part_of_it() -> None:
    helped = run(f"{ROOT}/deploy.sh", "local", "--help", PATH="/usr/bin:/bin")
    assert helped.returncode == 0, helped.stderr
    assert "SYSTEM" in helped.stdout


@pytest.mark.parametrize("module", ["delivery", "build"])
def test_packages_that_are_missing_are_told_with_what_installs_them(module: str) -> None:
    """``-S`` leaves out what is installed, as a Python outside the virtual environment does."""
    words = ["plan", "gateway", "dev"] if module == "delivery" else []
    told = run(sys.executable, "-S", "-m", module, *words, PYTHONPATH=str(ROOT))
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (2, "", 1)
    assert told.stderr.endswith(". Run `tools/venv.sh deploy` and `. .venv/bin/activate`\n")


def importing(module: str) -> Callable[[], int]:
    def program() -> int:
        import_module(module)
        return 0

    return program


def test_a_package_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert launch(importing("nobody_made_this")) == 2
    assert "is not installed for this Python: nobody_made_this. " in capsys.readouterr().err


@pytest.mark.parametrize("module", ["delivery.nowhere", "checks.nowhere", "templates.a.b"])
def test_a_missing_module_of_our_own_is_a_defect_and_shown_as_one(module: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=module.removesuffix(".b")):
        launch(importing(module))


def test_an_interruption_while_packages_are_loaded_is_one_word(tmp_path: Path) -> None:
    (tmp_path / "rich.py").write_text("raise KeyboardInterrupt")
    paths = f"{tmp_path}:{ROOT}"
    told = run(sys.executable, "-m", "delivery", "plan", "gateway", "dev", PYTHONPATH=paths)
    assert (told.returncode, told.stdout, told.stderr) == (130, "", "Interrupted.\n")


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A copy of the script in a folder of its own, which has no virtual environment yet."""
    (tmp_path / "tools").mkdir()
    copy = tmp_path / "tools" / "venv.sh"
    copy.write_bytes((ROOT / "tools" / "venv.sh").read_bytes())
    for name in ("setup.cfg", "pyproject.toml"):
        (tmp_path / name).touch()
    return str(copy)


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


MAKER = """
echo "$*" >>"$0.log"
case $* in *venv*)
    mkdir -p .venv/bin
    printf '#!/bin/sh\n' >.venv/bin/python
    chmod +x .venv/bin/python
esac
"""
"""A stand-in for Python: it writes down what it is asked, and makes an environment like itself."""


def test_the_python_that_is_asked_for_makes_the_environment(tmp_path: Path, script: str) -> None:
    mine = program(tmp_path / "mine", MAKER)
    told = run("bash", script, "local", PATH="/usr/bin:/bin", PYTHON=str(mine))
    assert told.returncode == 0, told.stderr
    assert "-m venv --clear .venv\n" in (tmp_path / "mine.log").read_text()
    again = run("bash", script, "local", PATH="/usr/bin:/bin", PYTHON="/nonexistent")
    assert (again.returncode, again.stderr) == (0, "")


def test_an_environment_whose_making_was_interrupted_is_made_anew(
    tmp_path: Path, script: str
) -> None:
    """A Python that runs but knows no pip is what an interruption leaves."""
    program(tmp_path / ".venv" / "bin" / "python", "case $* in *pip*) exit 1 ;; esac")
    python = program(tmp_path / "python", MAKER)
    told = run("bash", script, "local", PATH="/usr/bin:/bin", PYTHON=str(python))
    assert told.returncode == 0, told.stderr
    assert (tmp_path / ".venv" / ".installed-local").exists()


def test_a_python_that_is_too_old_is_told(tmp_path: Path, script: str) -> None:
    old = program(tmp_path / "python3", "exit 1")
    told = run("bash", script, "local", PATH="/usr/bin:/bin", PYTHON=str(old))
    assert (told.returncode, told.stdout) == (1, "")
    assert "Python 3.11 or newer is needed" in told.stderr
    assert not (tmp_path / ".venv").exists()
