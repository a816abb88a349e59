"""How far a stage has come, told to whoever listens, without a parameter in every signature on the way.

A thread that someone listens to says so for itself: what is done beside it is not taken for its work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Part = TypeVar("Part", covariant=True)
Listener = Callable[[int, int], object]
"""Hears how many frames are done of how many."""

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


def counted(items: Countable[Item], n_frames: int | None = None) -> Iterator[Item]:
    """Yield each item, and tell the listener before it how many frames are done: each is one, or all are `n_frames`."""
    listener = _LISTENER.get()
    n_frames = n_frames or len(items)
    for n_done, item in enumerate(items):
        if listener and n_done:
            listener(n_done * n_frames // len(items), n_frames)
        yield item
