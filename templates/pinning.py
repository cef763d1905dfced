"""Images in the parent: the parameters that pin them, and the conditions under which services join.

Where services share parameters, a digest is found by its service's name in whichever of them it
stands. All of them are parameters of the parent, so that their values are known before a change set
is made: of another stack's outputs nothing could be selected.
"""

from troposphere import Equals, Not, Parameter, Ref

from description import digests
from description.model import System
from templates import kinds, parameters
from templates.edges import StackTemplate
from templates.names import pascal
from templates.text import picked


def pinned(system: System, t: StackTemplate) -> dict[str, kinds.ImageDigest]:
    """Add the parameters that pin images, and the conditions under which services join; return the
    digest of each service.
    """
    shared = digests.share(system.services)
    refs = [Ref(t.add_parameter(one)) for one in _parameters(system, shared=shared)]
    if shared:
        values = [kinds.ImageDigest(picked(name, refs)) for name in system.services]
    else:
        values = [kinds.ImageDigest(one) for one in refs]
    found = dict(zip(system.services, values, strict=True))
    for name, value in found.items():
        t.add_condition(is_known(name), Not(Equals(value, "")))
    return found


def metadata(system: System) -> dict[str, list[str]]:
    """Return the metadata of the parent by which others know who shares parameters."""
    names = list(system.services)
    return {digests.SERVICES: names} if digests.share(names) else {}


def is_known(service: str) -> str:
    """Return the condition under which a service joins."""
    return f"{pascal(service)}ImageIsKnown"


def _parameters(system: System, *, shared: bool) -> list[Parameter]:
    make = parameters.image_digests if shared else parameters.image_digest
    return [
        make(one) for one in (digests.parameters(system.services) if shared else system.services)
    ]
