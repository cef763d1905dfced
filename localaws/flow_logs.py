"""Flow logs: EC2's three calls for them. ministack forgets most of a flow log.

What AWS needs of a bucket:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
"""

import json
import secrets
from datetime import UTC, datetime

from localaws import emulator
from localaws.api import CallError
from localaws.ec2_answers import answer, elements, one, several
from localaws.emulator import Parameters, Record, Response
from localaws.service_rights import may_write

_SERVICE = "delivery.logs.amazonaws.com"
_PLAIN = (
    "DeliverLogsPermissionArn",
    "LogDestination",
    "LogFormat",
    "LogGroupName",
    "ResourceId",
    "TrafficType",
)
_OPTIONS = ("FileFormat", "HiveCompatiblePartitions", "PerHourPartition")
_DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} "
    "${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
"""https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html"""


def install() -> None:
    """Answer EC2's calls for flow logs from here."""
    emulator.ec2_actions.update(
        CreateFlowLogs=create_flow_logs,
        DescribeFlowLogs=describe_flow_logs,
        DeleteFlowLogs=delete_flow_logs,
    )


def create_flow_logs(parameters: Parameters) -> Response:
    """CreateFlowLogs; what is refused is listed in the answer, as on AWS."""
    made, refused = "", ""
    for resource in several(parameters, "ResourceId"):
        try:
            flow_log = _create(parameters, resource)
        except CallError as error:
            about = elements({"code": error.code, "message": error.message})
            refused += f"<item><resourceId>{resource}</resourceId><error>{about}</error></item>"
        else:
            made += f"<item>{flow_log}</item>"
    return answer(
        "CreateFlowLogs",
        f"<flowLogIdSet>{made}</flowLogIdSet><unsuccessful>{refused}</unsuccessful>",
    )


def _create(parameters: Parameters, resource: str) -> str:
    record: Record = {
        **{name: one(parameters, name) for name in _PLAIN},
        "ResourceId": resource,
        "LogDestinationType": one(parameters, "LogDestinationType") or "cloud-watch-logs",
        "MaxAggregationInterval": one(parameters, "MaxAggregationInterval") or "600",
        "LogFormat": one(parameters, "LogFormat") or _DEFAULT_FORMAT,
        "Options": {
            name: value
            for name in _OPTIONS
            if (value := one(parameters, f"DestinationOptions.{name}"))
        },
    }
    known = {"VPC": emulator.ec2_vpcs, "Subnet": emulator.ec2_subnets}
    if resource not in known.get(one(parameters, "ResourceType"), {}):
        raise CallError("InvalidResourceId.NotFound", f"The resource '{resource}' does not exist")
    if any(record.items() <= other.items() for other in emulator.ec2_flow_logs.values()):
        raise CallError(
            "FlowLogAlreadyExists",
            "Error. There is an existing Flow Log with the same configuration and log destination.",
        )
    if record["LogDestinationType"] == "s3":
        _check_bucket(record)
    elif not record["DeliverLogsPermissionArn"]:
        raise CallError("MissingParameter", "DeliverLogsPermissionArn can't be empty")
    record["FlowLogId"] = f"fl-{secrets.token_hex(9)[:17]}"
    record["CreationTime"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    emulator.ec2_flow_logs[record["FlowLogId"]] = record
    emulator.ec2_tag_on_create(parameters, "vpc-flow-log", record["FlowLogId"])
    return str(record["FlowLogId"])


def _check_bucket(record: Record) -> None:
    """Refuse a bucket that is not there, and let the service write to it as AWS does."""
    if record["DeliverLogsPermissionArn"]:
        raise CallError(
            "InvalidParameter", "DeliverLogsPermissionArn is not applicable for s3 delivery"
        )
    bucket, _, folder = record["LogDestination"].removeprefix("arn:aws:s3:::").partition("/")
    if bucket not in emulator.buckets:
        raise CallError("InvalidParameter", f"LogDestination: {bucket} does not exist")
    account, region = emulator.account_id(), emulator.region()
    folder = f"{folder.rstrip('/')}/AWSLogs/{account}".lstrip("/")
    source = f"arn:aws:logs:{region}:{account}:"
    if not may_write(bucket, f"{folder}/vpcflowlogs/{region}/log", _SERVICE, f"{source}1"):
        _append_right(bucket, folder, f"{source}*")


def _append_right(bucket: str, folder: str, source: str) -> None:
    """Add the statement that AWS adds to a bucket's policy when it is missing.

    A policy that CloudFormation makes for the bucket afterwards meets this one and fails.
    """
    policy = json.loads(emulator.bucket_policies.get(bucket, '{"Version": "2012-10-17"}'))
    account = emulator.account_id()
    policy.setdefault("Statement", []).append(
        {
            "Sid": "AWSLogDeliveryWrite1",
            "Effect": "Allow",
            "Principal": {"Service": _SERVICE},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/{folder}/*",
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": account,
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
                "ArnLike": {"aws:SourceArn": source},
            },
        }
    )
    emulator.bucket_policies[bucket] = json.dumps(policy)


_FILTERS = {
    "flow-log-id": "FlowLogId",
    "log-destination-type": "LogDestinationType",
    "log-group-name": "LogGroupName",
    "resource-id": "ResourceId",
    "traffic-type": "TrafficType",
}


def describe_flow_logs(parameters: Parameters) -> Response:
    """DescribeFlowLogs, by id or by a filter."""
    ids = several(parameters, "FlowLogId")
    filters = emulator.ec2_filters(parameters)
    items = "".join(
        f"<item>{_described(record)}</item>"
        for record in emulator.ec2_flow_logs.values()
        if (not ids or record["FlowLogId"] in ids)
        and all(record[_FILTERS[n]] in values for n, values in filters.items() if n in _FILTERS)
    )
    return answer("DescribeFlowLogs", f"<flowLogSet>{items}</flowLogSet>")


def _described(record: Record) -> str:
    names = (*_PLAIN, "CreationTime", "FlowLogId", "LogDestinationType", "MaxAggregationInterval")
    simple = {f"{name[0].lower()}{name[1:]}": record[name] for name in names}
    options = elements({f"{n[0].lower()}{n[1:]}": value for n, value in record["Options"].items()})
    return (
        elements({**simple, "flowLogStatus": "ACTIVE"})
        + (f"<destinationOptions>{options}</destinationOptions>" if options else "")
        + emulator.ec2_tag_set(record["FlowLogId"])
    )


def delete_flow_logs(parameters: Parameters) -> Response:
    """DeleteFlowLogs; one that is not there is listed in the answer."""
    refused = ""
    for flow_log in several(parameters, "FlowLogId"):
        if emulator.ec2_flow_logs.pop(flow_log, None) is None:
            code = "<code>InvalidFlowLogId.NotFound</code>"
            refused += f"<item><resourceId>{flow_log}</resourceId><error>{code}</error></item>"
    return answer("DeleteFlowLogs", f"<unsuccessful>{refused}</unsuccessful>")
