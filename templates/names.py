"""Names: of logical ids, and of what people outside CloudFormation look for."""

import re

from troposphere import AWSHelperFn, Sub, Tags

from templates.text import sub


def pascal(name: str) -> str:
    """Return ``name`` as a logical id: ``api-gateway``, ``api_gateway`` become ``ApiGateway``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[-_]", name))


def suffixed(stem: str, suffix: AWSHelperFn) -> Sub:
    """Return ``<stem>-<environment suffix>``."""
    return sub(stem, "-", suffix)


def named(stem: str, suffix: AWSHelperFn) -> Tags:
    """Return the ``Name`` tag ``<stem>-<environment suffix>`` that the console shows."""
    return Tags(Name=suffixed(stem, suffix))


def log_group_name(prefix: str, service: str, suffix: AWSHelperFn) -> Sub:
    """Return the name of a service's log group, ``/ecs/<prefix>-<service>-<suffix>``."""
    return suffixed(f"/ecs/{prefix}-{service}", suffix)


def repository_name(prefix: str, service: str, suffix: AWSHelperFn) -> Sub:
    """Return the name of a repository that the system makes for a service."""
    return suffixed(f"{prefix}-{service}", suffix)
