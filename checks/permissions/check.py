"""The check itself: a system, resolved with one set of parameters, against its description."""

from collections.abc import Iterator, Mapping

from checks.findings import Finding
from checks.permissions import encryption, endpoints, monitoring, tasks
from checks.permissions.compare import differences
from checks.permissions.needs import Need
from checks.permissions.policies import CannotFollowError, Policies
from checks.rendering import Rendering
from checks.resolved import ResolutionError, System, resolve
from description.model import System as Description


def check(
    rendering: Rendering, described: Description, parameters: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield what is wrong with who may do what once all images are known."""
    try:
        system = resolve(rendering, parameters)
        policies = Policies(system)
        needs = list(all_needs(system, described))
    except ResolutionError as error:
        yield error.finding("E9600")
    except CannotFollowError as error:
        yield error.finding
    else:
        yield from differences(system, policies, needs)


def all_needs(system: System, described: Description) -> Iterator[Need]:
    """Yield everything that must be allowed in ``system``. Raises ``CannotFollowError``."""
    of_tasks = list(tasks.needs(system, described))
    yield from of_tasks
    yield from endpoints.needs(system, of_tasks)
    yield from encryption.needs(system, described)
    yield from monitoring.needs(system)
