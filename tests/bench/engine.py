"""Measure the engine against scikit-learn, both in this process and in turn: `python -m tests.bench.engine`.

Times are wall times of alternating runs, as ratios of medians; inertia is of the points that were fitted.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.cluster import MiniBatchKMeans as TheirMiniBatchKMeans
from sklearn.datasets import load_digits, load_sample_image

from quantize.kmeans import EFFORTS, MiniBatchKMeans

RUNS = 3
SEEDS = range(5)


def main() -> dict[str, Any]:
    china = (load_sample_image("china.jpg") / 255.0).reshape(-1, 3)
    results = {
        "photograph": [measure_photograph(china, k) for k in (16, 64)],
        "efforts": [measure_effort(china.astype(np.float32), effort, k) for effort in EFFORTS for k in (16, 64, 256)],
        "stream": [measure_stream(china, k) for k in (16, 64)],
        "digits": [measure_digits()],
    }
    for title, rows in results.items():
        print(f"\n{title}\n\n{as_markdown(rows)}")
    return results


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
