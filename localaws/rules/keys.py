"""KMS: a key's policy must leave somebody in charge, and let the service use the key it is for."""

import json
from collections.abc import Iterator
from typing import Any

from localaws import emulator
from localaws.api import CallError
from localaws.emulator import Properties, Record
from localaws.rules.guard import refuse
from localaws.service_rights import allows

_USES = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""


def manageable(properties: Properties) -> None:
    """Refuse a key whose policy nobody could ever change, or that names a role that is not there.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    policy = properties.get("KeyPolicy")
    if policy is None:
        return
    document = json.loads(policy) if isinstance(policy, str) else policy
    principals = list(_principals(document))
    for arn in principals:
        prefix = f"arn:aws:iam::{emulator.account_id()}:role/"
        missing = arn.startswith(prefix) and arn.rpartition("/")[2] not in emulator.roles
        refuse(
            missing,
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.",
        )
    refuse(
        not any(_may_manage(document, arn) for arn in principals),
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
    )


def _principals(document: Record) -> Iterator[str]:
    """Yield the ARNs of the principals of a policy's statements; an account is its root."""
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal: Any = statement.get("Principal", {})
        named = principal if isinstance(principal, str) else principal.get("AWS", [])
        for arn in [named] if isinstance(named, str) else named:
            account = emulator.account_id() if arn == "*" else arn
            yield account if ":" in account else f"arn:aws:iam::{account}:root"


def _may_manage(document: Record, principal: str) -> bool:
    request = emulator.policy_request(
        principal_arn=principal,
        principal_type="Root",
        principal_account=emulator.account_id(),
        action="kms:PutKeyPolicy",
        resource_arn=f"arn:aws:kms:{emulator.region()}:{emulator.account_id()}:key/new",
        region=emulator.region(),
        secure_transport=True,
    )
    decided: str = emulator.evaluate_policy(document, request).decision
    return decided == "Allow"


def usable_by_logs(properties: Properties, log_group: str = "") -> None:
    """Refuse a log group (of that name, if it is not in the properties) with a key for nothing."""
    if "KmsKeyId" not in properties:
        return
    region = emulator.region()
    name = properties.get("LogGroupName") or log_group or "new"
    arn = f"arn:aws:logs:{region}:{emulator.account_id()}:log-group:{name}"
    key = _enabled(properties["KmsKeyId"])
    refuse(
        key is None
        or not all(
            allows(
                key["Policy"],
                f"logs.{region}.amazonaws.com",
                f"kms:{use}",
                key["Arn"],
                **{"kms:encryptioncontext:aws:logs:arn": arn},
            )
            for use in _USES
        ),
        "InvalidParameterException",
        f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{arn}'",
    )


def known(key: str | None, code: str, message: str) -> None:
    """Refuse a resource whose key is not there or not enabled, with the code of its service."""
    if key and not key.startswith("alias/aws/") and _enabled(key) is None:
        raise CallError(code, message)


def _enabled(key: str) -> Record | None:
    """Return the record of a key, given by id, ARN or alias, if it can be used."""
    record = emulator.find_key(key)
    return record if record and record["KeyState"] == "Enabled" else None
