import json
from pathlib import Path

import pytest

from checks.build import Project
from checks.resolved import resolve
from scanners.findings import Form
from scanners.subjects import CANARY, Subjects, gather, merged, policies_of
from tests.checks.templates import rendering
from tests.scanners.subjects import file, shop, shown
from tests.systems_under_test import REFERENCES, ROOT


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    return gather(Project(ROOT), [], tmp_path_factory.mktemp("subjects"))


def test_scanners_see_both_systems_raw_and_merged_and_the_canary(subjects: Subjects) -> None:
    seen = {(one.system, one.profile, one.form) for one in subjects.templates}

    assert seen == {
        (system, profile, form)
        for system in REFERENCES
        for profile in ("production", "development")
        for form in Form
    } | {(CANARY, "", Form.RAW)}


def test_scanners_see_every_environment_merged(subjects: Subjects) -> None:
    seen = {one.name for one in subjects.templates if one.form is Form.MERGED}

    assert seen == {
        f"merged/{system}/{profile}/{environment}.json"
        for system in REFERENCES
        for profile, environment in [
            ("development", "dev"),
            ("production", "prod"),
            ("production", "staging"),
        ]
    }


def test_every_role_has_its_policies_judged(subjects: Subjects) -> None:
    policies = {(one.template.name, one.logical_id) for one in subjects.policies}

    roles = {
        (template.name, name)
        for template in subjects.templates
        if template.form is Form.MERGED
        for name, resource in template.content["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    assert roles
    assert roles <= policies


def test_policies_are_as_aws_will_have_them(subjects: Subjects) -> None:
    text = json.dumps([one.document for one in subjects.policies])

    assert "Fn::" not in text
    assert "${" not in text
    assert '"Ref"' not in text


def test_a_policy_names_what_only_aws_knows() -> None:
    document = {"Statement": [{"Resource": [{"Fn::GetAtt": ["Key", "Arn"]}, {"Ref": "Vpc"}]}]}
    it = rendering(
        {
            "parent.json": {
                "Resources": {
                    "Key": {"Type": "AWS::KMS::Key"},
                    "Vpc": {"Type": "AWS::EC2::VPC"},
                    "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [document]}},
                }
            }
        }
    )

    (policy,) = policies_of(resolve(it, {}), merged(it, "dev", {}))

    assert policy.logical_id == "Role"
    assert policy.document["Statement"][0]["Resource"] == [
        "arn:aws:kms:us-east-1:111122223333:key/key",
        "vpc",
    ]


def test_a_template_is_found_by_its_path_and_by_its_name(tmp_path: Path) -> None:
    shown_here = shown(tmp_path)
    name = file(Form.RAW, "child")

    for called in (name, f"/{name}", str(tmp_path / name)):
        assert shown_here.named(called).name == name
    with pytest.raises(KeyError):
        shown_here.named("raw/other.json")


def test_resources_have_one_address_in_both_forms(tmp_path: Path) -> None:
    shown_here = shown(tmp_path)

    raw = shown_here.named(file(Form.RAW, "child"))
    merged_one = shown_here.named(file(Form.MERGED, "dev"))

    assert raw.address("Topic") == merged_one.address("ChildTopic") == "Child/Topic"
    assert raw.address("") == "Child"


def test_writes_what_scanners_read(tmp_path: Path) -> None:
    shown_here = shown(tmp_path)

    shown_here.write()

    for name, body in shop().templates.items():
        path = tmp_path / file(Form.RAW, name.removesuffix(".json"))
        assert json.loads(path.read_text()) == body
