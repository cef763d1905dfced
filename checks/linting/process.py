"""The process that runs cfn-lint: ``python -m checks.linting.process``, started by ``linter``.

cfn-lint follows a nested stack's template only from a file below the working directory, so linting
means changing that directory. A process of its own may do so, may fork although the one that
started it runs threads, and loads the rules while the templates are still being rendered.

It reads JSON from stdin, the files' absolute names and how many processors to leave to others, and
writes what it finds to stdout: a list for each file of ``[rule, path, message]``.
"""

import dataclasses
import gc
import json
import multiprocessing
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

Match = tuple[str, str, str]
"""A rule's id, a path in the template and a message."""

# Errors, warnings and informational rules. No configuration file of the user or of the folder has
# a say, and no template's metadata: what is accepted stands in checks.accepted.
OPTIONS = [
    *("--config-file", os.devnull),
    *("--include-checks", "I"),
    *("--mandatory-checks", "E,W,I"),
    *("--regions", "us-east-1"),  # not the one that AWS_REGION happens to name
]


def main() -> None:
    """Lint the files named on stdin."""
    # What this process makes lives as long as it does: collecting would cost a quarter of its time.
    gc.disable()
    # Schemas that somebody downloaded with cfn-lint are not those of the version that is pinned.
    os.environ.update(XDG_CACHE_HOME=os.devnull, HOME=os.devnull)
    rules()
    files, left = json.load(sys.stdin)
    json.dump(lint_all(files, left), sys.stdout)


@cache
def rules() -> Any:
    """Return cfn-lint's rules, loaded once in a process and those that it forks."""
    _remember_fields()  # before cfn-lint imports it
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner.cli import Runner

    return Runner(ConfigMixIn(OPTIONS)).rules


def _remember_fields() -> None:
    """Let ``dataclasses.fields`` answer from memory, as a class never changes its fields.

    cfn-lint asks for them twice for every value that it reads: a sixth of its time.
    """
    original = dataclasses.fields
    known: dict[Any, tuple[dataclasses.Field[Any], ...]] = {}

    def fields(class_or_instance: Any) -> tuple[dataclasses.Field[Any], ...]:
        kind = class_or_instance if isinstance(class_or_instance, type) else type(class_or_instance)
        if kind not in known:
            known[kind] = original(kind)
        return known[kind]

    dataclasses.fields = fields


def lint(file: str) -> list[Match]:
    """Lint one file. The working directory becomes its folder."""
    loaded = rules()
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner.template import run_template_by_file_paths

    path = Path(file)
    os.chdir(path.parent)
    config = ConfigMixIn([*OPTIONS, "--template", path.name])
    return [
        (match.rule.id, "/".join(map(str, getattr(match, "path", ()))), str(match.message))
        for match in run_template_by_file_paths(config, loaded)
    ]


def lint_all(files: list[str], left: int = 0) -> list[list[Match]]:
    """Lint ``files`` on all processors that this process may use but those that are ``left``."""
    workers = min(len(files), processors() - left)
    if workers < 2:
        return [lint(file) for file in files]
    # The largest first, so that no processor ends with a long one while the others are idle.
    order = sorted(range(len(files)), key=lambda index: -Path(files[index]).stat().st_size)
    # A forked process has the rules; a spawned one, where nothing can be forked, loads its own.
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    with multiprocessing.get_context("fork" if can_fork else "spawn").Pool(workers) as pool:
        found = pool.map(lint, [files[index] for index in order], chunksize=1)
    return [matches for _, matches in sorted(zip(order, found, strict=True))]


def processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    main()
