"""What an ECR lifecycle policy expires, for the selections that ours use.

Source: Amazon ECR User Guide, "How lifecycle policies work": a rule of lower priority number is
evaluated first, and an image that one rule has matched is not looked at by another.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Image:
    """An image in a repository."""

    digest: str
    age_days: int
    tags: tuple[str, ...] = ()


def expired(policy: dict[str, Any], images: list[Image]) -> set[str]:
    """Return the digests that ``policy`` expires.

    Raises ``ValueError`` for a selection that is not known.
    """
    gone: set[str] = set()
    for rule in sorted(policy["rules"], key=lambda rule: rule["rulePriority"]):
        selection = rule["selection"]
        left = [image for image in images if image.digest not in gone]
        chosen = [image for image in left if _selected(selection, image)]
        match selection["countType"]:
            case "sinceImagePushed":
                late = [one for one in chosen if one.age_days > selection["countNumber"]]
            case "imageCountMoreThan":
                newest_first = sorted(chosen, key=lambda image: image.age_days)
                late = newest_first[selection["countNumber"] :]
            case other:
                raise ValueError(f"unknown countType {other}")
        gone |= {image.digest for image in late}
    return gone


def _selected(selection: dict[str, Any], image: Image) -> bool:
    match selection["tagStatus"]:
        case "any":
            return True
        case "untagged":
            return not image.tags
        case "tagged":
            patterns = selection["tagPatternList"]
            return all(any(fnmatchcase(tag, p) for tag in image.tags) for p in patterns)
        case other:
            raise ValueError(f"unknown tagStatus {other}")
