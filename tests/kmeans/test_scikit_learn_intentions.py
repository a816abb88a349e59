"""The intentions of scikit-learn's own tests of k-means, its sklearn/cluster/tests/test_k_means.py of version 1.9.

Of 58 test functions 48 apply. What most of them ask is asked elsewhere in this folder; what was not is asked here.

Ten do not apply:

- sparse data, which is refused (dense_sparse, predict_dense_sparse);
- functions that we have not (k_means_function, kmeans_plusplus_wrong_params, kmeans_plusplus_norms,
  is_same_clustering);
- private helpers whose results other tests see (euclidean_distance, inertia);
- reassignment_ratio, which changes nothing here (minibatch_reassign), and algorithm="elkan", which is no other way here
  and may be given one cluster (warning_elkan_1_cluster).
"""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs

from quantize.kmeans import KMeans, MiniBatchKMeans
from quantize.kmeans.points import Points
from quantize.kmeans.seeding import seed_centers
from quantize.kmeans.stages import mini_batch_step
from quantize.kmeans.validation import random_source

PLACES = np.array([[0.0, 5, 0, 5, 0], [1, 1, 4, 0, 0], [1, 0, 0, 5, 1]])
TRUTH = np.random.default_rng(0).integers(0, 3, 120)
X = PLACES[TRUTH] + np.random.default_rng(1).normal(size=(120, 5)) / 4
CLOUD = np.random.default_rng(2).normal(size=(500, 10))
WEIGHT = np.random.default_rng(3).integers(1, 5, 120)

both = pytest.mark.parametrize("kind", [KMeans, MiniBatchKMeans])
inits = pytest.mark.parametrize(
    "init",
    ["k-means++", "random", PLACES, lambda X, k, random_state: PLACES],
    ids=["++", "random", "array", "callable"],
)


def assert_true_clusters(model):
    assert model.cluster_centers_.shape == (3, 5)
    assert len(set(zip(TRUTH, model.labels_, strict=True))) == len(set(model.labels_)) == 3
    assert model.inertia_ > 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_small_weighted_example_comes_out_as_by_hand(dtype):
    points = np.array([[0, 0], [4, 0], [6, 2], [6, 6]], dtype)
    model = KMeans(2, init=points[[0, 3]], n_init=1).fit(points, sample_weight=[3, 1, 2, 2])
    # The third point is nearer to the last one: means (1, 0) and (6, 4), which change no label.
    assert model.labels_.tolist() == [0, 0, 1, 1]
    assert model.cluster_centers_.tolist() == [[1, 0], [6, 4]]
    assert (model.inertia_, model.n_iter_) == (3 * 1 + 9 + 2 * 4 + 2 * 4, 2)


@pytest.mark.parametrize("weight", [None, [1.9, 0.1]])
def test_a_center_that_starts_too_far_away_gets_points(weight):
    model = KMeans(2, init=[[-1.0], [100.0]], n_init=1).fit([[-1.0], [1.0]], sample_weight=weight)
    assert sorted(model.cluster_centers_.tolist()) == [[-1], [1]]
    assert sorted(model.labels_.tolist()) == [0, 1]


@pytest.mark.parametrize("tol", [1e-2, 1e-8, 1e-100, 0])
def test_both_algorithms_are_one(tol):
    lloyd, elkan = (KMeans(5, algorithm=name, tol=tol, random_state=0).fit(CLOUD) for name in ("lloyd", "elkan"))
    assert lloyd.cluster_centers_.tobytes() == elkan.cluster_centers_.tobytes()
    assert (lloyd.n_iter_, lloyd.inertia_) == (elkan.n_iter_, elkan.inertia_)


def test_without_tolerance_a_start_ends_once_no_label_changes():
    assert KMeans(5, tol=0, random_state=0).fit(np.random.default_rng(0).normal(size=(3000, 10))).n_iter_ < 300


def test_a_mini_batch_step_lowers_the_error_of_its_batch():
    batch, centers = Points(X[:10].T), PLACES + 0.5
    moments = batch.assign(centers)[1]
    moved = mini_batch_step(centers, np.zeros(3), moments)
    assert 0 < batch.error(batch.assign(moved)[1], moved) < batch.error(moments, centers)


@both
@inits
def test_every_kind_of_start_finds_the_clusters(kind, init):
    assert_true_clusters(kind(3, init=init, n_init=10 if isinstance(init, str) else 1, random_state=0).fit(X))


@inits
def test_every_kind_of_start_begins_a_stream(init):
    model = MiniBatchKMeans(3, init=init, random_state=0)
    for _ in range(10):
        model.partial_fit(X)
    assert_true_clusters(model)


def test_an_array_makes_one_start_of_a_fit_in_batches_and_a_callable_as_many_as_are_asked_for():
    seeds, calls = [], []

    def draw(X, k, random_state):
        calls.append(random_state)
        return PLACES

    for init, n_init in ((draw, "auto"), (draw, 4), (PLACES, "auto")):
        model = MiniBatchKMeans(3, init=init, n_init=n_init, random_state=0)
        model.fit(X, callback=lambda stage, *_: seeds.append(stage) if stage == "seed" else None)
    assert (len(calls), len(seeds)) == (1 + 4, 1 + 4 + 1)
    assert all(call is calls[1] for call in calls[1:]), "one source of random numbers for all starts of a fit"
    with pytest.warns(RuntimeWarning, match="one start is made, not n_init=5"):
        MiniBatchKMeans(3, init=PLACES, n_init=5).fit(X)


@both
def test_the_layout_of_the_points_and_centers_does_not_matter(kind):
    rows, columns = (
        kind(3, init=order(PLACES), random_state=0).fit(order(X)) for order in (np.array, np.asfortranarray)
    )
    np.testing.assert_allclose(rows.cluster_centers_, columns.cluster_centers_)
    np.testing.assert_array_equal(rows.labels_, columns.labels_)


def test_fewer_points_to_draw_seeds_from_than_clusters_are_too_few():
    seeds = []
    with pytest.warns(RuntimeWarning, match="init_size=10 should be larger than n_clusters=20"):
        MiniBatchKMeans(20, init_size=10, random_state=0).fit(
            CLOUD[:, :2], callback=lambda _, centers, __: seeds.append(centers)
        )
    assert len(set(map(tuple, seeds[0]))) == 20
    assert len(set(MiniBatchKMeans(20, init_size=501, random_state=0).fit(CLOUD).labels_)) == 20


@pytest.mark.parametrize("batch_size", [10, 200])
def test_centers_that_start_on_one_place_do_not_stay_there(batch_size):
    half = CLOUD[:100, :2].copy()
    half[::2] = 0
    fit = MiniBatchKMeans(20, batch_size=batch_size, init="random", random_state=0).fit(half)
    stream = MiniBatchKMeans(20, batch_size=batch_size, init="random", random_state=0)
    for _ in range(10):
        stream.partial_fit(half)
    for model in (fit, stream):
        assert np.count_nonzero(model.cluster_centers_.any(axis=1)) > 15


def test_more_clusters_than_a_batch_has_points():
    assert len(set(MiniBatchKMeans(100, batch_size=10, random_state=0).fit(CLOUD).labels_)) == 100


@both
def test_points_weights_and_centers_stay_the_callers(kind):
    copies = X.copy(), PLACES.copy(), WEIGHT.copy()
    model = kind(3, init=PLACES, random_state=0).fit(X, sample_weight=WEIGHT)
    KMeans(3, copy_x=False, random_state=0).fit(X)
    for array, copy in zip((X, PLACES, WEIGHT), copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    assert not np.may_share_memory(model.cluster_centers_, PLACES)


@both
@pytest.mark.parametrize("d", [3, 12])
def test_points_that_are_part_of_a_larger_array_stay_the_callers(kind, d):
    large = np.random.default_rng(0).normal(size=(300, d + 1))
    copy = large.copy()
    model = kind(5, init="random", random_state=0).fit(large[:, :-1])
    kind(5, random_state=0).fit(np.asfortranarray(large)[:, :-1])
    np.testing.assert_array_equal(large, copy)
    assert model.inertia_ == pytest.approx(kind(5, init="random", random_state=0).fit(copy[:, :-1].copy()).inertia_)


@both
def test_more_iterations_score_higher(kind):
    first, tenth = (kind(8, init="random", n_init=1, max_iter=n, random_state=0).fit(CLOUD) for n in (1, 10))
    assert tenth.score(CLOUD) > first.score(CLOUD)


@both
@pytest.mark.parametrize("max_iter", [2, 100])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_predicted_is_what_was_fitted(kind, max_iter, dtype):
    blobs = make_blobs(200, n_features=10, centers=10, random_state=0)[0].astype(dtype)
    model = kind(10, init="random", n_init=10, max_iter=max_iter, random_state=0).fit(blobs)
    np.testing.assert_array_equal(model.predict(blobs), model.labels_)
    np.testing.assert_array_equal(clone(model).fit_predict(blobs), model.labels_)
    np.testing.assert_array_equal(model.predict(model.cluster_centers_), range(10))


@both
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_integers_give_centers_of_float64(kind, dtype):
    points = np.array([[0, 0], [10, 10], [12, 9], [-1, 1], [2, 0], [8, 10]], dtype)
    for init in ("k-means++", points[:2]):
        model = kind(2, init=init, random_state=0).fit(points)
        assert model.cluster_centers_.dtype == np.float64
        assert len(set(model.labels_[[0, 3, 4]])) == len(set(model.labels_[[1, 2, 5]])) == 1
    assert MiniBatchKMeans(2, random_state=0).partial_fit(points).cluster_centers_.dtype == np.float64


@both
def test_a_center_is_no_distance_from_itself(kind):
    model = kind(3, random_state=0).fit(X)
    np.testing.assert_array_equal(model.transform(model.cluster_centers_).diagonal(), 0)
    np.testing.assert_array_equal(clone(model).fit_transform(X), model.transform(X))


def test_more_starts_end_nearer():
    ends = [KMeans(3, init="random", n_init=n, max_iter=1, random_state=0).fit(X).inertia_ for n in (1, 5, 10)]
    assert ends == sorted(ends, reverse=True)


@both
def test_single_precision_comes_to_the_same(kind):
    double, single = (kind(8, n_init=1, random_state=0).fit(CLOUD.astype(dtype)) for dtype in (np.float64, np.float32))
    assert single.cluster_centers_.dtype == np.float32
    assert single.inertia_ == pytest.approx(double.inertia_, rel=1e-4)
    np.testing.assert_allclose(single.cluster_centers_, double.cluster_centers_, atol=1e-4)
    np.testing.assert_allclose(single.transform(CLOUD.astype(np.float32)), double.transform(CLOUD), atol=1e-3)
    assert MiniBatchKMeans(8).partial_fit(CLOUD.astype(np.float32)).cluster_centers_.dtype == np.float32


def test_what_has_converged_starts_where_it_ends():
    model = KMeans(8, tol=0, random_state=0).fit(CLOUD)
    again = KMeans(8, tol=0, init=model.cluster_centers_).fit(CLOUD)
    np.testing.assert_allclose(again.cluster_centers_, model.cluster_centers_)


def test_a_weight_is_as_many_points():
    weighted = KMeans(3, init=PLACES).fit(X, sample_weight=WEIGHT)
    repeated = KMeans(3, init=PLACES).fit(np.repeat(X, WEIGHT, axis=0))
    np.testing.assert_array_equal(np.repeat(weighted.labels_, WEIGHT), repeated.labels_)
    np.testing.assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_)
    assert weighted.inertia_ == pytest.approx(repeated.inertia_)


@both
def test_only_the_proportions_of_weights_count_and_none_are_ones(kind):
    for one, other in (([WEIGHT], [WEIGHT * 1e-6]), ([], [np.ones(120)])):
        fits = [kind(6, random_state=0).fit(X, None, *weight) for weight in (one, other)]
        np.testing.assert_array_equal(fits[0].labels_, fits[1].labels_)
        np.testing.assert_allclose(fits[0].cluster_centers_, fits[1].cluster_centers_)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_seeds_are_points(dtype):
    points = X.astype(dtype)
    seeds = seed_centers(Points(points.T), 9, random_source(0), np.empty((0, 5), dtype))
    assert set(map(tuple, seeds)) <= set(map(tuple, points))
    assert len(set(map(tuple, seeds))) == 9


@both
@pytest.mark.parametrize("parameters", [{"init": np.str_("k-means++")}, {"init": [[0, 0], [1, 1]]}])
def test_init_may_be_a_list_or_a_string_of_numpy(kind, parameters):
    assert kind(2, **parameters).fit([[0, 0], [0.5, 0], [0.5, 1], [1, 1]]).cluster_centers_.shape == (2, 2)


def test_a_stream_names_what_it_gives():
    assert MiniBatchKMeans(2).partial_fit(X).get_feature_names_out().tolist() == [
        "minibatchkmeans0",
        "minibatchkmeans1",
    ]


@both
def test_centers_that_cannot_be_written_to_still_predict(kind):
    model = kind(3, random_state=0).fit(X)
    model.cluster_centers_.flags.writeable = model.labels_.flags.writeable = False
    np.testing.assert_array_equal(model.predict(X), model.labels_)


def test_more_centers_than_distinct_points_end_at_once():
    points = np.array([[0, 0], [1, 1], [1, 1], [1, 0], [0, 1]])
    with pytest.warns(UserWarning, match=r"distinct clusters \(4\) found smaller than n_clusters \(5\)"):
        assert KMeans(5, init=points).fit(points).n_iter_ == 1
