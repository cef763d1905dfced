"""What the command line of ``./deploy.sh`` may say."""

import argparse
from pathlib import Path
from typing import Any

from delivery import options

LAUNCHER = "./deploy.sh"
EXIT_CODES = (
    "exit codes: 0 done or nothing to do, 1 failed, 2 bad input, 3 refused by policy, "
    "130 interrupted"
)

_DEFAULT_BUCKET = "where templates go (default: payment-stacks-ACCOUNT-REGION)"

_ABOUT = {
    "plan": (
        "make a change set, show it, and keep it for review",
        "plan gateway dev --region eu-west-1 --markdown plan.md",
    ),
    "deploy": (
        "make a change set, show it, carry it out and watch",
        "deploy gateway dev --image api-gateway=sha256:4f1c…",
    ),
    "check": (
        "look for everything that would stop a deployment, and change nothing",
        "check gateway prod --image api-gateway=sha256:4f1c…",
    ),
    "diff": (
        "forecast what would change, from templates alone, without a change set",
        "diff gateway dev --from out-of-last-release",
    ),
    "restart": (
        "start the tasks anew that read secrets with new values, by change set",
        "restart gateway prod --secret db-credentials",
    ),
    "rollback": (
        "bring back what was deployed before, by change set",
        "rollback gateway prod",
    ),
    "images": (
        "list the images that are deployed; build and push others",
        "images gateway dev --push v1.2 --service api-gateway",
    ),
    "secrets": (
        "show which values of secrets are missing; set them, never from an argument",
        "secrets gateway dev --set api-keys",
    ),
    "doctor": (
        "look for what does not work in a deployed system, and say what to do",
        "doctor gateway prod --json",
    ),
    "drift": (
        "look for what differs from what was deployed, in all nested stacks",
        "drift gateway prod",
    ),
    "outputs": ("print the outputs of a deployed stack", "outputs gateway dev --json"),
    "destroy": ("delete a stack, after asking for its name", "destroy gateway dev"),
    "bootstrap": (
        "make or mend the bucket that templates go to",
        "bootstrap --region eu-west-1",
    ),
}

COMMANDS = tuple(_ABOUT)


class _Parser(argparse.ArgumentParser):
    """A parser that does not repeat words which belong to no option: one may be a secret."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return what was given, and end with exit code 2 where something is left over."""
        given, others = self.parse_known_args(args, namespace)
        if others:
            names = sorted({word.partition("=")[0] for word in others if word.startswith("-")})
            self.error(
                f"unrecognized arguments: {' '.join(names)}"
                if names
                else "there are words too many. Give values with spaces in quotation marks."
            )
        return given


def parser() -> argparse.ArgumentParser:
    """Return the parser; ``command`` in what it returns is the name of the command."""
    whole = _Parser(
        prog=LAUNCHER,
        description="Deploy a payment system by change set, and look after it.",
        epilog=f"On this machine, without AWS: {LAUNCHER} local gateway\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (about, example) in _ABOUT.items():
        command = subparsers.add_parser(
            name,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            epilog=f"example: {LAUNCHER} {example}\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(command=name)
        if name != "bootstrap":
            command.add_argument("system", metavar="SYSTEM", help="name of a file in systems/")
            command.add_argument("environment", metavar="ENVIRONMENT", help="dev, staging, prod …")
        if name in {"plan", "deploy", "check", "diff"}:
            _add_wishes(command)
        if name in {"plan", "deploy", "diff", "restart", "rollback"}:
            _add_review(command)
        if name in {"plan", "deploy", "check", "restart", "rollback"}:
            _add_bucket(command)
        if name in {"plan", "deploy", "check", "restart", "rollback"}:
            options.add_skipped(command)
        if name == "images":
            _add_images(command)
        if name == "secrets":
            _add_secrets(command)
        if name == "restart":
            _add_restart(command)
        if name == "rollback":
            _add_rollback(command)
        if name == "diff":
            _add_sides(command)
        if name in {"plan", "diff"}:
            command.add_argument(
                "--markdown",
                type=Path,
                metavar="FILE",
                help="also write a comment for a pull request",
            )
        if name in {"deploy", "restart", "rollback"}:
            command.add_argument(
                "--change-set",
                metavar="ARN",
                help="carry out the change set that "
                f"{'plan' if name == 'deploy' else name} has made and printed, or nothing",
            )
        if name in {"deploy", "destroy"}:
            command.add_argument("--yes", action="store_true", help="do not ask")
        if name == "bootstrap":
            command.add_argument("--bucket", help=_DEFAULT_BUCKET)
            options.add_bucket_owner(command)
        elif name != "destroy":
            command.add_argument("--json", action="store_true", help="print JSON, for machines")
        options.add_connection(command)
    return whole


def _add_wishes(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what to deploy")
    group.add_argument(
        "--image",
        action="append",
        default=[],
        metavar="SERVICE=IMAGE",
        help="image of a service: sha256:…, REPOSITORY@sha256:…, or a tag, which is "
        "looked up now; may be repeated",
    )
    group.add_argument(
        "--parameters",
        type=Path,
        metavar="FILE",
        help="parameter file (default: parameters/SYSTEM-ENVIRONMENT.json)",
    )
    group.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="stronger than the file; may be repeated",
    )
    tags = group.add_mutually_exclusive_group()
    tags.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="tag of the stack and all that is in it; may be repeated",
    )
    tags.add_argument(
        "--keep-tags",
        action="store_true",
        help="leave the tags of a deployed stack as they are, whatever the parameter file and the "
        "variables of CI say",
    )
    _add_role(group)


def _add_role(group: argparse._ActionsContainer) -> None:
    group.add_argument(
        "--role-arn",
        default="",
        metavar="ARN",
        help="role that CloudFormation acts with (default: the stack's, or your own rights)",
    )


def _add_review(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PATH/ID",
        help="let a change happen that the policy refuses, e.g. Registry/ApiRepository; "
        "may be repeated",
    )


def _add_sides(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what to compare")
    group.add_argument(
        "--from",
        dest="old",
        type=Path,
        metavar="FOLDER",
        help="an earlier build; AWS is not called then (default: what is deployed)",
    )
    group.add_argument(
        "--to",
        dest="new",
        type=Path,
        metavar="FOLDER",
        help="another build (default: what would be built now)",
    )


def _add_restart(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="NAME",
        help="only for this secret; may be repeated (default: all that have changed)",
    )
    _add_role(command)
    command.add_argument("--yes", action="store_true", help="do not ask")


def _add_rollback(command: argparse.ArgumentParser) -> None:
    _add_role(command)
    command.add_argument("--list", action="store_true", help="print the deployments and stop")
    command.add_argument("--to", metavar="TIME", help="one of them (default: the one before)")
    command.add_argument("--yes", action="store_true", help="do not ask")


def _add_images(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("build and push")
    group.add_argument(
        "--push", metavar="TAG", help="print the commands that build images and push them as TAG"
    )
    group.add_argument(
        "--service",
        action="append",
        default=[],
        metavar="NAME",
        help="only this service; may be repeated (default: all)",
    )
    group.add_argument(
        "--folder",
        type=Path,
        default=Path("services"),
        help="holds a folder with a Dockerfile for each service (default: %(default)s)",
    )
    group.add_argument(
        "--run", dest="with_docker", action="store_true", help="run the commands, not print them"
    )


def _add_secrets(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("values", "Asked for without showing them, or read from:")
    group.add_argument("--set", metavar="SECRET", help="set the values of this secret")
    group.add_argument(
        "--key",
        action="append",
        default=[],
        help="only this JSON key; may be repeated (default: all that are declared)",
    )
    source = group.add_mutually_exclusive_group()
    source.add_argument(
        "--stdin", action="store_true", help="a JSON object, or with one --key its value"
    )
    source.add_argument(
        "--file", type=Path, help="the same in a file that only you may read (mode 0600)"
    )


def _add_bucket(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("templates in S3")
    group.add_argument("--bucket", help=_DEFAULT_BUCKET)
    options.add_publishing(group)
