"""AWS::WAFv2::*: a web ACL, what it protects and where it logs, through AWS WAF's own calls."""

from typing import Any

from localaws import emulator
from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.resources.tags import retag
from localaws.shapes import parameters_of

_SERVICE = "wafv2"
_MISSING = "WAFNonexistentItemException"


def _create_acl(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    name = properties.get("Name") or emulator.physical_name(stack, logical_id, max_len=128)
    request = parameters_of(_SERVICE, "CreateWebACL", {**properties, "Name": name})
    acl_id = call(_SERVICE, "CreateWebACL", **request)["Summary"]["Id"]
    return _acl(name, acl_id, properties["Scope"])


def _acl(name: str, acl_id: str, scope: str) -> Provisioned:
    acl = _read(name, acl_id, scope)["WebACL"]
    attributes = {key: acl[key] for key in ("Capacity", "Id", "LabelNamespace")}
    return f"{name}|{acl_id}|{scope}", {**attributes, "Arn": acl["ARN"]}


def _read(name: str, acl_id: str, scope: str) -> dict[str, Any]:
    return call(_SERVICE, "GetWebACL", Name=name, Id=acl_id, Scope=scope)


def _update_acl(
    physical_id: str, old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    name, acl_id, scope = physical_id.split("|")
    found = _read(name, acl_id, scope)
    untagged = {key: value for key, value in new.items() if key not in ("Name", "Tags")}
    request = parameters_of(_SERVICE, "UpdateWebACL", untagged)
    request.update(Name=name, Id=acl_id, LockToken=found["LockToken"])
    call(_SERVICE, "UpdateWebACL", **request)
    retag(_SERVICE, {"ResourceARN": found["WebACL"]["ARN"]}, old, new)
    return _acl(name, acl_id, scope)


def _delete_acl(physical_id: str, _properties: Properties) -> None:
    name, acl_id, scope = physical_id.split("|")
    try:
        found = _read(name, acl_id, scope)
    except CallError as error:
        if error.code == _MISSING:
            return
        raise
    token = found["LockToken"]
    call(_SERVICE, "DeleteWebACL", Name=name, Id=acl_id, Scope=scope, LockToken=token)


def _create_association(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    resource, acl = properties["ResourceArn"], properties["WebACLArn"]
    physical_id = f"{resource}|{acl}"
    if _acl_for(resource) == acl:
        raise ValueError(
            "Resource of type 'AWS::WAFv2::WebACLAssociation' with identifier "
            f"'{physical_id}' already exists."
        )
    call(_SERVICE, "AssociateWebACL", ResourceArn=resource, WebACLArn=acl)
    return physical_id, {}


def _acl_for(resource: str) -> str:
    """Return the ARN of the web ACL that protects a resource, or ""."""
    try:
        found = call(_SERVICE, "GetWebACLForResource", ResourceArn=resource)
    except CallError as error:
        if error.code == _MISSING:
            return ""
        raise
    return str(found["WebACL"]["ARN"])


def _delete_association(_physical_id: str, properties: Properties) -> None:
    """Take the protection away, unless another web ACL has taken over in the meantime."""
    if _acl_for(properties["ResourceArn"]) == properties["WebACLArn"]:
        call(_SERVICE, "DisassociateWebACL", ResourceArn=properties["ResourceArn"])


def _create_logging(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    arn = str(properties["ResourceArn"])
    try:
        call(_SERVICE, "GetLoggingConfiguration", ResourceArn=arn)
    except CallError as error:
        if error.code != _MISSING:
            raise
    else:
        raise ValueError(
            "Resource of type 'AWS::WAFv2::LoggingConfiguration' with identifier "
            f"'{arn}' already exists."
        )
    return _put_logging(properties)


def _update_logging(
    _arn: str, _old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    return _put_logging(new)


def _put_logging(properties: Properties) -> Provisioned:
    wanted = {"LoggingConfiguration": properties}
    request = parameters_of(_SERVICE, "PutLoggingConfiguration", wanted)
    call(_SERVICE, "PutLoggingConfiguration", **request)
    return str(properties["ResourceArn"]), {"ManagedByFirewallManager": False}


def _delete_logging(arn: str, _properties: Properties) -> None:
    try:
        call(_SERVICE, "DeleteLoggingConfiguration", ResourceArn=arn)
    except CallError as error:
        if error.code != _MISSING:
            raise


def _visible(path: str) -> str:
    names = ("CloudWatchMetricsEnabled", "MetricName", "SampledRequestsEnabled")
    return " ".join(f"{path}VisibilityConfig.{name}" for name in names)


TYPES = [
    ResourceType(
        "AWS::WAFv2::WebACL",
        f"""
        DataProtectionConfig.DataProtections.Action
        DataProtectionConfig.DataProtections.ExcludeRateBasedDetails
        DataProtectionConfig.DataProtections.ExcludeRuleMatchDetails
        DataProtectionConfig.DataProtections.Field.FieldKeys
        DataProtectionConfig.DataProtections.Field.FieldType
        DefaultAction Description Name Rules.Action Rules.Name Rules.OverrideAction Rules.Priority
        Rules.Statement Scope {_visible("")} {_visible("Rules.")}
        """,
        _create_acl,
        _update_acl,
        _delete_acl,
    ),
    ResourceType(
        "AWS::WAFv2::WebACLAssociation",
        "ResourceArn WebACLArn",
        _create_association,
        None,
        _delete_association,
        tags="",
    ),
    ResourceType(
        "AWS::WAFv2::LoggingConfiguration",
        """
        LogDestinationConfigs LoggingFilter RedactedFields.Method RedactedFields.QueryString
        RedactedFields.SingleHeader.Name RedactedFields.UriPath ResourceArn
        """,
        _create_logging,
        _update_logging,
        _delete_logging,
        tags="",
    ),
]
