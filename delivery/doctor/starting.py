"""Services not starting: tasks, images, secrets, logs, and the connections that they need."""

import re
from collections.abc import Iterator

from botocore.exceptions import ClientError

from delivery.aws import DENIED, error_code
from delivery.doctor import stopped
from delivery.doctor.deployed import Deployed, Service
from delivery.doctor.findings import Finding, ok, unknown, wrong
from delivery.preflight import secrets

_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.[^/]+/(?P<repository>[^@]+)@(?P<digest>sha256:[0-9a-f]{64})"
)
_SECRET = re.compile(
    r"arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:(?P<name>.+)-\w{6}:(?P<key>.+)::"
)
_TROUBLE = re.compile(r"unable to|failed|was unable|is unhealthy", re.IGNORECASE)
HTTPS = 443


def check(it: Deployed) -> Iterator[Finding]:
    """Look at every service of a system."""
    for parameter, option in it.waiting.items():
        yield wrong(
            f"{parameter}: image",
            "none is known, so its service is left out",
            f"Push it, then: ./deploy.sh deploy {it.words} {option}",
        )
    for service in it.missing:
        yield wrong(
            f"{service.name}: service",
            "ECS has none of that name that is active",
            f"Somebody deleted it. See what else differs: ./deploy.sh drift {it.words}",
        )
    reasons = stopped.reasons(it)
    for service in it.services:
        yield from _tasks(it, service)
        for (reason, current), count in reasons.get(service.name, {}).items():
            whose = "" if current else " of a deployment that ECS gave up"
            yield wrong(
                f"{service.name}: stopped tasks",
                f"{count}{whose} in the last hour: {reason}",
                stopped.advice(it, service, reason),
            )
        yield from _images(it, service)
        yield from _logs(it, service)
    yield from _secrets(it)
    yield from _connections(it)


def _tasks(it: Deployed, service: Service) -> Iterator[Finding]:
    checked = f"{service.name}: tasks"
    rollout = service.deployment
    found = f"{service.running} of {service.wanted} run"
    if rollout.get("rolloutState") == "FAILED":
        found += f", the deployment failed: {rollout.get('rolloutStateReason', 'no reason')}"
    elif service.running >= service.wanted:
        yield ok(checked, found)
        return
    events = [one["message"] for one in service.described.get("events", ())]
    trouble = next((text for text in events if _TROUBLE.search(text)), "")
    yield wrong(
        checked,
        f"{found}. {trouble}".rstrip(". "),
        "Read its events: aws ecs describe-services "
        f"--cluster {service.cluster} --services {service.name} --query 'services[].events[:10]' "
        f"{it.aws.cli_options}",
    )


def _images(it: Deployed, service: Service) -> Iterator[Finding]:
    for container in service.containers:
        image = _IMAGE.fullmatch(container["image"])
        if image is None:
            continue
        checked = f"{service.name}: image"
        which = f"{image['digest']} in {image['repository']}"
        try:
            found = it.aws.client("ecr").describe_images(
                registryId=image["account"],
                repositoryName=image["repository"],
                imageIds=[{"imageDigest": image["digest"]}],
            )["imageDetails"]
        except ClientError as error:
            if error_code(error) not in {"ImageNotFoundException", "RepositoryNotFoundException"}:
                raise
            found = []
        if found:
            yield ok(checked, which)
        else:
            yield wrong(
                checked,
                f"there is no {which}",
                "Push it again, or deploy one that is there: ./deploy.sh deploy "
                f"{it.words} --image {container['name']}=sha256:…",
            )


def _logs(it: Deployed, service: Service) -> Iterator[Finding]:
    """Look whether there are log lines; none is shown, nobody knows what is in them."""
    for container in service.containers:
        group = container.get("logConfiguration", {}).get("options", {}).get("awslogs-group")
        if not group:
            continue
        checked = f"{service.name}: log"
        try:
            streams = it.aws.client("logs").describe_log_streams(
                logGroupName=group, orderBy="LastEventTime", descending=True, limit=1
            )["logStreams"]
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            yield wrong(
                checked,
                f"there is no log group {group}, and no task starts without it",
                f"Make it again: aws logs create-log-group --log-group-name {group} "
                f"{it.aws.cli_options}",
            )
            continue
        if any("lastEventTimestamp" in one for one in streams):
            yield ok(checked, f"{group} has lines: aws logs tail {group} {it.aws.cli_options}")
        else:
            yield unknown(checked, f"{group} has no line: no container has said anything yet")


def _secrets(it: Deployed) -> Iterator[Finding]:
    wanted: dict[str, dict[str, set[str]]] = {}
    for service in it.services:
        for container in service.containers:
            for one in container.get("secrets", ()):
                if read := _SECRET.fullmatch(one["valueFrom"]):
                    readers = wanted.setdefault(read["name"], {})
                    readers.setdefault(read["key"], set()).add(service.name)
    held = secrets.keys(it.aws, sorted(wanted)) if wanted else {}
    for name, readers in sorted(wanted.items()):
        found = held[name]
        checked = f"secret {name}"
        options = it.aws.cli_options
        if found == "ResourceNotFoundException":
            yield wrong(
                checked,
                "does not exist",
                f"Make it again with its keys {', '.join(sorted(readers))}: aws secretsmanager "
                f"create-secret --name {name} --secret-string file://values.json {options}",
            )
        elif found == "InvalidRequestException":
            yield wrong(
                checked,
                "is marked for deletion",
                f"aws secretsmanager restore-secret --secret-id {name} {options}",
            )
        elif isinstance(found, str):
            why = secrets.UNREAD if found in DENIED else "cannot be read"
            yield unknown(checked, f"{why} ({found}), so nobody knows its keys")
        elif missing := sorted(readers.keys() - found):
            services = sorted(set().union(*(readers[key] for key in missing)))
            yield wrong(
                checked,
                f"lacks {', '.join(missing)}: tasks of {', '.join(services)} cannot start",
                f"Set it: ./deploy.sh secrets {it.words} --set {name}",
            )
        else:
            yield ok(checked, f"has {', '.join(sorted(readers))}")


def _connections(it: Deployed) -> Iterator[Finding]:
    there = {rule["SecurityGroupRuleId"] for rule in it.rules}
    made = [*it.of("AWS::EC2::SecurityGroupIngress"), *it.of("AWS::EC2::SecurityGroupEgress")]
    gone = [one for one in made if one.physical_id not in there]
    for one in gone:
        yield wrong(
            f"rule {one.address}",
            f"{one.physical_id} is gone",
            "ExpectedProperties say what it was, for aws ec2 authorize-security-group-"
            f"{'egress' if one.type.endswith('Egress') else 'ingress'}: "
            "aws cloudformation detect-stack-resource-drift "
            f"--stack-name {one.stack_id.split('/')[1]} --logical-resource-id {one.logical_id} "
            f"{it.aws.cli_options}",
        )
    if made and not gone:
        yield ok("rules of security groups", f"all {len(made)} are there")
    for service in it.services:
        checked = f"{service.name}: way to ECR, secrets and logs"
        groups = service.security_groups
        if it.rules_of(groups, egress=True, port=HTTPS):
            yield ok(checked, f"its security group lets TCP {HTTPS} out")
        else:
            yield wrong(
                checked,
                f"no rule of {', '.join(groups)} lets TCP {HTTPS} out",
                f"aws ec2 authorize-security-group-egress --group-id {groups[0]} --protocol tcp "
                f"--port {HTTPS} --cidr 0.0.0.0/0 {it.aws.cli_options}",
            )
