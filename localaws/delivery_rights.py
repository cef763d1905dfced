"""Whether a bucket's policy lets a service of AWS put its logs there."""

from localaws import emulator


def may_write(bucket: str, key: str, service: str, source: str) -> bool:
    """Return whether `service`, a principal, may put an object for the resource `source`, an ARN.

    The request is the one that AWS makes: over TLS, in the name of this account.
    """
    request = emulator.policy_request(
        principal_arn="",
        principal_type="Service",
        principal_account="",
        action="s3:PutObject",
        resource_arn=f"arn:aws:s3:::{bucket}/{key}",
        region=emulator.region(),
        secure_transport=True,
        service_context={
            "aws:principalisawsservice": "true",
            "aws:sourceaccount": emulator.account_id(),
            "aws:sourcearn": source,
            "s3:x-amz-acl": "bucket-owner-full-control",
        },
    )
    policy = emulator.bucket_policies.get(bucket)
    decided: str = emulator.evaluate_policy(policy, request, service=service).decision
    return decided == "Allow"
