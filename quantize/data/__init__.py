"""What the package ships beside its code: the report's schema, the blue-noise mask, palettes by name.

A newcomer may add a file here; `read_data` finds it wherever the package is installed.
"""

from pathlib import Path


def read_data(name: str) -> bytes:
    """Read a file of this folder, by its name."""
    # By its path: importlib.resources would take ten times as long.
    return Path(__file__).with_name(name).read_bytes()
