"""One conversion: the stages that it goes through, and the time that it tells."""

import itertools
import time
from pathlib import Path

import pytest

from quantize import Settings
from quantize.files.planning import plan_jobs
from quantize.pipeline.convert import convert_file, list_stages


@pytest.mark.parametrize(("optimize", "swatch", "plot"), list(itertools.product([False, True], repeat=3)))
def test_stages_that_are_announced_are_those_that_run(photo: Path, optimize: bool, swatch: bool, plot: bool) -> None:
    (job,) = plan_jobs([str(photo)], fields={"k": "4"}, swatch=swatch, plot=plot)
    settings = Settings(n_colors=4, optimize=optimize, effort="fast")
    heard: list[str] = []
    convert_file(job, settings, lambda stage, n_done, _: None if n_done else heard.append(stage))
    assert sorted(heard) == sorted(list_stages(job))


def test_total_is_less_than_the_sum_of_stages_that_run_beside_each_other(photo: Path) -> None:
    (job,) = plan_jobs([str(photo)], fields={"k": "4"}, swatch=True)
    slow = {"swatch": 0.2, "encode": 0.2}
    report, _ = convert_file(job, Settings(n_colors=4, n_threads=3), lambda stage, *_: time.sleep(slow.get(stage, 0)))
    timing = dict(report["timing"])
    assert timing.pop("total") < sum(timing.values())


@pytest.mark.parametrize("n_threads", [1, 2])
def test_total_is_wall_time_and_not_the_sum_of_stages_that_overlap(photo: Path, n_threads: int) -> None:
    (job,) = plan_jobs([str(photo)], fields={"k": "4"})
    begin = time.perf_counter()
    report, _ = convert_file(job, Settings(n_colors=4, n_threads=n_threads))
    seconds = time.perf_counter() - begin
    timing = dict(report["timing"])
    total = timing.pop("total")
    assert max(timing.values()) <= total <= 1000 * seconds
