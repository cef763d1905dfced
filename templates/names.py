"""Names: of logical ids, and of what people outside CloudFormation look for."""

from troposphere import AWSHelperFn, Sub, Tags

from description.names import pascal, stack_of
from templates.text import sub

__all__ = [
    "log_group_name",
    "named",
    "pascal",
    "repository_name",
    "stack_of",
    "suffixed",
    "web_acl_log_group_name",
]


def suffixed(stem: str, suffix: AWSHelperFn) -> Sub:
    """Return ``<stem>-<environment suffix>``."""
    return sub(stem, "-", suffix)


def named(stem: str, suffix: AWSHelperFn) -> Tags:
    """Return the ``Name`` tag ``<stem>-<environment suffix>`` that the console shows."""
    return Tags(Name=suffixed(stem, suffix))


def log_group_name(prefix: str, service: str, suffix: AWSHelperFn) -> Sub:
    """Return the name of a service's log group, ``/ecs/<prefix>-<service>-<suffix>``."""
    return suffixed(f"/ecs/{prefix}-{service}", suffix)


def web_acl_log_group_name(system: str, suffix: AWSHelperFn) -> Sub:
    """Return the name of the log group of a system's web ACL. AWS WAF wants its beginning; the
    system's own name tells two with the same prefix apart.

    Source: AWS WAF Developer Guide, "Amazon CloudWatch Logs", on naming log groups.
    """
    return suffixed(f"aws-waf-logs-{system}", suffix)


def repository_name(prefix: str, service: str, suffix: AWSHelperFn) -> Sub:
    """Return the name of a repository that the system makes for a service."""
    return suffixed(f"{prefix}-{service}", suffix)
