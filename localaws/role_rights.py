"""The rights of the role that a stack has: CloudFormation makes and changes resources with it.

Asked are the actions that the type's schema says its handler calls, on the resource where its name
is known before it is made, else on any. Conditions are not looked at, deletion is not, and a stack
without a role may do everything.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from checks.permissions.deployment.handlers import called_by
from checks.permissions.patterns import has_wildcard, matches, matches_action
from localaws import emulator
from localaws.emulator import Properties, Record
from localaws.nest import find

_NAMES: dict[str, tuple[str, str, str]] = {
    "AWS::ECR::Repository": ("ecr", "repository/{}", "RepositoryName"),
    "AWS::ECS::Cluster": ("ecs", "cluster/{}", "ClusterName"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{}", "LogGroupName"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "secret:{}-AbCdEf", "Name"),
}
"""Type to the service, what ARNs of it end with, and the property that has its name."""


def require(kind: str, handler: str, properties: Properties, stack: Record) -> None:
    """Raise ValueError, as CloudFormation says it, for what the role of a stack may not do.

    `handler` is ``create`` or ``update``.
    """
    root = find(stack["RootId"]) if stack.get("RootId") else stack
    role = root.get("RoleARN") if root else None
    if not role or not emulator.rights_are_checked():
        return
    name = role.rpartition("/")[2]
    may = _judge(tuple(_policies(emulator.roles[name])))
    service, arn = _arn(kind, properties)
    for action in _actions(kind, handler):
        asked = arn if action.startswith(f"{service}:") else "*"
        if not may(action, asked):
            who = f"arn:aws:sts::{emulator.account_id()}:assumed-role/{name}/AWSCloudFormation"
            said = emulator.denial(action, who, asked, False)
            raise ValueError(f'Resource handler returned message: "{said}"')


def _policies(role: Record) -> Iterator[str]:
    """Yield a role's own policies, and those that are attached to it."""
    for one in role.get("InlinePolicies", {}).values():
        yield _text(one)
    for arn in role.get("AttachedPolicies", ()):
        if document := emulator.managed_policy(arn, emulator.account_id()):
            yield _text(document)


@cache
def _actions(kind: str, handler: str) -> tuple[str, ...]:
    return tuple(sorted(called_by(kind, handler)))


def _arn(kind: str, properties: Properties) -> tuple[str, str]:
    """Return the service of a type and the resource's ARN; ``*`` where nobody knows it yet."""
    service, form, attribute = _NAMES.get(kind, ("", "", ""))
    name = properties.get(attribute)
    if not isinstance(name, str):
        return "", "*"
    where = f"{emulator.region()}:{emulator.account_id()}"
    return service, f"arn:aws:{service}:{where}:{form.format(name)}"


def _text(policy: object) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


@lru_cache(maxsize=64)
def _judge(texts: tuple[str, ...]) -> Callable[[str, str], bool]:
    """Return what says whether policies allow an action on an ARN, ``*`` for any."""
    plain: dict[str, list[str]] = {}
    wide: list[tuple[str, list[str]]] = []
    for text in texts:
        for statement in json.loads(text)["Statement"]:
            if statement["Effect"] != "Allow":
                continue
            resources = _listed(statement.get("Resource", []))
            for action in _listed(statement.get("Action", [])):
                if has_wildcard(action):
                    wide.append((action, resources))
                else:
                    plain.setdefault(action.lower(), []).extend(resources)

    @cache
    def may(action: str, arn: str) -> bool:
        found = [*plain.get(action.lower(), ())]
        found += [one for pattern, ones in wide if matches_action(pattern, action) for one in ones]
        return bool(found) if arn == "*" else any(matches(one, arn) for one in found)

    return may


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
