"""Reading: any file that Pillow opens becomes a `Picture`.

A newcomer may teach it a mode of pixels in `modes`, or name a kind of file that it cannot read in `unsupported`.
"""
