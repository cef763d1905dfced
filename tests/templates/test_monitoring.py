"""Monitoring: what is recorded beside the containers' logs, and who hears when something fails."""

import pytest

from checks.parameters import value_mistakes
from checks.rendering import Node, Rendering
from templates.render import render
from tests.resolved import as_deployed, deployed, of_type, outputs, the
from tests.systems_under_test import REFERENCES, described, rendered

BUCKET = "LogBucket"
TOPIC = "Security/AlarmTopic"
OUR_ALARMS = {
    "StringEquals": {"aws:SourceAccount": "444455556666"},
    "ArnLike": {"aws:SourceArn": "arn:aws-x:cloudwatch:eu-west-3:444455556666:alarm:*"},
}


@pytest.mark.parametrize("system", REFERENCES)
def test_alarms_are_encrypted_with_a_key_that_alarms_may_use(system: str) -> None:
    key = deployed(system)["Security/TopicKey"]["Properties"]
    statements = {one["Sid"]: one for one in key["KeyPolicy"]["Statement"]}
    use = statements["EncryptAlarms"]

    assert the(deployed(system), "AWS::SNS::Topic")["KmsMasterKeyId"] == "Security/TopicKey"
    assert key["EnableKeyRotation"] is True
    assert set(statements) == {"AdministerKeyByIam", "EncryptAlarms", "GrantToServicesOnly"}
    assert use["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert set(use["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert use["Condition"] == OUR_ALARMS


@pytest.mark.parametrize("system", REFERENCES)
def test_alarms_of_this_account_publish_and_nobody_else_does(system: str) -> None:
    policy = the(deployed(system), "AWS::SNS::TopicPolicy")
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]

    assert policy["Topics"] == [TOPIC]
    assert allowed == [
        {
            "Sid": "PublishAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": [TOPIC],
            "Condition": OUR_ALARMS,
        }
    ]


@pytest.mark.parametrize("system", REFERENCES)
def test_nobody_publishes_in_clear_text(system: str) -> None:
    policy = the(deployed(system), "AWS::SNS::TopicPolicy")["PolicyDocument"]
    (refused,) = [one for one in policy["Statement"] if one["Effect"] == "Deny"]

    assert refused["Principal"] == "*"
    assert refused["Action"] == ["sns:Publish"]
    assert refused["Resource"] == [TOPIC]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("system", REFERENCES)
def test_an_address_hears_of_alarms_where_one_is_given(system: str) -> None:
    told = as_deployed(rendered(system), AlarmEmail="on-call@example.com")

    assert of_type(deployed(system), "AWS::SNS::Subscription") == {}
    assert the(told, "AWS::SNS::Subscription") == {
        "TopicArn": TOPIC,
        "Protocol": "email",
        "Endpoint": "on-call@example.com",
    }
    assert outputs(rendered(system))["AlarmTopicArn"] == TOPIC


@pytest.mark.parametrize(
    ("address", "taken"),
    [("", True), ("on-call@example.com", True), ("on-call", False), ("a@b@example.com", False)],
)
def test_what_is_no_address_is_refused(address: str, taken: bool) -> None:
    declared = rendered("gateway").templates["parent.json"]["Parameters"]["AlarmEmail"]

    assert (not list(value_mistakes(address, declared))) is taken


def test_the_topic_s_key_goes_with_its_topic_also_where_state_is_retained() -> None:
    assert described("payments").removal_policy == "retain"
    assert deployed("payments")["Security/TopicKey"]["DeletionPolicy"] == "Delete"


def delivered(system: str) -> dict[str, Node]:
    """Return what the policy of the bucket of logs allows and denies, by Sid."""
    policy = the(deployed(system), "AWS::S3::BucketPolicy")
    assert policy["Bucket"] == BUCKET
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


def below(prefix: str) -> str:
    return f"{BUCKET}.Arn/{prefix}/AWSLogs/444455556666/*"


def of_our(service: str, resource: str) -> Node:
    ours = f"arn:aws-x:{service}:eu-west-3:444455556666:{resource}"
    return {"aws:SourceArn": ours}


@pytest.mark.parametrize("system", REFERENCES)
def test_the_bucket_of_logs_is_private_encrypted_and_keeps_versions(system: str) -> None:
    bucket = the(deployed(system), "AWS::S3::Bucket")
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    # Load balancers write to no bucket with a key of KMS.
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert "BucketName" not in bucket


@pytest.mark.parametrize("system", REFERENCES)
def test_logs_in_the_bucket_expire_as_those_of_containers_and_former_versions_after_a_month(
    system: str,
) -> None:
    given = as_deployed(rendered(system), LogRetentionDays="731")
    (rule,) = the(given, "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]

    assert rule["Status"] == "Enabled"
    assert "Prefix" not in rule
    assert rule["ExpirationInDays"] == 731
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


@pytest.mark.parametrize("system", REFERENCES)
def test_nobody_uses_the_bucket_of_logs_in_clear_text(system: str) -> None:
    refused = delivered(system)["RefuseClearText"]

    assert (refused["Effect"], refused["Principal"]) == ("Deny", "*")
    assert refused["Action"] == ["s3:*"]
    assert refused["Resource"] == [f"{BUCKET}.Arn", f"{BUCKET}.Arn/*"]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("system", REFERENCES)
def test_load_balancers_of_this_account_write_their_logs_and_nothing_else(system: str) -> None:
    allowed = delivered(system)["DeliverLoadBalancerLogs"]

    assert allowed["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert allowed["Action"] == ["s3:PutObject"]
    assert allowed["Resource"] == [
        below("load-balancer-access"),
        below("load-balancer-connections"),
    ]
    assert allowed["Condition"] == {"ArnLike": of_our("elasticloadbalancing", "loadbalancer/*")}


@pytest.mark.parametrize("system", REFERENCES)
def test_flow_logs_of_this_account_are_written_and_nothing_else(system: str) -> None:
    write, look = (delivered(system)[f"AWSLogDelivery{end}"] for end in ("Write", "AclCheck"))

    for one in (write, look):
        assert one["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
        assert one["Condition"]["StringEquals"]["aws:SourceAccount"] == "444455556666"
        assert one["Condition"]["ArnLike"] == of_our("logs", "*")
    assert write["Action"] == ["s3:PutObject"]
    assert write["Resource"] == [below("network-flows")]
    assert write["Condition"]["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"
    assert set(look["Action"]) == {"s3:GetBucketAcl", "s3:ListBucket"}
    assert look["Resource"] == [f"{BUCKET}.Arn"]


@pytest.mark.parametrize("system", REFERENCES)
def test_all_traffic_of_the_vpc_is_recorded_by_the_minute(system: str) -> None:
    flow_log = the(deployed(system), "AWS::EC2::FlowLog")
    fields = flow_log["LogFormat"].split()

    assert (flow_log["ResourceType"], flow_log["ResourceId"]) == ("VPC", "Vpc")
    assert flow_log["TrafficType"] == "ALL"
    assert flow_log["MaxAggregationInterval"] == 60
    assert (flow_log["LogDestinationType"], flow_log["LogDestination"]) == (
        "s3",
        f"{BUCKET}.Arn/network-flows/",
    )
    assert fields[:6] == [
        f"${{{name}}}"
        for name in ("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport")
    ]
    assert {"${action}", "${pkt-srcaddr}", "${pkt-dstaddr}"} < set(fields)
    assert len(fields) == len(set(fields)) == 24
    # These need a cluster, which comes after the flow log.
    assert [field for field in fields if "ecs" in field] == []


@pytest.mark.parametrize("system", REFERENCES)
def test_logs_are_written_only_once_the_policy_allows_it(system: str) -> None:
    resources = deployed(system)

    assert resources["FlowLog"]["DependsOn"] == ["LogBucketPolicy"]
    assert "LogBucketPolicy" in resources["LoadBalancer"]["DependsOn"]
    assert outputs(rendered(system))["LogBucketName"] == BUCKET


def test_the_bucket_of_logs_stays_with_its_policy_where_state_is_retained() -> None:
    for system, policies in (
        ("enclave", ("Delete", "Delete")),
        ("payments", ("RetainExceptOnCreate", "Retain")),
    ):
        for name in (BUCKET, f"{BUCKET}Policy"):
            found = deployed(system)[name]
            assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == policies


def recording(flow_logs: bool, access_logs: bool) -> Rendering:
    """Return the gateway with logs of one kind or none, and without alarms."""
    system = described("gateway")
    sections = {
        "alarms": False,
        "network": system.network.model_copy(update={"flow_logs": flow_logs}),
        "edge": system.edge.model_copy(update={"access_logs": access_logs}),
    }
    return Rendering("gateway", render(system.model_copy(update=sections)))


@pytest.mark.parametrize("flow_logs", [True, False])
def test_only_who_has_logs_to_write_may_write(flow_logs: bool) -> None:
    rendering = recording(flow_logs, access_logs=not flow_logs)
    resources = as_deployed(rendering)
    policy = the(resources, "AWS::S3::BucketPolicy")["PolicyDocument"]
    sids = {one["Sid"] for one in policy["Statement"]} - {"RefuseClearText"}

    assert ("FlowLog" in resources) is flow_logs
    assert sids == (
        {"AWSLogDeliveryWrite", "AWSLogDeliveryAclCheck"}
        if flow_logs
        else {"DeliverLoadBalancerLogs"}
    )
    waits = "LogBucketPolicy" in resources["LoadBalancer"]["DependsOn"]
    assert waits is not flow_logs


def test_alarms_alone_need_no_bucket() -> None:
    system = described("gateway")
    sections = {
        "network": system.network.model_copy(update={"flow_logs": False}),
        "edge": system.edge.model_copy(update={"access_logs": False}),
    }
    rendering = Rendering("gateway", render(system.model_copy(update=sections)))

    assert TOPIC in as_deployed(rendering)
    assert BUCKET not in as_deployed(rendering)


def test_where_nothing_is_recorded_and_nobody_told_there_is_neither_bucket_nor_alarm() -> None:
    rendering = recording(flow_logs=False, access_logs=False)
    kinds = {one["Type"] for one in rendering.templates["parent.json"]["Resources"].values()}

    assert "AWS::ElasticLoadBalancingV2::LoadBalancer" in kinds
    assert not {"AWS::CloudWatch::Alarm", "AWS::S3::Bucket"} & kinds
    assert "LogBucketName" not in rendering.templates["parent.json"]["Outputs"]


def test_a_system_without_a_load_balancer_has_no_logs_of_one() -> None:
    system = described("gateway")
    services = {
        name: spec.model_copy(update={"routes": ()}) for name, spec in system.services.items()
    }
    resources = as_deployed(
        Rendering("gateway", render(system.model_copy(update={"services": services})))
    )

    assert "FlowLog" in resources
    assert "DeliverLoadBalancerLogs" not in str(resources["LogBucketPolicy"])


def test_without_alarms_there_is_neither_topic_nor_address() -> None:
    quiet = described("gateway").model_copy(update={"alarms": False})
    rendering = Rendering("gateway", render(quiet))

    assert "AlarmEmail" not in rendering.templates["parent.json"]["Parameters"]
    assert TOPIC not in as_deployed(rendering)
