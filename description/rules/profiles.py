"""Rules over profiles."""

from collections.abc import Iterator

from description.mistakes import Finding
from description.model import Profile, System
from description.profiles import SHARED


def unused_profile(system: System) -> Iterator[Finding]:
    """Find fields for the development profile where no environment has it."""
    if system.profiles.development and Profile.DEVELOPMENT not in system.environments.values():
        yield Finding(
            where=("profiles", "development"),
            problem="is for no environment",
            allowed="a development environment, such as environments: {dev: development}",
            reads=(("profiles", "development"), ("environments",)),
        )


def profiles_share_what_identifies_a_system(system: System) -> Iterator[Finding]:
    """Find fields in a profile that are the same in all of them."""
    for profile in Profile:
        for field in SHARED:
            if field in getattr(system.profiles, profile.value):
                yield Finding(
                    where=("profiles", profile.value, field),
                    problem="is the same in every profile",
                    allowed="any other field of a description",
                )


RULES = (unused_profile, profiles_share_what_identifies_a_system)
