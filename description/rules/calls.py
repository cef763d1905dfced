"""Who calls whom."""

import re
from collections.abc import Iterator

from description.fields import listed
from description.mistakes import Finding, did_you_mean
from description.model import System


def calls_reach_services_with_a_port(system: System) -> Iterator[Finding]:
    """Find calls that do not go to another service with a port."""
    for name, service in system.services.items():
        for index, callee in enumerate(service.calls):
            where = ("services", name, "calls", index)
            if callee == name:
                yield Finding(
                    where=where,
                    problem="is the service itself",
                    found=callee,
                    allowed=_others(system, name),
                )
            elif callee not in system.services:
                close = did_you_mean(callee, system.services)
                yield Finding(
                    where=where,
                    problem=f"is not a service of this system{close}",
                    found=callee,
                    allowed=_others(system, name),
                    reads=(where, ("services", callee)),
                )
            elif system.services[callee].port is None:
                yield Finding(
                    where=where,
                    problem="has no port to call",
                    found=callee,
                    allowed=f"a port for services.{callee}",
                    reads=(where, ("services", callee, "port")),
                )


def addresses_in_the_environment_are_those_of_calls(system: System) -> Iterator[Finding]:
    """Find environment variables with the address of a service that the call does not reach.

    Security groups let through what is in ``calls`` and nothing else.
    """
    address = re.compile(
        rf"(?<![\w.-])([a-z0-9][a-z0-9-]*)\.{re.escape(system.namespace)}(?![\w-]|\.\w)(?::(\d+))?"
    )
    for name, service in system.services.items():
        for variable, value in service.environment.items():
            for callee, port in address.findall(value):
                where = ("services", name, "environment", variable)
                known = system.services.get(callee)
                problem = ""
                if known is None:
                    problem = f"{callee} is not a service of this system"
                    allowed = listed(f"{other}.{system.namespace}" for other in system.services)
                elif callee not in service.calls:
                    problem = f"{callee} cannot be reached"
                    allowed = f"services in calls, so {callee} there too"
                elif port and known.port != int(port):
                    problem = f"{callee} does not listen on port {port}"
                    allowed = f"port {known.port}"
                if problem:
                    yield Finding(
                        where=where,
                        problem=problem,
                        found=value,
                        allowed=allowed,
                        reads=(
                            where,
                            ("namespace",),
                            ("services", name, "calls"),
                            ("services", callee, "port"),
                        ),
                    )


def _others(system: System, name: str) -> str:
    others = [other for other in system.services if other != name]
    return listed(others) or "nothing, there is no other service"


RULES = (calls_reach_services_with_a_port, addresses_in_the_environment_are_those_of_calls)
