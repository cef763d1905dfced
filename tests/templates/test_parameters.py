"""The parent's parameters: what an environment may choose, and what it gets if it does not."""

import re
from typing import Any

import pytest

from checks.rendering import Node
from checks.schemas import schema
from tests.systems_under_test import REFERENCES, described, rendered

SYSTEMS = [*REFERENCES, *(f"{name}/development" for name in REFERENCES)]
SUFFIXES = {
    "dev": True,
    "eu-west-2": True,
    "a" * 17: False,
    "Dev": False,
    "2nd": False,
    "a--b": False,
    "-a": False,
    "a-": False,
    "": False,
}
ZONES = {"": True, "use1-az1,use1-az2,use1-az4": True, "use1-az1": False, "a,b,c": False}
DIGESTS = {
    "": True,
    f"sha256:{'0a' * 32}": True,
    f"sha256:{'0a' * 31}": False,
    f"sha256:{'0A' * 32}": False,
    "latest": False,
}
ADDRESSES = {"": True, "on-call@example.com": True, "on-call": False, "a b@example.com": False}
ACCOUNTS = {"": True, "123456789012": True, "12345678901": False, "alias": False}


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def declared(system: str) -> dict[str, Node]:
    return dict(rendered(system).templates["parent.json"]["Parameters"])


def takes(parameter: Node, value: str) -> bool:
    """Whether CloudFormation takes a value: it matches the pattern as a whole."""
    fits = len(value) <= int(parameter.get("MaxLength", 4096))
    return fits and bool(re.fullmatch(parameter["AllowedPattern"], value))


def test_a_parameter_takes_what_it_is_for_and_nothing_else(system: str) -> None:
    parameters = declared(system)
    examples = {
        "EnvironmentSuffix": SUFFIXES,
        "AvailabilityZoneIds": ZONES,
        "AlarmEmail": ADDRESSES,
        "RegistryAccountId": ACCOUNTS,
        **{name: DIGESTS for name in parameters if name.endswith("ImageDigest")},
    }

    for name, values in examples.items():
        if name in parameters:
            assert {one: takes(parameters[name], one) for one in values} == values, name
    assert sum(name in parameters for name in examples) >= 5


def test_lengths_are_those_of_names_and_addresses(system: str) -> None:
    lengths = {
        name: one["MaxLength"] for name, one in declared(system).items() if "MaxLength" in one
    }

    # RFC 5321, 4.5.3.1.3: a path has 256 characters, of which two are the angle brackets.
    assert lengths.pop("AlarmEmail", 254) == 254
    assert lengths == {"EnvironmentSuffix": 16}


def test_what_is_not_given_is_what_the_description_says(system: str) -> None:
    parameters, spec = declared(system), described(system)
    defaults: dict[str, Any] = {
        "LogRetentionDays": spec.logs.retention_days,
        "DeletionProtection": str(spec.edge.deletion_protection).lower(),
        "AvailabilityZoneIds": "",
        "AlarmEmail": "",
        "RegistryAccountId": "",
        "SecretVersions": "",
        **{name: "" for name in parameters if name.endswith("ImageDigest")},
    }

    assert {name: one["Default"] for name, one in parameters.items() if "Default" in one} == {
        name: value for name, value in defaults.items() if name in parameters
    }
    assert {name for name, one in parameters.items() if "Default" not in one} <= {
        "EnvironmentSuffix",
        "CertificateArn",
    }


def test_logs_are_kept_for_days_that_aws_knows_and_a_year_where_that_is_described(
    system: str,
) -> None:
    known = schema("AWS::Logs::LogGroup")["properties"]["RetentionInDays"]["enum"]
    least = 365 if described(system).logs.retention_days >= 365 else 1

    assert declared(system)["LogRetentionDays"]["AllowedValues"] == [
        days for days in known if days >= least
    ]


def test_a_choice_between_yes_and_no_is_one(system: str) -> None:
    parameters = declared(system)

    assert parameters["DeletionProtection"]["AllowedValues"] == ["true", "false"]
    assert {name: one["Type"] for name, one in parameters.items()} == {
        name: {
            "LogRetentionDays": "Number",
            "CertificateArn": "AWS::SSM::Parameter::Value<String>",
        }.get(name, "String")
        for name in parameters
    }
