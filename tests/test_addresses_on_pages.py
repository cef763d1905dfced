"""What a page shows as printed by a command has stacks and resources that the system has."""

import re
from collections.abc import Iterator

import pytest

from checks.rendering import nested
from tests.systems_under_test import ROOT, rendered

PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(?:console)?$(.*?)^```$", re.MULTILINE | re.DOTALL)
STACK = re.compile(r"^gateway-(?:dev|staging|prod)(?P<path>(?:/\w+)*) +(?P<id>\w+) +AWS::", re.M)
RESOURCE = re.compile(r"\bgateway-(?:dev|staging|prod)/(?P<path>\w+(?:/\w+)*) +\(?AWS::")
SHORT = re.compile(r"^(?:  goes:|MODIFIED ) +(?P<path>\w+(?:/\w+)*) +AWS::", re.M)
"""A row of a review; a resource with its stack; one without it."""


def shown() -> Iterator[tuple[str, str]]:
    """Yield the page and the address of each resource in what a command has printed."""
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text()):
            for row in STACK.finditer(block[1]):
                yield page.name, f"{row['path']}/{row['id']}".lstrip("/")
            for pattern in (RESOURCE, SHORT):
                for found in pattern.finditer(block[1]):
                    yield page.name, found["path"]


def addresses(system: str, file: str = "parent.json", path: str = "") -> Iterator[str]:
    """Yield the address of each resource of a system, whatever its condition."""
    template = rendered(system).templates[file]
    yield from (f"{path}{logical_id}" for logical_id in template["Resources"])
    for logical_id, properties, _ in nested(template):
        yield from addresses(system, str(properties["TemplateURL"]), f"{path}{logical_id}/")


@pytest.mark.parametrize(("page", "address"), sorted(set(shown())))
def test_what_a_page_shows_is_where_it_says(page: str, address: str) -> None:
    del page
    assert address in {*addresses("gateway"), *addresses("gateway/development")}


def test_pages_show_reviews_progress_failures_and_what_goes() -> None:
    assert {"deploy.md", "doctor.md"} <= {page for page, _ in shown()}
    assert {"ApiGatewayService/Service", "Network/NatGatewayA"} <= {one for _, one in shown()}
