"""Which ministack this package was written for.

The extension replaces private functions of ministack, so another version may silently behave
differently. The version is therefore checked before anything of it is imported.
"""

from importlib.metadata import PackageNotFoundError, version

MINISTACK_VERSION = "1.5.33"

INSTALL = "install it with: pip install 'payment-stacks[local]'"


class UnsupportedEmulatorError(RuntimeError):
    """ministack is missing, or it is not the version that this package extends."""


def require_pinned_ministack() -> None:
    """Return if the pinned ministack is installed; raise UnsupportedEmulatorError otherwise."""
    try:
        installed = version("ministack")
    except PackageNotFoundError:
        raise UnsupportedEmulatorError(f"ministack is not installed: {INSTALL}") from None
    if installed != MINISTACK_VERSION:
        raise UnsupportedEmulatorError(
            f"ministack {installed} is installed, but localaws extends private names of "
            f"{MINISTACK_VERSION}: {INSTALL}"
        )
