"""A stack as it stands in AWS, and what its status lets us do next."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from checks.parameters import SUFFIX
from delivery.aws import Aws, error_message, explained
from delivery.errors import DeliveryError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Stack:
    """What DescribeStacks says about one stack."""

    name: str
    id: str
    status: str
    created: datetime
    updated: datetime | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    protected: bool = False
    """Whether termination protection is on."""
    change_set: str = ""
    """The ARN of the change set that was carried out last, if it was one."""

    @property
    def own_tags(self) -> dict[str, str]:
        """The tags that are not AWS's."""
        return {key: value for key, value in self.tags.items() if not key.startswith("aws:")}

    @property
    def deployed(self) -> bool:
        """Whether there is a template in it: parameters and tags can be kept."""
        return self.status != "REVIEW_IN_PROGRESS"


def stack_name(system: str, environment: str) -> str:
    """Return the name of a system's parent stack in an environment."""
    return f"{system}-{environment}"


def read(aws: Aws, name: str) -> Stack | None:
    """Return the stack of that name or id, or None where there is none."""
    try:
        with explained():
            return _stack(aws.cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except DeliveryError as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and error_message(cause).endswith("does not exist"):
            return None
        raise


class Unread(Enum):
    """Stands for a stack that nobody has looked at yet."""

    YET = auto()


def known(aws: Aws, name: str, stack: Stack | Unread | None) -> Stack | None:
    """Return the stack, which is read if nobody has done so."""
    return read(aws, name) if stack is Unread.YET else stack


def _stack(described: "StackTypeDef") -> Stack:
    return Stack(
        name=described["StackName"],
        id=described["StackId"],
        status=described["StackStatus"],
        created=described["CreationTime"],
        updated=described.get("LastUpdatedTime"),
        parameters={
            p["ParameterKey"]: p.get("ParameterValue", "") for p in described.get("Parameters", ())
        },
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", ())},
        outputs={o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", ())},
        protected=described.get("EnableTerminationProtection", False),
        change_set=described.get("ChangeSetId", ""),
    )


class Step(Enum):
    """What a deployment does first with a stack."""

    CREATE = auto()
    UPDATE = auto()
    RECREATE = auto()
    """Delete what a failed creation left, then create."""
    WAIT = auto()
    """Follow the operation that runs on it to its end, then decide again."""
    ROLL_BACK = auto()
    """Refuse; ``rollback`` undoes the update that stopped half way."""
    CONTINUE = auto()
    """Refuse; ``rollback`` goes on with the rollback that stopped half way."""
    REFUSE = auto()


DEPLOYS = frozenset({Step.CREATE, Step.UPDATE, Step.RECREATE})
"""What a deployment goes on with."""

HALF_WAY = frozenset({Step.ROLL_BACK, Step.CONTINUE})
"""What only ``rollback`` does, after somebody has looked."""


_BUSY = (
    Step.WAIT,
    "another operation is running on it. Wait until it ends, then repeat; deploy waits for it.",
)
_REMOVE = (
    Step.REFUSE,
    "it cannot be updated from here. Remove it with: ./deploy.sh destroy {place}",
)

_CREATION_FAILED = (
    Step.REFUSE,
    "its creation failed, and what it has made is not all undone. Remove what is left with: "
    "./deploy.sh destroy {place}",
)

STEPS: dict[str, tuple[Step, str]] = {
    "REVIEW_IN_PROGRESS": (Step.CREATE, ""),
    "DELETE_COMPLETE": (Step.CREATE, ""),
    "CREATE_COMPLETE": (Step.UPDATE, ""),
    "UPDATE_COMPLETE": (Step.UPDATE, ""),
    "UPDATE_ROLLBACK_COMPLETE": (Step.UPDATE, ""),
    "IMPORT_COMPLETE": (Step.UPDATE, ""),
    "IMPORT_ROLLBACK_COMPLETE": (Step.UPDATE, ""),
    "ROLLBACK_COMPLETE": (Step.RECREATE, ""),
    "CREATE_IN_PROGRESS": _BUSY,
    "UPDATE_IN_PROGRESS": _BUSY,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": _BUSY,
    "UPDATE_ROLLBACK_IN_PROGRESS": _BUSY,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": _BUSY,
    "ROLLBACK_IN_PROGRESS": _BUSY,
    "DELETE_IN_PROGRESS": (Step.REFUSE, "it is being deleted. Wait until it is gone, then repeat."),
    "IMPORT_IN_PROGRESS": _BUSY,
    "IMPORT_ROLLBACK_IN_PROGRESS": _BUSY,
    "CREATE_FAILED": _CREATION_FAILED,
    "ROLLBACK_FAILED": _CREATION_FAILED,
    "DELETE_FAILED": (
        Step.REFUSE,
        "its deletion stopped half way. Finish that with: ./deploy.sh destroy {place}",
    ),
    "IMPORT_ROLLBACK_FAILED": _REMOVE,
    "UPDATE_FAILED": (
        Step.ROLL_BACK,
        "its last update stopped half way. "
        "Return to what ran before with: ./deploy.sh rollback {place}",
    ),
    "UPDATE_ROLLBACK_FAILED": (
        Step.CONTINUE,
        "its last rollback stopped half way. Mend what stopped it, then go on with: "
        "./deploy.sh rollback {place}",
    ),
}
"""Every stack status, and the step that it allows; where that is no deployment also why, and what
to do.

Source: CloudFormation User Guide, "Understand CloudFormation stack creation events" (status codes)
and the enumeration StackStatus of the API.
"""

CREATION_FAILED = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""The statuses of a stack that has never been made."""

_UNKNOWN = (
    Step.REFUSE,
    "payment-stacks does not know that status. "
    "See what it says with: aws cloudformation describe-stacks --stack-name {name} {options}",
)


def decision(stack: Stack, options: str) -> tuple[Step, str]:
    """Return the step that the stack's status allows; where that is no deployment also why, and
    what to do.

    ``options`` are those with which a command reaches its account and region.
    """
    step, advice = STEPS.get(stack.status, _UNKNOWN)
    return step, advice.format(name=stack.name, options=options, place=place(stack, options))


def place(stack: Stack, options: str) -> str:
    """Return the words that name the stack to ``./deploy.sh``, with ``options``."""
    environment = stack.parameters.get(SUFFIX, "")
    system = stack.name.removesuffix(f"-{environment}")
    words = f"{system} {environment}" if system != stack.name else "SYSTEM ENVIRONMENT"
    return f"{words} {options}"


def can_be_updated(stack: Stack) -> bool:
    """Return whether the stack's status lets an update begin: it can be more than deleted."""
    return STEPS.get(stack.status, _UNKNOWN)[0] is Step.UPDATE


def first_step(stack: Stack | None, options: str) -> Step:
    """Decide what a deployment does with the stack.

    Raises ``DeliveryError`` for a refusal, and where an operation runs that nobody has waited for.
    """
    if stack is None:
        return Step.CREATE
    step, advice = decision(stack, options)
    if step not in DEPLOYS:
        raise DeliveryError(f"Stack {stack.name} is in {stack.status}: {advice}")
    return step
