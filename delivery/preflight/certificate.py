"""Looks whether the load balancer's certificate is there, issued, and in this region."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from delivery.aws import error_code
from delivery.parameters import SSM
from delivery.preflight.results import Result, ok, problem
from delivery.preflight.subject import Subject

SOON = timedelta(days=30)
"""ACM renews its own certificates 60 days before they end (ACM User Guide, "Managed certificate
renewal"): one that ends sooner is not being renewed."""


def check(it: Subject) -> Iterator[Result]:
    """Look up the SSM parameters that the parent reads, and the certificate that one of them names:
    two calls.
    """
    wanted = {
        name: it.parameters[name]
        for name, declared in it.order.declared.items()
        if declared["Type"].startswith(SSM) and it.parameters.get(name)
    }
    if not wanted:
        yield ok("none is needed")
        return
    found = it.aws.client("ssm").get_parameters(Names=sorted(set(wanted.values())))
    values = {one["Name"]: one["Value"] for one in found["Parameters"]}
    for parameter, name in sorted(wanted.items()):
        if name not in values:
            yield problem(
                f"{parameter}: there is no SSM parameter {name}. Make it with: aws ssm "
                f"put-parameter --name {shlex.quote(name)} --type String "
                f"--value ARN {it.aws.cli_options}"
            )
        elif parameter == "CertificateArn":
            yield _certificate(it, name, values[name])


def _certificate(it: Subject, name: str, arn: str) -> Result:
    where = f"The SSM parameter {name} holds {arn}"
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "acm":
        return problem(f"{where}: that is no certificate of ACM. Put the certificate's ARN there.")
    if parts[3] != it.aws.region:
        return problem(
            f"{where}: a load balancer in {it.aws.region} takes no certificate of {parts[3]}. "
            f"Request one in {it.aws.region} and put its ARN there."
        )
    try:
        found = it.aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return problem(f"{where}: there is no such certificate. Put the ARN of one there.")
    return _condition(it, arn, found)


def _condition(it: Subject, arn: str, found: dict[str, Any]) -> Result:
    status, ends = found["Status"], found.get("NotAfter")
    see = f"aws acm describe-certificate --certificate-arn {arn} {it.aws.cli_options}"
    if status != "ISSUED":
        return problem(
            f"The certificate {arn} is {status}, not ISSUED. Finish its validation; see it with: "
            f"{see}"
        )
    if ends and ends - datetime.now(UTC) < SOON:
        return problem(
            f"The certificate {arn} ends on {ends:%Y-%m-%d}. Renew it, and see why nobody did: "
            f"{see}"
        )
    until = f" until {ends:%Y-%m-%d}" if ends else ""
    return ok(f"{found['DomainName']} is issued{until}")
