"""AWS::EC2::FlowLog."""

from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned
from localaws.resources.ec2 import retag, tags_of_new
from localaws.resources.registry import ResourceType
from localaws.shapes import parameters_of


def _create(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    untagged = {name: value for name, value in properties.items() if name != "Tags"}
    request = parameters_of("ec2", "CreateFlowLogs", untagged, ResourceId="ResourceIds")
    tags = tags_of_new(properties, "vpc-flow-log")
    answer = call("ec2", "CreateFlowLogs", **request, TagSpecifications=tags)
    for refused in answer.get("Unsuccessful", []):
        raise CallError(refused["Error"]["Code"], refused["Error"].get("Message", ""))
    flow_log = str(answer["FlowLogIds"][0])
    return flow_log, {"Id": flow_log}


def _update(
    flow_log: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    retag(flow_log, old, new)
    return flow_log, {"Id": flow_log}


def _delete(flow_log: str, _properties: Properties) -> None:
    call("ec2", "DeleteFlowLogs", FlowLogIds=[flow_log])


TYPES = [
    ResourceType(
        "AWS::EC2::FlowLog",
        """
        DeliverLogsPermissionArn DestinationOptions.FileFormat
        DestinationOptions.HiveCompatiblePartitions DestinationOptions.PerHourPartition
        LogDestination LogDestinationType LogFormat LogGroupName MaxAggregationInterval ResourceId
        ResourceType TrafficType
        """,
        _create,
        _update,
        _delete,
    )
]
