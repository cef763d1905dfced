"""The rights of callers, where ministack asks for others than AWS does.

ministack asks about one resource of each request. This says about which one, as AWS does, gives the
conditions their values, adds what AWS asks about beside the call itself, and names the resource in
a denial.

Source: Service Authorization Reference, of each service; CloudFormation User Guide, "CloudFormation
service role"; AWS Secrets Manager User Guide, "Secret encryption and decryption".
"""

import json
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from checks.permissions.deployment.scopes import known_types
from localaws import emulator
from localaws.autoscaling import SERVICE as AUTOSCALING
from localaws.ec2_answers import one
from localaws.emulator import Parameters, Record

Question = tuple[str, str, Record]
"""An action, the ARN that it is about, and the values of condition keys."""

_beside: ContextVar[list[Question]] = ContextVar("beside", default=[])  # noqa: B039  never changed


def install() -> None:
    """Let requests be judged as AWS does."""
    emulator.iam_namespaces[AUTOSCALING] = AUTOSCALING
    emulator.replace("extract_resource_arn", resource, emulator.iam_actions)
    emulator.replace("request_tag_context", conditions, emulator.iam_actions)
    emulator.replace("enforce", enforce, emulator.iam_evaluator)
    emulator.replace("pin_request_origin", over_tls, emulator.app)
    emulator.replace("is_root_access_key", is_root, emulator.iam_evaluator, emulator.sts)


def over_tls(address: str, secure: bool) -> None:
    """Take each request as one over TLS: policies that demand it are for AWS's own endpoints."""
    del secure
    emulator.pin_origin(address, True)


def is_root(access_key: str) -> bool:
    """Return whether a key is an account's own, which may do everything: its number.

    ministack takes the key in this process's environment for one, whosever it is.
    """
    return not access_key or access_key == "test" or bool(_ACCOUNT.fullmatch(access_key))


_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


def resource(
    service: str,
    method: str,
    path: str,
    headers: Any,
    body: bytes,
    parameters: Parameters,
    *where: str,
) -> str:
    """Return the ARN of what a request is about, ``*`` if IAM knows nothing that it could be."""
    request = (service, method, path, headers, body, parameters)
    action: str = emulator.action_of_request(*request) or ""
    if not _known(action):
        return "*"
    given = _fields(body, parameters)
    if action in _RESOURCES:
        return _RESOURCES[action](given)
    found: str = emulator.resource_of_request(*request, *where)
    if service == "cloudformation" and found == "*":
        change_set = emulator.change_set_records.get(given.get("ChangeSetName", ""))
        return change_set["StackId"] if change_set else found
    return found


def conditions(service: str, action: str, body: bytes, parameters: Parameters) -> Record:
    """Return the values of condition keys, and remember what else has to be asked."""
    found: Record = emulator.tags_of_request(service, action, body, parameters)
    given = _fields(body, parameters)
    keys = _KEYS.get(action, {})
    found |= {key: value for key, ask in keys.items() if (value := ask(given))}
    _beside.set(list(_BESIDE[action](given)) if action in _BESIDE else [])
    return found


def enforce(
    access_key: str,
    action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: Record | None = None,
) -> Any:
    """Return None where a request is allowed, else the refusal in the words of AWS."""
    beside = _beside.get()
    _beside.set([])
    for asked, arn, context in [(action, resource_arn, service_context or {}), *beside]:
        denied = emulator.enforce(
            access_key, asked, service, region, resource_arn=arn, service_context=context
        )
        if not denied:
            continue
        if isinstance(denied, emulator.AuthError) or denied.resource_policy_arn:
            return denied
        explicit = denied.decision == "Deny"
        message = emulator.denial(asked, denied.principal_arn, arn, explicit)
        return emulator.AuthError("AccessDenied", message)
    return None


def _known(action: str) -> bool:
    """Return whether IAM knows resources of an action; of one that nobody knows, that it may."""
    try:
        return bool(known_types(action))
    except LookupError:
        return True


def _fields(body: bytes, parameters: Parameters) -> Record:
    """Return the members of a request, in JSON or in a form."""
    if body[:1] == b"{":
        try:
            found: Record = json.loads(body)
        except ValueError:
            return {}
        return found
    return {name: one(parameters, name) for name in parameters}


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{emulator.region()}:{emulator.account_id()}:{rest}"


def _cluster(given: Record) -> str:
    return str(given.get("cluster", "default")).rpartition("/")[2]


def _in_cluster(kind: str, field: str) -> Callable[[Record], str]:
    """Return what names the first of the services or tasks that a request asks about."""

    def arn(given: Record) -> str:
        named = str(next(iter(given.get(field, ())), "*"))
        if named.startswith("arn:"):
            return named
        return _arn("ecs", f"{kind}/{_cluster(given)}/{named}")

    return arn


def _repository(given: Record) -> str:
    named = next(iter(given.get("repositoryNames", ())), "*")
    return _arn("ecr", f"repository/{named}")


def _stack_of(physical_id: str) -> str:
    """Return the name of the stack that a resource is in: CloudFormation tags each one with it."""
    return next(
        (
            str(stack["StackName"])
            for stack in list(emulator.stack_records.values())
            for one in list(stack.get("_resources", {}).values())
            if one["PhysicalResourceId"] == physical_id
        ),
        "",
    )


def _parameters(given: Record) -> Iterator[str]:
    for name in given.get("Names", ()):
        yield _arn("ssm", f"parameter/{name.lstrip('/')}")


_RESOURCES: dict[str, Callable[[Record], str]] = {
    "cloudwatch:DescribeAlarms": lambda _: _arn("cloudwatch", "alarm:*"),
    "cloudwatch:GetMetricData": lambda _: "*",
    "ecr:DescribeRepositories": _repository,
    "ecs:DescribeServices": _in_cluster("service", "services"),
    "ecs:DescribeTasks": _in_cluster("task", "tasks"),
    "ecs:ListTasks": lambda _: "*",
    "iam:CreateServiceLinkedRole": lambda given: (
        f"arn:aws:iam::{emulator.account_id()}:role/aws-service-role/"
        f"{given.get('AWSServiceName', '')}/*"
    ),
    "servicediscovery:GetNamespace": lambda given: _arn(
        "servicediscovery", f"namespace/{given.get('Id', '')}"
    ),
    "ssm:GetParameters": lambda given: next(_parameters(given), "*"),
}
"""Actions of which ministack takes another resource than AWS, and which one it is."""

_KEYS: dict[str, dict[str, Callable[[Record], str]]] = {
    "cloudformation:CreateChangeSet": {
        "cloudformation:ChangeSetName": lambda given: given.get("ChangeSetName", ""),
        "cloudformation:RoleArn": lambda given: given.get("RoleARN", ""),
        "cloudformation:TemplateUrl": lambda given: given.get("TemplateURL", ""),
    },
    "elasticloadbalancing:ModifyLoadBalancerAttributes": {
        "aws:ResourceTag/aws:cloudformation:stack-name": lambda given: _stack_of(
            given.get("LoadBalancerArn", "")
        )
    },
    "ecs:ListTasks": {"ecs:cluster": lambda given: _arn("ecs", f"cluster/{_cluster(given)}")},
    "iam:CreateServiceLinkedRole": {
        "iam:AWSServiceName": lambda given: given.get("AWSServiceName", "")
    },
}
"""Actions, and what the values of their condition keys are."""


def _beside_change_set(given: Record) -> Iterator[Question]:
    """Yield what CloudFormation asks in the name of who makes a change set."""
    if url := given.get("TemplateURL"):
        path = urlsplit(url).path.lstrip("/")
        yield "s3:GetObject", f"arn:aws:s3:::{path}", {}
    if role := given.get("RoleARN"):
        yield "iam:PassRole", role, {"iam:PassedToService": "cloudformation.amazonaws.com"}


def _beside_secret(action: str) -> Callable[[Record], Iterator[Question]]:
    """Return what yields the use of a secret's key, where it has one of the account's own."""

    def ask(given: Record) -> Iterator[Question]:
        key = emulator.find_secret(str(given.get("SecretId", "")))[1] or {}
        if key.get("KmsKeyId"):
            via = f"secretsmanager.{emulator.region()}.amazonaws.com"
            yield action, _key(key["KmsKeyId"]), {"kms:ViaService": via}

    return ask


def _key(named: str) -> str:
    return named if named.startswith("arn:") else _arn("kms", f"key/{named}")


_BESIDE: dict[str, Callable[[Record], Iterator[Question]]] = {
    "cloudformation:CreateChangeSet": _beside_change_set,
    "secretsmanager:GetSecretValue": _beside_secret("kms:Decrypt"),
    "secretsmanager:PutSecretValue": _beside_secret("kms:GenerateDataKey"),
    "ssm:GetParameters": lambda given: (("ssm:GetParameters", a, {}) for a in _parameters(given)),
}
"""Actions beside which AWS asks about others."""
