"""Refusals of the files that tell of all pictures together: the table of --csv, and the index of --page.

Each yields sentences for `checks`, which tells the first one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from quantize.command.collisions import Places
from quantize.command.options import Options
from quantize.errors import OutputError
from quantize.records.job import STDIO, Job


def find_wrong_tables(options: Options, jobs: Sequence[Job]) -> Iterator[str]:
    """Yield what is wrong with the table's name."""
    if options.csv is None:
        return
    path = Path(options.csv)
    if options.csv == STDIO:
        yield "--csv - : the table needs a file name; --json prints the reports on standard output"
    if not path.name and not path.is_dir():
        yield f"--csv {options.csv!r}: is no file name; name the table, as in --csv table.csv"
    will_be = options.output_dir is not None and Path(options.output_dir).absolute().is_relative_to(
        path.parent.absolute()
    )
    if not path.parent.is_dir() and not will_be:
        yield f"{path.parent}: no such folder; make it first, or name another table with --csv"
    if path.is_dir():
        yield f"{path}: is a directory; give the table a file name"
    places = Places()
    table = places.resolve(options.csv)
    for job in jobs:
        if any(places.resolve(name) == table for name in (job.source, *map(str, job.outputs.paths))):
            yield f"{path}: is an input or output of this command; name another table with --csv"
    yield from find_foreign_table(options)


def find_foreign_table(options: Options) -> Iterator[str]:
    """Yield what stands where the table goes, and is none of ours."""
    path = Path(options.csv or "")
    if path.is_file() and not options.force and not _begins_as_table(path):
        yield f"{path}: exists and is no table of quantize; use --force to replace it"


def refuse_foreign_table(options: Options) -> None:
    """Refuse to replace a table that appeared during the run.

    Raises
    ------
    OutputError
    """
    for sentence in find_foreign_table(options):
        raise OutputError(sentence)


def find_wrong_indexes(options: Options, jobs: Sequence[Job]) -> Iterator[str]:
    """Yield what stands in the way of the index of several pages."""
    from quantize.files.marks import is_ours
    from quantize.files.planning import place_index

    index = place_index(jobs)
    if index is None:
        return
    places = Places()
    place = places.resolve(str(index))
    if any(places.resolve(str(name)) == place for job in jobs for name in (job.source, *job.outputs.paths)):
        yield f"{index}: the index of all pages goes there, too; give the results other names with --name"
    if options.csv is not None and places.resolve(options.csv) == place:
        yield f"--csv {options.csv}: the index of all pages goes there, too; give the table another name"
    if index.exists() and not options.force and not (index.is_file() and is_ours(index)):
        yield f"{index}: exists and is no index of quantize; use --force to replace it"


def _begins_as_table(path: Path) -> bool:
    from quantize.show.spreadsheet import is_spreadsheet

    try:
        with path.open("rb") as file:
            return is_spreadsheet(file.read(1 << 10))
    except OSError:
        return False
