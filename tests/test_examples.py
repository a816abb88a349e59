"""The k-means examples of the Python Data Science Handbook and of scikit-learn, which is the oracle."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_sample_image, make_blobs, make_moons
from sklearn.manifold import TSNE, SpectralEmbedding

from quantize.kmeans import MiniBatchKMeans


def accuracy_by_majority(labels, truth):
    return sum(np.bincount(truth[labels == label]).max() for label in set(labels.tolist())) / len(truth)


@pytest.fixture(scope="module")
def china():
    return (load_sample_image("china.jpg") / 255.0).reshape(-1, 3)


@pytest.mark.parametrize("seed", range(10))
def test_four_blobs_have_their_centers_to_four_places_every_time(seed):
    X, _ = make_blobs(centers=4, cluster_std=0.5, random_state=0)
    centers = MiniBatchKMeans(4, random_state=seed).fit(X).cluster_centers_
    expected = [(-1.4794, 3.1172), (-1.2681, 7.7638), (0.9258, 4.3248), (1.9919, 0.9656)]
    np.testing.assert_allclose(sorted(map(tuple, centers)), expected, atol=5e-5)


@pytest.mark.parametrize("seed", range(10))
def test_wide_blobs_reach_the_known_inertia(seed):
    X, _ = make_blobs(300, centers=4, cluster_std=0.60, random_state=0)
    assert MiniBatchKMeans(4, random_state=seed).fit(X).inertia_ == pytest.approx(212.006, abs=5e-4)


@pytest.mark.parametrize("seed", range(10))
def test_digits_are_clustered_as_well_as_by_ten_starts_of_full_k_means(seed):
    X, truth = load_digits(return_X_y=True)
    model = MiniBatchKMeans(10, random_state=seed).fit(X)
    assert model.inertia_ <= 1_165_300
    assert accuracy_by_majority(model.labels_, truth) >= 0.78


def test_digits_on_a_plane_are_told_apart():
    X, truth = load_digits(return_X_y=True)
    plane = TSNE(n_components=2, init="pca", max_iter=300, random_state=0).fit_transform(X)  # 300: enough, and fast
    assert accuracy_by_majority(MiniBatchKMeans(10, random_state=0).fit_predict(plane), truth) >= 0.90


def test_two_moons_separate_after_a_spectral_embedding():
    X, truth = make_moons(200, noise=0.05, random_state=0)
    embedded = SpectralEmbedding(1, affinity="nearest_neighbors", random_state=0).fit_transform(X)
    assert accuracy_by_majority(MiniBatchKMeans(2, random_state=0).fit_predict(embedded), truth) >= 0.99


@pytest.mark.parametrize("k", [16, 64])
def test_a_photograph_is_clustered_better_than_by_full_k_means(china, k):
    theirs = [KMeans(k, n_init=1, random_state=seed).fit(china).inertia_ for seed in range(2)]
    assert MiniBatchKMeans(k, random_state=0).fit(china).inertia_ < np.mean(theirs)


@pytest.mark.parametrize("k", [16, 64])
def test_a_photograph_in_pieces_ends_close_to_the_whole(china, k):
    model = MiniBatchKMeans(k, random_state=0)
    for piece in np.array_split(np.random.default_rng(0).permutation(china), 100):
        model.partial_fit(piece)
    assert -model.score(china) < 1.03 * MiniBatchKMeans(k, random_state=0).fit(china).inertia_
