"""The sizes a Fargate task can have.

Source: Amazon ECS Developer Guide, "Task definition differences for Fargate", table "Task CPU and
memory" (Linux containers).
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
}
"""CPU units (1024 = 1 vCPU) to the memory sizes, in MiB, that Fargate offers with them."""

MAX_STOP_TIMEOUT: Final = 120
"""Seconds; the longest ``stopTimeout`` on Fargate (ECS API, ContainerDefinition.stopTimeout)."""
