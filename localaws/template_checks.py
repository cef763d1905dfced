"""What AWS refuses before it creates anything, and ministack would let through."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from localaws import emulator

Template = dict[str, Any]

PSEUDO_PARAMETERS = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NoValue",
        "NotificationARNs",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)
SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
_SUBSTITUTED = re.compile(r"\$\{([^!}][^}]*)\}")
_BUCKET_HOST = re.compile(r"(?P<bucket>.+)\.(?P<host>s3[.-][a-z0-9.-]*amazonaws\.com)")


def check_template(template: Template) -> None:
    """Raise ValueError, with AWS's message, for a reference to nothing or an unknown section."""
    resources = template.get("Resources") or {}
    if not resources:
        raise ValueError("Template format error: At least one Resources member must be defined.")
    unknown = sorted(set(template) - SECTIONS)
    if unknown:
        raise ValueError(f"Invalid template property or properties [{', '.join(unknown)}]")
    for resource in resources.values():
        _check_condition(resource, template, "Resources")
    for output in (template.get("Outputs") or {}).values():
        _check_condition(output, template, "Outputs")
    for section in ("Resources", "Outputs"):
        _check_section(template, section)


def _check_section(template: Template, section: str) -> None:
    known = {*template["Resources"], *(template.get("Parameters") or {}), *PSEUDO_PARAMETERS}
    missing = {
        name
        for item in template.get(section, {}).values()
        for name in _dependencies(item)
        if name not in template["Resources"]
    }
    for function, target in references(template.get(section)):
        match function:
            case "Fn::GetAtt" if target not in template["Resources"]:
                raise ValueError(
                    f"Template error: instance of Fn::GetAtt references undefined resource {target}"
                )
            case "Fn::If" if target not in (template.get("Conditions") or {}):
                raise ValueError(_unresolved_condition(target, section))
            case "Ref" if target not in known:
                missing.add(target)
    if missing:
        raise ValueError(
            f"Template format error: Unresolved resource dependencies "
            f"[{', '.join(sorted(missing))}] in the {section} block of the template"
        )


def _check_condition(item: Mapping[str, Any], template: Template, section: str) -> None:
    condition = item.get("Condition")
    if isinstance(condition, str) and condition not in (template.get("Conditions") or {}):
        raise ValueError(_unresolved_condition(condition, section))


def _unresolved_condition(name: str, section: str) -> str:
    return (
        f"Template format error: Unresolved condition dependency {name} "
        f"in the {section} block of the template"
    )


def _dependencies(resource: Mapping[str, Any]) -> list[str]:
    named = resource.get("DependsOn", [])
    return [named] if isinstance(named, str) else named


def references(node: Any) -> Iterator[tuple[str, str]]:
    """Yield (function, what it refers to) for everything in the node that names something."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _own_references(key, value)
            yield from references(value)


def _own_references(key: str, value: Any) -> Iterator[tuple[str, str]]:
    match key, value:
        case "Ref", str():
            yield key, value
        case "Fn::GetAtt", [str(target), *_]:
            yield key, target
        case "Fn::GetAtt", str():
            yield key, value.split(".")[0]
        case "Fn::If", [str(condition), *_]:
            yield key, condition
        case "Fn::Sub", str() | [str(), *_]:
            text, given = (value, {}) if isinstance(value, str) else (value[0], value[-1])
            for name in _SUBSTITUTED.findall(text):
                if name not in given:
                    yield "Ref", name.split(".")[0]


def validate(
    template: Template,
    conditions: dict[str, bool],
    params: dict[str, Any] | None = None,
) -> None:
    """Check a template as ministack does, and what it leaves out."""
    if not template.get("Transform"):
        check_template(template)
        emulator.topological_sort(template["Resources"], conditions)  # refuses a circle
    emulator.validate_template(template, conditions, params=params)


def resolve_document(params: Any, body_key: str, url_key: str, label: str) -> Any:
    """Fetch a template by either form of an S3 address; ministack knows the path-style one."""
    url = urlsplit((params.get(url_key) or [""])[0])
    virtual = _BUCKET_HOST.fullmatch(url.netloc)
    if virtual:
        path_style = url._replace(
            netloc=virtual["host"], path=f"/{virtual['bucket']}{url.path}"
        ).geturl()
        params = {**params, url_key: [path_style]}
    return emulator.resolve_document(params, body_key, url_key, label)
