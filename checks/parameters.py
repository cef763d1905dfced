"""Are the values in a parameter file right for the parent template that takes them.

CloudFormation reports one mistake at a time, when a deployment has begun; here are all of them.
"""

import json
import re
from collections.abc import Iterable, Iterator

from checks.findings import Finding
from checks.parameter_files import ParameterFile
from checks.quotas import PARAMETER_VALUE_BYTES
from checks.rendering import Node
from checks.walk import nodes
from description import digests
from description.credentials import looks_like_one, may_be_one

ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,15}")
SUFFIX = "EnvironmentSuffix"

MAX_TAGS = 50
TAG_KEY = re.compile(r"[\w\s.:/=+\-@]{1,128}")
TAG_VALUE = re.compile(r"[\w\s.:/=+\-@]{0,256}")
"""CloudFormation API, Tag (1 to 128 and up to 256 characters, no ``aws:``) and the characters that
every tagged service takes (Tagging AWS Resources, "Tag naming limits and requirements")."""

SSM_NAME = re.compile(r"[A-Za-z0-9_.\-/]{1,2048}(:[A-Za-z0-9_.-]+)?")
"""A Systems Manager parameter, with a version or label or without (SSM API, GetParameter)."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_Hit = tuple[tuple[str, ...], str, str]
"""A path, a rule and a message."""


def check(file: ParameterFile, parent: Node) -> list[Finding]:
    """Return everything that is wrong with ``file``, read for the template ``parent``."""
    unreadable = {one.path for one in file.findings if one.rule in ("E9402", "E9404")}
    hits = [*_environment(file), *_credentials(file), *_tags(file.tags)]
    if unreadable.isdisjoint({"", "Parameters"}):
        hits += _parameters(file.parameters, parent.get("Parameters", {}))
        if services := digests.services_of(parent):
            hits += _images(file.parameters, services)
    found = [file.finding(*hit) for hit in hits]
    return [*file.findings, *(one for one in found if one.path not in unreadable)]


def _environment(file: ParameterFile) -> Iterator[_Hit]:
    if not ENVIRONMENT.fullmatch(file.environment):
        message = f"its environment, {file.environment!r}, must match {ENVIRONMENT.pattern}"
        yield (), "E9401", message
    suffix = file.parameters.get(SUFFIX, file.environment)
    if suffix != file.environment:
        message = f"must be {file.environment!r} as in the file's name"
        yield ("Parameters", SUFFIX), "E9401", message


CREDENTIAL = (
    "may be a credential, and would be readable by many: values of secrets are set where they are "
    "kept"
)


def _credentials(file: ParameterFile) -> Iterator[_Hit]:
    for section, values in file.content.items():
        for path, value in nodes(values, (section,)):
            name = path[-1]
            named_so = isinstance(name, str) and looks_like_one(name)
            if named_so or (isinstance(value, str) and may_be_one(path, value)):
                yield tuple(map(str, path)), "E9409", CREDENTIAL


def _parameters(given: dict[str, str], parameters: Node) -> Iterator[_Hit]:
    for name in given.keys() - parameters.keys():
        message = f"is unknown: the parent's parameters are {', '.join(sorted(parameters))}"
        yield ("Parameters", name), "E9405", message
    for name, parameter in parameters.items():
        if name in given:
            if may_be_one(("Parameters", name), given[name]):
                continue  # a mistake of its own, whose value no message may show
            for message in value_mistakes(given[name], parameter):
                yield ("Parameters", name), "E9407", message
        elif "Default" not in parameter:
            yield ("Parameters", name), "E9406", "is missing and has no default"


def _images(given: dict[str, str], services: Iterable[str]) -> Iterator[_Hit]:
    for name, message in digests.mistakes(given, services):
        yield ("Parameters", name), "E9410", message


def value_mistakes(value: str, parameter: Node) -> Iterator[str]:
    """Yield what is wrong with ``value`` for ``parameter``, as CloudFormation would judge it.

    None shows the value: it may be a secret that somebody pasted into the wrong place.
    Source: CloudFormation User Guide, "Parameters syntax reference". A pattern must match the whole
    value; in a list, each item. Of a Systems Manager parameter only the name is known here.
    """
    kind = str(parameter.get("Type", "String"))
    hint = parameter.get("ConstraintDescription")
    because = f" ({hint})" if hint else ""
    is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
    if len(value.encode()) > PARAMETER_VALUE_BYTES:
        yield f"has more than {PARAMETER_VALUE_BYTES:,} bytes"
    if kind.startswith("AWS::SSM::Parameter::") and not SSM_NAME.fullmatch(value):
        yield "must be the name of a Systems Manager parameter"
    for number, part in enumerate(value.split(",") if is_list else [value], 1):
        part = part.strip() if is_list else part
        it = f"item {number} " if is_list else ""
        pattern, allowed = parameter.get("AllowedPattern"), parameter.get("AllowedValues")
        if pattern is not None and not re.fullmatch(pattern, part):
            yield f"{it}must match {pattern}{because}"
        if allowed is not None and part not in map(_as_text, allowed):
            yield f"{it}must be one of {', '.join(map(_as_text, allowed))}{because}"
        if kind in ("Number", "List<Number>"):
            for mistake in _number_mistakes(part, parameter):
                yield f"{it}{mistake}{because}"
    if kind == "String":
        least, most = parameter.get("MinLength"), parameter.get("MaxLength")
        if least is not None and len(value) < int(least):
            yield f"must have at least {least} characters{because}"
        if most is not None and len(value) > int(most):
            yield f"must have at most {most} characters{because}"


def _number_mistakes(text: str, parameter: Node) -> Iterator[str]:
    if not _NUMBER.fullmatch(text):
        yield "must be a number"
        return
    least, most = parameter.get("MinValue"), parameter.get("MaxValue")
    if least is not None and float(text) < float(least):
        yield f"must be at least {least}"
    if most is not None and float(text) > float(most):
        yield f"must be at most {most}"


def _tags(tags: dict[str, str]) -> Iterator[_Hit]:
    if len(tags) > MAX_TAGS:
        yield ("Tags",), "E9408", f"has {len(tags)} tags, CloudFormation allows {MAX_TAGS}"
    for key, value in tags.items():
        if not TAG_KEY.fullmatch(key):
            message = "must have 1 to 128 letters, digits, spaces or _.:/=+-@ in its key"
            yield ("Tags", key), "E9408", message
        if key.lower().startswith("aws:"):
            yield ("Tags", key), "E9408", "begins with aws:, which only AWS may use"
        if not may_be_one(("Tags", key), value) and not TAG_VALUE.fullmatch(value):
            message = "must have up to 256 letters, digits, spaces or _.:/=+-@"
            yield ("Tags", key), "E9408", message


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
