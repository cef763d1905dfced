"""``./deploy.sh`` as a process of its own that can be killed, without loading Python each time.

This program loads what ``python -m delivery`` loads and then divides itself for each command line
that it reads; each child runs the product's own ``main``. What it waits for between two looks and
before a repeated call is a fraction of what the product waits: tests have no time.
"""

import gc
import json
import os
import sys
import traceback
from pathlib import Path
from pkgutil import resolve_name

import boto3
from botocore import session
from botocore.loaders import create_loader
from botocore.retries import standard

from checks.build import Project, render
from delivery import cli, pace, polling, sources
from delivery.aws import Aws
from delivery.launch import launch
from delivery.preflight.run import CHECKS

SERVICES = ("cloudformation", "ec2", "ecr", "elbv2", "iam", "logs", "s3", "ssm", "sts")
HURRY = 20
"""So many times shorter are the product's pauses."""


def main() -> None:
    """Do what stdin asks for, line by line: start a process and answer with its id, or tell the
    exit code of one that was started, if it has ended.
    """
    sources.PROJECT = Project(Path(sys.argv[1]))
    polling.FIRST, polling.LONGEST = polling.FIRST / HURRY, polling.LONGEST / HURRY
    pace.PER_SECOND *= HURRY
    slow = standard.ExponentialBackoff.delay_amount
    setattr(standard.ExponentialBackoff, "delay_amount", lambda *of: slow(*of) / HURRY)  # noqa: B010
    for name in ("images", "secrets"):  # nobody pushes images here
        del CHECKS[name]
    for command in cli.COMMANDS.values():
        resolve_name(command)
    _preload()
    for line in sys.stdin:
        asked = json.loads(line)
        if started := asked.get("started"):
            pid, status = os.waitpid(started, os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if not answer:
                _run(asked)
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _preload() -> None:
    """Render once, and read botocore's descriptions of services once, for all children."""
    loader = create_loader()
    session.create_loader = lambda *_: loader
    for service in SERVICES:
        Aws.over(boto3.Session("a", "b", region_name="us-east-1")).client(service)
    rendered = {(one.system, one.profile): one.files for one in render(sources.PROJECT)}
    sources._templates = lambda system: rendered[system.name, system.profile]
    gc.freeze()  # a child that looked for garbage would make every page its own


def _run(asked: dict[str, object]) -> None:
    """Become ``./deploy.sh`` with those words."""
    code = 70
    try:
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(f"{asked['folder']}/{name}", os.O_WRONLY | os.O_CREAT), descriptor)
        os.environ.update(asked["environment"])  # type: ignore[call-overload]
        sys.argv = ["delivery", *asked["words"]]  # type: ignore[misc]
        code = launch(cli.main)
    except SystemExit as left:
        code = int(left.code or 0)
    except BaseException:  # noqa: BLE001  a traceback is what tests look for
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
