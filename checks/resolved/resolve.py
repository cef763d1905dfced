"""From rendered templates and parameters to the resolved system."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from checks.findings import Finding, at
from checks.parameters import SUFFIX, value_mistakes
from checks.rendering import Path, Rendering
from checks.resolved.functions import Unresolved
from checks.resolved.model import Place, System
from checks.resolved.scope import Origin, Scope
from description import digests

PARENT = "parent.json"


class ResolutionError(Exception):
    """Something cannot be resolved. Its text says where and why."""

    def __init__(self, file: str, path: Path, message: str) -> None:
        super().__init__(f"{file}: {at(path)}: {message}" if path else f"{file}: {message}")
        self.file, self.path, self.message = file, path, message

    def finding(self, rule: str) -> Finding:
        """Return it as something that is wrong in a template."""
        return Finding(self.file, at(self.path), rule, self.message)


def resolve(
    rendering: Rendering,
    parameters: Mapping[str, str],
    *,
    images: bool = True,
    names: bool = True,
    place: Place | None = None,
) -> System:
    """Return what ``rendering`` becomes, deployed with ``parameters`` (of a parameter file, say).

    With ``images`` every image is known: one without a digest gets one that stands in, always the
    same. Without, only those are that ``parameters`` pins.

    With ``names``, a name or ARN whose form AWS documents is a text. Without, all that identifies a
    resource is a reference and numbers stay numbers, so that a template can be written of it.

    Raises ``ResolutionError`` for what cannot be resolved: a parameter that is unknown, missing or
    refused, a reference to nothing or to what its condition leaves out, an unknown function, a
    circle.

    A system is resolved once for all checks that ask for it one after the other: nobody changes it.
    """
    given = frozenset(parameters.items())
    return _resolved(rendering, given, images=images, names=names, place=place or Place())


@lru_cache(maxsize=8)
def _resolved(
    rendering: Rendering,
    parameters: frozenset[tuple[str, str]],
    *,
    images: bool,
    names: bool,
    place: Place,
) -> System:
    given = dict(sorted(parameters))
    declared = rendering.templates[PARENT].get("Parameters", {})
    if images:
        given = digests.with_stand_ins(rendering.templates[PARENT], given, _digest)
    for name, value in given.items():
        for mistake in value_mistakes(value, declared.get(name, {})):
            raise ResolutionError(rendering.file(PARENT), ("Parameters", name), mistake)
    if not place.stack_name:
        environment = given.get(SUFFIX, "")
        place = replace(place, stack_name=f"{rendering.system}-{environment}".rstrip("-"))
    origin = _origin(rendering, place, names=names)
    try:
        scopes = list(_family(Scope(origin, PARENT, "", given)))
        return System(
            rendering.system,
            place,
            {at: one for scope in scopes for at, one in scope.resources.items()},
            {scope.address: scope.stack for scope in scopes},
            {known: at for scope in scopes for known, at in scope.identities.items()},
        )
    except Unresolved as error:
        raise ResolutionError(rendering.file(error.file), error.path, error.message) from None


@lru_cache(maxsize=8)
def _origin(rendering: Rendering, place: Place, *, names: bool) -> Origin:
    """Return what all stacks share, for whichever parameters: nested ones that are given the same
    are resolved once.
    """
    return Origin(rendering, place, names=names)


def samples(rendering: Rendering) -> dict[str, str]:
    """Return a value for each of the parent's parameters that has no default, for checks of a
    system that has no parameter file yet: ``dev`` for the environment, and the parameter's own name
    for what Systems Manager holds.

    Of other parameters nothing is known: ``resolve`` will say which is missing.
    """
    found = {}
    for name, parameter in rendering.templates[PARENT].get("Parameters", {}).items():
        if "Default" in parameter:
            continue
        if name == SUFFIX:
            found[name] = "dev"
        elif str(parameter.get("Type")).startswith("AWS::SSM::Parameter::"):
            found[name] = f"/{name}"
    return found


def _digest(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def _family(scope: Scope) -> Iterator[Scope]:
    yield scope
    for child in scope.children():
        yield from _family(child)
