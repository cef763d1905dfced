"""Records of the network and the load balancer are kept, in a place of their own."""

from collections.abc import Iterator
from typing import Any, Final

from checks.consistency.nest import LOAD_BALANCER, Nest, attributes, below, each, refers_to, text
from checks.consistency.rule import Hit, Hits, rule
from checks.resolved import Resource

BUCKET: Final = "AWS::S3::Bucket"
BUCKET_POLICY: Final = "AWS::S3::BucketPolicy"
FLOW_LOG: Final = "AWS::EC2::FlowLog"
_ATTRIBUTES: Final = "LoadBalancerAttributes"


@rule("E9754")
def load_balancer_logs(nest: Nest) -> Hits:
    """Require that the load balancer records requests and connections where described, in a bucket
    of this system and apart from one another (PCI DSS 10.2).
    """
    for balancer in nest.system.of_type(LOAD_BALANCER):
        found = attributes(balancer, _ATTRIBUTES)
        wanted = nest.described.edge.access_logs
        for kind in ("access_logs", "connection_logs"):
            # An attribute that is taken away keeps its value: off has to be said.
            if found.get(f"{kind}.s3.enabled") != text(wanted):
                yield Hit(balancer, f"must have {kind}.s3.enabled {text(wanted)}", (_ATTRIBUTES,))
            elif wanted and _bucket(nest, found.get(f"{kind}.s3.bucket")) is None:
                yield Hit(balancer, f"must have a bucket of this system for {kind}", (_ATTRIBUTES,))
        prefixes = [found.get(f"{kind}.s3.prefix") for kind in ("access_logs", "connection_logs")]
        if wanted and prefixes[0] == prefixes[1]:
            yield Hit(balancer, "must have two prefixes: one cannot be told from the other")


@rule("E9755")
def network_logs(nest: Nest) -> Hits:
    """Require a record of all traffic of the VPC, accepted and refused, where described (PCI DSS
    1.2 and 10.2).
    """
    logs = nest.system.of_type(FLOW_LOG)
    for vpc in nest.system.of_type("AWS::EC2::VPC"):
        count = sum(1 for one in logs if one.properties.get("ResourceId") == vpc.reference)
        if count != nest.described.network.flow_logs:
            wanted = int(nest.described.network.flow_logs)
            yield Hit(vpc, f"has {count} flow logs, the description wants {wanted}")
    for log in logs:
        traffic = log.properties.get("TrafficType")
        if traffic != "ALL":
            yield Hit(log, f"must be ALL, found {traffic}", ("TrafficType",))
        form = text(log.properties.get("LogFormat"))
        missing = [] if form is None else [one for one in _FIELDS if f"${{{one}}}" not in form]
        if missing:
            yield Hit(log, f"must have the fields {', '.join(missing)}", ("LogFormat",))


_FIELDS: Final = ("action", "dstaddr", "dstport", "end", "protocol", "srcaddr", "srcport", "start")
"""What PCI DSS 10.2.2 asks of a record: what, when, from where, to where, with which outcome."""


@rule("E9756")
def bucket_of_logs(nest: Nest) -> Hits:
    """Require that a bucket of logs is private, versioned and encrypted, and its objects expire
    after the days given: a record that changes or goes early hides what was done (PCI DSS 10.3).
    """
    days = text(nest.system.parameters.get("LogRetentionDays"))
    for bucket in nest.system.of_type(BUCKET):
        for path, value in _HARDENED.items():
            found = below(bucket.properties, *path.split("/"))
            if text(found) != value:
                yield Hit(bucket, f"must be {value}, found {found}", tuple(path.split("/")))
        algorithms = [
            below(one, "ServerSideEncryptionByDefault", "SSEAlgorithm")
            for one in each(bucket.properties, *_ENCRYPTION)
        ]
        if algorithms != ["AES256"]:
            message = f"must be AES256: load balancers write to no other, found {algorithms}"
            yield Hit(bucket, message, _ENCRYPTION)
        rules = each(bucket.properties, "OwnershipControls", "Rules")
        if [one.get("ObjectOwnership") for one in rules] != ["BucketOwnerEnforced"]:
            message = "must be BucketOwnerEnforced: who writes a record must not own it"
            yield Hit(bucket, message, ("OwnershipControls",))
        expiries = [
            (
                text(one.get("ExpirationInDays")),
                text(below(one, "NoncurrentVersionExpiration", "NoncurrentDays")),
            )
            for one in each(bucket.properties, "LifecycleConfiguration", "Rules")
            if one.get("Status") == "Enabled"
        ]
        if expiries != [(days, FORMER_DAYS)]:
            message = f"must expire after {days} days, and former versions {FORMER_DAYS} later"
            message += f", found {expiries}"
            yield Hit(bucket, message, ("LifecycleConfiguration",))
        for index, one in enumerate(each(bucket.properties, "LifecycleConfiguration", "Rules")):
            unknown = sorted(one.keys() - _OF_A_LIFECYCLE)
            if unknown and one.get("Status") != "Disabled":
                message = f"has {', '.join(unknown)}: all records are kept for the same time"
                yield Hit(bucket, message, ("LifecycleConfiguration", "Rules", index))
        for name in _ELSEWHERE & bucket.properties.keys():
            yield Hit(bucket, "must not be: records stay in this bucket", (name,))


FORMER_DAYS: Final = "30"
"""Enough to notice that a record was changed or deleted; longer keeps what should be gone."""
_ENCRYPTION: Final = ("BucketEncryption", "ServerSideEncryptionConfiguration")
_OF_A_LIFECYCLE: Final = frozenset(
    {
        "AbortIncompleteMultipartUpload",
        "ExpirationInDays",
        "Id",
        "NoncurrentVersionExpiration",
        "Status",
    }
)
"""Not ``Prefix``, tags and sizes, which choose objects, nor other ways to expire or move them."""
_ELSEWHERE: Final = frozenset({"ReplicationConfiguration"})
_HARDENED: Final = {
    "PublicAccessBlockConfiguration/BlockPublicAcls": "true",
    "PublicAccessBlockConfiguration/BlockPublicPolicy": "true",
    "PublicAccessBlockConfiguration/IgnorePublicAcls": "true",
    "PublicAccessBlockConfiguration/RestrictPublicBuckets": "true",
    "VersioningConfiguration/Status": "Enabled",
}


@rule("E9757")
def before_it_may_write(nest: Nest) -> Hits:
    """Require that whoever writes to a bucket waits for its policy: Elastic Load Balancing tries
    whether it may, and refuses the attributes if not.
    """
    for writer, bucket in _writers(nest):
        policies = [
            one
            for one in nest.system.of_type(BUCKET_POLICY)
            if refers_to(one.properties.get("Bucket"), bucket, nest)
        ]
        if not policies:
            yield Hit(bucket, f"has no policy that lets {writer.address} write")
        for policy in policies:
            if not nest.waits_for(writer, policy):
                yield Hit(writer, f"must wait for {policy.address}")


def _writers(nest: Nest) -> Iterator[tuple[Resource, Resource]]:
    """Yield what writes to a bucket, with the bucket."""
    for balancer in nest.system.of_type(LOAD_BALANCER):
        found = attributes(balancer, _ATTRIBUTES)
        for bucket in {_bucket(nest, found.get(f"{kind}_logs.s3.bucket")) for kind in _KINDS}:
            if bucket is not None:
                yield balancer, bucket
    for log in nest.system.of_type(FLOW_LOG):
        for bucket in nest.system.of_type(BUCKET):
            destination = text(log.properties.get("LogDestination")) or ""
            if f"{destination}/".startswith(f"{nest.identity(bucket, 'Arn')}/"):
                yield log, bucket


_KINDS: Final = ("access", "connection")


def _bucket(nest: Nest, name: Any) -> Resource | None:
    return next(
        (one for one in nest.system.of_type(BUCKET) if name == nest.identity(one)),
        None,
    )
