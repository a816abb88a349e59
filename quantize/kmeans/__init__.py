"""The engine: mini-batch k-means for weighted points of any dimension, in plain numpy.

A newcomer may change what an effort stands for, in `efforts`; every other module holds one part of the method.
"""

from quantize.kmeans.candidates import choose_candidates
from quantize.kmeans.efforts import EFFORTS, GRID_ROUNDS
from quantize.kmeans.lattice import descend_on_grid
from quantize.kmeans.lloyd import KMeans, LloydStep
from quantize.kmeans.minibatch import MiniBatchKMeans
from quantize.kmeans.nearest import nearest_center, nearest_label
from quantize.kmeans.systematic import draw_systematically

__all__ = [
    "EFFORTS",
    "GRID_ROUNDS",
    "KMeans",
    "LloydStep",
    "MiniBatchKMeans",
    "choose_candidates",
    "descend_on_grid",
    "draw_systematically",
    "nearest_center",
    "nearest_label",
]
