"""What scanners write, shortened to what decides, and what is read from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanners import cdk_nag, cfn_guard, checkov, cloudformation_validate, parliament
from scanners.findings import Finding, Form
from scanners.subjects import Subjects
from tests.scanners.subjects import file, shop, shown

PARENT, CHILD = file(Form.RAW, "parent"), file(Form.RAW, "child")
MERGED = file(Form.MERGED, "dev")


@pytest.fixture
def subjects(tmp_path: Path) -> Subjects:
    return shown(tmp_path)


def finding(scanner: str, rule: str, address: str, form: Form, message: str) -> Finding:
    return Finding(scanner, rule, "shop", shop().profile, address, form, message)


def of_checkov(path: str, logical_id: str) -> dict[str, str]:
    resource = f"AWS::SNS::Topic.{logical_id}"
    name = "Ensure all data\n  is encrypted"
    return {
        "check_id": "CKV_AWS_26",
        "check_name": name,
        "file_path": f"/{path}",
        "resource": resource,
    }


def test_reads_checkov(subjects: Subjects) -> None:
    failed = [of_checkov(CHILD, "Topic"), of_checkov(MERGED, "ChildTopic")]
    output = {"results": {"failed_checks": failed}, "summary": {"parsing_errors": 0}}

    assert list(checkov.parse(json.dumps(output), subjects)) == [
        finding("checkov", "CKV_AWS_26", "Child/Topic", form, "Ensure all data is encrypted")
        for form in (Form.RAW, Form.MERGED)
    ]


def test_does_not_pass_over_what_checkov_cannot_read(subjects: Subjects) -> None:
    output = {"results": {"failed_checks": []}, "summary": {"parsing_errors": 1}}

    with pytest.raises(ValueError, match="cannot read 1"):
        list(checkov.parse(json.dumps(output), subjects))


def a_clause(path: str, compared_with: str = "") -> dict[str, Any]:
    check = {
        "Resolved": {"from": {"path": path, "value": 1}, "to": {"path": compared_with, "value": 2}}
    }
    return {"Clause": {"Binary": {"context": "", "messages": {}, "check": check}}}


def a_missing_property(path: str) -> dict[str, Any]:
    check = {"UnResolved": {"value": {"traversed_to": {"path": path, "value": {}}}}}
    return {"Clause": {"Unary": {"context": "", "messages": {}, "check": check}}}


def of_cfn_guard(name: str, message: str, *checks: dict[str, Any]) -> str:
    inner = {"name": "check", "messages": {"custom_message": message}, "checks": list(checks)}
    rule = {
        "name": "topic_check",
        "messages": {"custom_message": None},
        "checks": [{"Rule": inner}],
    }
    return json.dumps([{"name": name, "not_compliant": [{"Rule": rule}]}])


CONTROL = "\n    [CT.SNS.PR.1]: Require a key\n    [FIX]: Give it one.\n"


def test_reads_cfn_guard(subjects: Subjects) -> None:
    path = str(subjects.folder / CHILD)
    clause = a_clause("/Resources/Topic/Properties/KmsMasterKeyId", "/Resources/Other/Properties")
    output = of_cfn_guard(path, CONTROL, clause, a_missing_property("/Resources/Topic/Properties"))

    assert list(cfn_guard.parse(output, subjects)) == [
        finding("cfn-guard", "CT.SNS.PR.1", "Child/Topic", Form.RAW, "Require a key")
    ]


def test_reads_of_cfn_guard_each_resource_and_those_of_merged_templates(subjects: Subjects) -> None:
    path = str(subjects.folder / MERGED)
    clauses = [a_clause(f"/Resources/{name}/Properties") for name in ("Else", "ChildTopic")]
    output = of_cfn_guard(path, CONTROL, *clauses)

    assert [one.address for one in cfn_guard.parse(output, subjects)] == ["Child/Topic", "Else"]


def test_a_rule_of_cfn_guard_without_a_control_has_its_name(subjects: Subjects) -> None:
    output = of_cfn_guard(str(subjects.folder / CHILD), "no control")

    assert list(cfn_guard.parse(output, subjects)) == [
        finding("cfn-guard", "topic_check", "Child", Form.RAW, "topic_check")
    ]


def test_shows_cdk_nag_each_parent_with_what_is_nested_in_it(subjects: Subjects) -> None:
    parent, child = str(subjects.folder / PARENT), str(subjects.folder / CHILD)

    assert json.loads(cdk_nag.stdin(subjects)) == {
        PARENT: {
            "templateFile": parent,
            "loadNestedStacks": {"Child": {"templateFile": child, "loadNestedStacks": {}}},
        },
        MERGED: {"templateFile": str(subjects.folder / MERGED), "loadNestedStacks": {}},
    }


def test_reads_cdk_nag(subjects: Subjects) -> None:
    output = [
        [PARENT, "AwsSolutions-SNS2", ["Child", "Child", "Topic"], "No key. Give it one."],
        [MERGED, "AwsSolutions-SNS2", ["ChildTopic"], "No key. Give it one."],
    ]

    assert list(cdk_nag.parse(json.dumps(output), subjects)) == [
        finding("cdk-nag", "AwsSolutions-SNS2", "Child/Topic", form, "No key")
        for form in (Form.RAW, Form.MERGED)
    ]


def test_reads_cloudformation_validate(subjects: Subjects) -> None:
    output = [
        [CHILD, "W1", "Resources", "Topic", "a"],
        [CHILD, "W2", "Parameters", "Suffix", "b"],
        [PARENT, "W2", "Parameters", "Suffix", "b"],
        [PARENT, "W3", "", "", "c"],
        [MERGED, "W1", "Resources", "ChildTopic", "a"],
    ]

    found = cloudformation_validate.parse(json.dumps(output), subjects)

    assert [(one.rule, one.address, one.form) for one in found] == [
        ("W1", "Child/Topic", Form.RAW),
        ("W2", "Child/Parameters/Suffix", Form.RAW),
        ("W2", "Parameters/Suffix", Form.RAW),
        ("W3", "", Form.RAW),
        ("W1", "Child/Topic", Form.MERGED),
    ]


def test_reads_parliament(subjects: Subjects) -> None:
    output = json.dumps([[0, "UNKNOWN_ACTION", "Unknown action: s3:GetObjekt"]])

    assert list(parliament.parse(output, subjects)) == [
        finding(
            "parliament",
            "UNKNOWN_ACTION",
            "Child/Topic",
            Form.MERGED,
            "Unknown action: s3:GetObjekt",
        )
    ]
