"""The version, and the marks by which this program knows its own files."""

__version__ = "0.1.0"

SOFTWARE = "quantize"
"""What a PNG's Software text, a GIF's comment and a WebP's EXIF software tag start with."""

MARK = f"{SOFTWARE} {__version__}"

REPORT_SCHEMA = "quantize-report"
"""The mark of our own reports."""

REPORT_VERSION = 2
"""Of the schema in ``data/report.schema.json``; it grows when a key changes its meaning or goes."""

PALETTE_SCHEMA = "quantize-palette"
"""The mark of our own palettes in JSON."""
