"""What is read of a deployed nest of stacks."""

from delivery import comparison, deployment
from delivery.deployment import Order, Place, packaged
from localaws import LocalSession
from localaws.deploy import connect
from tests.delivery.calls import Calls
from tests.delivery.samples import DIGEST, order, templates


def deployed(place: Place) -> Order:
    ordered = order(parameters={"ApiImageDigest": DIGEST})
    deployment.deploy(place, ordered)
    return ordered


def read(place: Place, account: LocalSession, known: Order | None) -> tuple[object, Calls]:
    stack = deployment.plan(place, order(parameters={"ApiImageDigest": DIGEST})).stack
    assert stack
    calls, aws = Calls(), connect(account)
    calls.of(aws.session)
    stored = packaged(place, known) if known else {}
    return comparison.of_stack(aws, stack, stored).rendering.templates, calls


def test_templates_that_are_known_are_not_read(place: Place, account: LocalSession) -> None:
    ordered = deployed(place)
    everything, calls = read(place, account, None)
    assert calls == {"cloudformation GetTemplate": 4, "cloudformation ListStackResources": 2}
    known, calls = read(place, account, ordered)
    assert calls == {"cloudformation GetTemplate": 1}
    assert known == everything


def test_only_templates_that_have_changed_are_read(place: Place, account: LocalSession) -> None:
    deployed(place)
    everything, _ = read(place, account, None)
    known, calls = read(place, account, order(templates(data_days=30)))
    assert calls == {"cloudformation GetTemplate": 2, "cloudformation ListStackResources": 1}
    assert known == everything
