"""Reading: any file that Pillow opens becomes a `Picture`.

The way of a file: `inputs` opens it; `unsupported` names what Pillow does not read; `kinds` chooses by its first bytes
who takes it apart (`gif_blocks`, `apng`, `icons`, or Pillow alone by `opening`); `stills` and `frames` bring pixels to
upright 8-bit sRGB, by `modes`, `profiles` and what they need; `alpha` settles transparency. `limits` refuses what
claims too much before it is unpacked.

A newcomer may teach it a mode of pixels in `modes`, a kind of file in `kinds`, or name one that it cannot read in
`unsupported`.
"""
