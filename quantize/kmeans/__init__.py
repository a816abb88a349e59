"""Mini-batch k-means for weighted points of any dimension, in plain numpy."""

from quantize.kmeans.efforts import EFFORTS, GRID_ROUNDS
from quantize.kmeans.grid import descend_on_grid
from quantize.kmeans.minibatch import MiniBatchKMeans
from quantize.kmeans.nearest import nearest_center, nearest_label

__all__ = ["EFFORTS", "GRID_ROUNDS", "MiniBatchKMeans", "descend_on_grid", "nearest_center", "nearest_label"]
