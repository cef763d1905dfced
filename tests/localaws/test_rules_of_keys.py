"""A key that a service could not use is refused where AWS refuses it."""

from typing import Any

import pytest

from tests.localaws.readback import get_att, ref
from tests.localaws.stacks import Stacks, template

ROOT = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
MANAGE = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}
LOGS = {
    "Effect": "Allow",
    "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
    "Action": [
        f"kms:{a}*" for a in ("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "Describe")
    ],
    "Resource": "*",
    "Condition": {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": {
                "Fn::Sub": "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:/payments/*"
            }
        }
    },
}


def key(*statements: dict[str, Any]) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}


def log_group(name: str, key_arn: Any) -> dict[str, Any]:
    properties = {"LogGroupName": name, "KmsKeyId": key_arn}
    return {"Type": "AWS::Logs::LogGroup", "Properties": properties}


KEY_ARN = get_att("Key", "Arn")
REFUSED = "does not exist or is not allowed to be used with LogGroup"


def test_logs_are_encrypted_with_a_key_that_lets_them(stacks: Stacks) -> None:
    resources = {"Key": key(MANAGE, LOGS), "Logs": log_group("/payments/api", KEY_ARN)}
    created = stacks.create(template(resources))
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()


FAULTS: dict[str, dict[str, Any]] = {
    "of the account only": {"Key": key(MANAGE)},
    "for another region's logs": {
        "Key": key(MANAGE, {**LOGS, "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}})
    },
    "for another log group": {"Logs": log_group("/other/api", KEY_ARN)},
    "not there": {"Logs": log_group("/payments/api", "arn:aws:kms:us-east-1:1:key/none")},
    "disabled": {
        "Key": {
            **key(MANAGE, LOGS),
            "Properties": {**key(MANAGE, LOGS)["Properties"], "Enabled": False},
        }
    },
    **{
        f"without {action}": {
            "Key": key(MANAGE, {**LOGS, "Action": [a for a in LOGS["Action"] if a != action]})
        }
        for action in LOGS["Action"]
    },
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_log_group_whose_key_is_of_no_use_is_refused(stacks: Stacks, fault: str) -> None:
    around = {"Key": key(MANAGE, LOGS), "Logs": log_group("/payments/api", KEY_ARN)}
    stacks.create(template({**around, **FAULTS[fault]}))
    assert REFUSED in stacks.failures()["Logs"]


def test_a_log_group_gets_no_such_key_in_an_update(stacks: Stacks) -> None:
    plain = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/payments/api"}}
    stacks.create(template({"Key": key(MANAGE), "Logs": plain}))
    stacks.update(template({"Key": key(MANAGE), "Logs": log_group("/payments/api", KEY_ARN)}))
    assert REFUSED in stacks.failures()["Logs"]


def test_a_key_that_nobody_could_change_is_refused(stacks: Stacks) -> None:
    stacks.create(template({"Key": key(LOGS)}))
    assert "will not allow you to update the key policy" in stacks.failures()["Key"]


def test_a_key_that_denies_its_change_is_refused_in_an_update(stacks: Stacks) -> None:
    stacks.create(template({"Key": key(MANAGE)}))
    denied = {**MANAGE, "Effect": "Deny", "Action": "kms:PutKeyPolicy"}
    stacks.update(template({"Key": key(MANAGE, denied)}))
    assert "will not allow you to update the key policy" in stacks.failures()["Key"]


def test_a_key_for_a_role_that_is_not_there_is_refused(stacks: Stacks) -> None:
    role = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/nobody"}}
    stacks.create(template({"Key": key(MANAGE, {**MANAGE, "Principal": role})}))
    assert "one or more invalid principals" in stacks.failures()["Key"]


ENCRYPTED: dict[str, tuple[dict[str, Any], str]] = {
    "AWS::ECR::Repository": (
        {"EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": "alias/none"}},
        "KmsException",
    ),
    "AWS::SNS::Topic": ({"KmsMasterKeyId": "alias/none"}, "InvalidParameter"),
    "AWS::SecretsManager::Secret": ({"KmsKeyId": "alias/none"}, "EncryptionFailure"),
}


@pytest.mark.parametrize("kind", ENCRYPTED)
def test_what_is_encrypted_needs_its_key(stacks: Stacks, kind: str) -> None:
    properties, code = ENCRYPTED[kind]
    stacks.create(template({"Subject": {"Type": kind, "Properties": properties}}))
    assert code in stacks.failures()["Subject"]


def test_a_repository_with_another_key_is_another_repository(stacks: Stacks) -> None:
    def repository(name: str) -> dict[str, Any]:
        encryption = {"EncryptionType": "KMS", "KmsKey": get_att(name, "Arn")}
        properties = {"EncryptionConfiguration": encryption}
        return {"Type": "AWS::ECR::Repository", "Properties": properties}

    keys = {"Key": key(MANAGE), "Other": key(MANAGE)}
    stacks.create(template({**keys, "Images": repository("Key")}))
    first = stacks.physical_id("Images")
    updated = stacks.update(template({**keys, "Images": repository("Other")}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()
    assert stacks.physical_id("Images") != first


def test_a_secret_with_another_key_stays(stacks: Stacks) -> None:
    def secret(name: str) -> dict[str, Any]:
        properties = {"Name": "api", "KmsKeyId": ref(name), "SecretString": "{}"}
        return {"Type": "AWS::SecretsManager::Secret", "Properties": properties}

    keys = {"Key": key(MANAGE), "Other": key(MANAGE)}
    stacks.create(template({**keys, "Secret": secret("Key")}))
    arn = stacks.physical_id("Secret")
    stacks.update(template({**keys, "Secret": secret("Other")}))
    found = stacks.session.client("secretsmanager").describe_secret(SecretId=arn)
    assert found["KmsKeyId"] == stacks.physical_id("Other")
