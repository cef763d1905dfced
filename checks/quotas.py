"""CloudFormation's quotas: our own words before AWS refuses a template.

Source of every number: CloudFormation User Guide, "Understand CloudFormation quotas" (read as of
October 2026). The 51,200 bytes of a template that is sent in the request itself do not apply: we
deploy from S3 only.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from checks.findings import Finding, at
from checks.rendering import Node, Path, Rendering, nested
from checks.walk import branches, nodes

TEMPLATE_BYTES: Final = 1_000_000
"""1 MB, in an S3 object. The guide does not say which megabyte; this is the smaller one."""
URL_BYTES: Final = 200
"""What a template grows by when it is published, for each TemplateURL: a bucket's name of up to 63
characters, a prefix, a hash."""
RESOURCES: Final = 500
PARAMETERS: Final = 200
OUTPUTS: Final = 200
MAPPINGS: Final = 200
MAPPING_ATTRIBUTES: Final = 200
NAME_CHARACTERS: Final = 255
"""Of a parameter, resource, output, mapping or mapping attribute."""
PARAMETER_VALUE_BYTES: Final = 4_096
DESCRIPTION_BYTES: Final = 1_024
DYNAMIC_REFERENCES: Final = 60
"""In one template."""
NEST_RESOURCES: Final = 2_500
"""Resources that one operation on a stack and all stacks nested in it may touch."""

PARENT = "parent.json"

PARENT_ADVICE: Final = (
    "It hands each service what it calls and reads: let services call fewer others, or give them "
    "shorter names, or make two systems of it."
)
NEST_ADVICE: Final = (
    "Each service and each secret is some: put several keys into one secret, or make two systems "
    "of it."
)
_DYNAMIC_REFERENCE = re.compile(rb"\{\{resolve:[^}]+\}\}")
_Hit = tuple[Path, str]


def check(system: Rendering) -> list[Finding]:
    """Return where ``system`` exceeds a quota."""
    found = [
        Finding(system.file(name), at(path), rule, message)
        for name, template in system.templates.items()
        for rule, limit in TEMPLATE_LIMITS.items()
        for path, message in limit(template)
    ]
    for name, body in system.files.items():
        total = len(_DYNAMIC_REFERENCE.findall(body))
        if total > DYNAMIC_REFERENCES:
            message = _over(total, DYNAMIC_REFERENCES, "dynamic references")
            found.append(Finding(system.file(name), "", "E9307", message))
        size = len(body) + URL_BYTES * sum(1 for _ in nested(system.templates[name]))
        if size > TEMPLATE_BYTES:
            message = _over(size, TEMPLATE_BYTES, "bytes of template")
            if name == PARENT:
                message += f". {PARENT_ADVICE}"
            found.append(Finding(system.file(name), "", "E9301", message))
    found += [
        Finding(system.file(PARENT), at(path), "E9308", message)
        for path, message in operations(system)
    ]
    return found


def operations(system: Rendering) -> Iterator[_Hit]:
    """Yield what is too much for one operation however it is cut: all that has no condition, or one
    of the nested stacks that have. These can come one after another.
    """
    parent = system.templates.get(PARENT, {})
    resources = parent.get("Resources", {})
    later = {
        stack: nest_size(system, url) + 1
        for stack, _, url in nested(parent)
        if isinstance(url, str) and "Condition" in resources[stack]
    }
    total = nest_size(system, PARENT) - sum(later.values())
    if total > NEST_RESOURCES:
        what = "resources that need no image, at once"
        yield ("Resources",), f"{_over(total, NEST_RESOURCES, what)}. {NEST_ADVICE}"
    for stack, size in later.items():
        beside = size + len(later)
        if beside > NEST_RESOURCES:
            what = "resources of this stack and nested stacks beside it, at once"
            yield ("Resources", stack), _over(beside, NEST_RESOURCES, what)


def nest_size(system: Rendering, name: str) -> int:
    """Return the number of resources in a template and in all nested below it, once per nesting.

    A template that nests itself counts as the quota and one, and ``checks.contracts`` says why.
    """
    return _nest_size(system, name, ())


def _nest_size(system: Rendering, name: str, above: Sequence[str]) -> int:
    if name in above:
        return NEST_RESOURCES + 1
    template = system.templates.get(name)
    if template is None:
        return 0
    return len(template.get("Resources", {})) + sum(
        _nest_size(system, url, (*above, name))
        for _, _, url in nested(template)
        if isinstance(url, str)
    )


def counts(template: Node) -> Iterator[_Hit]:
    """Yield each section that declares too much."""
    for section, limit in (
        ("Resources", RESOURCES),
        ("Parameters", PARAMETERS),
        ("Outputs", OUTPUTS),
        ("Mappings", MAPPINGS),
    ):
        if len(template.get(section, {})) > limit:
            yield (section,), _over(len(template[section]), limit, section.lower())


def mapping_attributes(template: Node) -> Iterator[_Hit]:
    """Yield each mapping with too many attributes."""
    for name, mapping in template.get("Mappings", {}).items():
        if len(mapping) > MAPPING_ATTRIBUTES:
            yield ("Mappings", name), _over(len(mapping), MAPPING_ATTRIBUTES, "attributes")


def names(template: Node) -> Iterator[_Hit]:
    """Yield each name that is too long."""
    for section in ("Resources", "Parameters", "Outputs", "Mappings"):
        for name in template.get(section, {}):
            if len(name) > NAME_CHARACTERS:
                yield (section, name), _over(len(name), NAME_CHARACTERS, "characters of name")


def description(template: Node) -> Iterator[_Hit]:
    """Yield a description that is too long."""
    size = len(template.get("Description", "").encode())
    if size > DESCRIPTION_BYTES:
        yield ("Description",), _over(size, DESCRIPTION_BYTES, "bytes of description")


def parameter_values(template: Node) -> Iterator[_Hit]:
    """Yield each default or value for a nested stack that is certainly too long."""
    for name, parameter in template.get("Parameters", {}).items():
        size = _least_bytes(parameter.get("Default", ""))
        if size > PARAMETER_VALUE_BYTES:
            path: Path = ("Parameters", name, "Default")
            yield path, _over(size, PARAMETER_VALUE_BYTES, "bytes of parameter value")
    for stack, properties, _ in nested(template):
        for name, value in properties.get("Parameters", {}).items():
            size = max(_least_bytes(choice) for choice in branches(value))
            if size > PARAMETER_VALUE_BYTES:
                path = ("Resources", stack, "Properties", "Parameters", name)
                yield path, _over(size, PARAMETER_VALUE_BYTES, "bytes of parameter value")


def _least_bytes(value: object) -> int:
    """Return how long a value is at least: the literal text in it, whatever the rest becomes."""
    if isinstance(value, dict) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
            separator, parts = argument
            if isinstance(parts, list) and isinstance(separator, str):
                joints = len(separator.encode()) * max(0, len(parts) - 1)
                return joints + sum(_least_bytes(part) for part in parts)
        return 0
    return sum(len(text.encode()) for _, text in nodes(value) if isinstance(text, str))


def _over(found: int, limit: int, what: str) -> str:
    return f"{found:,} {what}, CloudFormation allows {limit:,}"


TEMPLATE_LIMITS: dict[str, Callable[[Node], Iterator[_Hit]]] = {
    "E9302": counts,
    "E9303": mapping_attributes,
    "E9304": names,
    "E9305": description,
    "E9306": parameter_values,
}
"""Rule id to the function that finds where one template exceeds that quota."""
