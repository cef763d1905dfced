"""Two deployments of one stack at the same time: one waits or is refused, and nothing is mixed."""

from collections.abc import Callable

import pytest

from tests.faults.hold import held
from tests.faults.proxy import Call, Script
from tests.faults.runs import Ended
from tests.faults.shop import DIGEST, OTHER, Shop, deploy

THIRD = "sha256:" + "c" * 64
MINE = deploy(DIGEST, "dev", "--parameter", "LogRetentionDays=7")
THEIRS = deploy(OTHER, "dev", "--parameter", "LogRetentionDays=30")


def meanwhile(operation: str, do: Callable[[], object]) -> Script:
    """Let somebody else do something before the first call of an operation is carried out."""

    def script(call: Call) -> None:
        if call.place == (operation, 1):
            do()

    return script


def content(shop: Shop) -> tuple[str, int]:
    """Return which image and which retention the stack has, in its deepest nested stack too."""
    parameters = shop.inventory().parameters
    ecs, logs = shop.session.client("ecs"), shop.session.client("logs")
    (cluster,) = ecs.list_clusters()["clusterArns"]
    (service,) = ecs.list_services(cluster=cluster)["serviceArns"]
    (described,) = ecs.describe_services(cluster=cluster, services=[service])["services"]
    task = ecs.describe_task_definition(taskDefinition=described["taskDefinition"])
    image = task["taskDefinition"]["containerDefinitions"][0]["image"].rpartition("@")[2]
    (group,) = logs.describe_log_groups()["logGroups"]
    found = (image, group["retentionInDays"])
    assert found == (parameters["CashierImageDigest"], int(parameters["LogRetentionDays"]))
    return found


def refused(ended: Ended) -> bool:
    return ended.code == 1 and "Another deployment of till-dev came first" in ended.last_word


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(True, id="first deployment"),
        pytest.param(False, id="update", marks=pytest.mark.slow),
    ],
)
def test_who_comes_second_to_carry_out_is_refused_and_nothing_is_mixed(
    shop: Shop, first: bool
) -> None:
    if not first:
        assert shop.run(*deploy()).code == 0
    others: list[Ended] = []
    script = meanwhile("ExecuteChangeSet", lambda: others.append(shop.run(*THEIRS, proxied=False)))
    mine = shop.run(*MINE, script=script)
    assert [one.code for one in others] == [0], others
    assert refused(mine), mine.stderr
    assert content(shop) == (OTHER, 30)
    assert shop.inventory().open_change_sets == 0

    assert shop.run(*MINE).code == 0
    assert content(shop) == (DIGEST, 7)


@pytest.mark.slow
def test_who_comes_while_another_deployment_runs_waits_for_it(shop: Shop) -> None:
    with held(shop) as hold:
        mine = shop.start(*MINE, proxied=False)
        hold.wait()
        theirs = shop.run(*THEIRS, script=hold.open_when_watched)
        assert mine.wait().code == 0
    assert theirs.code == 0, theirs.stderr
    assert "till-dev: is in CREATE_IN_PROGRESS, follows that to its end" in theirs.stderr
    assert content(shop) == (OTHER, 30)


@pytest.mark.slow
def test_who_deploys_the_same_at_the_same_time_succeeds_too(shop: Shop) -> None:
    others: list[Ended] = []
    script = meanwhile("ExecuteChangeSet", lambda: others.append(shop.run(*MINE, proxied=False)))
    mine = shop.run(*MINE, script=script)
    assert [ended.code for ended in (mine, *others)] == [0, 0], (mine, others)
    assert content(shop) == (DIGEST, 7)
    assert shop.inventory().records == 1


@pytest.mark.slow
def test_a_change_set_that_the_stack_has_left_behind_is_not_carried_out(shop: Shop) -> None:
    assert shop.run(*deploy()).code == 0
    cloudformation = shop.session.client("cloudformation")
    kept = [{"ParameterKey": "CashierImageDigest", "UsePreviousValue": True}]
    kept += [{"ParameterKey": "EnvironmentSuffix", "UsePreviousValue": True}]

    def change() -> None:
        cloudformation.update_stack(
            StackName="till-dev",
            UsePreviousTemplate=True,
            Parameters=[*kept, {"ParameterKey": "LogRetentionDays", "ParameterValue": "14"}],
            Capabilities=["CAPABILITY_IAM"],
        )
        cloudformation.get_waiter("stack_update_complete").wait(
            StackName="till-dev", WaiterConfig={"Delay": 0.05}
        )

    mine = shop.run(*MINE, script=meanwhile("ExecuteChangeSet", change))
    assert refused(mine), mine.stderr
    assert content(shop) == (DIGEST, 14)

    assert shop.run(*MINE).code == 0
    assert content(shop) == (DIGEST, 7)


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["PUT Object", "CreateChangeSet", "DescribeChangeSet"])
def test_whenever_the_other_one_comes_nothing_is_mixed(shop: Shop, operation: str) -> None:
    others: list[Ended] = []
    script = meanwhile(operation, lambda: others.append(shop.run(*THEIRS, proxied=False)))
    mine = shop.run(*MINE, script=script)
    assert [one.code for one in others] == [0], others
    assert (mine.code, content(shop)) in {(1, (OTHER, 30)), (0, (DIGEST, 7))}
    assert refused(mine) or mine.code == 0, mine.stderr


@pytest.mark.slow
def test_two_rollbacks_at_once_lead_one_deployment_back(shop: Shop) -> None:
    for digest in (DIGEST, OTHER, THIRD):
        assert shop.run(*deploy(digest)).code == 0
    back = ("rollback", "till", "dev", "--yes")
    with held(shop) as hold:
        mine = shop.start(*back, proxied=False)
        hold.wait()
        theirs = shop.run(*back, script=hold.open_when_watched)
        assert (mine.wait().code, theirs.code) == (0, 0), theirs.stderr
    assert "till-dev: is back already at what was deployed at " in theirs.stderr
    assert shop.inventory().parameters["CashierImageDigest"] == OTHER


@pytest.mark.slow
def test_who_deploys_what_is_being_deleted_is_refused(shop: Shop) -> None:
    assert shop.run(*deploy()).code == 0
    with held(shop) as hold:
        destroying = shop.start("destroy", "till", "dev", "--yes", proxied=False)
        hold.wait()
        mine = shop.run(*MINE)
        assert mine.code == 1
        assert "till-dev is in DELETE_IN_PROGRESS: it is being deleted" in mine.stderr
        joined = shop.start("destroy", "till", "dev", "--yes", proxied=False)
        hold.opened.set()
        assert (destroying.wait().code, joined.wait().code) == (0, 0)
    assert shop.inventory().resources == {}
