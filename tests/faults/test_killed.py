"""Killed with SIGKILL at a step, then run again: it converges."""

import os
import subprocess
from collections.abc import Callable
from functools import partial

import pytest

from localaws.deploy import make_certificate
from tests.faults.hold import held
from tests.faults.inventory import differences, inventory
from tests.faults.proxy import Fault, nothing
from tests.faults.runs import KILLED
from tests.faults.shop import DIGEST, OTHER, PHASES, Shop, Undisturbed, at, deploy
from tests.faults.trials import killed_and_repeated
from tests.systems_under_test import ROOT

BEFORE, AFTER = Fault.KILLED_BEFORE, Fault.KILLED_AFTER
LAST = -1
Place = tuple[str, int]
Cycle = dict[str, tuple[Place, Fault]]


def converges(shop: Shop, peace: dict[str, Undisturbed], cycle: Cycle) -> None:
    for phase, ((operation, occurrence), fault) in cycle.items():
        made = sum(call.operation == operation for call in peace[phase].calls)
        place = (operation, occurrence if occurrence != LAST else made)
        trial = killed_and_repeated(shop, phase, place, fault, peace[phase])
        assert (trial.met, trial.wrong) == (1, ""), (phase, place)


def test_a_deployment_that_is_killed_when_aws_has_begun_converges(
    shop: Shop, peace: dict[str, Undisturbed]
) -> None:
    converges(
        shop,
        peace,
        {
            "first deployment": (("CreateChangeSet", 1), AFTER),
            "update": (("ExecuteChangeSet", 1), AFTER),
            "destroy": (("DeleteStack", 1), AFTER),
        },
    )


@pytest.mark.slow
def test_a_deployment_that_is_killed_while_it_waits_is_joined(
    shop: Shop, peace: dict[str, Undisturbed]
) -> None:
    words = PHASES["first deployment"]
    with held(shop) as hold:
        killed = shop.run(*words, script=at(("DescribeStackEvents", 3), BEFORE))
        assert killed.code == KILLED
        shop.proxy.forget(hold.open_when_watched)
        again = shop.start(*words).wait()
    assert again.code == 0, again.stderr
    assert "is in CREATE_IN_PROGRESS, follows that to its end" in again.stderr
    assert again.stderr.splitlines()[-1] == "till-dev: no changes"
    assert not differences(shop.inventory(), peace["first deployment"].after)


def take_a_name(shop: Shop, phase: str) -> Callable[[], object]:
    """Take a name that a deployment is to give; return what gives it back."""
    if phase == "first deployment":
        logs, group = shop.session.client("logs"), {"logGroupName": "/ecs/till-cashier-dev"}
        logs.create_log_group(**group)
        return partial(logs.delete_log_group, **group)
    cloud_map = shop.session.client("servicediscovery")
    (namespace,) = cloud_map.list_namespaces()["Namespaces"]
    entry = cloud_map.create_service(Name="cashier", NamespaceId=namespace["Id"])["Service"]["Id"]
    return partial(cloud_map.delete_service, Id=entry)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phase", "cause"),
    [
        ("first deployment", "Roles/CashierLogGroup (AWS::Logs::LogGroup) failed: "),
        ("update", "CashierService/DiscoveryEntry (AWS::ServiceDiscovery::Service) failed: "),
    ],
)
def test_who_joins_a_deployment_that_fails_is_told_why(shop: Shop, phase: str, cause: str) -> None:
    if phase == "update":
        assert shop.run("deploy", "till", "dev").code == 0
    give_back = take_a_name(shop, phase)
    skip = ("--skip-check", "names")
    with held(shop) as hold:
        shop.run(*PHASES[phase], *skip, script=at(("ExecuteChangeSet", 1), AFTER))
        shop.proxy.forget(hold.open_when_watched)
        again = shop.start(*PHASES[phase], *skip).wait()
    assert again.code == 1
    assert again.last_word.startswith("What ran already has failed, nothing else was begun. ")
    assert cause in again.last_word
    give_back()
    assert shop.run(*PHASES[phase]).code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "place", [("ExecuteChangeSet", 1), ("DescribeStackEvents", 3), ("DescribeStacks", 2)]
)
def test_a_rollback_that_is_killed_is_not_undone_by_the_next_one(shop: Shop, place: Place) -> None:
    for digest in (DIGEST, OTHER):
        assert shop.run(*deploy(digest)).code == 0
    back = ("rollback", "till", "dev", "--yes")
    assert shop.run(*back, script=at(place, AFTER)).code == KILLED

    again = shop.run(*back)
    assert again.code == 0, again.stderr
    assert "till-dev: is back already at what was deployed at " in again.stderr
    assert shop.inventory().parameters["CashierImageDigest"] == DIGEST
    assert shop.inventory().records == 3
    assert shop.run(*back).code == 1  # there is nothing before


@pytest.mark.slow
def test_the_way_back_from_a_deployment_that_nobody_watched_leads_before_it(shop: Shop) -> None:
    assert shop.run(*deploy()).code == 0
    shop.run(*deploy(OTHER), script=at(("ExecuteChangeSet", 1), AFTER))
    back = shop.run("rollback", "till", "dev", "--yes")
    assert back.code == 0, back.stderr
    assert shop.inventory().parameters["CashierImageDigest"] == DIGEST
    assert shop.inventory().records == 3


@pytest.mark.slow
def test_a_deployment_that_nobody_watched_is_known_to_rollbacks(shop: Shop) -> None:
    with held(shop) as hold:
        shop.run(*deploy(), script=at(("ExecuteChangeSet", 1), AFTER))
        other = shop.run(*deploy(OTHER), script=hold.open_when_watched)
    assert other.code == 0, other.stderr
    assert shop.inventory().records == 2


@pytest.mark.slow
def test_what_was_reviewed_is_carried_out_once_though_its_run_was_killed(shop: Shop) -> None:
    assert shop.run(*deploy()).code == 0
    planned = shop.run("plan", *deploy(OTHER)[1:])
    reviewed = (*deploy(OTHER), "--change-set", planned.stdout.splitlines()[-1])
    assert shop.run(*reviewed, script=at(("ExecuteChangeSet", 1), AFTER)).code == KILLED
    again = shop.run(*reviewed)
    assert again.code == 0, again.stderr
    assert shop.inventory().parameters["CashierImageDigest"] == OTHER
    assert shop.inventory().records == 2


@pytest.mark.slow
def test_the_protection_of_production_is_made_up_for(shop: Shop) -> None:
    words = deploy(DIGEST, "prod")
    place = ("UpdateTerminationProtection", 1)
    assert shop.run(*words, script=at(place, BEFORE)).code == KILLED
    assert not shop.inventory("prod").protected
    assert shop.run(*words).code == 0
    assert shop.inventory("prod").protected


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["PUT Bucket", "PUT Bucket versioning", "PUT Bucket policy"])
@pytest.mark.parametrize("fault", [BEFORE, AFTER])
def test_a_bucket_that_was_made_half_is_made_whole(
    shop: Shop, operation: str, fault: Fault
) -> None:
    words = ("bootstrap", "--bucket", f"half-{shop.session.account}")
    assert shop.run(*words, script=at((operation, 1), fault)).code == KILLED
    assert shop.run(*words).code == 0
    assert shop.run(*words).last_word.endswith(": is as it should be")


@pytest.mark.slow
def test_the_program_itself_is_killed_and_goes_on(shop: Shop) -> None:
    """Not a fork of a process that has loaded it: the script, with the pauses that it has."""
    make_certificate(shop.session, "/payment/gateway/dev/certificate-arn")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment |= shop.session.environment | {"AWS_ENDPOINT_URL": shop.proxy.url}
    codes = []
    for script in (at(("ExecuteChangeSet", 1), AFTER), nothing):
        shop.proxy.forget(script)
        words = [str(ROOT / "deploy.sh"), "deploy", "gateway", "dev"]
        with subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL) as process:  # noqa: S603
            shop.proxy.kill = process.kill
        codes.append(process.returncode)
    assert codes == [KILLED, 0]
    found = inventory(shop.session, "gateway-dev", shop.bucket)
    assert found.stacks["gateway-dev CREATE_COMPLETE"] == 1
    assert (found.open_change_sets, found.records) == (0, 1)


CYCLES: list[Cycle] = [
    {
        "first deployment": (("HEAD Bucket", 1), BEFORE),
        "update": (("CreateChangeSet", 1), BEFORE),
        "destroy": (("ListStackResources", 3), AFTER),
    },
    {
        "first deployment": (("PUT Object", 1), BEFORE),
        "update": (("CreateChangeSet", 1), AFTER),
        "destroy": (("DeleteStack", 1), BEFORE),
    },
    {
        "first deployment": (("PUT Object", 4), AFTER),
        "update": (("DescribeChangeSet", 1), AFTER),
        "destroy": (("DescribeStackEvents", 1), BEFORE),
    },
    {
        "first deployment": (("DescribeChangeSet", 3), AFTER),
        "update": (("ExecuteChangeSet", 1), BEFORE),
        "destroy": (("DescribeStackEvents", 2), AFTER),
    },
    {
        "first deployment": (("ExecuteChangeSet", 1), BEFORE),
        "update": (("DescribeStackEvents", 2), BEFORE),
        "destroy": (("DescribeStackEvents", 4), AFTER),
    },
    {
        "first deployment": (("ExecuteChangeSet", 1), AFTER),
        "update": (("DescribeStackEvents", 4), AFTER),
        "destroy": (("DeleteStack", 1), AFTER),
    },
    {
        "first deployment": (("CreateServiceLinkedRole", 1), AFTER),
        "update": (("PUT Object", 1), BEFORE),
        "destroy": (("GetTemplate", 1), AFTER),
    },
    {
        "first deployment": (("PUT Object", LAST), BEFORE),
        "update": (("PUT Object", 1), AFTER),
        "destroy": (("DescribeStacks", 1), AFTER),
    },
]
"""Steps of upload, review, execution, wait and record; ``python -m tests.faults`` takes all."""


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CYCLES)))
def test_whatever_step_it_is_killed_at_it_converges(
    shop: Shop, peace: dict[str, Undisturbed], number: int
) -> None:
    converges(shop, peace, CYCLES[number])
