"""Findings that are right as they are, each with its reason. Nothing else is ever ignored."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from checks.findings import Finding


@dataclass(frozen=True)
class Accepted:
    """Findings of one rule that need no change. ``*`` and ``?`` are wildcards."""

    rule: str
    file: str
    path: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Return whether ``finding`` is accepted by this entry."""
        return (
            finding.rule == self.rule
            and fnmatchcase(finding.file, self.file)
            and fnmatchcase(finding.path, self.path)
        )


ACCEPTED = (
    Accepted(
        rule="W3002",
        file="*",
        path="Resources/*/Properties/TemplateURL",
        reason="A nested stack's TemplateURL is the file beside it, so that cfn-lint can compare "
        "parameters and outputs with it. Publishing puts the uploaded file's URL in its place.",
    ),
    Accepted(
        rule="I1022",
        file="*/parent.json",
        path="Resources/LogBucketPolicy/Properties/PolicyDocument/Statement/*/Resource/*",
        reason="AWS Control Tower's rule for TLS-only buckets recognises the bucket's objects only "
        "as a Fn::Join.",
    ),
)


def without_accepted(
    findings: Iterable[Finding], accepted: Iterable[Accepted] = ACCEPTED
) -> list[Finding]:
    """Return those of ``findings`` that no entry accepts, in order of file and place."""
    entries = tuple(accepted)
    return sorted(
        finding for finding in set(findings) if not any(entry.covers(finding) for entry in entries)
    )
