"""Create one resource with given properties, read it back through its service, and compare.

A case proves the list of properties that a type claims to keep: what is not read back as it was
written must not be on the list, and what is on the list must appear in a case.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from localaws import LocalSession
from tests.localaws.stacks import Stacks, Template, output, template

Properties = dict[str, Any]
Reader = Callable[[LocalSession, str], Properties]

OWN_TAG = {"Key": "own", "Value": "of the resource"}
STACK_TAG = {"Key": "team", "Value": "payments"}
INTRINSIC = ({"Ref"}, {"Fn::GetAtt"}, {"Fn::Sub"})


@dataclass(frozen=True)
class Case:
    """A resource with its properties, and how to read them back.

    `around` are the resources that it needs. `changed` are properties that an update changes in
    place; None removes one. `tags` reads the tags, in CloudFormation's shape.
    """

    type: str
    properties: Properties
    read: Reader
    tags: Callable[[LocalSession, str], list[dict[str, str]]] | None = None
    around: dict[str, Any] = field(default_factory=dict)
    changed: Properties = field(default_factory=dict)
    depends_on: list[str] = field(default_factory=list)

    def definition(self, changed: Properties) -> Properties:
        properties = {**self.properties, **changed}
        if self.tags:
            properties["Tags"] = [OWN_TAG]
        return {name: value for name, value in properties.items() if value is not None}


def ref(logical_id: str) -> dict[str, str]:
    return {"Ref": logical_id}


def get_att(logical_id: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, attribute]}


def check(stacks: Stacks, case: Case) -> None:
    """Create the case's resource, update it if the case says so, and compare both times."""
    created = stacks.create(_template(case, {}), Tags=[STACK_TAG])
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()
    physical_id = stacks.physical_id("Subject")
    _compare(stacks, case, {})
    if case.changed:
        updated = stacks.update(_template(case, case.changed))
        assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()
        assert stacks.physical_id("Subject") == physical_id
        _compare(stacks, case, case.changed)
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def _compare(stacks: Stacks, case: Case, changed: Properties) -> None:
    physical_id = stacks.physical_id("Subject")
    expected = _resolved(case.definition(changed), stacks.outputs())
    tags = expected.pop("Tags", [])
    assert case.read(stacks.session, physical_id) == expected
    if case.tags:
        found = case.tags(stacks.session, physical_id)
        assert [tag for tag in found if not tag["Key"].startswith("aws:")] == [*tags, STACK_TAG]
        assert {"Key": "aws:cloudformation:stack-name", "Value": "root"} in found


def _template(case: Case, changed: Properties) -> Template:
    properties = case.definition(changed)
    subject = {"Type": case.type, "Properties": properties, "DependsOn": case.depends_on}
    references = {_key(node): output(node) for node in _references(properties)}
    return template({**copy.deepcopy(case.around), "Subject": subject}, Outputs=references)


def _references(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if set(node) in INTRINSIC:
            yield node
            return
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _references(item)


def _key(reference: dict[str, Any]) -> str:
    return "".join(character for character in str(reference) if character.isalnum())


def _resolved(node: Any, outputs: dict[str, str]) -> Any:
    if isinstance(node, dict):
        if set(node) in INTRINSIC:
            return outputs[_key(node)]
        return {name: _resolved(item, outputs) for name, item in node.items()}
    if isinstance(node, list):
        return [_resolved(item, outputs) for item in node]
    return node


def pascal(value: Any) -> Any:
    """Return an API's camelCase structure with CloudFormation's capitals."""
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: pascal(item) for name, item in value.items()}
    return [pascal(item) for item in value] if isinstance(value, list) else value


def only(found: dict[str, Any], *names: str) -> Properties:
    """Return the named members that say something."""
    return {name: found[name] for name in names if found.get(name) not in (None, "", [], {})}
