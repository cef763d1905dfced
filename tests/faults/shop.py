"""A till, deployed again and again to accounts of its own, behind a proxy."""

import itertools
import threading
from dataclasses import dataclass

from localaws import LocalAws, LocalSession
from tests.faults.inventory import Inventory, inventory
from tests.faults.proxy import Call, Fault, Proxy, Script, nothing
from tests.faults.runs import Ended, Program, Run

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
_accounts = itertools.count(220_000_000_000)


@dataclass
class Shop:
    """An account with a bucket for templates, and what deploys the till there."""

    session: LocalSession
    proxy: Proxy
    program: Program

    @property
    def bucket(self) -> str:
        """Where templates go."""
        return f"payment-stacks-{self.session.account}-{self.session.region}"

    def start(self, *words: str, proxied: bool = True) -> Run:
        """Begin to run a command line; what the proxy kills is the last that was begun."""
        url = {"AWS_ENDPOINT_URL": self.proxy.url} if proxied else {}
        known = threading.Event()

        def kill() -> None:
            known.wait()
            run.kill()

        if proxied:
            self.proxy.kill = kill
        run = self.program.start(self.session.environment | url, *words)
        known.set()
        return run

    def run(self, *words: str, script: Script = nothing, proxied: bool = True) -> Ended:
        """Run a command line to its end, whoever brings that about."""
        if proxied:
            self.proxy.forget(script)
        return self.start(*words, proxied=proxied).wait()

    def inventory(self, environment: str = "dev") -> Inventory:
        """Look at everything in the account."""
        return inventory(self.session, f"till-{environment}", self.bucket)


def open_shop(local_aws: LocalAws, proxy: Proxy, program: Program) -> Shop:
    """Return a shop in an account that nobody has used before."""
    made = Shop(local_aws.session(account=str(next(_accounts))), proxy, program)
    s3 = made.session.client("s3")
    s3.create_bucket(Bucket=made.bucket)
    s3.put_bucket_versioning(Bucket=made.bucket, VersioningConfiguration={"Status": "Enabled"})
    return made


def deploy(digest: str = DIGEST, environment: str = "dev", *more: str) -> tuple[str, ...]:
    """Return the command line that deploys the till with that image."""
    return "deploy", "till", environment, "--image", f"cashier={digest}", *more


PHASES = {
    "first deployment": deploy(),
    "update": deploy(OTHER),
    "destroy": ("destroy", "till", "dev", "--yes"),
}
"""What is done to a shop, in this order."""


@dataclass(frozen=True)
class Undisturbed:
    """A phase that nothing disturbs."""

    after: Inventory
    calls: tuple[Call, ...]


def undisturbed(shop: Shop) -> dict[str, Undisturbed]:
    """Return what each phase makes of a shop where nothing goes wrong."""
    found = {}
    for phase, words in PHASES.items():
        ended = shop.run(*words)
        assert ended.code == 0, ended.stderr
        found[phase] = Undisturbed(shop.inventory(), tuple(shop.proxy.calls))
    return found


def at(place: tuple[str, int], fault: Fault) -> Script:
    """Return the script in which one call meets a fault."""
    return lambda call: fault if call.place == place else None
