"""Whether a resource's own policy lets a service of AWS do what it must."""

from localaws import emulator


def allows(policy: str, service: str, action: str, resource: str, **context: str) -> bool:
    """Return whether a policy lets a service principal take an action on a resource, an ARN.

    The request is the one that AWS makes: over TLS, in the name of this account. `context` adds
    condition keys; their names are in small letters.
    """
    request = emulator.policy_request(
        principal_arn="",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=emulator.region(),
        secure_transport=True,
        service_context={
            "aws:principalisawsservice": "true",
            "aws:sourceaccount": emulator.account_id(),
            **context,
        },
    )
    decided: str = emulator.evaluate_policy(policy, request, service=service).decision
    return decided == "Allow"


def may_write(bucket: str, key: str, service: str, source: str) -> bool:
    """Return whether a service may put an object into a bucket for the resource `source`."""
    return allows(
        emulator.bucket_policies.get(bucket, ""),
        service,
        "s3:PutObject",
        f"arn:aws:s3:::{bucket}/{key}",
        **{"aws:sourcearn": source, "s3:x-amz-acl": "bucket-owner-full-control"},
    )
