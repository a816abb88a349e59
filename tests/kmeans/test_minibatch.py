import pickle
from random import Random

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans as TheirMiniBatchKMeans

from quantize.kmeans import EFFORTS, MiniBatchKMeans
from quantize.kmeans.points import Moments
from quantize.kmeans.sampling import Cloud
from quantize.kmeans.stages import mini_batch_step

RANDOM = np.random.default_rng(0)
CLOUD = RANDOM.random((3000, 3), np.float32)
SMALL = {"batch_size": 64, "refine_size": 500, "batch_share": 1.0}


def inertia_by_the_definition(X, centers, weight=1.0):
    return (((X[:, np.newaxis].astype(float) - centers) ** 2).sum(axis=2).min(axis=1) * weight).sum()


def test_four_points_in_two_pairs():
    model = MiniBatchKMeans(2, random_state=0).fit([[0, 0], [0, 2], [10, 0], [10, 2]])
    assert sorted(map(tuple, model.cluster_centers_)) == [(0, 1), (10, 1)]
    assert model.inertia_ == pytest.approx(4)
    assert model.labels_[0] == model.labels_[1] != model.labels_[2] == model.labels_[3]


def test_one_cluster_is_the_weighted_mean():
    model = MiniBatchKMeans(1, random_state=0).fit([[0.0], [1.0], [10.0]], sample_weight=[1, 2, 1])
    assert model.cluster_centers_.tolist() == [[3.0]]
    assert model.inertia_ == pytest.approx(9 + 8 + 49)


def test_labels_and_inertia_are_those_of_the_centers():
    weight = RANDOM.integers(0, 9, len(CLOUD))
    model = MiniBatchKMeans(20, random_state=0, **SMALL).fit(CLOUD, sample_weight=weight)
    expected = inertia_by_the_definition(CLOUD, model.cluster_centers_, weight)
    assert model.inertia_ == pytest.approx(expected, rel=1e-5)
    assert model.score(CLOUD, sample_weight=weight) == pytest.approx(-expected, rel=1e-5)
    np.testing.assert_array_equal(model.labels_, model.predict(CLOUD))
    np.testing.assert_array_equal(model.transform(CLOUD).argmin(axis=1), model.labels_)


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_threads():
    fits = [MiniBatchKMeans(30, random_state=5, n_jobs=n, **SMALL).fit(CLOUD) for n in (1, 1, 2, 3)]
    assert len({fit.cluster_centers_.tobytes() for fit in fits}) == 1
    other = MiniBatchKMeans(30, random_state=6, **SMALL).fit(CLOUD)
    assert other.cluster_centers_.tobytes() != fits[0].cluster_centers_.tobytes()


@pytest.mark.parametrize("generator", [np.random.RandomState, np.random.default_rng, Random])
def test_random_state_may_be_a_generator(generator):
    one, two = (MiniBatchKMeans(5, random_state=generator(3), **SMALL).fit(CLOUD) for _ in range(2))
    assert one.cluster_centers_.tobytes() == two.cluster_centers_.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_the_points_is_kept_and_they_are_not_changed(dtype):
    X = CLOUD.astype(dtype)
    init = X[:6].copy()
    before, init_before = X.copy(), init.copy()
    X.flags.writeable = init.flags.writeable = False
    model = MiniBatchKMeans(6, init=init, random_state=0, **SMALL).fit(X)
    assert model.cluster_centers_.dtype == dtype
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(init, init_before)


def test_fortran_order_lists_and_integers_are_the_same_points():
    X = RANDOM.integers(0, 50, (300, 2)).astype(float)
    fits = [MiniBatchKMeans(5, random_state=0).fit(x) for x in (X, np.asfortranarray(X), X.tolist(), X.astype(int))]
    assert len({fit.cluster_centers_.tobytes() for fit in fits}) == 1


def test_a_weight_of_three_is_three_points():
    X, weight = RANDOM.random((200, 2)), RANDOM.integers(1, 4, 200)
    weighted = MiniBatchKMeans(6, n_init=5, random_state=0).fit(X, sample_weight=weight)
    repeated = MiniBatchKMeans(6, n_init=5, random_state=0).fit(np.repeat(X, weight, axis=0))
    assert weighted.inertia_ == pytest.approx(repeated.inertia_, rel=0.01)


def test_points_of_weight_zero_have_no_influence():
    X = np.concatenate([CLOUD, CLOUD + 100])
    weight = np.repeat([1.0, 0.0], len(CLOUD))
    model = MiniBatchKMeans(8, random_state=0, **SMALL).fit(X, sample_weight=weight)
    assert model.cluster_centers_.max() < 1


def test_fewer_distinct_points_than_clusters_are_all_found():
    X = np.array([[0.0], [1.0], [7.0]] * 10)
    model = MiniBatchKMeans(5, random_state=0).fit(X)
    assert set(model.cluster_centers_.ravel().round(9)) == {0, 1, 7}
    assert model.inertia_ == pytest.approx(0, abs=1e-20)


def test_constant_points_are_their_own_center():
    model = MiniBatchKMeans(3, random_state=0).fit(np.full((50, 2), 0.3, np.float32))
    np.testing.assert_allclose(model.cluster_centers_, 0.3, rtol=1e-6)
    assert model.inertia_ == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("d", [1, 2, 64])
def test_any_dimension_and_unequal_scales(d):
    centers = RANDOM.normal(size=(5, d)) * 100
    X = (centers[RANDOM.integers(0, 5, 1000)] + RANDOM.normal(size=(1000, d))) * np.logspace(0, 3, d)
    model = MiniBatchKMeans(5, random_state=0).fit(X)
    assert model.inertia_ <= 1.05 * inertia_by_the_definition(X, centers * np.logspace(0, 3, d))


def test_a_far_offset_changes_nothing_but_the_offset():
    model = MiniBatchKMeans(4, random_state=0).fit(CLOUD.astype(float) + 1e7)
    near = MiniBatchKMeans(4, random_state=0).fit(CLOUD.astype(float))
    assert model.inertia_ == pytest.approx(near.inertia_, rel=1e-6)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"sample_weight": [1, -1]}, "not negative"),
        ({"sample_weight": [1, np.nan]}, "finite"),
        ({"sample_weight": [0, 0]}, "zero for every point"),
        ({"sample_weight": [1]}, "there are 2 points"),
        ({"fixed": [[0.0, 0.0]]}, "fixed has shape"),
        ({"fixed": [[0.0]] * 3}, "fixed has shape"),
        ({"fixed": [[np.nan]]}, "fixed contains NaN"),
    ],
)
def test_bad_weights_and_fixed_centers_are_refused_in_a_sentence(keywords, message):
    with pytest.raises(ValueError, match=message):
        MiniBatchKMeans(2).fit([[0.0], [1.0]], **keywords)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"refine_rounds": 2.5}, "refine_rounds must be an integer"),
        ({"batch_share": -1}, "batch_share must be at least 0"),
        ({"compute_labels": "no"}, "compute_labels must be True or False, not 'no'"),
        ({"init_size": "all"}, "init_size must be a number or None, not 'all'"),
    ],
)
def test_bad_parameters_of_its_own_are_refused_in_a_sentence(parameters, message):
    with pytest.raises(ValueError, match=message):
        MiniBatchKMeans(2, **parameters).fit([[0.0, 1], [1, 0]])


def test_predict_needs_the_same_number_of_features():
    with pytest.raises(ValueError, match="3 features"):
        MiniBatchKMeans(2).fit([[0.0, 1], [1, 0]]).predict([[0.0, 1, 2]])


@pytest.mark.parametrize("n", [300, 5000])
def test_a_pass_is_as_many_visits_as_there_are_points(n):
    X = np.random.default_rng(n).random((n, 2))
    batches = MiniBatchKMeans(9, batch_size=n // 2, batch_share=3, final_passes=0, random_state=0).fit(X)
    assert (batches.n_steps_, batches.n_iter_) == (6, 3)
    large = MiniBatchKMeans(4, batch_share=1, final_passes=0, random_state=0).fit(X)
    assert (large.n_steps_, large.n_iter_) == (1, 1), "a batch has no more points than there are"
    finals = MiniBatchKMeans(50, batch_share=0, refine_rounds=0, max_iter=2, random_state=0).fit(X)
    assert (finals.n_steps_, finals.n_iter_) == (0, 2)


@pytest.mark.parametrize("max_iter", [0, 0.5, 1, 2, 7])
def test_max_iter_is_the_most_passes_of_all_kinds(max_iter):
    parameters = {"batch_share": 5, "final_passes": 8, "batch_size": 500, "random_state": 0}
    model = MiniBatchKMeans(8, max_iter=max_iter, **parameters).fit(CLOUD)
    assert model.n_iter_ == np.ceil(max_iter)
    assert model.n_steps_ == min(5, max_iter) * 6


def test_mini_batches_end_where_they_improve_nothing():
    calls = []
    parameters = {"batch_share": 50, "batch_size": 300, "final_passes": 0, "random_state": 0}
    for patience in (None, 10):
        model = MiniBatchKMeans(8, max_no_improvement=patience, **parameters).fit(CLOUD)
        calls.append((model.n_steps_, model.inertia_))
    (long, best), (short, good) = calls
    assert long == 500
    assert short < 200
    assert good < 1.02 * best


def test_init_size_is_what_seeds_are_drawn_from():
    X = np.concatenate([np.zeros((5000, 1)), [[1000.0]]])
    for size, farthest in ((2, 0), (5001, 1000)):
        seeds = []
        model = MiniBatchKMeans(2, init_size=size, n_init=1, random_state=0)
        model.fit(X, callback=lambda _, centers, __, seeds=seeds: seeds.append(centers))
        assert seeds[0].max() == farthest


def test_verbose_prints_each_piece_of_work(capsys):
    MiniBatchKMeans(4, verbose=True, random_state=0).fit(CLOUD)
    assert capsys.readouterr().out.startswith("seed: mean squared distance 0.")


def test_scikit_learn_can_clone_it():
    model = MiniBatchKMeans(7, tol=0.1, random_state=3).fit(CLOUD)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "cluster_centers_")
    with pytest.raises(ValueError, match="'depth' is not a parameter"):
        copy.set_params(depth=3)


def test_a_fitted_model_can_be_pickled():
    model = MiniBatchKMeans(7, random_state=3).fit(CLOUD)
    assert pickle.loads(pickle.dumps(model)).inertia_ == model.inertia_


@pytest.mark.parametrize("effort", EFFORTS)
def test_efforts_are_parameters(effort):
    assert MiniBatchKMeans(9, random_state=0, **EFFORTS[effort]).fit(CLOUD).cluster_centers_.shape == (9, 3)


def test_best_refines_for_as_long_as_it_helps():
    errors = []
    parameters = {**EFFORTS["best"], "init": "random", "n_init": 1, "random_state": 0}
    model = MiniBatchKMeans(60, **parameters)
    model.fit(CLOUD**4, callback=lambda stage, _, error: stage == "refine" and errors.append(error))
    assert len(errors) > 15
    assert errors[-1] < 0.99 * errors[2], "rounds after the second still gain"


def test_fixed_centers_stay_to_the_last_bit_and_the_others_make_the_best_of_it():
    fixed = np.array([[0.1, 0.2, 0.7], [2.0, 2.0, 2.0]], np.float32)
    model = MiniBatchKMeans(10, random_state=0, **SMALL).fit(CLOUD, fixed=fixed)
    assert model.cluster_centers_[:2].tobytes() == fixed.tobytes()
    assert model.inertia_ < 1.05 * MiniBatchKMeans(9, random_state=0, **SMALL).fit(CLOUD).inertia_


def test_all_centers_may_be_fixed():
    model = MiniBatchKMeans(2, random_state=0).fit(CLOUD, fixed=CLOUD[:2])
    np.testing.assert_array_equal(model.cluster_centers_, CLOUD[:2])


def test_the_callback_follows_every_stage():
    calls = []
    model = MiniBatchKMeans(10, random_state=0, **SMALL).fit(
        CLOUD, callback=lambda stage, centers, error: calls.append((stage, centers, error))
    )
    stages = [stage for stage, _, _ in calls]
    assert sorted(set(stages), key=stages.index) == ["seed", "refine", "batch", "pass"]
    assert stages.count("batch") == model.n_steps_
    np.testing.assert_array_equal(calls[-1][1], model.cluster_centers_)
    assert calls[-1][2] == pytest.approx(model.inertia_ / len(CLOUD), rel=0.01)
    assert all(0 < error < 0.2 for _, _, error in calls)


@pytest.mark.parametrize("stage", ["seed", "refine", "batch", "pass"])
def test_the_callback_may_stop_the_fit(stage):
    calls = []

    def stop(name, centers, error):
        calls.append((name, centers))
        return name == stage

    model = MiniBatchKMeans(10, random_state=0, **SMALL).fit(CLOUD, callback=stop)
    assert [name for name, _ in calls].count(stage) == 1
    np.testing.assert_array_equal(model.cluster_centers_, calls[-1][1])
    assert model.inertia_ > 0


def test_a_callback_that_writes_into_the_centers_changes_nothing():
    model = MiniBatchKMeans(10, random_state=0, **SMALL).fit(CLOUD, callback=lambda _, centers, __: centers.fill(0))
    assert model.cluster_centers_.tobytes() == (
        MiniBatchKMeans(10, random_state=0, **SMALL).fit(CLOUD).cluster_centers_.tobytes()
    )


def test_tol_ends_early():
    long, short = (
        MiniBatchKMeans(5, random_state=0, tol=tol, **SMALL | {"batch_share": 20}).fit(CLOUD) for tol in (0, 0.1)
    )
    assert short.n_steps_ < long.n_steps_
    assert short.n_iter_ < long.n_iter_


@pytest.mark.parametrize("power", [0.5, 0.8])
def test_a_center_moves_by_the_product_of_its_steps(power):
    seen, m = np.array([7.0, 0.0, 100.0]), np.array([30.0, 5.0, 0.0])
    sums = np.array([[60.0], [10.0], [0.0]])
    moved = mini_batch_step(np.zeros((3, 1)), seen, Moments(m, sums), power)
    keep = np.prod(1 - np.arange(8, 38) ** -power)
    assert moved[0, 0] == pytest.approx(2 * (1 - keep), rel=5e-3)
    assert moved[1, 0] == 2  # nothing seen before: the batch's mean
    assert moved[2, 0] == 0  # nothing in the batch: it stays


def test_systematic_draws_take_each_point_as_often_as_its_weight_asks():
    X = np.arange(100.0)[:, np.newaxis]
    weight = RANDOM.integers(0, 50, 100).astype(float)
    cloud = Cloud(X, weight)
    for seed in range(10):
        drawn = cloud.draw(60, Random(seed))
        counts = np.bincount(np.rint(drawn.coordinates[0] + cloud.origin[0]).astype(int), minlength=100)
        assert (np.abs(counts - 60 * weight / weight.sum()) < 1).all()
        assert (drawn.weight == 1).all()


def test_partial_fit_follows_a_stream():
    model = MiniBatchKMeans(12, random_state=0)
    for piece in np.array_split(CLOUD, 10):
        model.partial_fit(piece)
    assert model.n_steps_ == 10
    assert -model.score(CLOUD) < 1.1 * MiniBatchKMeans(12, random_state=0).fit(CLOUD).inertia_


def test_a_stream_of_separate_clusters_ends_as_scikit_learns():
    places = np.arange(8.0)[:, np.newaxis] * [20, 7]
    X = RANDOM.permutation(np.repeat(places, 1500, axis=0) + RANDOM.normal(size=(12_000, 2)))
    ours, theirs = MiniBatchKMeans(8, random_state=0), TheirMiniBatchKMeans(8, random_state=0, init=places)
    for piece in np.array_split(X, 40):
        ours.partial_fit(piece)
        theirs.partial_fit(piece)
    assert ours.score(X) >= 1.003 * theirs.score(X)


def test_partial_fit_goes_on_from_fit():
    model = MiniBatchKMeans(12, random_state=0, **SMALL).fit(CLOUD)
    before = model.cluster_centers_.copy()
    model.partial_fit(CLOUD[:100])
    assert 0 < np.abs(model.cluster_centers_ - before).max() < 0.3
    assert len(model.labels_) == 100


def test_few_centers_take_few_batches():
    X = np.random.default_rng(0).normal(size=(40_000, 1))
    assert MiniBatchKMeans(2, random_state=0).fit(X).n_steps_ == 1
    assert MiniBatchKMeans(64, random_state=0, refine_rounds=0, final_passes=0).fit(X).n_steps_ == 5
