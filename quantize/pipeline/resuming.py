"""What an earlier run has done already: a picture is kept where its report vouches for every byte of it."""

from __future__ import annotations

import dataclasses
import json
import math
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from quantize.files.marks import hash_content, hash_file, read_report
from quantize.records.job import Job
from quantize.records.settings import Settings
from quantize.version import MARK, REPORT_VERSION

if TYPE_CHECKING:
    from quantize.records.report import Report

_CHANGE_NOTHING = {"n_threads", "max_pixels"}
"""Fields of settings that no result depends on."""

_OF_RESULTS = ("format", "report", "sharing", "only_used", "skip_if_larger", "sort", "has_timing")
"""Fields of a job that its results depend on, beside their names."""


def hash_request(job: Job, settings: Settings) -> str:
    """Give a hash of everything that a job's results depend on but for its source: what was asked, and of whom.

    A palette counts by its colors, not by its file's name.
    """
    asked = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    request = {
        "software": [MARK, REPORT_VERSION],
        "settings": {name: value for name, value in asked.items() if name not in _CHANGE_NOTHING},
        "job": {name: getattr(job, name) for name in _OF_RESULTS},
        "outputs": job.outputs.names,
    }
    return hash_content(json.dumps(request, sort_keys=True, default=_spell_out).encode())


def _spell_out(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def find_kept(job: Job, settings: Settings) -> Report | None:
    """Find the report of an earlier run that has done this job; None where anything is missing or changed.

    Parameters
    ----------
    job : Job
    settings : Settings
        With the palette that is shared, where there is one.

    Returns
    -------
    Report or None
        Where the same was asked of the same version, the source has the same bytes, and each output is there, byte by
        byte as it was written.
    """
    written = read_report(job.outputs.report)
    hashes = written.get("sha256", {})
    if written.get("request") != hash_request(job, settings) or written.get("outputs") != job.outputs.names:
        return None
    expected = {Path(job.source): written.get("input", {}).get("sha256")}
    expected |= {path: hashes.get(what) for what, path in job.outputs.named if path != job.outputs.report}
    with suppress(OSError, ValueError, TypeError):
        n_pixels = math.prod(written["input"][side] for side in ("width", "height", "frames"))
        if all(digest is not None and _hash_path(path, n_pixels) == digest for path, digest in expected.items()):
            return cast("Report", written)
    return None


def _hash_path(path: Path, n_pixels: int) -> str | None:
    with path.open("rb") as file:
        return hash_file(file, n_pixels)
