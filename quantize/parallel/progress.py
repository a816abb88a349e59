"""How far a stage has come, told to whoever listens, without a parameter in every signature on the way.

Each thread has a listener of its own, or none: a stage that runs beside another is not counted as a part of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Part = TypeVar("Part", covariant=True)
Listener = Callable[[float, int], object]
"""Hears how many frames are done of how many. A still picture is one frame, of which a part is done."""

OnStage = Callable[[str, float, int], object]
"""Hears the name of a stage, and how many frames are done of how many."""

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


class Countable(Protocol[Part]):
    """What has a length and can be gone through: a sequence, or an array's rows."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Part]: ...


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let a function hear how far the work within has come."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell(n_done: float, n_frames: int) -> None:
    """Tell the listener, if there is one, how many frames are done."""
    if listener := _LISTENER.get():
        listener(n_done, n_frames)


@contextmanager
def within(start: float, stop: float, n_frames: int = 1) -> Iterator[None]:
    """Let all of what is heard be a part of a whole: from some frames of it being done to some more."""
    whole = _LISTENER.get()
    if whole is None:
        yield
    else:
        with heard_by(lambda n_done, of: whole(start + (stop - start) * n_done / of, n_frames)):
            yield


def counted(items: Countable[Item], n_frames: int | None = None) -> Iterator[Item]:
    """Yield each item, and tell the listener before it how many frames are done: each is one, or all are `n_frames`.

    What is told of the work on an item is heard as a part of it.
    """
    n_frames = n_frames or len(items)
    for number, item in enumerate(items):
        begin, end = (place * n_frames / len(items) for place in (number, number + 1))
        if number:
            tell(begin, n_frames)
        with within(begin, end, n_frames):
            yield item


class Stopwatch:
    """Milliseconds per stage, and since it was made; `on_stage` hears how each stage goes on.

    Stages that run beside each other overlap: their sum may exceed the total.
    """

    def __init__(self, on_stage: OnStage | None = None) -> None:
        self.timing: dict[str, float] = {}
        self._on_stage = on_stage
        self._begin = time.perf_counter()

    @property
    def total(self) -> float:
        """Milliseconds of wall time since the stopwatch was made."""
        return 1000 * (time.perf_counter() - self._begin)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        begin = time.perf_counter()
        if self._on_stage:
            self._on_stage(stage, 0, 1)
            with heard_by(partial(self._on_stage, stage)):
                yield
            self._on_stage(stage, 1, 1)
        else:
            yield
        self.timing[stage] = 1000 * (time.perf_counter() - begin)
