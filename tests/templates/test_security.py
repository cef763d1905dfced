"""Security: keys and secrets."""

import pytest

from checks.rendering import Node, Rendering
from description.model import Secret
from templates.render import render
from tests.resolved import deployed, of_type
from tests.systems_under_test import SYSTEMS, described, rendered

WITH_SECRETS = [name for name in SYSTEMS if described(name).secrets]
KEYS = [(name, key) for name in SYSTEMS for key in of_type(deployed(name), "AWS::KMS::Key")]


def policy(key: str, system: str = "gateway") -> dict[str, Node]:
    """The statements of a key's policy, by name."""
    properties = of_type(deployed(system), "AWS::KMS::Key")[key]
    return {one["Sid"]: one for one in properties["KeyPolicy"]["Statement"]}


@pytest.mark.parametrize(("system", "key"), KEYS)
def test_every_key_is_rotated(system: str, key: str) -> None:
    assert of_type(deployed(system), "AWS::KMS::Key")[key]["EnableKeyRotation"] is True


@pytest.mark.parametrize(("system", "key"), KEYS)
def test_only_services_get_grants_on_a_key(system: str, key: str) -> None:
    (one,) = (it for it in policy(key, system).values() if it["Effect"] == "Deny")

    assert one == {
        "Sid": "GrantToServicesOnly",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["kms:CreateGrant"],
        "Resource": ["*"],
        "Condition": {
            "BoolIfExists": {
                "kms:GrantIsForAWSResource": "false",
                "aws:PrincipalIsAWSService": "false",
            }
        },
    }


@pytest.mark.parametrize("key", ["Security/SecretKey", "Registry/ImageKey"])
def test_a_key_that_aws_uses_for_whoever_asks_names_nobody_but_this_account(key: str) -> None:
    (one,) = (it for it in policy(key).values() if it["Effect"] == "Allow")

    assert one == policy("Security/LogKey")["AdministerKeyByIam"]


def test_secrets_are_encrypted_with_the_key_of_secrets() -> None:
    secrets = of_type(deployed("gateway"), "AWS::SecretsManager::Secret").values()

    assert {one["KmsKeyId"] for one in secrets} == {"Security/SecretKey.Arn"}


def test_a_description_may_leave_the_key_of_secrets_to_aws() -> None:
    (secret,) = of_type(deployed("enclave"), "AWS::SecretsManager::Secret").values()

    assert "KmsKeyId" not in secret
    assert "Security/SecretKey" not in deployed("enclave")


def test_cloudwatch_logs_may_do_with_the_key_what_it_needs_to() -> None:
    use = policy("Security/LogKey")["EncryptLogGroups"]

    assert use["Principal"] == {"Service": "logs.eu-west-3.aws.example"}
    assert set(use["Action"]) == {
        "kms:Encrypt*",
        "kms:Decrypt*",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:Describe*",
    }


def test_the_key_serves_this_system_s_log_groups_and_no_others() -> None:
    use = policy("Security/LogKey")["EncryptLogGroups"]
    ((_, patterns),) = use["Condition"]["ArnLike"].items()
    ours = "arn:aws-x:logs:eu-west-3:444455556666:log-group:"
    groups = of_type(deployed("gateway"), "AWS::Logs::LogGroup")

    assert patterns == [
        f"{ours}/ecs/payment-*-blue",
        f"{ours}aws-waf-logs-gateway-blue",
    ]
    assert len(groups) == 4
    for group in groups.values():
        assert any(fits(f"{ours}{group['LogGroupName']}", pattern) for pattern in patterns)
        assert group["KmsKeyId"] == "Security/LogKey.Arn"


def fits(arn: str, pattern: str) -> bool:
    before, star, after = pattern.partition("*")
    return arn == pattern or (bool(star) and arn.startswith(before) and arn.endswith(after))


def test_nobody_else_has_the_key_but_by_this_account_s_policies() -> None:
    assert set(policy("Security/LogKey")) == {
        "AdministerKeyByIam",
        "EncryptLogGroups",
        "GrantToServicesOnly",
    }
    assert policy("Security/LogKey")["AdministerKeyByIam"]["Principal"] == {
        "AWS": "arn:aws-x:iam::444455556666:root"
    }


def test_payments_leaves_log_encryption_to_aws() -> None:
    groups = of_type(deployed("payments/development"), "AWS::Logs::LogGroup")

    assert len(groups) == 3
    assert not any("KmsKeyId" in group for group in groups.values())
    assert of_type(deployed("payments/development"), "AWS::KMS::Key") == {}


def test_the_gateway_has_the_secrets_of_its_text() -> None:
    secrets = of_type(deployed("gateway"), "AWS::SecretsManager::Secret")

    assert {one["Name"] for one in secrets.values()} == {
        "payment-db-credentials-blue",
        "payment-api-keys-blue",
    }


def test_a_new_key_of_a_secret_changes_nothing_of_the_secret() -> None:
    system = described("gateway")
    secret = system.secrets["api-keys"]
    more = Secret(description=secret.description, keys=(*secret.keys, "another_key"))
    changed = system.model_copy(update={"secrets": {**system.secrets, "api-keys": more}})

    assert render(changed)["security.json"] == rendered("gateway").files["security.json"]


@pytest.mark.parametrize("system", WITH_SECRETS)
def test_cloudformation_mints_a_first_value_and_is_told_no_value(system: str) -> None:
    secrets = of_type(deployed(system), "AWS::SecretsManager::Secret").values()

    assert len(secrets) == len(described(system).secrets)
    for secret in secrets:
        # A change of any of it would mint another value in place of the real one.
        assert secret["GenerateSecretString"] == {
            "SecretStringTemplate": "{}",
            "GenerateStringKey": "unset",
            "PasswordLength": 32,
        }
        assert "SecretString" not in secret


def test_state_goes_with_a_development_environment_and_stays_in_production() -> None:
    policies = {
        system: {
            (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            for resource in deployed(system).values()
            if resource["Type"] == "AWS::Logs::LogGroup"
        }
        for system in ("gateway", "gateway/development")
    }

    assert policies == {
        "gateway": {("RetainExceptOnCreate", "Retain")},
        "gateway/development": {("Delete", "Delete")},
    }


def test_a_system_without_edge_keys_and_secrets_has_no_security_stack() -> None:
    payments = described("payments/development")
    services = {
        name: spec.model_copy(update={"routes": ()}) for name, spec in payments.services.items()
    }
    rendering = Rendering("payments", render(payments.model_copy(update={"services": services})))

    assert "security.json" not in rendering.files
    assert "Security" not in rendering.templates["parent.json"]["Resources"]


def test_a_function_rotates_a_secret_where_the_description_names_one() -> None:
    (schedule,) = of_type(deployed("marketplace"), "AWS::SecretsManager::RotationSchedule").values()

    assert schedule == {
        "SecretId": "Security/LedgerDatabaseSecret",
        "RotationLambdaARN": "arn:aws-x:lambda:eu-west-3:444455556666:function:rotate-ledger-blue",
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "RotateImmediatelyOnUpdate": False,
    }
