import json
from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, get_att, only, ref
from tests.localaws.stacks import Stacks, output, template

VPC = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}


def policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


KEY_POLICY = policy(Principal="*", Action="kms:*", Resource="*")
TRUST = policy(Principal={"Service": "ecs-tasks.amazonaws.com"}, Action="sts:AssumeRole")
READ = policy(Action="s3:GetObject", Resource="*")
DELIVER = policy(
    Principal={"Service": "delivery.logs.amazonaws.com"}, Action="logs:PutLogEvents", Resource="*"
)
KEYS = {
    name: {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": KEY_POLICY}}
    for name in ("Key", "OtherKey")
}
LIFECYCLE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 14,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)
GENERATE = {
    "ExcludeCharacters": '"@/\\',
    "ExcludePunctuation": True,
    "GenerateStringKey": "password",
    "PasswordLength": 40,
    "SecretStringTemplate": '{"username": "api"}',
}


def read_key(session: LocalSession, key_id: str) -> Properties:
    kms = session.client("kms")
    found = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    rotation = kms.get_key_rotation_status(KeyId=key_id)
    return {
        **only(found, "Description", "KeySpec", "KeyUsage"),
        "Enabled": found["Enabled"],
        "MultiRegion": found["MultiRegion"],
        "EnableKeyRotation": rotation["KeyRotationEnabled"],
        "RotationPeriodInDays": rotation["RotationPeriodInDays"],
        "KeyPolicy": json.loads(kms.get_key_policy(KeyId=key_id)["Policy"]),
    }


def tags_of_key(session: LocalSession, key_id: str) -> list[dict[str, str]]:
    found = session.client("kms").list_resource_tags(KeyId=key_id)["Tags"]
    return [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in found]


def read_alias(session: LocalSession, name: str) -> Properties:
    found = session.client("kms").list_aliases()["Aliases"]
    alias = next(alias for alias in found if alias["AliasName"] == name)
    return only(alias, "AliasName", "TargetKeyId")


def _secret(session: LocalSession, arn: str) -> Any:
    return session.client("secretsmanager").describe_secret(SecretId=arn)


def _value(session: LocalSession, arn: str) -> str:
    return str(session.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def read_secret(session: LocalSession, arn: str) -> Properties:
    found = only(_secret(session, arn), "Description", "KmsKeyId", "Name")
    return {**found, "SecretString": _value(session, arn)}


def read_generated_secret(session: LocalSession, arn: str) -> Properties:
    """The generated value shows every part of the rule that generated it."""
    value = json.loads(_value(session, arn))
    password = value.pop("password")
    assert password.isalnum()
    found = only(_secret(session, arn), "Description", "KmsKeyId", "Name")
    seen = {"PasswordLength": len(password), "SecretStringTemplate": json.dumps(value)}
    return {**found, "GenerateSecretString": {**GENERATE, **seen}}


def tags_of_secret(session: LocalSession, arn: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = _secret(session, arn)["Tags"]
    return found


def _repository(session: LocalSession, name: str) -> Any:
    return session.client("ecr").describe_repositories(repositoryNames=[name])["repositories"][0]


def read_repository(session: LocalSession, name: str) -> Properties:
    ecr, found = session.client("ecr"), _repository(session, name)
    encryption = found["encryptionConfiguration"]
    lifecycle = ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]
    return {
        "EncryptionConfiguration": {
            "EncryptionType": encryption["encryptionType"],
            "KmsKey": encryption["kmsKey"],
        },
        "ImageScanningConfiguration": {
            "ScanOnPush": found["imageScanningConfiguration"]["scanOnPush"]
        },
        "ImageTagMutability": found["imageTagMutability"],
        "LifecyclePolicy": {"LifecyclePolicyText": lifecycle},
        "RepositoryName": found["repositoryName"],
        "RepositoryPolicyText": json.loads(
            ecr.get_repository_policy(repositoryName=name)["policyText"]
        ),
    }


def tags_of_repository(session: LocalSession, name: str) -> list[dict[str, str]]:
    arn = _repository(session, name)["repositoryArn"]
    found: list[dict[str, str]]
    found = session.client("ecr").list_tags_for_resource(resourceArn=arn)["tags"]
    return found


def read_policy(session: LocalSession, arn: str) -> Properties:
    iam = session.client("iam")
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])
    return {
        **only(found, "Description", "Path"),
        "ManagedPolicyName": found["PolicyName"],
        "PolicyDocument": version["PolicyVersion"]["Document"],
    }


def read_role(session: LocalSession, name: str) -> Properties:
    iam = session.client("iam")
    found = iam.get_role(RoleName=name)["Role"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        **only(found, "AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path"),
        "RoleName": found["RoleName"],
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "Policies": [
            {
                "PolicyName": each,
                "PolicyDocument": iam.get_role_policy(RoleName=name, PolicyName=each)[
                    "PolicyDocument"
                ],
            }
            for each in inline
        ],
    }


def tags_of_role(session: LocalSession, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = session.client("iam").list_role_tags(RoleName=name)["Tags"]
    return found


def read_log_group(session: LocalSession, name: str) -> Properties:
    found = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    return {
        "KmsKeyId": found["kmsKeyId"],
        "LogGroupClass": found["logGroupClass"],
        "LogGroupName": found["logGroupName"],
        "RetentionInDays": found["retentionInDays"],
    }


def tags_of_log_group(session: LocalSession, name: str) -> list[dict[str, str]]:
    logs = session.client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
    tags = logs.list_tags_for_resource(resourceArn=found["arn"].removesuffix(":*"))["tags"]
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def read_log_policy(session: LocalSession, name: str) -> Properties:
    found = session.client("logs").describe_resource_policies()["resourcePolicies"]
    (one,) = (each for each in found if each["policyName"] == name)
    return {"PolicyDocument": json.loads(one["policyDocument"]), "PolicyName": one["policyName"]}


def read_namespace(session: LocalSession, namespace_id: str) -> Properties:
    found = session.client("servicediscovery").get_namespace(Id=namespace_id)["Namespace"]
    assert found["Type"] == "DNS_PRIVATE"
    dns = found["Properties"]["DnsProperties"]
    zone = session.client("route53").get_hosted_zone(Id=dns["HostedZoneId"])
    return {
        **only(found, "Description", "Name"),
        "Properties": {"DnsProperties": {"SOA": dns["SOA"]}},
        "Vpc": zone["VPCs"][0]["VPCId"],
    }


def tags_of_namespace(session: LocalSession, namespace_id: str) -> list[dict[str, str]]:
    discovery = session.client("servicediscovery")
    arn = discovery.get_namespace(Id=namespace_id)["Namespace"]["Arn"]
    found: list[dict[str, str]] = discovery.list_tags_for_resource(ResourceARN=arn)["Tags"]
    return found


def _discovery(session: LocalSession, service_id: str) -> Any:
    return session.client("servicediscovery").get_service(Id=service_id)["Service"]


def read_discovery(session: LocalSession, service_id: str) -> Properties:
    found = _discovery(session, service_id)
    dns = only(found["DnsConfig"], "DnsRecords", "RoutingPolicy", "NamespaceId")
    return {
        **only(found, "Description", "HealthCheckCustomConfig", "Name", "NamespaceId"),
        "DnsConfig": dns,
    }


def tags_of_discovery(session: LocalSession, service_id: str) -> list[dict[str, str]]:
    arn = _discovery(session, service_id)["Arn"]
    found: list[dict[str, str]]
    found = session.client("servicediscovery").list_tags_for_resource(ResourceARN=arn)["Tags"]
    return found


NAMESPACE = {
    "Namespace": {
        "Type": "AWS::ServiceDiscovery::PrivateDnsNamespace",
        "Properties": {"Name": "internal", "Vpc": ref("Vpc")},
    }
}

CASES = [
    Case(
        "AWS::KMS::Key",
        {
            "Description": "logs",
            "EnableKeyRotation": True,
            "Enabled": True,
            "KeyPolicy": KEY_POLICY,
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "MultiRegion": False,
            "RotationPeriodInDays": 180,
        },
        read_key,
        tags_of_key,
        changed={"Description": "secrets"},
    ),
    Case(
        "AWS::KMS::Alias",
        {"AliasName": "alias/payments/logs", "TargetKeyId": ref("Key")},
        read_alias,
        around=KEYS,
        changed={"TargetKeyId": ref("OtherKey")},
    ),
    Case(
        "AWS::SecretsManager::Secret",
        {"Description": "d", "KmsKeyId": ref("Key"), "Name": "api", "SecretString": "{}"},
        read_secret,
        tags_of_secret,
        KEYS,
        changed={"Description": "changed"},
    ),
    Case(
        "AWS::SecretsManager::Secret",
        {"Description": "d", "Name": "api", "GenerateSecretString": GENERATE},
        read_generated_secret,
        tags_of_secret,
        changed={"Description": "changed"},
    ),
    Case(
        "AWS::ECR::Repository",
        {
            "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": get_att("Key", "Arn")},
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "ImageTagMutability": "IMMUTABLE",
            "LifecyclePolicy": {"LifecyclePolicyText": LIFECYCLE},
            "RepositoryName": "payments/api",
            "RepositoryPolicyText": policy(Principal="*", Action="ecr:BatchGetImage"),
        },
        read_repository,
        tags_of_repository,
        KEYS,
        changed={"ImageScanningConfiguration": {"ScanOnPush": False}},
    ),
    Case(
        "AWS::IAM::ManagedPolicy",
        {
            "Description": "reads",
            "ManagedPolicyName": "read",
            "Path": "/payments/",
            "PolicyDocument": READ,
        },
        read_policy,
        changed={"PolicyDocument": policy(Action="s3:PutObject", Resource="*")},
    ),
    Case(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": TRUST,
            "Description": "runs the api",
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "MaxSessionDuration": 7200,
            "Path": "/payments/",
            "Policies": [{"PolicyName": "read", "PolicyDocument": READ}],
            "RoleName": "api",
        },
        read_role,
        tags_of_role,
        changed={"Policies": [{"PolicyName": "write", "PolicyDocument": TRUST}]},
    ),
    Case(
        "AWS::Logs::LogGroup",
        {
            "KmsKeyId": get_att("Key", "Arn"),
            "LogGroupClass": "STANDARD",
            "LogGroupName": "/payments/api",
            "RetentionInDays": 400,
        },
        read_log_group,
        tags_of_log_group,
        KEYS,
        changed={"RetentionInDays": 30},
    ),
    Case(
        "AWS::Logs::ResourcePolicy",
        {"PolicyDocument": DELIVER, "PolicyName": "web-acl-logs"},
        read_log_policy,
        changed={"PolicyDocument": {**DELIVER, "Id": "changed"}},
    ),
    Case(
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        {
            "Description": "calls between services",
            "Name": "internal",
            "Properties": {"DnsProperties": {"SOA": {"TTL": 30}}},
            "Vpc": ref("Vpc"),
        },
        read_namespace,
        tags_of_namespace,
        VPC,
        changed={"Description": "changed"},
    ),
    Case(
        "AWS::ServiceDiscovery::Service",
        {
            "Description": "api",
            "DnsConfig": {
                "DnsRecords": [{"TTL": 10, "Type": "A"}],
                "NamespaceId": ref("Namespace"),
                "RoutingPolicy": "MULTIVALUE",
            },
            "HealthCheckCustomConfig": {"FailureThreshold": 1},
            "Name": "api",
            "NamespaceId": ref("Namespace"),
        },
        read_discovery,
        tags_of_discovery,
        {**VPC, **NAMESPACE},
        changed={"Description": "changed"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


SECRET = {
    "Type": "AWS::SecretsManager::Secret",
    "Properties": {"Description": "first", "GenerateSecretString": GENERATE},
}


def _with(resource: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **changed}}


def test_a_secrets_ref_is_its_arn(stacks: Stacks) -> None:
    stacks.create(template({"Secret": SECRET}, Outputs={"Ref": output(ref("Secret"))}))
    arn = stacks.outputs()["Ref"]
    assert arn.startswith("arn:aws:secretsmanager:us-east-1:")
    assert arn == stacks.physical_id("Secret") == _secret(stacks.session, arn)["ARN"]


def test_a_generated_secret_is_not_minted_again(stacks: Stacks) -> None:
    stacks.create(template({"Secret": SECRET}))
    arn = stacks.physical_id("Secret")
    first = _value(stacks.session, arn)
    stacks.update(template({"Secret": _with(SECRET, Description="second")}))
    assert _value(stacks.session, arn) == first
    longer = {**GENERATE, "PasswordLength": 50}
    stacks.update(template({"Secret": _with(SECRET, GenerateSecretString=longer)}))
    assert stacks.physical_id("Secret") == arn
    assert _value(stacks.session, arn) != first


def test_a_deleted_key_waits_as_long_as_its_window(stacks: Stacks) -> None:
    stacks.create(template({"Key": _with(KEYS["Key"], PendingWindowInDays=7)}))
    key_id = stacks.physical_id("Key")
    stacks.delete()
    found = stacks.session.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    assert found["KeyState"] == "PendingDeletion"


@pytest.mark.parametrize(("empty", "ends"), [(True, "DELETE_COMPLETE"), (False, "DELETE_FAILED")])
def test_a_repository_with_images_goes_only_if_it_may_be_emptied(
    stacks: Stacks, empty: bool, ends: str
) -> None:
    properties = {"RepositoryName": "api", "EmptyOnDelete": empty}
    stacks.create(template({"R": {"Type": "AWS::ECR::Repository", "Properties": properties}}))
    stacks.session.client("ecr").put_image(
        repositoryName="api", imageTag="one", imageManifest='{"schemaVersion": 2}'
    )
    assert stacks.delete()["StackStatus"] == ends
