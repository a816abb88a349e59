"""Many items by several processes: in order, within bounds, past workers that die."""

import faulthandler
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from quantize.parallel.processes import map_in_order


def square(number: int) -> int:
    time.sleep(0.02 * (number == 0))
    return number**2


def die_of_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once_of_three(item: int, mark: Path, number: int) -> int:
    if item == 3 and not mark.exists():
        mark.touch()
        faulthandler.disable()  # which pytest turns on: the fault is meant, and need not be told
        os.kill(os.getpid(), number)
    return item


def sleep_and_die_once(item: int, mark: Path) -> tuple[float, float]:
    begin = time.monotonic()
    time.sleep(0.03)
    if item == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return begin, time.monotonic()


def negate(number: int) -> int:
    return -number


def test_results_come_in_order_although_the_first_takes_longest():
    assert list(map_in_order(square, range(30), 3, negate)) == [n**2 for n in range(30)]


def test_items_are_read_only_as_far_ahead_as_the_workers_need():
    read = []

    def items():
        for number in range(100):
            read.append(number)
            yield number

    results = map_in_order(square, items(), 2, negate)
    next(results)
    assert len(read) < 15
    results.close()


@pytest.mark.parametrize("n_workers", [1, 3])
def test_item_whose_worker_is_killed_twice_is_the_only_one_lost(n_workers):
    assert list(map_in_order(die_of_three, range(6), n_workers, negate)) == [0, 1, 2, -3, 4, 5]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV])
def test_item_whose_worker_was_ended_once_is_done_after_all(tmp_path, number):
    work = partial(die_once_of_three, mark=tmp_path / "mark", number=number)
    assert list(map_in_order(work, range(6), 2, negate)) == [0, 1, 2, 3, 4, 5]


def interrupt_oneself(item: int) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return item


def test_interrupt_of_the_terminal_is_left_to_the_parent():
    assert list(map_in_order(interrupt_oneself, range(4), 2, negate)) == [0, 1, 2, 3]


def test_second_try_runs_while_nothing_else_does(tmp_path):
    spans = list(map_in_order(partial(sleep_and_die_once, mark=tmp_path / "mark"), range(8), 3, negate))
    begin, end = spans[2]
    assert all(other_end <= begin or other_begin >= end for other_begin, other_end in spans[:2] + spans[3:])


def test_where_no_process_may_be_started_the_work_is_done_here():
    probe = (
        "import resource; from quantize.parallel.processes import map_in_order\n"
        "import os; highest = max(map(int, os.listdir('/proc/self/fd')))\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 3, highest + 3))\n"
        "print(list(map_in_order(abs, range(5), 2, str)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "[0, 1, 2, 3, 4]\n"


def test_workers_end_when_their_parent_is_killed(tmp_path):
    probe = (
        "import os, time; from quantize.parallel.processes import map_in_order\n"
        "def work(n):\n    print(os.getpid(), flush=True); time.sleep(60)\n"
        "list(map_in_order(work, range(2), 2, str))"
    )
    parent = subprocess.Popen([sys.executable, "-c", probe], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline, "a worker is left behind"
        time.sleep(0.02)
