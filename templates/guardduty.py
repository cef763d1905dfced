"""GuardDuty: what Runtime Monitoring of the tasks needs of their roles."""

from awacs.aws import Condition, Statement, StringEquals

from description.guardduty import AGENT_ACCOUNTS, AGENT_REPOSITORY
from templates import iam


def pull_agent() -> Statement:
    """Pull GuardDuty's agent from AWS's repository, and nothing else.

    The account in the ARN has to be ``*``: it is another one in each region, and a mapping would
    fail the deployment in a region that it lacks. The condition names the accounts, so that no
    other repository of that name is meant, and nothing at all in such a region.

    Source: IAM User Guide, "AWS global condition context keys", aws:ResourceAccount; AWS's data
    perimeter policy examples use it for repositories of ECR that belong to AWS.
    """
    return iam.statement(
        "PullGuardDutyAgent",
        iam.PULL,
        [iam.arn("ecr", f"repository/{AGENT_REPOSITORY}", account="*")],
        Condition=Condition(StringEquals("aws:ResourceAccount", sorted(AGENT_ACCOUNTS.values()))),
    )
