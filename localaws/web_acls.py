"""AWS WAF: ministack keeps any rules and knows no logging configuration.

Managed rule groups and their capacity units:
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

import json
from collections.abc import Callable
from typing import Any

from localaws import emulator
from localaws.api import CallError
from localaws.emulator import Record, Response
from localaws.rules.guard import refuse

_CAPACITY = {
    "AWSManagedRulesACFPRuleSet": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesWordPressRuleSet": 100,
}
_OTHER_RULE = 2  # capacity units of a rule that counts requests
_MOST_CAPACITY = 5000
_LIMITS = range(10, 2_000_000_001)  # requests that a rate-based rule may count to
_GROUPS = ("ManagedRuleGroupStatement", "RuleGroupReferenceStatement")
_LOG_GROUP = "aws-waf-logs-"
_PROTECTION = "DataProtectionConfig"


def install() -> None:
    """Answer AWS WAF's calls from here."""
    theirs = emulator.service_handlers["wafv2"]

    async def handle(*request: Any) -> Response:
        _, _, headers, body, _ = request
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        data = json.loads(body or b"{}")
        try:
            if action in _OURS:
                answer = json.dumps(_OURS[action](data)).encode()
                return 200, {"Content-Type": "application/x-amz-json-1.1"}, answer
            if action in _RULES:
                _RULES[action](data)
        except CallError as refused:
            return emulator.json_error(refused.code, refused.message)
        response: Response = await theirs(*request)
        if action in ("CreateWebACL", "UpdateWebACL") and response[0] < 400:
            _complete(json.loads(response[2]), data)
        return response

    emulator.service_handlers["wafv2"] = handle


def _complete(answer: Record, data: Record) -> None:
    """Write into the record what ministack forgets."""
    acl_id = answer["Summary"]["Id"] if "Summary" in answer else data["Id"]
    record = emulator.web_acl(acl_id, data["Scope"])
    account = emulator.account_id()
    protected = {name: data[name] for name in (_PROTECTION,) if name in data}
    record.pop(_PROTECTION, None)
    record.update(
        **protected,
        Capacity=_capacity(data["Rules"]),
        Description=data.get("Description", ""),
        LabelNamespace=f"awswaf:{account}:webacl:{record['Name']}:",
    )


def _capacity(rules: list[Record]) -> int:
    groups = [rule["Statement"].get("ManagedRuleGroupStatement", {}).get("Name") for rule in rules]
    return sum(_CAPACITY.get(group, _OTHER_RULE) for group in groups)


def _check_rules(data: Record) -> None:
    rules = data.setdefault("Rules", [])
    for name in ("Name", "Priority"):
        values = [rule[name] for rule in rules]
        _refuse(len(set(values)) < len(values), f"The {name} of two rules is the same")
    for rule in rules:
        _check_rule(rule)
    for one in data.get(_PROTECTION, {}).get("DataProtections", ()):
        _check_field(one["Field"])
    refuse(
        _capacity(rules) > _MOST_CAPACITY,
        "WAFLimitsExceededException",
        "AWS WAF couldn't perform the operation because you exceeded your resource limit.",
    )


def _check_field(field: Record) -> None:
    """Refuse names of parts of what has none, and a part without: "FieldToProtect" in AWS WAF's
    API.
    """
    kind = field["FieldType"]
    _refuse(
        kind.startswith("SINGLE_") != bool(field.get("FieldKeys")),
        f"FieldKeys are for SINGLE_HEADER, SINGLE_COOKIE and SINGLE_QUERY_ARGUMENT, not {kind}"
        if field.get("FieldKeys")
        else f"{kind} needs FieldKeys",
    )


def _check_rule(rule: Record) -> None:
    statement = rule["Statement"]
    _refuse(len(statement) != 1, f"Rule '{rule['Name']}' needs exactly one statement")
    is_group = any(kind in statement for kind in _GROUPS)
    wanted, other = ("OverrideAction", "Action") if is_group else ("Action", "OverrideAction")
    _refuse(
        wanted not in rule or other in rule,
        f"Rule '{rule['Name']}' needs {wanted} and not {other}",
    )
    managed = statement.get("ManagedRuleGroupStatement")
    if managed and managed["VendorName"] == "AWS" and managed["Name"] not in _CAPACITY:
        raise CallError(
            "WAFNonexistentItemException",
            "AWS WAF couldn't perform the operation because your resource doesn't exist.",
        )
    rate = statement.get("RateBasedStatement")
    _refuse(
        rate and rate["Limit"] not in _LIMITS,
        f"The limit of rule '{rule['Name']}' must be from {_LIMITS.start} to {_LIMITS.stop - 1}",
    )


def _check_association(data: Record) -> None:
    """Refuse a load balancer that is not there, and a web ACL for CloudFront."""
    refuse(
        data["ResourceArn"] not in emulator.load_balancers,
        "WAFNonexistentItemException",
        "AWS WAF couldn't perform the operation because your resource doesn't exist.",
    )
    _refuse(":regional/webacl/" not in data["WebACLArn"], "The scope is not valid.")


def _keep_associated(data: Record) -> None:
    acl = emulator.web_acl(data["Id"], data["Scope"])
    associated = {
        arn
        for resource, arn in emulator.web_acl_associations.items()
        if resource in emulator.load_balancers
    }
    refuse(
        acl and acl["ARN"] in associated,
        "WAFAssociatedItemException",
        "AWS WAF couldn't perform the operation because your resource is being used by another "
        "resource or it's associated with another resource.",
    )
    if acl:
        acl.pop("Logging", None)


def _put_logging(data: Record) -> Record:
    configuration: Record = data["LoggingConfiguration"]
    acl = _acl_of(configuration["ResourceArn"])
    destinations = configuration["LogDestinationConfigs"]
    _refuse(
        len(destinations) != 1, "Exactly one log destination is allowed, field: LOG_DESTINATION"
    )
    arn = str(destinations[0])
    account = emulator.account_id()
    name = arn.removeprefix(f"arn:aws:logs:{emulator.region()}:{account}:log-group:")
    _refuse(
        name == arn or not name.startswith(_LOG_GROUP) or ":" in name,
        "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other "
        f"information separated by colons or slashes., field: LOG_DESTINATION, parameter: {arn}",
    )
    refuse(
        name not in emulator.log_groups,
        "WAFLogDestinationPermissionIssueException",
        "Unable to deliver logs to the configured destination.",
    )
    acl["Logging"] = configuration
    return {"LoggingConfiguration": configuration}


def _get_logging(data: Record) -> Record:
    return {"LoggingConfiguration": _logging_of(data["ResourceArn"])}


def _delete_logging(data: Record) -> Record:
    _logging_of(data["ResourceArn"])
    del _acl_of(data["ResourceArn"])["Logging"]
    return {}


def _list_logging(_data: Record) -> Record:
    found = [acl["Logging"] for acl in emulator.web_acls.values() if "Logging" in acl]
    return {"LoggingConfigurations": found}


def _logging_of(arn: str) -> Record:
    configuration: Record | None = _acl_of(arn).get("Logging")
    if configuration is None:
        raise CallError("WAFNonexistentItemException", "There is no logging configuration")
    return configuration


def _acl_of(arn: str) -> Record:
    for acl in emulator.web_acls.values():
        if acl["ARN"] == arn:
            return acl
    raise CallError("WAFNonexistentItemException", f"The web ACL {arn} doesn't exist")


def _refuse(condition: Any, message: str) -> None:
    refuse(condition, "WAFInvalidParameterException", message)


_OURS: dict[str, Callable[[Record], Record]] = {
    "DeleteLoggingConfiguration": _delete_logging,
    "GetLoggingConfiguration": _get_logging,
    "ListLoggingConfigurations": _list_logging,
    "PutLoggingConfiguration": _put_logging,
}
_RULES: dict[str, Callable[[Record], None]] = {
    "AssociateWebACL": _check_association,
    "CreateWebACL": _check_rules,
    "DeleteWebACL": _keep_associated,
    "UpdateWebACL": _check_rules,
}
