"""AWS::S3::Bucket and its policy: every part goes through S3's own call for it."""

from collections.abc import Callable
from typing import Any

from localaws import emulator
from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned
from localaws.resources.registry import ResourceType
from localaws.shapes import as_text, is_true, parameters_of

_TYPE = "AWS::S3::Bucket"
_theirs = dict(emulator.resource_handlers[_TYPE])


def _create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    named = {name: value for name, value in properties.items() if name == "BucketName"}
    bucket, attributes = _theirs["create"](logical_id, named, stack)
    try:
        _configure(bucket, {}, properties)
    except Exception:
        call("s3", "DeleteBucket", Bucket=bucket)
        raise
    return bucket, attributes


def _update(
    bucket: str, old: Properties, new: Properties, stack: str, _logical_id: str
) -> Provisioned:
    if is_true(old.get("ObjectLockEnabled")) and not is_true(new.get("ObjectLockEnabled")):
        raise ValueError("Object Lock can not be disabled once it is enabled")
    named = {"BucketName": bucket}
    updated: Provisioned = _theirs["update"](bucket, named, named, stack)
    _configure(bucket, old, new)
    return updated


def _delete(bucket: str, _properties: Properties) -> None:
    _unless_gone("DeleteBucket", bucket)


def _configure(bucket: str, old: Properties, new: Properties) -> None:
    """Set what the properties say, and take back what only the old ones said."""
    if is_true(new.get("ObjectLockEnabled")) and not is_true(old.get("ObjectLockEnabled")):
        versions = {"VersioningConfiguration": {"Status": "Enabled"}}
        call("s3", "PutBucketVersioning", Bucket=bucket, **versions)
        call("s3", "PutObjectLockConfiguration", Bucket=bucket, **_LOCKABLE)
    for name, (put, convert, drop, nothing) in _PARTS.items():
        if name in new and new[name] != old.get(name):
            call("s3", put, Bucket=bucket, **convert(new[name]))
        elif name in old and name not in new and drop:
            call("s3", drop, Bucket=bucket, **nothing)


def _plain(operation: str, parameter: str) -> Callable[[Any], dict[str, Any]]:
    """Return what wraps a value that the template and the API write alike."""
    return lambda value: parameters_of("s3", operation, {parameter: value})


def _encryption(value: Properties) -> dict[str, Any]:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault"
            if name == "ServerSideEncryptionByDefault"
            else name: about
            for name, about in rule.items()
        }
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    wanted = {"ServerSideEncryptionConfiguration": {"Rules": rules}}
    return parameters_of("s3", "PutBucketEncryption", wanted)


def _lifecycle(value: Properties) -> dict[str, Any]:
    wanted = {"LifecycleConfiguration": {"Rules": [_rule(rule) for rule in value["Rules"]]}}
    return parameters_of("s3", "PutBucketLifecycleConfiguration", wanted)


def _rule(rule: Properties) -> dict[str, Any]:
    """Return a lifecycle rule of a template as the API writes it."""
    expiration = {
        api: rule[name]
        for name, api in (
            ("ExpirationInDays", "Days"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if name in rule
    }
    return {
        "Filter": {"Prefix": rule.get("Prefix", "")},
        **{name: rule[name] for name in _SAME if name in rule},
        **({"ID": rule["Id"]} if "Id" in rule else {}),
        **({"Expiration": expiration} if expiration else {}),
        **{
            name: [
                {
                    _DAYS[name] if key == "TransitionInDays" else key: day
                    for key, day in each.items()
                }
                for each in rule[name]
            ]
            for name in _DAYS
            if name in rule
        },
    }


_SAME = ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration", "Status")
_DAYS = {"NoncurrentVersionTransitions": "NoncurrentDays", "Transitions": "Days"}


def _logging(value: Properties) -> dict[str, Any]:
    enabled = {
        "TargetBucket": value["DestinationBucketName"],
        "TargetPrefix": value.get("LogFilePrefix", ""),
    }
    return {"BucketLoggingStatus": {"LoggingEnabled": enabled}}


def _tags(value: list[Properties]) -> dict[str, Any]:
    return parameters_of("s3", "PutBucketTagging", {"Tagging": {"TagSet": value}})


_LOCKABLE = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
# In this order: a lock needs versions. Each with the call that sets it, what makes a property the
# parameters of that call, and the call that takes it back.
_PARTS: dict[str, tuple[str, Callable[[Any], dict[str, Any]], str, dict[str, Any]]] = {
    "VersioningConfiguration": (
        "PutBucketVersioning",
        _plain("PutBucketVersioning", "VersioningConfiguration"),
        "PutBucketVersioning",
        {"VersioningConfiguration": {"Status": "Suspended"}},
    ),
    "ObjectLockConfiguration": (
        "PutObjectLockConfiguration",
        _plain("PutObjectLockConfiguration", "ObjectLockConfiguration"),
        "PutObjectLockConfiguration",
        _LOCKABLE,
    ),
    "BucketEncryption": ("PutBucketEncryption", _encryption, "DeleteBucketEncryption", {}),
    "LifecycleConfiguration": (
        "PutBucketLifecycleConfiguration",
        _lifecycle,
        "DeleteBucketLifecycle",
        {},
    ),
    "LoggingConfiguration": (
        "PutBucketLogging",
        _logging,
        "PutBucketLogging",
        {"BucketLoggingStatus": {}},
    ),
    "OwnershipControls": (
        "PutBucketOwnershipControls",
        _plain("PutBucketOwnershipControls", "OwnershipControls"),
        "DeleteBucketOwnershipControls",
        {},
    ),
    "PublicAccessBlockConfiguration": (
        "PutPublicAccessBlock",
        _plain("PutPublicAccessBlock", "PublicAccessBlockConfiguration"),
        "DeletePublicAccessBlock",
        {},
    ),
    "Tags": ("PutBucketTagging", _tags, "DeleteBucketTagging", {}),
}


def _create_policy(_logical_id: str, properties: Properties, _stack: str) -> Provisioned:
    bucket = properties["Bucket"]
    if bucket in emulator.bucket_policies:
        raise ValueError(f"The bucket policy already exists on bucket {bucket}.")
    return _put_policy(properties)


def _update_policy(
    _bucket: str, _old: Properties, new: Properties, _stack: str, _logical_id: str
) -> Provisioned:
    return _put_policy(new)


def _put_policy(properties: Properties) -> Provisioned:
    bucket = str(properties["Bucket"])
    call("s3", "PutBucketPolicy", Bucket=bucket, Policy=as_text(properties["PolicyDocument"]))
    return bucket, {}


def _delete_policy(bucket: str, _properties: Properties) -> None:
    _unless_gone("DeleteBucketPolicy", bucket)


def _unless_gone(operation: str, bucket: str) -> None:
    try:
        call("s3", operation, Bucket=bucket)
    except CallError as error:
        if error.code != "NoSuchBucket":
            raise


_LIFECYCLE = "LifecycleConfiguration.Rules"
_LOCK = "ObjectLockConfiguration"
_BLOCK = "PublicAccessBlockConfiguration"
_ENCRYPTION = "BucketEncryption.ServerSideEncryptionConfiguration"

TYPES = [
    ResourceType(
        _TYPE,
        f"""
        {_ENCRYPTION}.BucketKeyEnabled
        {_ENCRYPTION}.ServerSideEncryptionByDefault.KMSMasterKeyID
        {_ENCRYPTION}.ServerSideEncryptionByDefault.SSEAlgorithm
        BucketName
        {_LIFECYCLE}.AbortIncompleteMultipartUpload.DaysAfterInitiation
        {_LIFECYCLE}.ExpirationInDays {_LIFECYCLE}.ExpiredObjectDeleteMarker {_LIFECYCLE}.Id
        {_LIFECYCLE}.NoncurrentVersionExpiration.NewerNoncurrentVersions
        {_LIFECYCLE}.NoncurrentVersionExpiration.NoncurrentDays
        {_LIFECYCLE}.NoncurrentVersionTransitions.StorageClass
        {_LIFECYCLE}.NoncurrentVersionTransitions.TransitionInDays
        {_LIFECYCLE}.Prefix {_LIFECYCLE}.Status
        {_LIFECYCLE}.Transitions.StorageClass {_LIFECYCLE}.Transitions.TransitionInDays
        LoggingConfiguration.DestinationBucketName LoggingConfiguration.LogFilePrefix
        {_LOCK}.ObjectLockEnabled {_LOCK}.Rule.DefaultRetention.Days
        {_LOCK}.Rule.DefaultRetention.Mode {_LOCK}.Rule.DefaultRetention.Years ObjectLockEnabled
        OwnershipControls.Rules.ObjectOwnership
        {_BLOCK}.BlockPublicAcls {_BLOCK}.BlockPublicPolicy {_BLOCK}.IgnorePublicAcls
        {_BLOCK}.RestrictPublicBuckets
        VersioningConfiguration.Status
        """,
        _create,
        _update,
        _delete,
    ),
    ResourceType(
        "AWS::S3::BucketPolicy",
        "Bucket PolicyDocument",
        _create_policy,
        _update_policy,
        _delete_policy,
        tags="",
    ),
]
