"""Parameter files: where a system runs, one file per system and environment.

A file ``parameters/<system>-<environment>.json`` has the *template configuration* format that
CodePipeline and ``aws cloudformation deploy`` read: ``{"Parameters": {…}, "Tags": {…},
"StackPolicy": {…}}``.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from checks.findings import Finding, at
from checks.rendering import Node
from description.credentials import looks_like_one
from description.files import parameter_files
from description.mistakes import shown

SECTIONS = ("Parameters", "Tags", "StackPolicy")


@dataclass(frozen=True, eq=False)
class ParameterFile:
    """What a parameter file says, as far as it could be read."""

    path: Path
    system: str
    environment: str
    content: Node
    """Its sections; ``Parameters`` and ``Tags`` are there, strings only."""
    findings: tuple[Finding, ...] = ()
    """Why something could not be read."""

    @property
    def parameters(self) -> dict[str, str]:
        """The values of the parent's parameters."""
        parameters: dict[str, str] = self.content["Parameters"]
        return parameters

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the stack."""
        tags: dict[str, str] = self.content["Tags"]
        return tags

    @property
    def overrides(self) -> list[str]:
        """Its parameters in the form that every aws CLI reads: ``["Key=Value", …]``."""
        return [f"{key}={value}" for key, value in self.parameters.items()]

    def finding(self, path: Iterable[str], rule: str, message: str) -> Finding:
        """Return something wrong in this file; no path to it shows what looks like a credential."""
        steps = ["…" if looks_like_one(step) else step for step in path]
        return Finding(f"{self.path.parent.name}/{self.path.name}", at(steps), rule, message)


def read_all(folder: Path, systems: Iterable[str]) -> list[ParameterFile]:
    """Read the files of ``systems``, the names of all that there are, in order of file name.

    A file that belongs to none of them has an empty ``system``.
    """
    names = list(systems)
    return [read(path, names) for path in parameter_files(folder)]


def split_name(path: Path, systems: Iterable[str]) -> tuple[str, str]:
    """Return a file's system and environment; an empty system if no name fits.

    Where one system is called ``pay`` and another ``pay-api``, the longer name wins.
    """
    for system in sorted(systems, key=len, reverse=True):
        if path.stem.startswith(f"{system}-"):
            return system, path.stem.removeprefix(f"{system}-")
    return "", path.stem


def read(path: Path, systems: Iterable[str]) -> ParameterFile:
    """Read one file; what cannot be used is a finding and left out of the content."""
    blank = ParameterFile(path, *split_name(path, systems), {"Parameters": {}, "Tags": {}})
    findings: list[Finding] = []

    def unique(pairs: list[tuple[str, Any]]) -> Node:
        keys = [key for key, _ in pairs]
        findings.extend(
            blank.finding((key,), "E9403", "is given more than once")
            for key in sorted(set(keys))
            if keys.count(key) > 1
        )
        return dict(pairs)

    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=unique)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        return replace(blank, findings=(blank.finding((), "E9402", message),))
    except ValueError as error:
        return replace(blank, findings=(blank.finding((), "E9402", f"is not JSON: {error}"),))
    if not isinstance(content, dict) or "Parameters" not in content:
        findings.append(blank.finding((), "E9402", 'must be an object with "Parameters"'))
        content = {**blank.content, **(content if isinstance(content, dict) else {})}
    usable: Node = {"Parameters": {}, "Tags": {}}
    for section, values in content.items():
        if section not in SECTIONS:
            message = f"is unknown: a parameter file has {', '.join(SECTIONS)}"
            findings.append(blank.finding((section,), "E9402", message))
        elif not isinstance(values, dict):
            findings.append(blank.finding((section,), "E9402", "must be an object"))
        else:
            usable[section] = values
    for section in ("Parameters", "Tags"):
        for key, value in usable[section].items():
            if not isinstance(value, str):
                message = f"must be a string, in quotation marks: found {shown((key,), value)}"
                findings.append(blank.finding((section, key), "E9404", message))
        usable[section] = {k: v for k, v in usable[section].items() if isinstance(v, str)}
    return replace(blank, content=usable, findings=tuple(findings))
