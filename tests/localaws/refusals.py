"""What AWS refuses, through a service's API and in an update of a stack."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.stacks import Stacks, Template, template


def code_of(call: Callable[..., Any], **parameters: Any) -> str:
    """Return the error code of a call that must be refused."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def refuses_update(stacks: Stacks, before: Template, after: Template) -> dict[str, str]:
    """Return why resources failed in an update that must roll back to what was there."""
    created = stacks.create(template(before))
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()
    ids = {name: stacks.physical_id(name) for name in before}
    updated = stacks.update(template(after))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert {name: stacks.physical_id(name) for name in before} == ids
    return stacks.failures()


def renamed(resources: Template, old: str, new: str) -> Template:
    """Return resources with another logical id for one of them, which nothing refers to."""
    return {new if name == old else name: about for name, about in resources.items()}
