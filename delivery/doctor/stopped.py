"""Why tasks stopped: what ECS says, what it means, and what to do.

Source: Amazon ECS Developer Guide, "Stopped tasks error messages" and "Stopped task error codes".
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from delivery.doctor.deployed import Deployed, Service

_AT_ONCE = 100
"""Tasks in one call (ECS API, DescribeTasks)."""

_ORDINARY = re.compile(r"^Scaling activity initiated by|^Task stopped by user|SpotInterruption")

HINTS: Sequence[tuple[str, str]] = (
    (
        r"CannotPullContainer|image manifest|pull image",
        "See that the digest is in the repository and the way to it is open: "
        "./deploy.sh check {words}",
    ),
    (
        r"retrieve secret|ResourceInitializationError.*secret|did not contain json key",
        "See which keys the secrets lack: ./deploy.sh check {words}",
    ),
    (
        r"ResourceInitializationError.*(log|CloudWatch)",
        "See that the log group is there: aws logs describe-log-groups "
        "--log-group-name-prefix {log_group} {options}",
    ),
    (
        r"(?i)exec format error|no matching manifest|platform",
        "The image is for another processor: build it for the one of the task definition.",
    ),
    (
        r"OutOfMemory|exit code 137",
        "It used more memory than it has: raise memory in the description, or read why in: "
        "aws logs tail {log_group} {options}",
    ),
    (
        r"failed ELB health checks",
        "Its health check does not answer: see below, and aws logs tail {log_group} {options}",
    ),
    (
        r"failed container health checks",
        "The command of its health check fails in the container: aws logs tail {log_group} "
        "{options}",
    ),
    (r"", "Read what the container said: aws logs tail {log_group} {options}"),
)
"""What a reason says, and what helps; the first that fits is told."""


def reasons(it: Deployed) -> dict[str, Counter[tuple[str, bool]]]:
    """Return why tasks stopped within the last hour, which is how long ECS knows it, by service.

    With each reason comes whether the task is of the definition that the service has now, or of a
    newer one, which ECS has given up again. A call for 100 tasks of a cluster, and another.
    """
    ecs = it.aws.client("ecs")
    found: dict[str, Counter[tuple[str, bool]]] = {}
    services = {one.name: one for one in it.services}
    for cluster in sorted({one.cluster for one in it.services}):
        pages = ecs.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus="STOPPED")
        arns = [arn for page in pages for arn in page["taskArns"]]
        for start in range(0, len(arns), _AT_ONCE):
            answer = ecs.describe_tasks(cluster=cluster, tasks=arns[start : start + _AT_ONCE])
            for task in answer["tasks"]:
                service = services.get(task.get("group", "").removeprefix("service:"))
                if service and (matters := _matters(task, service)) is not None:
                    reason = _reason(task)
                    found.setdefault(service.name, Counter())[reason, matters] += 1
    return found


def advice(it: Deployed, service: Service, reason: str) -> str:
    """Return what to do about a reason."""
    text = next(text for said, text in HINTS if re.search(said, reason))
    log_group = service.log_group or "LOG-GROUP"
    return text.format(words=it.words, log_group=log_group, options=it.aws.cli_options)


def _matters(task: dict[str, Any], service: Service) -> bool | None:
    """Return whether a task was to run what the service runs now or a newer revision; None where
    it stopped in the ordinary way or was of an older one.
    """
    if _ORDINARY.search(task.get("stoppedReason", "")) or task.get("stopCode") == "UserInitiated":
        return None
    mine, now = (_revision(a) for a in (task["taskDefinitionArn"], service.definition_arn))
    return None if mine < now else mine == now


def _revision(arn: str) -> int:
    return int(arn.rpartition(":")[2])


def _reason(task: dict[str, Any]) -> str:
    return "; ".join(dict.fromkeys(_parts(task)))


def _parts(task: dict[str, Any]) -> Iterator[str]:
    """Yield what a task says, without what differs between tasks of one reason."""
    yield re.sub(r" in \(.*?\)", "", task.get("stoppedReason", "") or "no reason").strip()
    for container in task.get("containers", ()):
        if container.get("reason"):
            yield f"{container['name']}: {container['reason']}"
        if container.get("exitCode"):
            yield f"{container['name']}: exit code {container['exitCode']}"
