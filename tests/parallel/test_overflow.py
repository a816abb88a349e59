"""Arrays that lie in a temporary file: as good as in memory, and none where there is no need or no room."""

import numpy as np
import pytest

from quantize.parallel import overflow
from quantize.parallel.overflow import let_go, reserve


def test_large_array_keeps_what_was_written_after_its_memory_is_let_go(monkeypatch):
    monkeypatch.setattr(overflow, "MOST_IN_MEMORY", 1 << 16)
    room = reserve(1 << 20)
    assert room is not None
    array = np.ndarray(1 << 18, "<u4", room)
    array[:] = np.arange(1 << 18)
    let_go()
    assert (array == np.arange(1 << 18)).all()


def test_array_that_fits_into_memory_is_held_there():
    assert reserve(1 << 20) is None


def test_memory_serves_where_the_disk_has_no_room(monkeypatch):
    monkeypatch.setattr(overflow, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(overflow.os, "posix_fallocate", _refuse)
    assert reserve(1 << 20) is None


def _refuse(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("options", [(), ("--dither", "floyd-steinberg"), ("--report", "full"), ("--despeckle", "4")])
def test_result_does_not_depend_on_where_the_pixels_lie(quantize, photo, monkeypatch, options):
    assert quantize("photo.png", "-o", "memory.png", "--no-timing", *options).code == 0
    monkeypatch.setattr(overflow, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr("quantize.color.remap.TABLE_PIXELS", 0)
    assert quantize("photo.png", "-o", "file.png", "--no-timing", *options).code == 0
    memory, file = ((photo.parent / f"{name}.png").read_bytes() for name in ("memory", "file"))
    assert memory == file
