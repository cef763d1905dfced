import subprocess
from pathlib import Path

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


def test_a_python_that_is_too_old_is_told(tmp_path: Path) -> None:
    """A copy of the script in a folder of its own has no virtual environment yet."""
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "venv.sh"
    script.write_bytes((ROOT / "tools" / "venv.sh").read_bytes())
    for name in ("setup.cfg", "pyproject.toml"):
        (tmp_path / name).touch()
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    told = run("bash", str(script), "local", PATH="/usr/bin:/bin", PYTHON=str(old))
    assert (told.returncode, told.stdout) == (1, "")
    assert "Python 3.11 or newer is needed" in told.stderr
    assert not (tmp_path / ".venv").exists()
