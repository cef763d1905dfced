"""The matrix: who can reach whom on which ports, for people."""

from collections.abc import Iterable, Iterator

from checks.columns import columns
from checks.reachability.connections import INTERNET, Connection
from checks.reachability.parties import EDGE
from checks.reachability.reach import Reach


def matrix(reaches: Iterable[Reach]) -> Iterator[str]:
    """Yield, for each system, a row for everyone who reaches somebody and a column for everyone
    who is reached; environments in which that is the same share one.
    """
    groups: dict[tuple[str, frozenset[Connection]], set[str]] = {}
    for one in reaches:
        groups.setdefault((one.system, one.connections), set()).add(one.environment)
    for index, ((system, connections), environments) in enumerate(groups.items()):
        if index:
            yield ""
        yield f"{system} ({', '.join(sorted(environments))})"
        yield ""
        yield from _table(connections)


def _table(connections: Iterable[Connection]) -> Iterator[str]:
    ports: dict[tuple[str, str], set[str]] = {}
    for one in connections:
        ports.setdefault((one.source, one.target), set()).add(str(one.ports))
    sources = sorted({source for source, _ in ports}, key=_order)
    targets = sorted({target for _, target in ports}, key=_order)
    rows = [("from \\ to", *targets)]
    for source in sources:
        cells = (
            " ".join(sorted(ports.get((source, target), {"·"}), key=len)) for target in targets
        )
        rows.append((source, *cells))
    yield from columns(rows)


def _order(name: str) -> tuple[int, str]:
    """Put the internet and the load balancer first, then services, addresses and endpoints."""
    if name in (INTERNET, EDGE):
        return (INTERNET, EDGE).index(name), name
    return 4 if name.startswith("endpoint ") else 3 if "/" in name else 2, name
