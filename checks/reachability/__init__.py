"""Reachability: who can reach whom on which port, compared with what the description says.

It follows security groups, routes, gateways and endpoints through the resolved system. What it
finds is exact in both directions: E9501 for a connection that the description wants and that is not
possible, E9502 for one that is possible and not wanted, E9503 for a rule that leads nowhere. What
it does not understand it refuses, E9500.
"""

from collections.abc import Mapping

from checks.reachability.matrix import matrix
from checks.reachability.reach import Reach, reach

__all__ = ["REASONS", "Reach", "matrix", "reach"]

REASONS: Mapping[str, str] = {
    "E9500": (
        "Something cannot be resolved, or decides who reaches whom in a way that is not "
        "understood: network ACLs, IPv6, peering."
    ),
    "E9501": "A connection that the description wants is not possible, or not between all zones.",
    "E9502": "A connection is possible that the description does not say.",
    "E9503": (
        "A rule of a security group leads nowhere: half of a connection, or a source that cannot "
        "come."
    ),
    "E9504": (
        "A listener answers requests otherwise than the description says: routes, redirect, "
        "registered services and ports."
    ),
    "E9505": (
        "A subnet is associated with no route table, and would use the VPC's own, or with several."
    ),
    "E9506": "Tasks have public addresses or run in a public subnet.",
    "E9507": (
        "A private subnet has no way out, or another one than `nat` says: another kind, or "
        "another zone's."
    ),
    "E9508": (
        "The subnets of the load balancer, a service or an interface endpoint are not one in each "
        "of as many zones as described."
    ),
    "E9509": "An interface endpoint does not answer to the public name of its AWS service.",
    "E9510": "The VPC or a subnet has other addresses than described.",
}
"""Each id, and what it finds."""
