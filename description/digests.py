"""How the parent's parameters pin the images of services: both forms, and nobody else knows them.

Up to 50 services have a parameter each, ``ApiGatewayImageDigest``. In a larger system they share
some, ``ImageDigests1``, ``ImageDigests2`` …, each with a text ``api-gateway=sha256:…,fraud=…``:
whichever it stands in, a digest is found by its service's name. One that is empty, or that stands
nowhere, is not known yet.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from description import texts
from description.names import pascal

ONE_BY_ONE: Final = 50
"""So many services have a parameter each. A template has up to 200 (CloudFormation User Guide,
"Understand CloudFormation quotas"), and who reads them fewer patience."""

DIGEST_PATTERN: Final = "sha256:[0-9a-f]{64}"
"""An image's digest (OCI Image Format Specification, "Digests")."""

SERVICES: Final = "PaymentStacksServices"
"""Where the metadata of a parent whose services share parameters names them."""

_SINGLE = re.compile(r"[A-Za-z0-9]+ImageDigest")
_SHARED = re.compile(r"ImageDigests[1-9][0-9]*")
_DIGEST_BYTES = len("sha256:") + 64

_Node = Mapping[str, Any]


def share(services: Iterable[str]) -> bool:
    """Return whether there are so many services that they share parameters."""
    return len(list(services)) > ONE_BY_ONE


def pins_images(parameter: str) -> bool:
    """Return whether a parameter of a parent, known by its name, pins images, in either form."""
    return bool(_SINGLE.fullmatch(parameter) or _SHARED.fullmatch(parameter))


def shared_in(values: Mapping[str, str]) -> bool:
    """Return whether services share a parameter among those that have ``values``."""
    return any(map(_SHARED.fullmatch, values))


def parameter(service: str) -> str:
    """Return the parameter of a service that has one to itself."""
    return f"{pascal(service)}ImageDigest"


def parameters(services: Iterable[str]) -> dict[str, list[str]]:
    """Return the parameters that pin the images of ``services``, and for each one whose images we
    write into it.
    """
    names = list(services)
    if not share(names):
        return {parameter(name): [name] for name in names}
    dealt = texts.dealt(names, _DIGEST_BYTES)
    return {f"ImageDigests{number}": text for number, text in enumerate(dealt, 1)}


def known(values: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return the digests that ``values`` of parameters give to ``services``, in either form.

    One that is given as nothing is there, and empty.
    """
    everything = {name: digest for _, name, digest in _shared(values)}
    names = list(services)
    everything |= {n: values[parameter(n)] for n in names if parameter(n) in values}
    return {name: everything[name] for name in names if name in everything}


def as_values(digests: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return the value of each parameter that pins images of ``services``."""
    return _texts(digests, names) if share(names := list(services)) else _each(digests, names)


def _each(digests: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    return {parameter(name): digests.get(name, "") for name in services}


def _texts(digests: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    return texts.written(digests, parameters(services))


def overlaid(
    services: Iterable[str], images: Mapping[str, str], *layers: Mapping[str, str]
) -> dict[str, str]:
    """Return the values of all ``layers``, of which later ones go first, and above them ``images``,
    digests by service. Of what shares a parameter each image is a value of its own.
    """
    names = list(services)
    values = dict(chain.from_iterable(layer.items() for layer in layers))
    if not share(names):
        return values | {parameter(name): digest for name, digest in images.items()}
    found = dict(chain.from_iterable(known(layer, names).items() for layer in layers))
    shared = {title: text for title, text in _texts({**found, **images}, names).items() if text}
    return {name: one for name, one in values.items() if not _SHARED.fullmatch(name)} | shared


def merged(parent: _Node, given: Mapping[str, str], deployed: Mapping[str, str]) -> dict[str, str]:
    """Return what pins images of a ``parent`` where the values that are ``given`` go before those
    that are ``deployed``, image by image, and any of them may have another form.

    Nothing where no parameter is shared, now or before: these are merged as any others.
    """
    if services := services_of(parent):
        both = {**known(deployed, services), **known(given, services)}
        return _texts({name: digest for name, digest in both.items() if digest}, services)
    if not shared_in(deployed):
        return {}
    both = {**one_by_one(deployed), **one_by_one(given)}
    declared = filter(_SINGLE.fullmatch, parent.get("Parameters", {}))
    return {name: both[name] for name in declared if name in both}


def one_by_one(values: Mapping[str, str]) -> dict[str, str]:
    """Return ``values`` as if each service had a parameter to itself."""
    others = {name: value for name, value in values.items() if not _SHARED.fullmatch(name)}
    return others | {parameter(name): digest for _, name, digest in _shared(values) if name}


def without(values: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return ``values`` without what they say of the images of ``services``."""
    names = set(services)
    singles = set(map(parameter, names))
    kept = {name: value for name, value in values.items() if name not in singles}
    for title in filter(_SHARED.fullmatch, values):
        found = [(n, digest) for _, n, digest in _shared({title: values[title]}) if n not in names]
        kept[title] = ",".join(f"{name}={digest}" for name, digest in found)
    return kept


def emptied(values: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return ``values`` with no image for ``services``."""
    singles = set(map(parameter, services)) & values.keys()
    return without(values, services) | dict.fromkeys(singles, "")


def titles(values: Mapping[str, str]) -> dict[str, str]:
    """Return the name, as logical ids carry it, of each service that ``values`` pin an image of;
    and the name by which ``without`` knows it.
    """
    found = {pascal(name): name for _, name, digest in _shared(values) if name and digest}
    for title in filter(_SINGLE.fullmatch, values):
        if values[title]:
            found[title.removesuffix("ImageDigest")] = title.removesuffix("ImageDigest")
    return found


def services_of(parent: _Node) -> tuple[str, ...]:
    """Return the services that share parameters of a ``parent`` template; none if none do."""
    return tuple((parent.get("Metadata") or {}).get(SERVICES, ()))


def pinned_by(parent: _Node, deployed: Mapping[str, str]) -> tuple[str, ...]:
    """Return the services whose images a ``parent`` template pins, by the names that ``deployed``
    values give them; those of single ones that these do not know as their parameter carries it.
    """
    names = titles(deployed)
    single = filter(_SINGLE.fullmatch, parent.get("Parameters", {}))
    carried = (one.removesuffix("ImageDigest") for one in single)
    return services_of(parent) or tuple(names.get(one, one) for one in carried)


def with_stand_ins(
    parent: _Node, values: Mapping[str, str], stand_in: Callable[[str], str]
) -> dict[str, str]:
    """Return ``values`` and, for each image of a ``parent`` that they do not pin, the digest that
    ``stand_in`` gives for the parameter that its service has or might have to itself.
    """
    if services := services_of(parent):
        digests = known(values, services)
        absent = {one: stand_in(parameter(one)) for one in services if not digests.get(one)}
        return {**values, **_texts({**digests, **absent}, services)}
    declared = filter(_SINGLE.fullmatch, parent.get("Parameters", {}))
    return {**values, **{one: stand_in(one) for one in declared if not values.get(one)}}


def waiting(values: Mapping[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return the option of ``./deploy.sh deploy`` for each image that is not known: of single
    services by their parameters, of ``services``, which share some, by the one that each might have
    to itself.
    """
    given = one_by_one(values)
    options = {name: f"--parameter {name}=sha256:…" for name in filter(_SINGLE.fullmatch, values)}
    options |= {parameter(name): f"--image {name}=sha256:…" for name in services}
    return {name: option for name, option in sorted(options.items()) if not given.get(name)}


def mistakes(values: Mapping[str, str], services: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each parameter that ``services`` share and what is wrong with whom it names."""
    names, seen = set(services), set[str]()
    for title, name, _ in _shared(values):
        if not name:
            yield title, "has an item that is not SERVICE=sha256:…"
        elif name not in names:
            yield title, f"there is no service {name}"
        elif name in seen:
            yield title, f"pins the image of {name}, which is pinned before"
        seen.add(name)


def _shared(values: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield parameter, service and digest of all that share parameters; what names no service is
    a digest alone.
    """
    for title in sorted(filter(_SHARED.fullmatch, values), key=lambda one: (len(one), one)):
        for part in values[title].split(","):
            name, equals, digest = part.strip().rpartition("=")
            if name or equals or digest:
                yield title, name, digest
