"""A small Dask cluster on this machine: same results, in order; what is wrong with it is one sentence."""

import os
import signal
from pathlib import Path

import pytest

from tests.conftest import make_photo

pytest.importorskip("distributed", reason="Dask is not installed; pip install 'quantize[dask]' brings it")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in range(4):
        make_photo(seed=seed).save(tmp_path / f"{seed}.png")
    return tmp_path


NAMES = [f"{seed}.png" for seed in range(4)]


@pytest.mark.parametrize("options", [(), ("--shared",)])
def test_bytes_do_not_depend_on_where_the_work_is_done(quantize, folder, cluster, options):
    Path("3.png").write_text("no picture")
    assert quantize(*NAMES, "-d", "here", "-j", "1", "--no-timing", *options).code == 1
    run = quantize(*NAMES, "-d", "there", "--no-timing", "--scheduler", cluster.scheduler_address, *options)
    assert run.code == 1
    assert "3.png: not an image that Pillow can read" in run.err
    here, there = ({path.name: path.read_bytes() for path in Path(name).iterdir()} for name in ("here", "there"))
    assert here == there
    assert len(here) == 9


def _die_at_two(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_item_that_kills_its_workers_costs_itself_alone(cluster):
    from quantize.parallel.cluster import map_on_cluster

    results = list(map_on_cluster(_die_at_two, range(5), cluster.scheduler_address, lambda number: -number))
    assert results == [0, 1, -2, 9, 16]


def test_worker_of_another_version_is_named(quantize, folder, cluster, monkeypatch):
    monkeypatch.setattr("quantize.pipeline.spreading.__version__", "9.9.9")
    run = quantize("0.png", "1.png", "--scheduler", cluster.scheduler_address)
    assert run.code == 1
    assert "has quantize 0." in run.err.splitlines()[-1]
    assert "and not 9.9.9 as here" in run.err.splitlines()[-1]


def test_scheduler_that_is_not_there_is_one_sentence(quantize, folder, listing, monkeypatch):
    monkeypatch.setattr("quantize.parallel.cluster._PATIENCE", 0.5)
    before = listing()
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        run = quantize("0.png", "--scheduler", address)
        assert run.code == 1
        assert f"--scheduler: {address}: does not answer" in run.err
        assert len(run.err.splitlines()) == 1
        assert listing() == before
