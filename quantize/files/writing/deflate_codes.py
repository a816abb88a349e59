"""The numbers of deflate: the code of each length and distance, and how many bits follow it (RFC 1951, 3.2.5)."""

import numpy as np

WINDOW = 1 << 15
"""The greatest distance."""

SHORTEST, LONGEST = 3, 258
"""The least and the greatest length of a match."""

END, FIRST_LENGTH, N_SYMBOLS = 256, 257, 286
"""Of the symbols, of which the first 256 are bytes: the end of a block, the least lengths, and how many there are."""

N_DISTANCES = 30

LENGTH_BITS = np.array([0] * 8 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4 + [0])
LENGTH_START = np.append(SHORTEST + np.cumsum([0, *(1 << LENGTH_BITS[:27])]), LONGEST)
LENGTH_CODE = np.maximum(np.searchsorted(LENGTH_START, np.arange(LONGEST + 1), side="right") - 1, 0)
"""By length."""

DISTANCE_BITS = np.repeat([0, *range(14)], 2)
DISTANCE_START = 1 + np.cumsum([0, *(1 << DISTANCE_BITS[:-1])])
DISTANCE_CODE = (np.searchsorted(DISTANCE_START, np.arange(WINDOW + 1), side="right") - 1).astype(np.uint8)
"""By distance; 0, which is none, has a code that deflate does not have."""
DISTANCE_CODE[0] = N_DISTANCES
