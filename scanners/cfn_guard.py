"""cfn-guard, by AWS, with the proactive controls of Control Tower as rules."""

import json
import platform
import re
from collections.abc import Iterator
from typing import Any

from scanners.findings import Finding
from scanners.scanner import Installed, Scanner
from scanners.subjects import Subjects

NAME = "cfn-guard"
PACKAGE = "@cdklabs/cdk-validator-cfnguard"

_CONTROL = re.compile(r"\[(CT\.[A-Z0-9.]+)\]:\s*([^\n]*)")
_RESOURCE = re.compile(r"/Resources/([A-Za-z0-9]+)")
_SYSTEMS = {"Linux": "ubuntu", "Darwin": "macos"}  # the program for Ubuntu needs no library
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def program(installed: Installed) -> str:
    """Return the path of the program for this machine.

    Raises ``OSError`` where there is none.
    """
    try:
        built_for = _SYSTEMS[platform.system()], _MACHINES[platform.machine().lower()]
    except KeyError as error:
        raise OSError(f"it is not made for {platform.system()} on {platform.machine()}") from error
    return str(installed.modules.joinpath(PACKAGE, "bin", *built_for, "cfn-guard"))


def command(installed: Installed, subjects: Subjects) -> list[str]:
    """Return how it is called: it reads every template of the folder."""
    rules = installed.modules / PACKAGE / "rules" / "control-tower" / "cfn-guard"
    form = ["--structured", "--output-format", "json", "--show-summary", "none"]
    return [
        *(program(installed), "validate"),
        *("--rules", str(rules), "--data", str(subjects.folder)),
        *form,
    ]


def parse(output: str, subjects: Subjects) -> Iterator[Finding]:
    """Yield what it found, under the id of the control."""
    for report in json.loads(output):
        template = subjects.named(report["name"])
        for one in report["not_compliant"]:
            failed = one["Rule"]
            said = _CONTROL.search("\n".join(_messages(failed)))
            rule, message = (said[1], said[2]) if said else (failed["name"], failed["name"])
            for logical_id in sorted(set(_resources(failed))) or [""]:
                yield template.finding(NAME, rule, template.address(logical_id), message)


def _messages(node: Any) -> Iterator[str]:
    """Yield what a rule, or one within it, says to people."""
    if isinstance(node, dict):
        if text := node.get("custom_message"):
            yield text
        for item in node.values():
            yield from _messages(item)
    elif isinstance(node, list):
        for item in node:
            yield from _messages(item)


def _resources(node: Any) -> Iterator[str]:
    """Yield the logical ids of the resources that a rule looked at in vain."""
    if isinstance(node, dict):
        for key, item in node.items():
            path = item.get("path", "") if isinstance(item, dict) else ""
            if key in {"from", "traversed_to", "value"} and (match := _RESOURCE.match(str(path))):
                yield match[1]
            yield from _resources(item)
    elif isinstance(node, list):
        for item in node:
            yield from _resources(item)


def version(installed: Installed) -> str:
    """Return the version of cfn-guard, not that of the package that has the rules."""
    text = (installed.modules / PACKAGE / "guard-version.json").read_text()
    return str(json.loads(text)["version"])


SCANNER = Scanner(
    name=NAME,
    version=version,
    command=command,
    parse=parse,
    canary=frozenset({"CT.CLOUDWATCH.PR.2", "CT.CLOUDWATCH.PR.3"}),
    exits=frozenset({0, 19}),
)
