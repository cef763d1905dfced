"""Templates for tests, written by hand."""

import json
from collections.abc import Mapping
from typing import Any

from checks.rendering import Node, Rendering


def template(kind: str, **properties: Any) -> Node:
    """A template with one resource, called ``It``."""
    return {"Resources": {"It": {"Type": kind, "Properties": properties}}}


def nested(url: object, **parameters: Any) -> Node:
    """A nested stack."""
    properties: Node = {"TemplateURL": url}
    if parameters:
        properties["Parameters"] = parameters
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


def rendering(templates: Mapping[str, Node], system: str = "shop") -> Rendering:
    """A system made of templates."""
    return Rendering(system, {name: json.dumps(it).encode() for name, it in templates.items()})


def a_pair() -> dict[str, Node]:
    """A parent and a child that fit together."""
    return {
        "parent.json": {
            "Parameters": {"Suffix": {"Type": "String"}},
            "Resources": {"Child": nested("child.json", Suffix={"Ref": "Suffix"})},
            "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Name"]}}},
        },
        "child.json": {
            "Parameters": {"Suffix": {"Type": "String"}},
            "Resources": {
                "Topic": {
                    "Type": "AWS::SNS::Topic",
                    "Properties": {"TopicName": {"Fn::Sub": "shop-${Suffix}"}},
                }
            },
            "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}}},
        },
    }
