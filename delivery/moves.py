"""Moves between stacks of what has a name of ours: CloudFormation makes the new one first."""


def advice(old: str, new: str) -> str:
    """Return why a resource at the address ``new`` cannot have the name of the one that is
    deployed at ``old``, and what to do: the end of a sentence about the old one.
    """
    cause = ": a service or a secret that is deployed keeps its shard" if _shards(old, new) else ""
    return f"goes only when the new one is there. Leave it where it is{cause}"


def _shards(old: str, new: str) -> bool:
    """Return whether two addresses are the same but for the shard's number: ``Roles/ApiRole`` and
    ``Roles2/ApiRole``.
    """
    one, other = old.rpartition("/"), new.rpartition("/")
    return one[2] == other[2] and one[0].rstrip("0123456789") == other[0].rstrip("0123456789")
