"""Refusals of outputs by the files that their names stand for: an input, another output, or none that can be.

Each yields sentences for `checks`, which tells the first one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from quantize.records.job import STDIO, Job

_NO_NAMES = ("", ".", "..")

_LONGEST_NAME = 255
"""Bytes of a file name on the file systems in use."""

_LONGEST_PATH = 4095
"""PATH_MAX of Linux, without the zero byte at the end."""


def find_long_names(jobs: Sequence[Job]) -> Iterator[str]:
    """Yield which outputs have names that no file can have."""
    for job in jobs:
        for path in job.outputs.paths:
            if len(os.fsencode(path.name)) > _LONGEST_NAME or len(os.fsencode(path)) > _LONGEST_PATH:
                yield f"{path}: is too long for a file name; give a shorter one with -o, -d or --name"


def find_collisions(jobs: Sequence[Job]) -> Iterator[str]:
    """Yield which outputs are an input, or another output; links are followed."""
    owners: dict[str, tuple[Job, Path]] = {}
    places = Places()
    sources = {places.resolve(job.source): job for job in jobs if job.source != STDIO}
    for number, job in enumerate(jobs):
        own = None if job.source == STDIO or job.in_place else places.complete(job.source)
        in_common = () if number else job.outputs.shared.values()
        for path in (*job.outputs.paths, *in_common):
            place = places.complete(str(path))
            if place == own:
                yield f"{job.source}: its result would replace it; name another, or give --in-place"
            real = places.resolve(str(path))
            reader = sources.get(real)
            if reader is job and not job.in_place and not job.overwrite:
                yield f"{path}: is {job.source} by another name; name another, or give --in-place"
            if reader and reader is not job:
                yield f"{path}: is the result of {job.source}, and an input too; leave one of them out"
            other, name = owners.setdefault(real, (job, path))
            if other is job and name != path:
                yield f"{path}: is {name} by another name; remove this link, or name another result"
            if other is not job:
                yield (
                    f"{other.source} and {job.source} would both be written to {path}; "
                    f"part them with --name {_part_names(other, job)!r}"
                )


class Places:
    """Names of files to absolute and to real ones, where each folder is looked at once: of ten thousand, in 0.1 s."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[str, str, frozenset[str]]] = {}

    def complete(self, name: str) -> str:
        """Give the absolute name of a file."""
        folder, base = os.path.split(name)
        return os.path.abspath(name) if base in _NO_NAMES else self._look_at(folder)[0] + base

    def resolve(self, name: str) -> str:
        """Give the real name of a file, behind all links."""
        folder, base = os.path.split(name)
        _, real, links = self._look_at(folder)
        if base not in _NO_NAMES and base not in links:
            return real + base
        try:
            return os.path.realpath(name)
        except (OSError, ValueError):  # no file can have this name, which is told when it is opened
            return name

    def _look_at(self, folder: str) -> tuple[str, str, frozenset[str]]:
        if folder not in self._folders:
            links: frozenset[str] = frozenset()
            real = complete = os.path.abspath(folder)
            with suppress(OSError, ValueError):
                real = os.path.realpath(folder)
                with os.scandir(real) as entries:
                    links = frozenset(entry.name for entry in entries if entry.is_symlink())
            self._folders[folder] = complete.rstrip(os.sep) + os.sep, real.rstrip(os.sep) + os.sep, links
        return self._folders[folder]


def find_hard_links(jobs: Sequence[Job]) -> Iterator[str]:
    """Yield which outputs are another name of an input's own content: what is asked to be kept would go."""
    linked = {}
    for job in jobs:
        with suppress(OSError, ValueError):
            found = os.stat(job.source)  # noqa: PTH116 - a third of the time, once for each of many pictures
            if found.st_nlink > 1:
                linked[found.st_dev, found.st_ino] = job.source
    for job in jobs if linked else ():
        for path in () if job.in_place or job.overwrite else job.outputs.paths:
            with suppress(OSError, ValueError):
                found = os.lstat(path)
                if source := linked.get((found.st_dev, found.st_ino)):
                    yield f"{path}: is {source} by another name; name another, or use --force to replace this one"


def _part_names(one: Job, other: Job) -> str:
    return "{stem}-{ext}-k{k}" if Path(one.source).suffix != Path(other.source).suffix else "{parent}-{stem}-k{k}"
