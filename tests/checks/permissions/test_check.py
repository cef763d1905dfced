import copy

import pytest

from checks.build import Project, is_for
from checks.findings import Finding
from checks.parameter_files import read_all
from checks.permissions import wildcards
from checks.permissions.check import check
from checks.permissions.policies import Policies
from checks.resolved import resolve, samples
from tests.checks.permissions import defects
from tests.checks.templates import rendering
from tests.systems_under_test import REFERENCES, ROOT, SYSTEMS, described, rendered


def found(system: str, plant: defects.Defect) -> list[Finding]:
    """What the check finds in a system of ours with a defect planted."""
    templates = copy.deepcopy(rendered(system).templates)
    plant(templates)
    spoilt = rendering(templates, system)
    return list(check(spoilt, described(system), samples(spoilt)))


GATEWAY = [
    (defects.an_execution_role_that_cannot_log_in, "E9601", "api-gateway logs in to its registry"),
    (defects.an_execution_role_that_cannot_pull, "E9601", "ecr:BatchGetImage on arn:aws:ecr"),
    (
        defects.an_execution_role_that_cannot_pull_the_agent,
        "E9601",
        "GuardDuty watches api",
    ),
    (defects.an_agent_of_anybodys_account, "E9603", "aws:resourceaccount is 999999999999"),
    (defects.an_agent_of_any_name, "E9602", ":*:repository/*, which nothing needs"),
    (defects.an_execution_role_that_pulls_half, "E9601", "ecr:GetDownloadUrlForLayer on"),
    (defects.an_execution_role_that_pulls_anothers_image, "E9601", "ecr:BatchGetImage"),
    (defects.an_execution_role_that_pulls_anothers_image, "E9602", "which nothing needs"),
    (defects.an_execution_role_that_pulls_anothers_image, "E9602", "another's: fraud-detector"),
    (defects.an_execution_role_that_cannot_write_logs, "E9601", "api-gateway writes its logs"),
    (
        defects.an_execution_role_that_writes_to_the_group_and_not_its_streams,
        "E9601",
        "logs:PutLogEvents",
    ),
    (defects.an_execution_role_that_cannot_read_its_secret, "E9601", "fraud-detector reads"),
    (defects.a_secret_whose_key_nobody_may_use, "E9601", "which its key encrypts"),
    (defects.a_secret_with_another_key, "E9601", "which its key encrypts"),
    (defects.a_key_for_all_secrets_of_the_system, "E9603", "secretarn is not said"),
    (defects.a_role_that_ecs_cannot_assume, "E9601", "ecs-tasks.amazonaws.com sts:AssumeRole"),
    (defects.a_role_for_another_region, "E9601", "ECS assumes it for the tasks of api-gateway"),
    (defects.a_denial, "E9601", "api-gateway writes its logs"),
    (defects.a_log_key_that_logs_cannot_make_data_keys_with, "E9601", "kms:GenerateDataKey on"),
    (defects.a_log_key_that_logs_cannot_encrypt_again_with, "E9601", "kms:ReEncryptFrom on"),
    (defects.a_log_key_for_other_groups, "E9601", "encrypts /ecs/payment-api-gateway-dev"),
    (defects.a_log_key_for_logs_of_another_region, "E9601", "logs.us-east-1.amazonaws.com kms:"),
    (defects.a_log_group_that_the_key_is_not_for, "E9601", "encrypts /elsewhere/api"),
    (defects.a_log_key_that_nobody_administers, "E9601", "the account administers its key"),
    (defects.another_services_secret, "E9602", "secret:payment-db-credentials-dev"),
    (defects.another_services_secret, "E9602", "which is another's: payment-processor reads"),
    (defects.every_secret, "E9602", "secret:payment-*, which nothing needs"),
    (defects.another_services_log_group, "E9602", "/ecs/payment-fraud-detector-dev:*, which"),
    (defects.every_repository, "E9602", "repository/*, which nothing needs"),
    (defects.an_action_too_many, "E9602", "allows logs:DeleteLogStream on"),
    (defects.a_task_role_that_may_more_than_is_described, "E9602", "allows s3:GetObject on arn"),
    (defects.a_wildcard_resource, "E9604", "allows logs:PutLogEvents on *"),
    (defects.a_role_that_reads_keys, "E9604", "allows kms:Decrypt on *"),
    (defects.a_role_that_anybody_assumes, "E9603", "it is arn:aws:iam::999999999999:root"),
    (defects.a_role_that_lambda_assumes_too, "E9602", "lambda.amazonaws.com sts:AssumeRole"),
    (defects.a_confused_deputy, "E9603", "must be denied where aws:sourceaccount is 9999"),
    (defects.a_source_of_any_account, "E9603", "aws:sourcearn is arn:aws:ecs:us-east-1:999"),
    (defects.a_log_key_for_everybodys_groups, "E9603", "log-group:/stranger"),
    (defects.a_log_key_that_everybody_uses, "E9603", "it is arn:aws:iam::999999999999:root"),
    (defects.a_log_key_that_another_account_uses, "E9602", "999999999999:root kms:Decrypt"),
    (defects.one_execution_role_for_two_services, "E9606", "api-gateway and ECS assumes it for"),
    (defects.a_role_that_nobody_uses, "E9606", "nobody uses it"),
    (defects.a_misspelt_action, "E9605", "logs:PutLogEvent is no action"),
    (defects.a_misspelt_service, "E9605", "dynamo:GetItem is no action"),
    (defects.a_log_key_of_which_nobody_makes_an_alias, "E9601", "kms:CreateAlias on"),
    (defects.policies_that_are_none, "E9600", "must be a list"),
    (defects.a_policy_that_is_none, "E9600", "must be an inline policy"),
    (defects.a_policy_without_a_document, "E9600", "must have Version 2012-10-17"),
    (defects.a_policy_without_statements, "E9600", ""),
    (defects.a_statement_without_actions, "E9600", ""),
    (defects.a_policy_for_logs_of_nobody, "E9600", "is for None, which is not of this system"),
    (defects.an_endpoint_that_lets_no_layer_through, "E9601", "layers of their images"),
    (defects.an_endpoint_that_lets_no_pull_through, "E9601", "api-gateway pulls its image"),
    (defects.an_endpoint_for_another_account, "E9601", "api-gateway writes its logs"),
    (defects.an_endpoint_that_lets_strangers_through, "E9603", "aws:principalaccount is 999"),
    (defects.an_endpoint_that_lets_anything_through, "E9604", "secretsmanager:*: a wildcard"),
    (defects.an_endpoint_to_all_of_s3, "E9604", "s3:GetObject on *"),
    (defects.an_endpoint_without_a_policy, "E9600", "must have Version 2012-10-17"),
    (defects.alarms_that_cannot_publish, "E9601", "cloudwatch.amazonaws.com sns:Publish on"),
    (defects.alarms_that_cannot_publish, "E9602", "cloudwatch.amazonaws.com sns:Subscribe on"),
    (defects.alarms_that_cannot_encrypt, "E9601", "cloudwatch.amazonaws.com kms:GenerateDataKey"),
    (defects.alarms_that_cannot_decrypt, "E9601", "cloudwatch.amazonaws.com kms:Decrypt on"),
    (defects.a_topic_with_the_key_that_sns_brings, "E9600", "must be a key of this system"),
    (defects.alarms_of_anybody, "E9603", "aws:sourceaccount is 999999999999"),
    (defects.alarms_in_clear_text, "E9603", "aws:securetransport is false"),
    (defects.a_topic_key_for_anybodys_alarms, "E9603", "aws:sourceaccount is 999999999999"),
    (defects.a_topic_to_which_everybody_publishes, "E9603", "it is stranger.amazonaws.com"),
    (defects.a_web_acl_whose_log_cannot_be_delivered, "E9601", "the log of the web ACL"),
    (defects.a_web_acl_with_a_log_of_somebody_else, "E9600", "must write to a log group of this"),
    (defects.a_policy_for_logs_of_somebody_else, "E9600", "which is not of this system"),
    (defects.a_web_acl_s_log_to_which_anybody_delivers, "E9603", "aws:sourceaccount is 9999"),
    (defects.a_log_group_that_everybody_reads, "E9602", "logs:GetLogEvents on"),
    (defects.a_load_balancer_that_cannot_write_its_logs, "E9601", "delivers its access_logs"),
    (defects.a_load_balancer_that_writes_elsewhere, "E9601", "/elsewhere/AWSLogs/1111"),
    (defects.flow_logs_that_cannot_see_the_bucket, "E9601", "s3:GetBucketAcl on arn:aws:s3"),
    (defects.flow_logs_of_another_region, "E9601", "the flow logs of the network are delivered"),
    (defects.flow_logs_somewhere_else, "E9600", "must write to a bucket of this system"),
    (defects.flow_logs_to_a_log_group, "E9600", "must be s3"),
    (defects.a_bucket_for_everybodys_load_balancers, "E9603", "loadbalancer/app/public"),
    (defects.a_bucket_that_load_balancers_fill_as_they_like, "E9602", "LogBucket}/*, which"),
    (defects.a_bucket_in_clear_text, "E9603", "aws:securetransport is false"),
    (defects.an_image_key_that_nobody_grants, "E9601", "kms:CreateGrant on"),
    (defects.a_role_that_decrypts_by_itself, "E9603", "kms:viaservice is s3.us-east-1"),
    (defects.a_role_that_decrypts_any_secret, "E9603", "kms:encryptioncontext:secretarn is"),
    (defects.a_log_key_for_groups_of_any_region, "E9603", "arn:aws:logs:elsewhere:1111"),
    (defects.a_log_key_that_logs_administers, "E9602", "logs.us-east-1.amazonaws.com kms:* on"),
    (defects.a_log_key_that_anybody_grants, "E9603", "kms:grantisforawsresource is false"),
    (defects.everything_but, "E9600", "is not understood in an identity policy"),
    (defects.an_unknown_operator, "E9600", "StringEqualsIgnoreCase is not an operator"),
    (defects.a_managed_policy, "E9600", "what it allows is not known"),
    (defects.a_policy_that_stands_elsewhere, "E9600", "has a policy, which is not understood"),
    (defects.a_role_of_somebody_else, "E9600", "must be a role of this system"),
    (defects.an_image_of_somewhere_else, "E9600", "must be of an ECR repository"),
    (defects.another_log_driver, "E9600", "must be awslogs"),
    (defects.credentials_for_a_registry, "E9600", "what it needs is not known"),
    (defects.a_secret_that_is_a_parameter, "E9600", "must be the ARN of a secret"),
    (defects.somebody_elses_log_key, "E9600", "must be a key of this system"),
    (defects.something_that_cannot_be_resolved, "E9600", "'Nothing' is no parameter"),
]
PAYMENTS = [
    (defects.a_task_role_that_cannot_do_what_is_described, "E9601", "to PublishNotifications"),
    (defects.a_task_role_that_publishes_anywhere, "E9604", "allows sns:Publish on *"),
    (defects.every_action_of_a_service, "E9604", "allows sns:*: a wildcard"),
]
DEFECTS = [
    *(("gateway", *one) for one in GATEWAY),
    *(("payments", *one) for one in PAYMENTS),
]


@pytest.mark.parametrize(
    ("system", "plant", "rule", "message"),
    DEFECTS,
    ids=[f"{plant.__name__}-{rule}" for _, plant, rule, _ in DEFECTS],
)
def test_notices(system: str, plant: defects.Defect, rule: str, message: str) -> None:
    noticed = found(system, plant)

    assert any(one.rule == rule and message in one.message for one in noticed), noticed
    assert all(one.file.startswith(f"{system}/") for one in noticed)
    assert all("\0" not in one.message for one in noticed)


@pytest.mark.parametrize("system", SYSTEMS)
def test_systems_of_ours_allow_what_is_needed_and_nothing_else(system: str) -> None:
    one = rendered(system)

    assert list(check(one, described(system), samples(one))) == []


def test_no_environment_allows_otherwise() -> None:
    files = read_all(Project(ROOT).parameters, REFERENCES)

    assert len(files) == 6
    for file in files:
        (name,) = (one for one in SYSTEMS if is_for(file, described(one)))
        assert list(check(rendered(name), described(name), file.parameters)) == []


def test_a_finding_says_where_the_statement_is() -> None:
    (one,) = found("gateway", defects.an_action_too_many)

    assert one.file == "gateway/roles.json"
    role = "Resources/ApiGatewayExecutionRole/Properties"
    assert one.path == f"{role}/Policies/0/PolicyDocument/Statement/3"


def test_every_wildcard_that_is_listed_is_used() -> None:
    seen: set[tuple[str, str]] = set()
    for name in SYSTEMS:
        one = resolve(rendered(name), samples(rendered(name)))
        for policy in Policies(one).all:
            for statement in policy.statements:
                seen |= {(action, "") for action in statement.actions}
                if "*" in statement.resources:
                    seen |= {(action, policy.kind.name) for action in statement.actions}

    assert seen >= {(action, "") for action in wildcards.ACTIONS}
    for kind, actions in wildcards.ON.items():
        assert seen >= {(action, kind.name) for action in actions}


def test_every_wildcard_that_is_listed_has_a_source() -> None:
    assert all(wildcards.ACTIONS.values())
    assert all(source for actions in wildcards.ON.values() for source in actions.values())
