"""Prefix codes, and the bits in which deflate writes them."""

import numpy as np
import pytest

from quantize.files.writing.huffman import join_bits, make_code


def test_four_symbols_have_the_codes_of_the_specification():
    # RFC 1951, 3.2.2: lengths 2, 1, 3, 3 are the codes 10, 0, 110 and 111.
    code = make_code([4, 9, 2, 2])
    assert code.lengths.tolist() == [2, 1, 3, 3]
    bits = [join_bits(code.words[[symbol]], code.lengths[[symbol]]).tolist() for symbol in range(4)]
    assert bits == [[1, 0], [0], [1, 1, 0], [1, 1, 1]]


@pytest.mark.parametrize("most_bits", [7, 15])
def test_rare_symbols_have_codes_that_are_short_enough(most_bits):
    counts = [1, 1]
    while len(counts) < 19:
        counts.append(counts[-1] + counts[-2])  # whose plain code is as long as there are symbols
    lengths = make_code(counts, most_bits).lengths
    assert lengths.max() <= most_bits
    assert (2.0**-lengths).sum() == 1


def test_code_is_within_a_bit_of_the_entropy():
    counts = np.random.default_rng(0).integers(0, 1000, 286)
    lengths, shares = make_code(counts.tolist()).lengths, counts[counts > 0] / counts.sum()
    assert counts @ lengths <= counts.sum() * (1 - shares @ np.log2(shares))
    assert (lengths[counts == 0] == 0).all()


def test_one_symbol_has_one_bit():
    assert make_code([0, 5, 0]).lengths.tolist() == [0, 1, 0]
