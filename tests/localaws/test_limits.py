"""How many resources one operation may touch."""

import pytest

from tests.localaws.refusals import code_of
from tests.localaws.stacks import Stacks, Template, child, template

TOO_MANY = "Limit on the number of resources in a single stack operation exceeded: 2501 resources"


def topics(count: int) -> Template:
    return template({f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(count)})


@pytest.fixture
def url(stacks: Stacks) -> str:
    return stacks.publish("topics.json", topics(499))


def nests(url: str, count: int, beside: int = 0) -> Template:
    """Return a template of ``count`` nested stacks of 500 resources, themselves counted."""
    return template(
        {f"Nested{number}": child(url) for number in range(count)} | topics(beside)["Resources"]
    )


def test_a_change_set_of_2500_is_made_and_one_more_is_refused(stacks: Stacks, url: str) -> None:
    assert stacks.change_set(nests(url, 5), "CREATE", "full")["Status"] == "CREATE_COMPLETE"
    refused = stacks.change_set(nests(url, 5, beside=1), "CREATE", "over")
    assert refused["Status"] == "FAILED"
    assert refused["StatusReason"].startswith(TOO_MANY)
    assert refused["ExecutionStatus"] == "UNAVAILABLE"


@pytest.mark.slow
def test_a_stack_of_more_is_not_deleted_at_once(stacks: Stacks, url: str) -> None:
    first = stacks.change_set(nests(url, 5), "CREATE")
    assert stacks.execute(first)["StackStatus"] == "CREATE_COMPLETE"
    more = stacks.change_set(nests(url, 5, beside=1))
    assert stacks.execute(more)["StackStatus"] == "UPDATE_COMPLETE"
    assert code_of(stacks.api.delete_stack, StackName="root") == "ValidationError"

    fewer = stacks.change_set(nests(url, 4))
    assert stacks.execute(fewer)["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
