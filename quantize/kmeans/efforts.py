"""How much work to put in: named sets of the engine's parameters."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

EFFORTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "fast": {
            "refine_rounds": 3,
            "refine_size": 32,
            "batch_share": 1 / 16,
            "final_passes": 2,
            "final_size": 64,
        },
        "balanced": {},  # the defaults
        "best": {
            "n_init": 3,
            "refine_rounds": 64,
            "refine_size": 512,
            "refine_most": 3 << 15,
            "batch_share": 6.0,
            "final_passes": 8,
            "final_size": 2048,
        },
    }
)

GRID_ROUNDS: Mapping[str, int] = MappingProxyType({"fast": 0, "balanced": 0, "best": 8})
"""Rounds of `descend_on_grid` that follow, where the centers will stand on a grid."""
