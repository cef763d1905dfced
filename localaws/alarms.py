"""CloudWatch's PutMetricAlarm: ministack forgets metric math and takes what contradicts itself."""

from typing import Any

from localaws import emulator
from localaws.api import CallError
from localaws.emulator import Record, Response
from localaws.rules.guard import refuse

_FORGOTTEN = ("EvaluateLowSampleCountPercentile", "Metrics", "ThresholdMetricId")
_ONE_METRIC = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic")
_MAXIMAL_TIME = 86_400
"""Seconds that all evaluation periods may cover; a week if the period is an hour or longer.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""


def install() -> None:
    """Let CloudWatch put alarms from here."""
    emulator.replace("_put_metric_alarm", put_metric_alarm, emulator.cloudwatch)


def put_metric_alarm(
    parameters: Record, body: Record, is_cbor: bool, is_json: bool = False
) -> Response:
    """PutMetricAlarm; ministack's own for a client so old that it sends a form."""
    if not body:
        return emulator.put_alarm(parameters, body, is_cbor, is_json)
    try:
        _check(body)
    except CallError as refused:
        return emulator.alarm_error(
            refused.code, refused.message, 400, use_json=is_json, use_cbor=is_cbor
        )
    response = emulator.put_alarm(parameters, body, is_cbor, is_json)
    if response[0] < 400:
        _complete(emulator.alarms[body["AlarmName"]], body)
    return response


def _complete(record: Record, body: Record) -> None:
    """Add what was forgotten, and take away what nobody said."""
    record.update({name: body[name] for name in _FORGOTTEN if name in body})
    for name in (*_ONE_METRIC, "Threshold"):
        if name not in body:
            record.pop(name, None)


def _check(body: Record) -> None:
    math = body.get("Metrics")
    _refuse(
        bool(math) == bool(body.get("MetricName")),
        "Exactly one of the parameters MetricName and Metrics must be specified",
    )
    if math:
        named = [name for name in _ONE_METRIC if body.get(name)]
        _refuse(named, f"{', '.join(named)} must not be set if Metrics is set")
        _check_math(math)
    else:
        _check_metric(body)
    periods, points = body["EvaluationPeriods"], body.get("DatapointsToAlarm") or 1
    _refuse(points > periods, "DatapointsToAlarm must not be greater than EvaluationPeriods")
    _refuse(
        ("Threshold" in body) == ("ThresholdMetricId" in body),
        "Exactly one of the parameters Threshold and ThresholdMetricId must be specified",
    )


def _check_metric(body: Record) -> None:
    _refuse(
        bool(body.get("Statistic")) == bool(body.get("ExtendedStatistic")),
        "Exactly one of the parameters Statistic and ExtendedStatistic must be specified",
    )
    _refuse(not body.get("Namespace"), "Namespace must be specified")
    period = body.get("Period") or 0
    _check_period(period)
    limit = _MAXIMAL_TIME * (7 if period >= 3600 else 1)
    _refuse(
        period * body["EvaluationPeriods"] > limit,
        f"Metrics cannot be checked across more than {limit} seconds (EvaluationPeriods * Period)",
    )


def _check_math(queries: list[Record]) -> None:
    returned = [query for query in queries if query.get("ReturnData", True)]
    _refuse(len(returned) != 1, "Exactly one element of the metrics list should return data")
    _refuse(len({query["Id"] for query in queries}) < len(queries), "Metric ids must be unique")
    for query in queries:
        _refuse(
            ("MetricStat" in query) == ("Expression" in query),
            f"Metric '{query['Id']}' must have either MetricStat or Expression",
        )
        if "MetricStat" in query:
            _check_period(query["MetricStat"]["Period"])


def _check_period(period: int) -> None:
    _refuse(
        period not in (10, 20, 30) and (period < 60 or period % 60),
        "Period must be 10, 20, 30 or a multiple of 60",
    )


def _refuse(condition: Any, message: str) -> None:
    refuse(condition, "ValidationError", message)
