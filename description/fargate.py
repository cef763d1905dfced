"""The sizes a Fargate task can have.

Source: Amazon ECS Developer Guide, "Amazon ECS task definition parameters for Fargate", task size;
the same pairs as cfn-lint's rule E3047.
"""

from typing import Final

GIB: Final = 1024

MEMORY_BY_CPU: Final[dict[int, tuple[int, ...]]] = {
    256: (512, GIB, 2 * GIB),
    512: tuple(range(GIB, 4 * GIB + 1, GIB)),
    1024: tuple(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: tuple(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: tuple(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: tuple(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: tuple(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
    32768: (60 * GIB, 120 * GIB, 244 * GIB),
}
"""CPU units (1024 = 1 vCPU) to the memory sizes, in MiB, that Fargate offers with them."""

STOP_TIMEOUT: Final = (2, 120)
"""Seconds; the shortest and the longest ``stopTimeout`` on Fargate.

Source: ECS API, ContainerDefinition.stopTimeout.
"""
