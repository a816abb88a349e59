"""Pieces on threads: the same answer for any number, and no work that waits for the thread it stands on."""

import threading

import pytest

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
