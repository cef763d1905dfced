"""What is measured: builds of a system of so many services, and what others do with it."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import plain
from benchmarks.measure import Cost, FailedError, run
from checks.build import PARENT, Project, render
from checks.quotas import nest_size
from checks.rendering import Rendering
from checks.resolved import samples
from description.mistakes import DescriptionError
from tests import many
from timeline.scenarios import estimate

ROOT = Path(__file__).resolve().parent.parent

NOTHING, CHANGED, FIRST, FULL = "nothing changed", "one service changed", "first", "first, --full"
PLAIN, CFN_LINT = "plain troposphere", "cfn-lint"
VALIDATE, PACKAGE = "cloudformation-validate", "aws cloudformation package"

_VALIDATE = """
import sys
from cloudformation_validate import CompositeEngine
engine = CompositeEngine()
for path in sys.argv[1:]:
    engine.validate_template(path)
"""
_FINDS = (0, 2, 4, 6, 8, 10, 12, 14)
"""What cfn-lint ends with where it finds something, as it does in each parent (W3002)."""


@dataclass(frozen=True)
class Peers:
    """Other tools, where they are installed."""

    validate: Path | None
    """The Python that has cloudformation-validate."""
    aws: Path | None
    """The aws CLI."""

    @classmethod
    def found(cls) -> "Peers":
        """Return those that ``tools/venv.sh scanners`` and ``tools/venv.sh aws`` have installed."""
        scanners, aws = ROOT / ".venv-scanners/bin/python", ROOT / ".venv-aws/bin/aws"
        return cls(scanners if scanners.exists() else None, aws if aws.exists() else None)

    @property
    def absent(self) -> list[str]:
        """The names of those that are not there."""
        places = ((VALIDATE, self.validate), (PACKAGE, self.aws))
        return [name for name, place in places if place is None]


@dataclass(frozen=True)
class Deployment:
    """A first deployment of a system with every image; times in seconds."""

    resources: int
    makespan: float
    """Of our stacks."""
    plain: float
    """Of the same resources in four stacks: network, security, registry, services."""
    bound: float
    """Of the longest chain of needs, without any stack."""


def deployment(rendering: Rendering) -> Deployment:
    """Return what a first deployment of ``rendering`` takes by the simulation."""
    took = estimate(rendering, "sample", samples(rendering)).of("typical").at_once
    return Deployment(
        nest_size(rendering, PARENT),
        took.schedule.makespan,
        took.plain.makespan,
        took.bound.makespan,
    )


class Contest:
    """One system, and all that is measured of it. A context, because of the local AWS."""

    def __init__(self, folder: Path, services: int, peers: Peers) -> None:
        """Describe a system in ``folder``. Raises ``FailedError`` where there can be none."""
        self.services = services
        self._project = Project(folder)
        self._project.systems.mkdir()
        self._peers = peers
        self._description = self._project.systems / f"{many.NAME}.yaml"
        self._content = many.content(services)
        del self._content["environments"]  # one profile: production
        self._changes = 0
        self._change()
        try:
            (self._rendering,) = render(self._project)
        except (DescriptionError, ValueError) as error:
            raise FailedError(f"{services} services: {str(error).splitlines()[0]}") from error
        (folder / "plain_system.py").write_text(plain.module(self._rendering.templates))
        self._open = ExitStack()
        self._package: tuple[list[str | Path], dict[str, str]] | None = None

    def __enter__(self) -> "Contest":
        if self._peers.aws is not None:
            self._package = self._packaging(self._peers.aws)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def templates(self) -> list[Path]:
        """The files that were built."""
        folder = self._project.out / self._rendering.folder
        return [folder / name for name in self._rendering.files]

    def deployment(self) -> Deployment:
        """Return what a first deployment with every image takes by the simulation."""
        return deployment(self._rendering)

    def round(self) -> Iterator[tuple[str, Cost]]:
        """Measure everything once, one after the other."""
        build: list[str | Path] = [sys.executable, ROOT / "build.py"]
        build += ["--project", self._project.root]
        self._forget()
        yield FULL, run([*build, "--full"])
        self._forget()
        yield FIRST, run(build)
        self._change()
        yield CHANGED, run(build)
        yield NOTHING, run(build)
        yield (
            PLAIN,
            run(
                [sys.executable, "-c", "import plain_system; plain_system.write()"],
                {"PYTHONPATH": str(self._project.root)},
            ),
        )
        command = [sys.executable, "-c", "from cfnlint.runner import main; main()"]
        yield CFN_LINT, run([*command, *self.templates], right=_FINDS)
        if self._peers.validate is not None:
            yield VALIDATE, run([self._peers.validate, "-c", _VALIDATE, *self.templates])
        if self._package is not None:
            yield PACKAGE, run(*self._package)

    def _change(self) -> None:
        """Give the last service another setting than it has."""
        self._changes += 1
        service = list(self._content["services"].values())[-1]
        service["environment"] = {"CHANGES": str(self._changes)}
        self._description.write_text(json.dumps(self._content))

    def _forget(self) -> None:
        shutil.rmtree(self._project.root / ".cache", ignore_errors=True)
        shutil.rmtree(self._project.out, ignore_errors=True)

    def _packaging(self, aws: Path) -> tuple[list[str | Path], dict[str, str]]:
        """Return what sends all templates to a bucket of the local AWS."""
        from localaws import LocalAws

        account = "333333333333"
        local = self._open.enter_context(LocalAws())
        local.client("s3", account=account).create_bucket(Bucket="benchmark")
        command: list[str | Path] = [aws, "cloudformation", "package", "--force-upload"]
        command += ["--use-json", "--s3-bucket", "benchmark", "--region", "us-east-1"]
        command += ["--template-file", self.templates[0].with_name("parent.json")]
        command += ["--output-template-file", self._project.root / "packaged.json"]
        environment = {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "local"}
        return command, environment | {"AWS_ENDPOINT_URL": local.endpoint_url}
