"""Watches everything that the product writes, for secrets that were planted where people put them.

A secret is looked for as it is and in base64, in whatever an observed run leaves behind or removes
again: files, arguments of processes, what is printed and logged, what AWS was sent to keep.
"""

import base64
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localaws import LocalSession

_WRITING = os.O_WRONLY | os.O_RDWR
_active: list["Watch"] = []


class Watch:
    """What one run of the product writes, and which of the planted secrets are in it."""

    def __init__(self, secrets: dict[str, str]) -> None:
        """Look for ``secrets``: what each one is, and its value."""
        self._secrets = {name: _forms(value) for name, value in secrets.items()}
        self._files: set[Path] = set()
        self.leaks: set[tuple[str, str]] = set()
        """Which secret was seen, and where."""
        self.seen: dict[str, int] = {}
        """How many things of each sort were looked at."""

    def look(self, sort: str, where: str, text: str | bytes) -> None:
        """Look for secrets in something of a sort: ``file``, ``argument`` …"""
        self.seen[sort] = self.seen.get(sort, 0) + 1
        body = text.encode(errors="surrogateescape") if isinstance(text, str) else text
        for name, forms in self._secrets.items():
            if any(form in body for form in forms):
                self.leaks.add((name, f"{sort} {where}"))

    def look_at_files(self) -> None:
        """Look at every file that was written and is still there."""
        for path in sorted(self._files):
            self._look_at_file(path)

    def look_at_account(self, account: LocalSession) -> None:
        """Look at all that CloudFormation, S3, ECS and others keep, but the secrets themselves."""
        for where, answer in _kept(account):
            text = answer if isinstance(answer, bytes) else json.dumps(answer, default=str)
            self.look("aws", where, text)

    def _look_at_file(self, path: Path) -> None:
        try:
            body = path.read_bytes()
        except OSError:
            return  # no file, or gone since: then it was looked at when it went
        self.look("file", str(path), body)

    def heard(self, event: str, given: tuple[Any, ...]) -> None:
        """Take note of what the interpreter is about to do."""
        match event, given:
            case "open", (str() | bytes() as path, _, int(flags)) if flags & _WRITING:
                self._files.add(Path(os.fsdecode(path)).absolute())
            case (("os.remove" | "os.rename" | "os.truncate"), (str() | bytes() as path, *_)):
                self._look_at_file(Path(os.fsdecode(path)))
            case "os.rename", (_, str() | bytes() as path, *_):
                self._files.add(Path(os.fsdecode(path)).absolute())
            case (("subprocess.Popen" | "os.exec" | "os.posix_spawn"), (program, words, *_)):
                every = [program, *words] if isinstance(words, list | tuple) else [program, words]
                self.look("argument", str(program), "\0".join(map(str, every)))
            case "os.system", (words, *_):
                self.look("argument", "os.system", words)


class _Log(logging.Handler):
    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.INFO)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        self._watch.look("log", record.name, self.format(record))


@contextmanager
def watching(secrets: dict[str, str]) -> Iterator[Watch]:
    """Watch files, processes and logs while something runs."""
    watch = Watch(secrets)
    log, root = _Log(watch), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.INFO)
    _active.append(watch)
    try:
        yield watch
    finally:
        _active.remove(watch)
        root.removeHandler(log)
        root.setLevel(level)


def _listen(event: str, given: tuple[Any, ...]) -> None:
    for watch in _active:
        # What the watch itself does is not what it watches.
        _active.remove(watch)
        try:
            watch.heard(event, given)
        finally:
            _active.append(watch)


sys.addaudithook(_listen)  # for as long as the process lives; it does nothing unless one watches


def _forms(value: str) -> list[bytes]:
    """Return how a secret may be written: as it is, and in base64 wherever it begins there."""
    raw = value.encode()
    shifted = (base64.b64encode(b"x" * skipped + raw) for skipped in range(3))
    return [raw, *(one[4:-4] for one in shifted)]


def _kept(account: LocalSession) -> Iterator[tuple[str, Any]]:
    """Yield what an account keeps, with where it is."""
    s3, cloudformation = account.client("s3"), account.client("cloudformation")
    for bucket in s3.list_buckets()["Buckets"]:
        for one in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            key = one["Key"]
            yield f"s3 {key}", s3.get_object(Bucket=bucket["Name"], Key=key)["Body"].read()
            yield f"s3 {key}", s3.head_object(Bucket=bucket["Name"], Key=key)["Metadata"]
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            name = stack["StackId"]
            yield f"stack {name}", stack
            for events in cloudformation.get_paginator("describe_stack_events").paginate(
                StackName=name
            ):
                for event in events["StackEvents"]:
                    yield f"event of {name}", event
            yield f"template of {name}", cloudformation.get_template(StackName=name)
            for summary in cloudformation.list_change_sets(StackName=name)["Summaries"]:
                try:
                    answer = cloudformation.describe_change_set(
                        ChangeSetName=summary["ChangeSetId"]
                    )
                except ClientError:
                    continue
                yield f"change set of {name}", answer
    ecs = account.client("ecs")
    for arn in ecs.list_task_definitions()["taskDefinitionArns"]:
        yield f"task {arn}", ecs.describe_task_definition(taskDefinition=arn)
    ssm = account.client("ssm")
    for one in ssm.describe_parameters()["Parameters"]:
        yield f"ssm {one['Name']}", ssm.get_parameter(Name=one["Name"])
    secrets = account.client("secretsmanager")
    yield "secrets", secrets.list_secrets()  # what is known about them, not what they hold
