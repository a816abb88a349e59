"""Pieces on threads: the same answer for any number, and no work that waits for the thread it stands on."""

import threading
import time

import pytest

from quantize.parallel import threads
from quantize.parallel.threads import map_chunks, run_beside


def test_pieces_come_back_in_order_and_do_not_depend_on_the_threads() -> None:
    one = map_chunks(lambda piece: (piece.start, piece.stop), 10, 3, 1)
    assert one == map_chunks(lambda piece: (piece.start, piece.stop), 10, 3, 4) == [(0, 3), (3, 6), (6, 9), (9, 10)]


@pytest.mark.parametrize("n_jobs", [2, 3])
def test_work_on_the_pool_that_shares_out_its_own_work_never_waits_for_itself(n_jobs: int) -> None:
    def work() -> int:
        return sum(map_chunks(lambda piece: run_beside(lambda: piece.stop - piece.start, n_jobs)(), 100, 1, n_jobs))

    waiting = [run_beside(work, n_jobs) for _ in range(3 * n_jobs)]
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.extend(result() for result in waiting), daemon=True)
    thread.start()
    thread.join(10)
    assert results == [100] * len(waiting), "all threads wait for each other"


def test_on_one_thread_the_work_is_done_when_it_is_asked_for() -> None:
    done: list[int] = []
    result = run_beside(lambda: done.append(1), 1)
    assert not done
    result()
    assert done == [1]


def test_where_there_are_no_more_threads_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    threads._start_threads.cache_clear()
    here = threading.get_ident()
    beside = run_beside(threading.get_ident, 2)
    assert map_chunks(lambda piece: threading.get_ident(), 4, 1, 2) == [here] * 4
    assert beside() == here
    threads._start_threads.cache_clear()


def test_what_waits_for_a_thread_is_done_by_who_asks_for_it() -> None:
    both = threading.Barrier(2, timeout=10)
    first = run_beside(lambda: [both.wait(), both.wait()], 2)
    both.wait()
    assert run_beside(threading.get_ident, 2)() == threading.get_ident()
    both.wait()
    first()


def test_while_a_piece_is_waited_for_the_others_are_done_here() -> None:
    here, n_done, others_are_done = threading.get_ident(), [0], threading.Event()

    def work(piece: slice) -> bool:
        if threading.get_ident() != here:
            return others_are_done.wait(10)
        time.sleep(0.001)  # so that the other thread gets one, too
        n_done[0] += 1
        if n_done[0] == 19:
            others_are_done.set()
        return True

    assert map_chunks(work, 20, 1, 2) == [True] * 20
    assert n_done == [19]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_in_a_piece_is_raised_and_what_is_left_is_left(n_jobs: int) -> None:
    done: list[int] = []

    def work(piece: slice) -> None:
        if piece.start == 1:
            raise ValueError("a piece")
        done.append(piece.start)

    with pytest.raises(ValueError, match="a piece"):
        map_chunks(work, 1000, 1, n_jobs)
    assert len(done) < 999
