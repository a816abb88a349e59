"""Signals that tell a program to end, and how to hold them back for a moment."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""By the keyboard, by another program, by a terminal that is closed."""


def end_on_signals() -> None:
    """Let signals to end raise KeyboardInterrupt or SystemExit, so that what is unfinished is cleaned up."""
    for number in STOP_SIGNALS:
        # A background job of a shell, or one under nohup, is told to ignore some; that stays.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def ignore(number: int, frame: object) -> None:
    """Do nothing about a signal. Python complains of one that is on its way while it is set to be ignored."""


def _end(number: int, frame: object) -> None:
    # Once: a second signal must not end the cleaning up.
    for other in STOP_SIGNALS:
        signal.signal(other, ignore)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold back signals to end; those that came are heard afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
