"""Buckets, what may be written to them, and the flow logs that end there."""

import json
from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, get_att, only, ref
from tests.localaws.refusals import code_of, refuses_update
from tests.localaws.stacks import Stacks, output, template

ACCOUNT = ref("AWS::AccountId")
VPC = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}
KEY = {
    "Key": {
        "Type": "AWS::KMS::Key",
        "Properties": {
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
                ],
            }
        },
    }
}


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def bucket_policy(name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    properties = {"Bucket": ref(name), "PolicyDocument": document}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": properties}


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def allow(service: str, source: str, name: str = "Logs") -> dict[str, Any]:
    """The statement that lets a service put logs below AWSLogs, with any prefix."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": sub(f"${{{name}.Arn}}/*AWSLogs/${{AWS::AccountId}}/*"),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": sub(source)},
        },
    }


ONLY_TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [get_att("Logs", "Arn"), sub("${Logs.Arn}/*")],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
BALANCERS = "arn:aws:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:loadbalancer/*"
LOG_BUCKET = {
    "Logs": bucket(),
    "LogPolicy": bucket_policy(
        "Logs",
        ONLY_TLS,
        allow("logdelivery.elasticloadbalancing", BALANCERS),
        allow("delivery.logs", "arn:aws:logs:${AWS::Region}:${AWS::AccountId}:*"),
    ),
}


def s3(session: LocalSession) -> Any:
    return session.client("s3")


LIFECYCLE = {
    "Rules": [
        {
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            "ExpirationInDays": 400,
            "Id": "retention",
            "NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 1, "NoncurrentDays": 30},
            "NoncurrentVersionTransitions": [
                {"StorageClass": "STANDARD_IA", "TransitionInDays": 31}
            ],
            "Prefix": "AWSLogs/",
            "Status": "Enabled",
            "Transitions": [{"StorageClass": "GLACIER_IR", "TransitionInDays": 90}],
        },
        {"ExpiredObjectDeleteMarker": True, "Id": "markers", "Prefix": "", "Status": "Enabled"},
    ]
}
BLOCKED = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


def read_bucket(session: LocalSession, name: str) -> Properties:
    api = s3(session)
    encryption = api.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    rules = [
        {
            "BucketKeyEnabled": rule["BucketKeyEnabled"],
            "ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
        }
        for rule in encryption["Rules"]
    ]
    found = {
        "BucketName": name,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": rules},
        "LifecycleConfiguration": read_lifecycle(session, name),
        "VersioningConfiguration": only(api.get_bucket_versioning(Bucket=name), "Status"),
        "OwnershipControls": api.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"],
        "PublicAccessBlockConfiguration": api.get_public_access_block(Bucket=name)[
            "PublicAccessBlockConfiguration"
        ],
    }
    logging = api.get_bucket_logging(Bucket=name).get("LoggingEnabled")
    if logging:
        found["LoggingConfiguration"] = {
            "DestinationBucketName": logging["TargetBucket"],
            "LogFilePrefix": logging["TargetPrefix"],
        }
    return found


def read_lifecycle(session: LocalSession, name: str) -> Properties:
    days = {"Days": "TransitionInDays", "NoncurrentDays": "TransitionInDays"}
    rules = []
    for rule in s3(session).get_bucket_lifecycle_configuration(Bucket=name)["Rules"]:
        expiration = rule.get("Expiration", {})
        found = only(rule, "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")
        for kind in ("Transitions", "NoncurrentVersionTransitions"):
            if kind in rule:
                found[kind] = [
                    {days.get(key, key): item for key, item in each.items()} for each in rule[kind]
                ]
        if "Days" in expiration:
            found["ExpirationInDays"] = expiration["Days"]
        if "ExpiredObjectDeleteMarker" in expiration:
            found["ExpiredObjectDeleteMarker"] = expiration["ExpiredObjectDeleteMarker"]
        rules.append(
            {
                **found,
                "Id": rule["ID"],
                "Prefix": rule["Filter"]["Prefix"],
                "Status": rule["Status"],
            }
        )
    return {"Rules": rules}


def read_locked_bucket(session: LocalSession, name: str) -> Properties:
    lock = s3(session).get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    return {"ObjectLockConfiguration": lock, "ObjectLockEnabled": True}


def tags_of_bucket(session: LocalSession, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = s3(session).get_bucket_tagging(Bucket=name)["TagSet"]
    return found


def read_policy(session: LocalSession, name: str) -> Properties:
    policy = s3(session).get_bucket_policy(Bucket=name)["Policy"]
    return {"Bucket": name, "PolicyDocument": json.loads(policy)}


def read_flow_log(session: LocalSession, flow_log: str) -> Properties:
    ec2 = session.client("ec2")
    found = ec2.describe_flow_logs(FlowLogIds=[flow_log])["FlowLogs"][0]
    assert found["FlowLogStatus"] == "ACTIVE"
    names = ("DeliverLogsPermissionArn", "DestinationOptions", "LogDestination", "LogFormat")
    more = ("LogDestinationType", "LogGroupName", "MaxAggregationInterval", "ResourceId")
    kind = {"vpc": "VPC", "subnet": "Subnet"}[found["ResourceId"].split("-")[0]]
    return {**only(found, *names, *more, "TrafficType"), "ResourceType": kind}


def tags_of_flow_log(session: LocalSession, flow_log: str) -> list[dict[str, str]]:
    ec2 = session.client("ec2")
    found: list[dict[str, str]]
    found = ec2.describe_flow_logs(FlowLogIds=[flow_log])["FlowLogs"][0]["Tags"]
    return found


def encrypted(algorithm: str, **key: Any) -> dict[str, Any]:
    rule = {
        "BucketKeyEnabled": bool(key),
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm, **key},
    }
    return {"ServerSideEncryptionConfiguration": [rule]}


FLOW_LOG = {
    "DestinationOptions": {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": True,
        "PerHourPartition": False,
    },
    "LogDestination": sub("${Logs.Arn}/flow"),
    "LogDestinationType": "s3",
    "LogFormat": "${srcaddr} ${dstaddr}",
    "MaxAggregationInterval": 60,
    "ResourceId": ref("Vpc"),
    "ResourceType": "VPC",
    "TrafficType": "ALL",
}
TO_GROUP = {
    "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/flow",
    "LogDestinationType": "cloud-watch-logs",
    "LogFormat": "${srcaddr}",
    "LogGroupName": "/vpc/flow",
    "MaxAggregationInterval": 600,
    "ResourceId": ref("Vpc"),
    "ResourceType": "VPC",
    "TrafficType": "REJECT",
}
CASES = [
    Case(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": encrypted("aws:kms", KMSMasterKeyID=get_att("Key", "Arn")),
            "BucketName": sub("logs-${AWS::AccountId}"),
            "LifecycleConfiguration": LIFECYCLE,
            "LoggingConfiguration": {
                "DestinationBucketName": ref("Logs"),
                "LogFilePrefix": "access/",
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": BLOCKED,
            "VersioningConfiguration": {"Status": "Enabled"},
        },
        read_bucket,
        tags_of_bucket,
        {**KEY, "Logs": bucket()},
        changed={
            "BucketEncryption": encrypted("AES256"),
            "LifecycleConfiguration": {"Rules": LIFECYCLE["Rules"][1:]},
            "LoggingConfiguration": None,
            "PublicAccessBlockConfiguration": {**BLOCKED, "BlockPublicAcls": False},
            "VersioningConfiguration": {"Status": "Suspended"},
        },
    ),
    *(
        Case(
            "AWS::S3::Bucket",
            {
                "ObjectLockConfiguration": {
                    "ObjectLockEnabled": "Enabled",
                    "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", unit: 2}},
                },
                "ObjectLockEnabled": True,
            },
            read_locked_bucket,
            changed={"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
        )
        for unit in ("Days", "Years")
    ),
    Case(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": ref("Logs"),
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [ONLY_TLS]},
        },
        read_policy,
        around={"Logs": bucket()},
        changed={
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [ONLY_TLS, allow("delivery.logs", "*")],
            }
        },
    ),
    Case(
        "AWS::EC2::FlowLog",
        FLOW_LOG,
        read_flow_log,
        tags_of_flow_log,
        {**VPC, **LOG_BUCKET},
        depends_on=["LogPolicy"],
    ),
    Case("AWS::EC2::FlowLog", TO_GROUP, read_flow_log, tags_of_flow_log, VPC),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


def test_a_bucket_forgets_what_a_template_no_longer_says(stacks: Stacks) -> None:
    case = CASES[0]
    full = {"Type": case.type, "Properties": {**case.properties, "Tags": []}}
    stacks.create(template({**case.around, "Subject": full}))
    name = stacks.physical_id("Subject")
    bare = bucket(BucketName=case.properties["BucketName"])
    updated = stacks.update(template({**case.around, "Subject": bare}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()
    assert stacks.physical_id("Subject") == name
    api = s3(stacks.session)
    assert api.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
    assert "LoggingEnabled" not in api.get_bucket_logging(Bucket=name)
    encryption = api.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    for read in ("get_public_access_block", "get_bucket_lifecycle_configuration"):
        assert code_of(getattr(api, read), Bucket=name).startswith("NoSuch")


def test_a_lock_stays(stacks: Stacks) -> None:
    stacks.create(template({"Locked": bucket(ObjectLockEnabled=True)}))
    stacks.update(template({"Locked": bucket()}))
    assert "Object Lock" in stacks.failures()["Locked"]


def test_a_new_name_makes_a_new_bucket(stacks: Stacks) -> None:
    old, new = (bucket(BucketName=sub(f"{name}-${{AWS::AccountId}}")) for name in ("old", "new"))
    stacks.create(template({"Logs": old}))
    stacks.update(template({"Logs": new}))
    assert stacks.physical_id("Logs").startswith("new-")
    names = [each["Name"] for each in s3(stacks.session).list_buckets()["Buckets"]]
    assert names == [stacks.physical_id("Logs")]


def test_a_bucket_answers_what_templates_ask_for(stacks: Stacks) -> None:
    names = ("Arn", "DomainName", "RegionalDomainName")
    outputs = {name: output(get_att("Logs", name)) for name in names}
    stacks.create(template({"Logs": bucket()}, Outputs=outputs))
    name = stacks.physical_id("Logs")
    assert stacks.outputs() == {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.us-east-1.amazonaws.com",
    }


@pytest.mark.parametrize("versions", ["Enabled", "Suspended"])
def test_a_bucket_that_is_not_empty_stays(stacks: Stacks, versions: str) -> None:
    stacks.create(template({"Logs": bucket(VersioningConfiguration={"Status": versions})}))
    api, name = s3(stacks.session), stacks.physical_id("Logs")
    version = api.put_object(Bucket=name, Key="log", Body=b"1").get("VersionId", "null")
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"
    assert "BucketNotEmpty" in stacks.failures()["Logs"]
    api.delete_object(Bucket=name, Key="log", VersionId=version)
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_a_bucket_that_is_gone_is_no_obstacle(stacks: Stacks) -> None:
    stacks.create(template({"Logs": LOG_BUCKET["Logs"], "LogPolicy": LOG_BUCKET["LogPolicy"]}))
    s3(stacks.session).delete_bucket(Bucket=stacks.physical_id("Logs"))
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_a_bucket_has_one_policy(stacks: Stacks) -> None:
    before = LOG_BUCKET
    after = {**LOG_BUCKET, "Second": bucket_policy("Logs", ONLY_TLS)}
    assert "bucket policy already exists" in refuses_update(stacks, before, after)["Second"]


def test_a_public_policy_is_refused_where_it_is_blocked(stacks: Stacks) -> None:
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    open_bucket = {
        "Logs": bucket(PublicAccessBlockConfiguration=BLOCKED),
        "Policy": bucket_policy("Logs", public),
    }
    stacks.create(template(open_bucket))
    assert "BlockPublicPolicy" in stacks.failures()["Policy"]


def flow_log(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::FlowLog", "Properties": {**FLOW_LOG, **properties}}


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"LogDestination": "arn:aws:s3:::nowhere"}, "nowhere does not exist"),
        ({"ResourceId": "vpc-1"}, "'vpc-1' does not exist"),
        ({"DeliverLogsPermissionArn": "arn:aws:iam::1:role/r"}, "not applicable for s3"),
        ({"LogDestinationType": "cloud-watch-logs"}, "DeliverLogsPermissionArn can't be empty"),
    ],
)
def test_a_flow_log_of_or_to_nothing_is_refused(
    stacks: Stacks, properties: dict[str, Any], reason: str
) -> None:
    stacks.create(template({**VPC, "Logs": bucket(), "Flow": flow_log(**properties)}))
    assert reason in stacks.failures()["Flow"]


def test_a_flow_log_with_another_destination_is_a_new_one(stacks: Stacks) -> None:
    around = {**VPC, **LOG_BUCKET}
    stacks.create(template({**around, "Flow": {**flow_log(), "DependsOn": "LogPolicy"}}))
    first = stacks.physical_id("Flow")
    other = flow_log(LogDestination=get_att("Logs", "Arn"))
    updated = stacks.update(template({**around, "Flow": other}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()
    found = stacks.session.client("ec2").describe_flow_logs()["FlowLogs"]
    assert [each["FlowLogId"] for each in found] == [stacks.physical_id("Flow")] != [first]


def test_a_flow_log_like_another_one_is_refused(stacks: Stacks) -> None:
    before = {**VPC, **LOG_BUCKET, "Flow": {**flow_log(), "DependsOn": "LogPolicy"}}
    after = {**VPC, **LOG_BUCKET, "Renamed": flow_log()}
    assert "FlowLogAlreadyExists" in refuses_update(stacks, before, after)["Renamed"]


def test_a_flow_log_gives_itself_the_right_that_the_bucket_lacks(stacks: Stacks) -> None:
    flow = {**VPC, "Logs": bucket(), "Flow": flow_log()}
    stacks.create(template(flow))
    name = stacks.physical_id("Logs")
    policy = json.loads(s3(stacks.session).get_bucket_policy(Bucket=name)["Policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["AWSLogDeliveryWrite1"]
    stacks.update(template({**flow, "LogPolicy": LOG_BUCKET["LogPolicy"]}))
    assert "bucket policy already exists" in stacks.failures()["LogPolicy"]


def test_a_flow_log_leaves_a_policy_that_suffices_alone(stacks: Stacks) -> None:
    stacks.create(template({**VPC, **LOG_BUCKET, "Flow": {**flow_log(), "DependsOn": "LogPolicy"}}))
    name = stacks.physical_id("Logs")
    policy = json.loads(s3(stacks.session).get_bucket_policy(Bucket=name)["Policy"])
    assert "Sid" not in policy["Statement"][-1]
