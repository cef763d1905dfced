"""What an ECR lifecycle policy expires, by age or number of images.

Source: Amazon ECR User Guide, "How lifecycle policies work": a rule of lower priority number is
evaluated first, and an image that one rule has matched is not looked at by another.
"""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Image:
    """An image in a repository."""

    digest: str
    age_days: int
    tags: tuple[str, ...] = ()


DAYS = 30
PUSHES = 50
"""How far "soon" is: so many days, and so many images that are pushed meanwhile."""


def expires_soon(policy: dict[str, Any], images: list[Image], digest: str) -> bool:
    """Return whether ``policy`` expires an image soon, if nobody pushes it again.

    Raises ``ValueError`` for a selection that is not known.
    """
    older = [replace(image, age_days=image.age_days + DAYS) for image in images]
    tags = {tag for image in images if image.digest == digest for tag in image.tags} or {"new"}
    pushed = [Image(f"pushed-{n}", 0, tuple(tags)) for n in range(PUSHES)]
    return digest in expired(policy, [*older, *pushed])


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
            prefixes = [f"{prefix}*" for prefix in selection.get("tagPrefixList", ())]
            patterns = [*selection.get("tagPatternList", ()), *prefixes]
            return all(any(fnmatchcase(tag, p) for tag in image.tags) for p in patterns)
        case other:
            raise ValueError(f"unknown tagStatus {other}")
