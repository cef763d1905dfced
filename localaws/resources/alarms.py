"""AWS::CloudWatch::Alarm: through PutMetricAlarm, except for its tags."""

from localaws import emulator
from localaws.api import call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.shapes import parameters_of

_TYPE = "AWS::CloudWatch::Alarm"


def _create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    name = properties.get("AlarmName") or emulator.physical_name(stack, logical_id, max_len=255)
    return _put(name, properties)


def _update(
    name: str, _old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    return _put(name, new)


def _put(name: str, properties: Properties) -> Provisioned:
    untagged = {key: value for key, value in properties.items() if key != "Tags"}
    request = parameters_of("cloudwatch", "PutMetricAlarm", {**untagged, "AlarmName": name})
    call("cloudwatch", "PutMetricAlarm", **request)
    emulator.tag_alarm(name, properties.get("Tags") or [])
    return name, {"Arn": emulator.alarms[name]["AlarmArn"]}


def _delete(name: str, _properties: Properties) -> None:
    call("cloudwatch", "DeleteAlarms", AlarmNames=[name])


TYPES = [
    ResourceType(
        _TYPE,
        """
        ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm
        Dimensions.Name Dimensions.Value EvaluateLowSampleCountPercentile EvaluationPeriods
        ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions Period
        Statistic Threshold ThresholdMetricId TreatMissingData Unit
        """,
        _create,
        _update,
        _delete,
    )
]
