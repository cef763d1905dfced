"""ALB health check failures: what the load balancer says of each target, and its way there."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from delivery.doctor.deployed import Deployed, Service
from delivery.doctor.findings import Finding, ok, unknown, wrong

_NEW = timedelta(minutes=5)
_PASSING = {"initial", "draining"}
"""States of targets that come or go."""

CODES = {
    "Target.ResponseCodeMismatch": "It answers, but not with {matcher}: see why {path} does not",
    "Target.Timeout": "It does not answer in {timeout} s: see that it listens on port {port} of "
    "all addresses (0.0.0.0) and that security groups let the load balancer in",
    "Target.FailedHealthChecks": "It refuses the connection or closes it: see that the container "
    "listens on port {port}",
    "Target.NotInUse": "No listener rule leads to its target group, or its zone is not enabled",
    "Target.IpUnusable": "A load balancer uses its address already",
    "Target.InvalidState": "Its task has stopped",
    "Target.HealthCheckDisabled": "Health checks are switched off",
    "Elb.InternalError": "The load balancer has an error of its own: if it stays, ask AWS Support",
}
"""What a reason code means. Source: Elastic Load Balancing API, TargetHealth."""


def check(it: Deployed) -> Iterator[Finding]:
    """Look at every service that is behind a load balancer."""
    attached = [
        (service, one)
        for service in it.services
        for one in service.described.get("loadBalancers", ())
        if "targetGroupArn" in one
    ]
    if not attached:
        yield ok("services", "none of those that run is behind a load balancer")
        return
    groups = _groups(it, sorted({one["targetGroupArn"] for _, one in attached}))
    entrances = _entrances(it)
    for service, one in attached:
        group = groups.get(one["targetGroupArn"])
        if group is None:
            yield wrong(
                f"{service.name}: target group",
                "does not exist any more",
                f"See what else differs: ./deploy.sh drift {it.words}",
            )
            continue
        yield _port(it, service, group, one)
        yield _targets(it, service, group, one["containerPort"])
        yield from _way(it, service, entrances, one["containerPort"])


def _groups(it: Deployed, arns: list[str]) -> dict[str, dict[str, Any]]:
    """Return the target groups that are there. One that is not would fail a call by ARN."""
    pages = it.aws.client("elbv2").get_paginator("describe_target_groups")
    return {
        one["TargetGroupArn"]: one
        for page in pages.paginate()
        for one in page["TargetGroups"]
        if one["TargetGroupArn"] in arns
    }


def _entrances(it: Deployed) -> list[str]:
    """Return the security groups of the system's load balancers."""
    arns = [one.physical_id for one in it.of("AWS::ElasticLoadBalancingV2::LoadBalancer")]
    if not arns:
        return []
    found = it.aws.client("elbv2").describe_load_balancers(LoadBalancerArns=arns)
    return [group for one in found["LoadBalancers"] for group in one.get("SecurityGroups", ())]


def _port(
    it: Deployed, service: Service, group: dict[str, Any], attached: dict[str, Any]
) -> Finding:
    checked = f"{service.name}: port and path"
    port, path = attached["containerPort"], group.get("HealthCheckPath", "/")
    opened = {
        mapping["containerPort"]
        for container in service.containers
        if container["name"] == attached["containerName"]
        for mapping in container.get("portMappings", ())
    }
    asked = group.get("HealthCheckPort", "traffic-port")
    if port not in opened:
        said = f"the target group leads to {port}, the container opens {sorted(opened)}"
    elif asked not in {"traffic-port", str(port)}:
        said = f"health is asked on port {asked}, the container opens {port}"
    else:
        return ok(checked, f"{group['HealthCheckProtocol']} {path} on {port}")
    return wrong(
        checked,
        said,
        "Ask where requests go: aws elbv2 modify-target-group "
        f"--target-group-arn {group['TargetGroupArn']} --health-check-port traffic-port "
        f"{it.aws.cli_options}",
    )


def _targets(it: Deployed, service: Service, group: dict[str, Any], port: int) -> Finding:
    checked = f"{service.name}: targets"
    arn = group["TargetGroupArn"]
    answer = it.aws.client("elbv2").describe_target_health(TargetGroupArn=arn)
    health = [one["TargetHealth"] for one in answer["TargetHealthDescriptions"]]
    healthy = sum(one["State"] == "healthy" for one in health)
    bad = [one for one in health if one["State"] not in {"healthy", *_PASSING}]
    found = f"{healthy} of {len(health)} are healthy"
    if bad:
        reasons = Counter((one.get("Reason", ""), one.get("Description", "")) for one in bad)
        told = "; ".join(
            f"{count} {code}: {text}".rstrip(": ") for (code, text), count in reasons.items()
        )
        code = reasons.most_common(1)[0][0][0]
        hint = CODES.get(code, "See what the targets say").format(
            matcher=group.get("Matcher", {}).get("HttpCode", "200"),
            path=group.get("HealthCheckPath", "/"),
            timeout=group.get("HealthCheckTimeoutSeconds", 5),
            port=port,
        )
        return wrong(checked, f"{found}: {told}", f"{hint}. {_look(it, service, arn)}")
    if healthy >= service.running:
        return ok(checked, found)
    if health or datetime.now(UTC) - service.deployment["createdAt"] < _NEW:
        return unknown(checked, f"{found}, others are coming or going; ask again in a minute")
    return wrong(
        checked,
        f"no target is registered, though {service.running} tasks run",
        "Let ECS register them anew: aws ecs update-service --force-new-deployment "
        f"--cluster {service.cluster} --service {service.name} {it.aws.cli_options}",
    )


def _look(it: Deployed, service: Service, arn: str) -> str:
    group = service.log_group
    logs = f"aws logs tail {group} {it.aws.cli_options}" if group else ""
    health = f"aws elbv2 describe-target-health --target-group-arn {arn} {it.aws.cli_options}"
    return "; ".join(text for text in (logs, health) if text)


def _way(it: Deployed, service: Service, entrances: list[str], port: int) -> Iterator[Finding]:
    """Look whether security groups let the load balancer out to the tasks, and in there."""
    if not entrances:
        return
    inside = service.security_groups
    for egress, here, there in ((True, entrances, inside), (False, inside, entrances)):
        direction = "egress" if egress else "ingress"
        checked = f"{service.name}: {direction} rule of the load balancer's way"
        rules = it.rules_of(here, egress=egress, port=port)
        if any(_leads(rule, there) for rule in rules):
            yield ok(checked, f"TCP {port} is let through")
        else:
            yield wrong(
                checked,
                f"no rule of {', '.join(here)} lets TCP {port} "
                f"{'out to' if egress else 'in from'} {', '.join(there)}",
                f"aws ec2 authorize-security-group-{direction} --group-id {here[0]} "
                f"--ip-permissions 'IpProtocol=tcp,FromPort={port},ToPort={port},"
                f"UserIdGroupPairs=[{{GroupId={there[0]}}}]' {it.aws.cli_options}",
            )


def _leads(rule: dict[str, Any], groups: list[str]) -> bool:
    """Return whether a rule is about one of the groups, or about addresses."""
    peer = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    return peer in groups if peer else "CidrIpv4" in rule
