"""Reachability: who can reach whom on which port, compared with what the description says.

It follows security groups, routes, gateways and endpoints through the resolved system. What it
finds is exact in both directions: E9501 for a connection that the description wants and that is not
possible, E9502 for one that is possible and not wanted, E9503 for a rule that leads nowhere. What
it does not understand it refuses, E9500.
"""

from checks.reachability.matrix import matrix
from checks.reachability.reach import Reach, reach

__all__ = ["Reach", "matrix", "reach"]
