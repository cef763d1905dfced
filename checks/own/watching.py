"""Rules over alarms and log groups."""

from checks.own.rule import Hits, rule
from checks.rendering import Node
from checks.walk import branches, is_given, items, numbers, resources, texts

ALARM = "AWS::CloudWatch::Alarm"
LOG_GROUP = "AWS::Logs::LogGroup"


@rule("E9161")
def alarm_on_everything(template: Node) -> Hits:
    """Require dimensions on an alarm over an AWS metric: without them there is no such metric, and
    the alarm never rings.
    """
    for path, alarm in resources(template, ALARM):
        namespaces = [name for name in texts(alarm.get("Namespace")) if name.startswith("AWS/")]
        if not namespaces or not is_given(alarm.get("MetricName")):
            continue
        for choice in branches(alarm.get("Dimensions")):
            if choice is None or (isinstance(choice, list) and not choice):
                yield (*path, "Dimensions"), f"is missing: which of {namespaces[0]} is meant"
        for where, one in items(alarm.get("Dimensions"), (*path, "Dimensions")):
            if not is_given(one.get("Value")) or "" in texts(one.get("Value")):
                yield (*where, "Value"), "is missing"


@rule("E9162")
def alarm_that_nobody_hears(template: Node) -> Hits:
    """Require an action on each alarm: one that tells nobody is no alarm (PCI DSS 10.7.2)."""
    for path, alarm in resources(template, ALARM):
        for choice in branches(alarm.get("AlarmActions")):
            if not is_given(choice) or choice == []:
                yield (*path, "AlarmActions"), "is missing: nobody would hear of it"
        if any(str(one).lower() == "false" for one in branches(alarm.get("ActionsEnabled"))):
            yield (*path, "ActionsEnabled"), "must be true"


@rule("E9163")
def logs_for_ever(template: Node) -> Hits:
    """Require a retention on each log group: without one, events stay and cost for ever."""
    for path, group in resources(template, LOG_GROUP):
        if not is_given(group.get("RetentionInDays")):
            yield (*path, "RetentionInDays"), "is missing: events would never expire"


@rule("E9166")
def half_an_alarm(template: Node) -> Hits:
    """Require a metric, its statistic, its period and a threshold, without which CloudWatch refuses
    an alarm, and a period that it can count in.
    """
    for path, alarm in resources(template, ALARM):
        if is_given(alarm.get("Metrics")):
            continue
        for name in ("MetricName", "Namespace", "Period", "Threshold"):
            if not is_given(alarm.get(name)):
                yield (*path, name), "is missing"
        if not is_given(alarm.get("Statistic")) and not is_given(alarm.get("ExtendedStatistic")):
            yield (*path, "Statistic"), "is missing"
        for period in numbers(alarm.get("Period")):
            if period not in (10, 20, 30) and (period % 60 or not period):
                yield (*path, "Period"), f"must be 10, 20, 30 or minutes, found {period:g}"


@rule("E9167")
def silence_without_a_meaning(template: Node) -> Hits:
    """Require that an alarm says what a minute without data means: an error count has none where
    all is well, and a service that is gone has none either.
    """
    for path, alarm in resources(template, ALARM):
        meanings = {"breaching", "ignore", "missing", "notBreaching"}
        for choice in branches(alarm.get("TreatMissingData")):
            if not is_given(choice) or (isinstance(choice, str) and choice not in meanings):
                yield (*path, "TreatMissingData"), f"must be one of {', '.join(sorted(meanings))}"
