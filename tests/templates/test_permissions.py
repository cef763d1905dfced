"""Roles: each service may do what it has to, and nothing that belongs to another."""

import pytest

from checks.rendering import Node
from description.guardduty import AGENT_ACCOUNTS
from description.model import System
from templates.names import pascal, stack_of
from tests.resolved import Resources, deployed, filled_in, of_type
from tests.systems_under_test import SYSTEMS, described


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> System:
    return described(request.param)


def allowed(resources: Resources, service: str, role: str) -> dict[str, Node]:
    """Return a role's statements by their Sid."""
    properties = resources[f"Roles/{pascal(service)}{role}"]["Properties"]
    return {
        one["Sid"]: one
        for policy in properties.get("Policies", [])
        for one in policy["PolicyDocument"]["Statement"]
    }


def test_each_service_starts_with_its_own_roles(system: System) -> None:
    resources = deployed(system)

    for name in system.services:
        definition = resources[f"{stack_of(name)}/TaskDefinition"]["Properties"]
        assert definition["ExecutionRoleArn"] == f"Roles/{pascal(name)}ExecutionRole.Arn"
        assert definition["TaskRoleArn"] == f"Roles/{pascal(name)}TaskRole.Arn"
    assert len(of_type(resources, "AWS::IAM::Role")) == 2 * len(system.services)


def test_the_execution_role_pulls_from_the_repository_of_the_task_s_image(system: System) -> None:
    resources = deployed(system)

    for name in system.services:
        definition = resources[f"{stack_of(name)}/TaskDefinition"]["Properties"]
        image = definition["ContainerDefinitions"][0]["Image"]
        repository = image.partition("@")[0].partition("/")[2]
        (arn,) = allowed(resources, name, "ExecutionRole")["PullImage"]["Resource"]
        assert arn.endswith(f":repository/{repository}")


def test_the_execution_role_pulls_in_the_account_of_the_task_s_image(system: System) -> None:
    resources = deployed(system)

    for name in system.services:
        definition = resources[f"{stack_of(name)}/TaskDefinition"]["Properties"]
        image = definition["ContainerDefinitions"][0]["Image"]
        account = image.partition(".dkr.ecr.")[0]
        (arn,) = allowed(resources, name, "ExecutionRole")["PullImage"]["Resource"]
        assert arn.startswith(f"arn:aws-x:ecr:eu-west-3:{account}:repository/")


def test_guardduty_s_agent_is_pulled_from_accounts_of_aws_only(system: System) -> None:
    for name in system.services:
        one = allowed(deployed(system), name, "ExecutionRole")["PullGuardDutyAgent"]
        (arn,) = one["Resource"]
        assert arn.endswith(":ecr:eu-west-3:*:repository/aws-guardduty-agent-fargate")
        accounts = one["Condition"]["StringEquals"]["aws:ResourceAccount"]
        assert sorted(accounts) == sorted(AGENT_ACCOUNTS.values())


def test_each_region_has_an_account_of_its_own_for_guardduty_s_agent() -> None:
    assert len(set(AGENT_ACCOUNTS.values())) == len(AGENT_ACCOUNTS) > 30
    assert all(len(one) == 12 and one.isdecimal() for one in AGENT_ACCOUNTS.values())


def test_the_execution_role_writes_the_log_group_of_the_task(system: System) -> None:
    resources = deployed(system)

    for name in system.services:
        definition = resources[f"{stack_of(name)}/TaskDefinition"]["Properties"]
        options = definition["ContainerDefinitions"][0]["LogConfiguration"]["Options"]
        (arn,) = allowed(resources, name, "ExecutionRole")["WriteLogs"]["Resource"]
        group = f"Roles/{pascal(name)}LogGroup"
        assert arn == f"{group}.Arn"
        assert resources[group]["Properties"]["LogGroupName"] == options["awslogs-group"]


def test_the_execution_role_reads_the_secrets_of_the_task_and_no_others(system: System) -> None:
    resources = deployed(system)

    for name, spec in system.services.items():
        definition = resources[f"{stack_of(name)}/TaskDefinition"]["Properties"]
        secrets = definition["ContainerDefinitions"][0].get("Secrets", [])
        referenced = {secret["ValueFrom"].split(":")[0] for secret in secrets}
        read = allowed(resources, name, "ExecutionRole").get("ReadSecrets", {"Resource": []})
        assert set(read["Resource"]) == referenced
        assert len(secrets) == len(spec.secrets)


def test_someone_reads_secrets_and_someone_does_not() -> None:
    gateway = deployed("gateway")

    assert "ReadSecrets" in allowed(gateway, "payment-processor", "ExecutionRole")
    assert "ReadSecrets" not in allowed(gateway, "api-gateway", "ExecutionRole")


def test_a_task_gets_one_json_key_of_a_secret_for_each_variable() -> None:
    definition = deployed("gateway")["PaymentProcessorService/TaskDefinition"]["Properties"]
    secrets = {
        one["Name"]: one["ValueFrom"] for one in definition["ContainerDefinitions"][0]["Secrets"]
    }

    assert secrets["DB_PASSWORD"] == "Security/DbCredentialsSecret:password::"  # noqa: S105
    assert secrets["STRIPE_API_KEY"] == "Security/ApiKeysSecret:stripe_api_key::"


def test_the_execution_role_decrypts_the_secrets_that_it_reads_and_nothing_else(
    system: System,
) -> None:
    resources = deployed(system)
    secrets = of_type(resources, "AWS::SecretsManager::Secret").values()
    encrypted = any("KmsKeyId" in secret for secret in secrets)

    for name, spec in system.services.items():
        statements = allowed(resources, name, "ExecutionRole")
        assert ("DecryptSecrets" in statements) == (encrypted and bool(spec.secrets))
        if one := statements.get("DecryptSecrets"):
            assert (one["Action"], one["Resource"]) == (["kms:Decrypt"], ["Security/SecretKey.Arn"])
            assert one["Condition"] == {
                "StringEquals": {
                    "kms:EncryptionContext:SecretARN": statements["ReadSecrets"]["Resource"],
                    "kms:ViaService": "secretsmanager.eu-west-3.amazonaws.com",
                }
            }


def test_the_execution_role_may_do_nothing_else(system: System) -> None:
    resources = deployed(system)

    for name in system.services:
        actions = {
            action
            for one in allowed(resources, name, "ExecutionRole").values()
            for action in one["Action"]
        }
        assert actions <= {
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
            "kms:Decrypt",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:GetSecretValue",
        }


def test_the_task_role_may_do_what_the_description_says_and_nothing_else(system: System) -> None:
    resources = deployed(system)

    for name, spec in system.services.items():
        statements = allowed(resources, name, "TaskRole")
        assert {
            sid: (tuple(one["Action"]), tuple(one["Resource"])) for sid, one in statements.items()
        } == {
            one.sid: (one.actions, tuple(map(filled_in, one.resources))) for one in spec.permissions
        }


def test_the_notification_service_publishes_to_one_topic() -> None:
    statements = allowed(deployed("payments"), "notification-service", "TaskRole")

    assert list(statements) == ["PublishNotifications"]
    assert statements["PublishNotifications"]["Resource"] == [
        "arn:aws-x:sns:eu-west-3:444455556666:payment-notifications-blue"
    ]


def test_only_ecs_tasks_of_this_account_assume_a_role(system: System) -> None:
    for role in of_type(deployed(system), "AWS::IAM::Role").values():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "444455556666"}
        assert trust["Condition"]["ArnLike"]["aws:SourceArn"].startswith(
            "arn:aws-x:ecs:eu-west-3:444455556666:"
        )
