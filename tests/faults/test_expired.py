"""Credentials that expire on the way: a clear word, and the next run goes on from there."""

import pytest

from tests.faults.hold import held
from tests.faults.inventory import differences
from tests.faults.proxy import Call, Fault, Script
from tests.faults.shop import Shop, Undisturbed, deploy

SIGN_IN = "Sign in again (for example: aws sso login) and repeat the command."


def expire_at(operation: str) -> Script:
    """Let credentials be good until the first call of an operation."""
    over: list[Call] = []

    def script(call: Call) -> Fault | None:
        if call.operation == operation or over:
            over.append(call)
        return Fault.EXPIRED if over else None

    return script


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation",
    ["GetCallerIdentity", "PUT Object", "CreateChangeSet", "ExecuteChangeSet"],
)
def test_nothing_has_begun_and_the_next_run_begins(
    shop: Shop, peace: dict[str, Undisturbed], operation: str
) -> None:
    ended = shop.run(*deploy(), script=expire_at(operation))
    assert ended.code == 1
    assert "The AWS credentials have expired: " in ended.last_word
    assert ended.last_word.endswith(SIGN_IN)
    assert shop.inventory().resources == {}

    again = shop.run(*deploy())
    assert again.code == 0, again.stderr
    assert not differences(shop.inventory(), peace["first deployment"].after)


def test_what_has_begun_goes_on_and_the_next_run_joins_it(
    shop: Shop, peace: dict[str, Undisturbed]
) -> None:
    def once_begun(call: Call) -> Fault | None:
        begun = any(made.operation == "ExecuteChangeSet" for made in shop.proxy.calls)
        return Fault.EXPIRED if begun and call.operation != "ExecuteChangeSet" else None

    with held(shop) as hold:
        ended = shop.run(*deploy(), script=once_begun)
        assert ended.code == 1
        assert ended.last_word == (
            "The AWS credentials have expired: DescribeStackEvents answered ExpiredToken. "
            f"{SIGN_IN} AWS goes on with till-dev meanwhile: "
            "the repeated command follows that to its end."
        )
        joined = shop.run(*deploy(), script=hold.open_when_watched)
    assert joined.code == 0, joined.stderr
    assert "till-dev: is in CREATE_IN_PROGRESS, follows that to its end" in joined.stderr
    assert not differences(shop.inventory(), peace["first deployment"].after)
