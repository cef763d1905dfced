"""How images are pinned, in both forms."""

import pytest

from description import digests
from description.digests import ONE_BY_ONE
from description.texts import TEXT_BYTES

FEW = ("api", "fraud-detector")
MANY = tuple(f"service-{number}" for number in range(300))
PARENT = {
    "Parameters": {title: {"Default": ""} for title in digests.parameters(MANY)},
    "Metadata": {digests.SERVICES: list(MANY)},
}
SMALL_PARENT = {"Parameters": {"ApiImageDigest": {"Default": ""}, "Zones": {}}}


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


ALL = {name: digest(number) for number, name in enumerate(MANY)}


def test_few_services_have_a_parameter_each() -> None:
    assert digests.as_values({"api": digest(1)}, FEW) == {
        "ApiImageDigest": digest(1),
        "FraudDetectorImageDigest": "",
    }


@pytest.mark.parametrize(("count", "shared"), [(ONE_BY_ONE, False), (ONE_BY_ONE + 1, True)])
def test_more_than_fifty_share_some(count: int, shared: bool) -> None:
    values = digests.as_values(ALL, MANY[:count])

    assert digests.shared_in(values) is shared
    assert all(map(digests.pins_images, values))
    assert len(values) == (2 if shared else ONE_BY_ONE)


def test_names_of_other_parameters_pin_no_images() -> None:
    for name in ("EnvironmentSuffix", "ImageDigests", "ImageDigests0", "ImageDigestsA"):
        assert not digests.pins_images(name), name


@pytest.mark.parametrize("length", [1, 32])
@pytest.mark.parametrize("count", [51, 199, 200, 300, 480])
def test_no_text_is_longer_than_a_value_may_be(count: int, length: int) -> None:
    services = [f"{number:x}".rjust(max(length, 3), "a") for number in range(count)]
    values = digests.as_values(dict.fromkeys(services, digest(0)), services)

    sizes = [len(value.encode()) for value in values.values()]
    assert max(sizes) <= TEXT_BYTES
    assert len(sizes) <= 15
    assert digests.known(values, services) == dict.fromkeys(services, digest(0))


def test_a_text_is_full_to_its_last_byte() -> None:
    services = [f"{number:03}a" for number in range(51)]  # 76 bytes each, and a comma
    assert [len(names) for names in digests.parameters(services).values()] == [51]
    longer = [*services, "b" * 32, "c" * 32]
    (first, second) = digests.as_values(dict.fromkeys(longer, digest(0)), longer).values()
    assert (len(first), second.count("=")) == (51 * 77 + 104, 1)


def test_an_image_is_found_whichever_text_it_stands_in() -> None:
    given = {"ImageDigests3": f" service-7={digest(7)} ,service-1={digest(1)}"}
    assert digests.known(given, MANY) == {"service-1": digest(1), "service-7": digest(7)}


def test_one_image_more_keeps_all_that_are_deployed() -> None:
    given = digests.overlaid(MANY, {"service-250": digest(999)}, {"Zones": "a"})
    assert given.keys() == {"Zones", "ImageDigests6"}

    sent = digests.merged(PARENT, given, digests.as_values(ALL, MANY))
    assert digests.known(sent, MANY) == ALL | {"service-250": digest(999)}


def test_images_of_the_command_line_go_before_its_parameters_and_those_before_the_file() -> None:
    file = {"ImageDigests1": f"service-0={digest(1)},service-1={digest(1)},service-2={digest(1)}"}
    line = {"ImageDigests2": f"service-1={digest(2)},service-2={digest(2)}"}
    given = digests.overlaid(MANY, {"service-2": digest(3)}, file, line)

    assert digests.known(given, MANY) == {
        "service-0": digest(1),
        "service-1": digest(2),
        "service-2": digest(3),
    }


def test_an_image_can_be_taken_away() -> None:
    given = digests.overlaid(MANY, {}, {"ImageDigests1": "service-1="})
    sent = digests.merged(PARENT, given, digests.as_values(ALL, MANY))

    assert given == {"ImageDigests1": "service-1="}
    assert digests.known(sent, MANY).keys() == set(MANY) - {"service-1"}


def test_a_system_that_grows_past_fifty_keeps_its_images() -> None:
    sent = digests.merged(PARENT, {}, digests.as_values(ALL, MANY[:ONE_BY_ONE]))
    assert digests.known(sent, MANY) == {name: ALL[name] for name in MANY[:ONE_BY_ONE]}


def test_a_system_that_shrinks_below_fifty_keeps_its_images() -> None:
    deployed = digests.as_values({**ALL, "api": digest(5)}, [*MANY, "api"])
    assert digests.merged(SMALL_PARENT, {}, deployed) == {"ApiImageDigest": digest(5)}
    given = {"ApiImageDigest": digest(6)}
    assert digests.merged(SMALL_PARENT, given, deployed) == given


def test_where_nothing_is_shared_there_is_nothing_to_merge() -> None:
    given = {"ApiImageDigest": digest(6)}
    assert digests.merged(SMALL_PARENT, given, {"ApiImageDigest": digest(5)}) == {}


@pytest.mark.parametrize("parent", [PARENT, SMALL_PARENT])
def test_a_stand_in_is_only_for_what_is_not_known(parent: dict[str, object]) -> None:
    services = digests.services_of(parent) or ["api"]
    none = digests.with_stand_ins(parent, {"Zones": "a"}, lambda name: f"for {name}")
    assert none["Zones"] == "a"
    assert digests.known(none, services) == {
        name: f"for {digests.parameter(name)}" for name in services
    }

    every = digests.as_values(dict.fromkeys(services, digest(1)), services)
    assert digests.with_stand_ins(parent, every, lambda _: "another") == every


def test_what_waits_is_named_with_the_option_that_gives_it() -> None:
    assert digests.waiting({"ApiImageDigest": "", "FraudImageDigest": digest(1)}, ()) == {
        "ApiImageDigest": "--parameter ApiImageDigest=sha256:…"
    }
    values = digests.as_values({"service-0": digest(0)}, MANY)
    assert digests.waiting(values, MANY[:2]) == {
        "Service1ImageDigest": "--image service-1=sha256:…"
    }


def test_images_of_some_services_can_be_left_out() -> None:
    values = {"Zones": "a", **digests.as_values(ALL, MANY[:2])}
    assert digests.without(values, ["service-0"]) == {
        "Zones": "a",
        "Service1ImageDigest": digest(1),
    }
    left = digests.without(digests.as_values(ALL, MANY), MANY[1:])
    assert digests.known(left, MANY) == {"service-0": digest(0)}
    assert left.keys() == digests.as_values(ALL, MANY).keys()


def test_services_with_an_image_are_known_by_the_name_that_takes_it_away() -> None:
    values = {"FraudImageDigest": digest(1), "ApiImageDigest": "", "Zones": "a"}
    assert digests.titles(values) == {"Fraud": "Fraud"}
    assert digests.emptied(values, ["Fraud"]) == values | {"FraudImageDigest": ""}
    shared = {"ImageDigests1": f"card-api={digest(1)},fraud="}
    assert digests.titles(shared) == {"CardApi": "card-api"}
    assert digests.emptied(shared, ["card-api"]) == {"ImageDigests1": "fraud="}


@pytest.mark.parametrize(
    ("values", "mistake"),
    [
        ({"ImageDigests1": f"servise-0={digest(0)}"}, "there is no service servise-0"),
        ({"ImageDigests1": digest(0)}, "has an item that is not SERVICE=sha256:…"),
        (
            {"ImageDigests1": "service-0=", "ImageDigests2": "service-0="},
            "pins the image of service-0, which is pinned before",
        ),
    ],
)
def test_a_text_that_is_wrong_is_explained(values: dict[str, str], mistake: str) -> None:
    assert [found for _, found in digests.mistakes(values, MANY)] == [mistake]


def test_texts_that_are_right_are_no_mistakes() -> None:
    assert list(digests.mistakes(digests.as_values(ALL, MANY), MANY)) == []


def test_services_of_a_parent_are_named_as_the_deployed_values_name_them() -> None:
    single: dict[str, dict[str, object]] = {
        "Parameters": {"CardApiImageDigest": {}, "FraudImageDigest": {}, "Suffix": {}}
    }
    shared = {"Metadata": {digests.SERVICES: ["card-api", "fraud"]}}
    pinned = {"ImageDigests1": f"card-api=sha256:{'0' * 64}"}

    assert digests.pinned_by(single, {}) == ("CardApi", "Fraud")
    assert digests.pinned_by(single, pinned) == ("card-api", "Fraud")
    assert digests.pinned_by(shared, pinned) == ("card-api", "fraud")
