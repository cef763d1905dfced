"""What people see: text and a picture."""

import re
from xml.etree import ElementTree

import pytest

from checks.parameter_files import read_all
from tests.systems_under_test import REFERENCES, ROOT, rendered
from tests.timeline.estimates import estimated, typical
from tests.timeline.layouts import resource, stack, times
from timeline.picture import picture
from timeline.scenarios import estimate
from timeline.schedule import simulate
from timeline.text import WIDTH, against, clock, lines, shown

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (293, "4:53")]
)
def test_a_time_is_minutes_and_seconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize("name", REFERENCES)
def test_the_text_has_every_deployment_with_its_range(name: str) -> None:
    text = list(lines(estimated(name)))
    assert text[0] == f"{name}, production (prod): estimates from data of 2026-11"
    deployments = typical(name).deployments
    after = len(deployments) + 1
    for deployment, line in zip(deployments, text[1:after], strict=True):
        assert line.startswith(f"  {deployment.title} ")
        assert re.search(rf" {clock(deployment.schedule.makespan)} +\(\d+:\d\d to \d+:\d\d\)", line)
    assert "times the longest chain of needs" in text[after]


def test_the_text_says_whether_the_first_deployment_meets_its_targets() -> None:
    gateway, worker = typical("gateway"), typical("a worker")
    assert re.findall(r"target: ([^)]*)", against(gateway.first)) == [
        "at most 1.10, met",
        "at least 25%, met",
    ]
    assert against(gateway.first) in "\n".join(lines(estimated("gateway")))
    assert against(worker.first).count("missed") == 2
    assert "target" not in against(gateway.joining)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_text_shows_stacks_and_critical_path_until_all_services_run(name: str) -> None:
    text = "\n".join(lines(estimated(name)))
    for growth in typical(name).growing:
        for bar in growth.schedule.stacks():
            assert f"    {bar.step.address or 'the parent':<32.32} " in text
        for bar in growth.schedule.critical_path():
            assert f"{clock(bar.since):>5} " in text
            assert f"{bar.step.address} ({bar.step.type})" in text
    drawn = re.findall(r"#+", text)
    assert max(map(len, drawn)) <= WIDTH


@pytest.mark.parametrize("name", REFERENCES)
def test_the_picture_shows_the_same(name: str) -> None:
    root = ElementTree.fromstring(picture(estimated(name)))  # noqa: S314  our own
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    makespan = clock(typical(name).first.schedule.makespan)
    images = {"gateway": ", without images", "payments": ""}[name]
    assert texts[0] == f"First deployment of {name}, production (prod){images}: {makespan}"
    schedule = typical(name).first.schedule
    for bar in [*schedule.stacks()[1:], *schedule.critical_path()]:
        assert any(text.lstrip("…") in bar.step.address for text in texts[2:] if len(text) > 2)
    for title in ("Critical path", "Against others", "longest chain of needs, no stacks"):
        assert title in texts


@pytest.mark.parametrize("name", REFERENCES)
def test_nothing_is_drawn_outside_of_the_picture(name: str) -> None:
    root = ElementTree.fromstring(picture(estimated(name)))  # noqa: S314  our own
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for bar in root.iter(f"{SVG}rect"):
        x, y = float(bar.get("x", "0")), float(bar.get("y", "0"))
        assert 0 <= x <= x + float(bar.attrib["width"]) <= width
        assert 0 <= y <= y + float(bar.attrib["height"]) <= height


def test_of_many_stacks_alike_one_is_shown_and_the_one_on_the_critical_path_is_among_them() -> None:
    services = [
        stack(f"S{number:02}", resource(f"S{number:02}/Task", "Fast"), after="Net")
        for number in range(40)
    ]
    slow = stack("Z", resource("Z/Task", "Slow"), after="Net")
    root = stack("", stack("Net", resource("Net/Vpc", "Fast")), *services, slow)
    schedule = simulate(root, times(Fast=3, Slow=10), "typical")
    assert [label for _, label in shown(schedule)] == ["the parent", "Net", "S00 +39", "Z"]


def test_the_same_system_gives_the_same_picture() -> None:
    estimated.cache_clear()
    first = picture(estimated("gateway"))
    estimated.cache_clear()
    assert picture(estimated("gateway")) == first


@pytest.mark.parametrize("name", REFERENCES)
def test_the_page_shows_the_picture_that_a_build_draws(name: str) -> None:
    (file,) = (
        one
        for one in read_all(ROOT / "parameters", REFERENCES)
        if (one.system, one.environment) == (name, "prod")
    )
    drawn = picture(estimate(rendered(name), "prod", file.parameters))
    shown = (ROOT / "docs" / f"timeline-{name}.svg").read_text()
    hint = f"copy out/{name}/production/timeline.svg of python build.py --timeline to docs/"
    assert drawn == shown, hint
    assert f"(timeline-{name}.svg)" in (ROOT / "docs" / "timeline.md").read_text()
