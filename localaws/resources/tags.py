"""Give a resource the tags of its new definition."""

from localaws.api import call
from localaws.emulator import Properties


def retag(service: str, resource: dict[str, str], old: Properties, new: Properties) -> None:
    """Call UntagResource and TagResource where needed; `resource` names it."""
    wanted = {tag["Key"] for tag in new.get("Tags") or []}
    dropped = [tag["Key"] for tag in old.get("Tags") or [] if tag["Key"] not in wanted]
    if dropped:
        call(service, "UntagResource", **resource, TagKeys=dropped)
    if wanted:
        call(service, "TagResource", **resource, Tags=new["Tags"])
