"""Logs of a load balancer: the bucket must be there, and Elastic Load Balancing may write to it.

AWS writes a test file when the attributes are set: the bucket is not empty any more. Requirements:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
Only the service principal counts here, not the account of Elastic Load Balancing in a region, which
AWS accepts too and advises against.
"""

from collections.abc import Iterable, Mapping

from localaws import emulator
from localaws.api import call
from localaws.ec2_answers import one
from localaws.emulator import Parameters
from localaws.rules.guard import guard, refuse
from localaws.service_rights import may_write

_SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
_TEST_FILES = {
    "access_logs": "ELBAccessLogTestFile",
    "connection_logs": "ELBConnectionLogTestFile",
    "health_check_logs": "ELBHealthCheckLogTestFile",
}


def install() -> None:
    """Let Elastic Load Balancing's call follow these rules."""
    guard(
        emulator.load_balancing_actions,
        emulator.load_balancing_error,
        {"ModifyLoadBalancerAttributes": _modify},
    )


def writable(attributes: Mapping[str, str], balancer: str = "") -> None:
    """Write the test files that attributes of a load balancer (its ARN, if it has one) ask for;
    refuse what cannot be written.
    """
    for kind, test_file in _TEST_FILES.items():
        if attributes.get(f"{kind}.s3.enabled") == "true":
            prefix = attributes.get(f"{kind}.s3.prefix", "")
            _check(attributes.get(f"{kind}.s3.bucket", ""), prefix, test_file, balancer)


def _check(bucket: str, prefix: str, test_file: str, balancer: str) -> None:
    known = emulator.buckets.get(bucket)
    refuse(not bucket, "InvalidConfigurationRequest", "The S3 bucket of the logs is missing")
    refuse(
        known is None or known["region"] != emulator.region(),
        "InvalidConfigurationRequest",
        f"S3Bucket: {bucket} is not located in the same region",
    )
    account = emulator.account_id()
    key = f"{prefix}/AWSLogs/{account}/{test_file}".lstrip("/")
    source = balancer or (
        f"arn:aws:elasticloadbalancing:{emulator.region()}:{account}:loadbalancer/app/new/0"
    )
    refuse(
        "aws:kms" in emulator.bucket_encryption.get(bucket, "")
        or not may_write(bucket, key, _SERVICE, source),
        "InvalidConfigurationRequest",
        f"Access Denied for bucket: {bucket}. Please check S3bucket permission",
    )
    call("s3", "PutObject", Bucket=bucket, Key=key, Body=b"")


def by_key(attributes: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Return the values of a list of attributes by their keys."""
    return {str(attribute["Key"]): str(attribute["Value"]) for attribute in attributes}


def _modify(request: Parameters) -> None:
    balancer = one(request, "LoadBalancerArn")
    changed = {
        values[0]: one(request, name.replace(".Key", ".Value"))
        for name, values in request.items()
        if name.endswith(".Key")
    }
    known = by_key(emulator.load_balancer_attributes.get(balancer, []))
    kinds = {name.partition(".")[0] for name in changed}
    together = {**known, **changed}
    writable({k: v for k, v in together.items() if k.partition(".")[0] in kinds}, balancer)
