"""How much work to put in: named sets of the engine's parameters."""

from collections.abc import Mapping
from typing import Any

EFFORTS: dict[str, Mapping[str, Any]] = {
    "fast": {"refine_size": 8192, "refine_rounds": 3, "max_iter": 1 / 16, "final_passes": 0},
    "balanced": {},  # the constructor's own
    "best": {"n_init": 3, "refine_size": 65536, "refine_rounds": 30, "final_passes": 8},
}
