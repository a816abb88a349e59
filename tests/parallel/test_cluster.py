"""A small Dask cluster on this machine: same results, in order; what is wrong with it is one sentence."""

import os
import re
import shutil
import signal
from operator import add
from pathlib import Path

import pytest

from quantize.pipeline.spreading import _Seen
from tests.cluster import make_certificate
from tests.conftest import make_photo

pytest.importorskip("distributed", reason="Dask is not installed; pip install 'quantize[dask]' brings it")

import dask
from distributed import Client, LocalCluster

from quantize.parallel.cluster import ClusterError, map_on_cluster, sum_on_cluster

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


def run_here(protocol: str) -> LocalCluster:
    """Run a scheduler and a worker in this process, which starts sooner."""
    return LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol=f"{protocol}://", dashboard_address=None
    )


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
    assert len(here) == (7 if options else 9), "a shared palette has one swatch"


def _die_at_two(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_item_that_kills_its_workers_costs_itself_alone(cluster):
    results = list(map_on_cluster(_die_at_two, range(5), cluster.scheduler_address, lambda number: -number))
    assert results == [0, 1, -2, 9, 16]


def _count_of(number: int) -> int | None:
    return None if number == 3 else number * number


@pytest.mark.parametrize("n_there", [1, 2, 5, 100])
def test_sum_is_of_all_that_has_something_to_add(cluster, monkeypatch, n_there):
    monkeypatch.setattr("quantize.parallel.cluster._SUMMED_THERE", n_there)
    assert sum_on_cluster(_count_of, add, range(7), cluster.scheduler_address) == 1 + 4 + 16 + 25 + 36
    assert sum_on_cluster(_count_of, add, [3], cluster.scheduler_address) is None


def test_histograms_are_added_up_where_they_are_counted(quantize, folder, cluster, monkeypatch):
    """One histogram comes here, whatever the number of pictures, and no pixels do."""
    gathered = []
    gather = Client.gather
    monkeypatch.setattr(Client, "gather", lambda self, sums: gathered.extend(sums) or gather(self, sums))
    assert quantize(*NAMES, "--shared", "-o", "all.css", "--scheduler", cluster.scheduler_address).code == 0
    assert [future.type.__name__ for future in gathered] == ["Histogram"]


def test_worker_that_does_not_see_a_file_is_named(quantize, folder, cluster, monkeypatch, tmp_path_factory):
    def pretend(jobs):
        return (_Seen(job, ("/only/here.png",)) for job in jobs)

    monkeypatch.setattr("quantize.pipeline.spreading._look_at", pretend)
    for options in ((), ("--shared",)):
        run = quantize(*NAMES, "-d", "out", "--scheduler", cluster.scheduler_address, *options)
        assert run.code == 1
        assert re.search(
            r"--scheduler: worker tcp://\S+: cannot see /only/here.png; it needs", run.err.splitlines()[-1]
        )
        assert not list(Path("out").iterdir())


def test_scheduler_that_goes_away_is_one_sentence(monkeypatch):
    monkeypatch.setattr("quantize.parallel.cluster._PATIENCE", 1)
    with run_here("tcp") as cluster:
        results = map_on_cluster(abs, range(-1000, 0), cluster.scheduler_address, int)
        assert next(results) == 1000
        cluster.close()
        with pytest.raises(ClusterError, match="went away; what is written stays"):
            list(results)


def _name_key(variable: str) -> str:
    """Name the key of Dask's configuration that an environment variable sets."""
    return variable.removeprefix("DASK_").lower().replace("__", ".").replace("_", "-")


def test_certificates_of_the_configuration_are_used_with_tls(quantize, folder):
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes certificates, is not installed")
    settings = {_name_key(variable): value for variable, value in make_certificate(folder).items()}
    with dask.config.set(settings), run_here("tls") as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        assert quantize("0.png", "-d", "out", "--scheduler", address).code == 0
        nothing = {f"distributed.comm.tls.client.{what}": None for what in ("key", "cert")}
        with dask.config.set(nothing):
            assert "does not answer" in quantize("1.png", "-d", "out", "--scheduler", address).err
    assert len(list(Path("out").iterdir())) == 3


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
