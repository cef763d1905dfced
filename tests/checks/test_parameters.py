import json
from pathlib import Path
from typing import Any

import pytest

from checks import parameters
from checks.parameter_files import ParameterFile, read_all, split_name
from checks.parameters import value_mistakes
from checks.rendering import Node
from description import digests
from tests.systems_under_test import ROOT, described, rendered

PARENT: Node = {
    "Parameters": {
        "EnvironmentSuffix": {"Type": "String", "AllowedPattern": "^[a-z]+$"},
        "Days": {"Type": "Number", "AllowedValues": [1, 30], "Default": 30},
    }
}


def read(folder: Path, content: Any, name: str = "shop-dev.json") -> ParameterFile:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)
    (file,) = read_all(folder, ["shop"])
    return file


def found(folder: Path, content: Any, name: str = "shop-dev.json") -> list[tuple[str, str]]:
    file = read(folder, content, name)
    return [(one.rule, one.path) for one in parameters.check(file, PARENT)]


def with_parameters(**values: Any) -> Node:
    return {"Parameters": {"EnvironmentSuffix": "dev", **values}}


def with_policy(**statement: Any) -> Node:
    return {**with_parameters(), "StackPolicy": {"Statement": [statement]}}


def with_tags(tags: dict[str, Any]) -> Node:
    return {**with_parameters(), "Tags": tags}


def test_finds_nothing_in_a_right_file(tmp_path: Path) -> None:
    right = {**with_parameters(Days="1"), "Tags": {"Team": "é é", "Empty": ""}, "StackPolicy": {}}
    assert found(tmp_path, right) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", [("E9402", "")]),
        ([], [("E9402", "")]),
        ({"Tags": {}}, [("E9402", "")]),
        ({"Parameters": ["EnvironmentSuffix=dev"]}, [("E9402", "Parameters")]),
        ({"Parameters": {"EnvironmentSuffix": 1}}, [("E9404", "Parameters/EnvironmentSuffix")]),
        ({**with_parameters(), "Tags": []}, [("E9402", "Tags")]),
        ({**with_parameters(), "Parameter": {}}, [("E9402", "Parameter")]),
        ('{"Parameters": {"EnvironmentSuffix": "a", "EnvironmentSuffix": "dev"}}',
         [("E9403", "EnvironmentSuffix")]),
        (with_parameters(Days=30), [("E9404", "Parameters/Days")]),
        (with_tags({"Team": None}), [("E9404", "Tags/Team")]),
        (with_parameters(Dais="30"), [("E9405", "Parameters/Dais")]),
        ({"Parameters": {}}, [("E9406", "Parameters/EnvironmentSuffix")]),
        (with_parameters(Days="31"), [("E9407", "Parameters/Days")]),
        (with_tags({f"Tag{number}": "" for number in range(51)}), [("E9408", "Tags")]),
        (with_tags({"aws:Team": "x"}), [("E9408", "Tags/aws:Team")]),
        (with_tags({"AWS:Team": "x"}), [("E9408", "Tags/AWS:Team")]),
        (with_tags({"a" * 129: "x"}), [("E9408", f"Tags/{'a' * 129}")]),
        (with_tags({"": "x"}), [("E9408", "Tags/")]),
        (with_tags({"Team": "x" * 257}), [("E9408", "Tags/Team")]),
        (with_tags({"Team": "a,b"}), [("E9408", "Tags/Team")]),
        (with_tags({"Team": "AKIAABCDEFGHIJKLMNOP"}), [("E9409", "Tags/Team")]),
        (with_tags({"DB_PASSWORD": "x"}), [("E9409", "Tags/DB_PASSWORD")]),
        (with_tags({"PASSWORD_POLICY": "x", "Url": "https://a.eu/x"}), []),
        (with_parameters(Days="https://me:pw@a.eu"), [("E9409", "Parameters/Days")]),
        (with_tags({"AKIAABCDEFGHIJKLMNOP": "x"}), [("E9409", "Tags/…")]),
        (with_policy(Effect="https://me:pw@a.eu"), [("E9409", "StackPolicy/Statement/0/Effect")]),
        (with_policy(AKIAABCDEFGHIJKLMNOP=["x"]), [("E9409", "StackPolicy/Statement/0/…")]),
        (with_policy(Resource="LogicalResourceId/ApiKeysSecret"), []),
    ],
)  # fmt: skip
def test_names_what_is_wrong_and_where(
    tmp_path: Path, content: Any, expected: list[tuple[str, str]]
) -> None:
    assert found(tmp_path, content) == expected


def test_images_are_those_of_services_and_pinned_once(tmp_path: Path) -> None:
    services = [f"service-{number}" for number in range(51)]
    shared = {title: {"Type": "String", "Default": ""} for title in digests.parameters(services)}
    parent = {
        "Parameters": {"EnvironmentSuffix": {"Type": "String"}, **shared},
        "Metadata": {digests.SERVICES: services},
    }

    def rules(text: str) -> list[tuple[str, str]]:
        file = read(tmp_path, with_parameters(ImageDigests1=text))
        return [(one.rule, one.path) for one in parameters.check(file, parent)]

    assert rules(f"service-0=sha256:{'0' * 64},service-1=") == []
    assert rules("service-51=") == [("E9410", "Parameters/ImageDigests1")]
    assert rules("service-0=,service-0=") == [("E9410", "Parameters/ImageDigests1")]


@pytest.mark.parametrize(
    "content",
    [
        with_parameters(Days="https://me:hidden@a.eu"),
        with_parameters(API_KEY="hidden"),
        with_parameters(API_KEY={"is": "hidden"}),
        with_tags({"Db": "postgres://me:hidden@db/x?y=,"}),
        with_tags({"DB_PASSWORD": "hidden,"}),
        with_tags({"postgres://me:hidden@db/x": "y"}),
        with_tags({"postgres://me:hidden@db/x": None}),
        with_policy(Resource="https://me:hidden@a.eu"),
        {**with_parameters(), "postgres://me:hidden@db": {}},
        with_parameters(Days="hidden"),
        with_parameters(EnvironmentSuffix="hidden"),
        with_tags({"Team": "hidden,"}),
    ],
)
def test_never_shows_what_may_be_a_credential(tmp_path: Path, content: Any) -> None:
    file = read(tmp_path, content)
    shown = [f"{one.path} {one.message}" for one in parameters.check(file, PARENT)]

    assert shown
    assert not [one for one in shown if "hidden" in one]


def test_finds_all_mistakes_at_once(tmp_path: Path) -> None:
    content = {
        "Parameters": {"EnvironmentSuffix": "prod", "Days": "31", "More": "x", "Number": 1},
        "Tags": {"aws:x": "y"},
        "Extra": 1,
    }
    assert {rule for rule, _ in found(tmp_path, content)} == {
        "E9401",
        "E9402",
        "E9404",
        "E9405",
        "E9407",
        "E9408",
    }


def test_names_the_file_in_its_folder(tmp_path: Path) -> None:
    file = read(tmp_path, with_parameters(Days="x"))
    assert {one.file for one in parameters.check(file, PARENT)} == {
        f"{tmp_path.name}/shop-dev.json"
    }


@pytest.mark.parametrize("environment", ["Dev", "1", "a" * 17, ""])
def test_an_environment_must_do_as_a_suffix(tmp_path: Path, environment: str) -> None:
    content = {"Parameters": {"EnvironmentSuffix": environment}}
    assert ("E9401", "") in found(tmp_path, content, f"shop-{environment}.json")


def test_the_suffix_is_the_environment_in_the_files_name(tmp_path: Path) -> None:
    content = {"Parameters": {"EnvironmentSuffix": "prod"}}
    assert found(tmp_path, content) == [("E9401", "Parameters/EnvironmentSuffix")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pay-dev.json", ("pay", "dev")),
        ("pay-api-dev.json", ("pay-api", "dev")),
        ("pay-apiary.json", ("pay", "apiary")),
        ("other-dev.json", ("", "other-dev")),
        ("pay.json", ("", "pay")),
    ],
)
def test_a_file_belongs_to_the_system_whose_name_it_begins_with(
    name: str, expected: tuple[str, str]
) -> None:
    assert split_name(Path(name), ["pay", "pay-api"]) == expected


def mistakes(value: str, **parameter: Any) -> int:
    return len(list(value_mistakes(value, {"Type": "String", **parameter})))


@pytest.mark.parametrize(
    ("value", "parameter", "expected"),
    [
        # A pattern matches the whole value, in a list each item.
        ("abc", {"AllowedPattern": "[a-z]+"}, 0),
        ("abc1", {"AllowedPattern": "[a-z]+"}, 1),
        ("abc\n", {"AllowedPattern": "^[a-z]+$"}, 1),
        ("a, b", {"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]"}, 0),
        ("a,1,2", {"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]"}, 2),
        ("a,c", {"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, 1),
        ("true", {"AllowedValues": ["true", "false"]}, 0),
        ("True", {"AllowedValues": ["true", "false"]}, 1),
        ("30", {"Type": "Number", "AllowedValues": [30]}, 0),
        ("", {"Type": "Number"}, 1),
        ("30d", {"Type": "Number"}, 1),
        ("-1.5e3", {"Type": "Number"}, 0),
        ("1", {"Type": "Number", "MinValue": 1, "MaxValue": 2}, 0),
        ("0.9", {"Type": "Number", "MinValue": 1}, 1),
        ("2.1", {"Type": "Number", "MaxValue": "2"}, 1),
        ("1,x", {"Type": "List<Number>"}, 1),
        ("ab", {"MinLength": 2, "MaxLength": 2}, 0),
        ("a", {"MinLength": "2"}, 1),
        ("abc", {"MaxLength": 2}, 1),
        ("a" * 4096, {}, 0),
        ("é" * 2049, {}, 1),
        ("/shop/dev/certificate-arn", {"Type": "AWS::SSM::Parameter::Value<String>"}, 0),
        ("/shop/dev:3", {"Type": "AWS::SSM::Parameter::Value<String>"}, 0),
        ("arn aws", {"Type": "AWS::SSM::Parameter::Value<String>"}, 1),
        ("", {"Type": "AWS::SSM::Parameter::Value<String>"}, 1),
    ],
)
def test_judges_a_value_as_cloudformation_would(
    value: str, parameter: dict[str, Any], expected: int
) -> None:
    assert mistakes(value, **parameter) == expected


def test_a_message_says_what_would_be_right() -> None:
    parameter = {"AllowedPattern": "[a-z]+", "ConstraintDescription": "lower-case letters"}
    assert list(value_mistakes("A", parameter)) == [
        "must match [a-z]+ (lower-case letters)",
    ]


def test_of_a_list_it_says_which_item_is_wrong() -> None:
    numbers = {"Type": "List<Number>", "MaxValue": 5, "AllowedPattern": "[0-9]"}
    assert list(value_mistakes("1, 7,x", numbers)) == [
        "item 2 must be at most 5",
        "item 3 must match [0-9]",
        "item 3 must be a number",
    ]


def test_overrides_are_what_every_aws_cli_reads(tmp_path: Path) -> None:
    file = read(tmp_path, with_parameters(Days="30"))
    assert file.overrides == ["EnvironmentSuffix=dev", "Days=30"]


ENVIRONMENTS = ("dev", "staging", "prod")
REFERENCE_FILES = {
    (file.system, file.environment): file
    for file in read_all(ROOT / "parameters", ["gateway", "payments"])
}


def test_both_systems_have_every_environment() -> None:
    expected = {(system, env) for system in ("gateway", "payments") for env in ENVIRONMENTS}
    assert REFERENCE_FILES.keys() == expected


def in_profile(file: ParameterFile) -> str:
    """Return the name of a file's system in the profile of the file's environment."""
    return f"{file.system}/{described(file.system).profile_of(file.environment)}"


@pytest.mark.parametrize("file", REFERENCE_FILES.values(), ids=lambda file: file.path.stem)
def test_our_own_files_are_right_and_the_same_for_every_account(file: ParameterFile) -> None:
    parent = rendered(in_profile(file)).templates["parent.json"]
    assert parameters.check(file, parent) == []
    assert not any(name.endswith("ImageDigest") for name in file.parameters)
    assert "arn:" not in file.path.read_text()


def test_production_keeps_logs_for_the_twelve_months_that_pci_dss_asks_for() -> None:
    for system in ("gateway", "payments"):
        production = rendered(system).templates["parent.json"]["Parameters"]["LogRetentionDays"]
        development = rendered(f"{system}/development").templates["parent.json"]["Parameters"]
        assert production["Default"] == 400
        assert min(production["AllowedValues"]) == 365
        assert development["LogRetentionDays"]["Default"] == 30
        assert min(development["LogRetentionDays"]["AllowedValues"]) == 1


def test_stacks_carry_the_tags_of_the_reference_texts() -> None:
    for environment in ENVIRONMENTS:
        gateway = REFERENCE_FILES["gateway", environment].tags
        assert gateway == {"Environment": environment, "Team": "payments"}
    assert REFERENCE_FILES["payments", "prod"].tags == {
        "Environment": "production",
        "Team": "payments",
        "CostCenter": "engineering",
    }
