"""A replacement that is only possible to CloudFormation, and that the templates rule out."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from delivery import certainty, deployment
from delivery.changes import Change
from delivery.deployment import Order, Place
from delivery.errors import RefusedError
from tests.delivery.samples import SUFFIX, order, ref
from tests.delivery.test_deployment import told


def guarded(about: str, key: Any) -> Order:
    """A repository that is encrypted with a key that is described by some text."""
    root = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
    everything = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [everything]}
    encryption = {"EncryptionType": "KMS", "KmsKey": key}
    resources = {
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {"Description": about, "KeyPolicy": policy},
        },
        "Images": {
            "Type": "AWS::ECR::Repository",
            "Properties": {"EncryptionConfiguration": encryption},
        },
    }
    parent = {"Parameters": SUFFIX, "Resources": resources}
    parent["Outputs"] = {"Suffix": {"Value": ref("EnvironmentSuffix")}}
    return order({"parent.json": json.dumps(parent).encode()})


OTHER = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000"
ARN = {"Fn::GetAtt": ["Key", "Arn"]}


def test_a_resource_whose_neighbour_changes_in_place_is_not_refused(place: Place) -> None:
    deployment.deploy(place, guarded("one", ARN))
    reviewed = deployment.plan(place, guarded("two", ARN))
    said = {change.address: change.replacement for change in reviewed.changes}
    assert said == {"Key": "no", "Images": "maybe"}
    assert reviewed.refusals == ()
    assert told(place).endswith("by their templates they are not: Images\n")
    assert deployment.deploy(place, guarded("two", ARN)).stack.status == "UPDATE_COMPLETE"


def test_what_the_templates_do_not_rule_out_stays_refused(place: Place) -> None:
    deployment.deploy(place, guarded("one", ARN))
    with pytest.raises(RefusedError, match="Images"):
        deployment.deploy(place, guarded("two", OTHER))


def test_templates_that_cannot_be_followed_rule_nothing_out(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.deploy(place, guarded("one", ARN))
    ordered = guarded("two", ARN)
    perhaps = Change((), "Images", "AWS::ECR::Repository", "Modify", "maybe")
    stack = deployment.plan(place, ordered).stack
    assert stack
    rule_out = partial(certainty.ruled_out, known={})
    assert rule_out(place.aws, stack, ordered.templates, {}, [perhaps]) == {"Images"}
    assert rule_out(place.aws, stack, {"parent.json": b"{}"}, {"Unknown": "1"}, [perhaps]) == set()
    templates = guarded("two", OTHER).templates
    assert rule_out(place.aws, stack, templates, {}, [perhaps]) == set()
    gone = replace(perhaps, logical_id="Gone")
    assert rule_out(place.aws, stack, ordered.templates, {}, [gone]) == set()
    monkeypatch.setattr("delivery.comparison.of_stack", None)
    sure = replace(perhaps, replacement="yes")
    assert rule_out(place.aws, stack, ordered.templates, {}, [sure]) == set()
