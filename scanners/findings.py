"""What a scanner finds."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a scanner was shown a system."""

    RAW = "raw"
    """The files that are deployed."""
    MERGED = "merged"
    """One template for each environment, as ``checks.resolved.merge`` writes it."""


@dataclass(frozen=True, order=True)
class Finding:
    """What a scanner says of a resource."""

    scanner: str
    rule: str
    """The scanner's own id: ``CKV_AWS_91``."""
    system: str
    profile: str
    address: str
    """The resource: ``LoadBalancer``. Of a stack as a whole its path, of the parent an
    empty text."""
    form: Form
    message: str


class ScanError(Exception):
    """A scanner could not do its work, or did not do it."""
