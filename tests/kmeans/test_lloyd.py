import numpy as np
import pytest
from sklearn.cluster import KMeans as TheirKMeans
from sklearn.exceptions import ConvergenceWarning

from quantize import KMeans
from quantize.kmeans.lloyd import lloyd_step
from quantize.kmeans.points import Points

CLOUD = np.random.default_rng(0).random((600, 3))


def points(rows, weight=None):
    X = np.array(rows, float)
    return Points(X.T, np.ones(len(X)) if weight is None else np.array(weight, float))


def test_lloyd_step_on_four_points():
    moved, cost = lloyd_step(points([[0], [1], [10], [14]]), np.array([[1.0], [11.0]]))
    assert moved.tolist() == [[0.5], [12.0]]
    assert cost == pytest.approx(1 + 0 + 1 + 9)


def test_lloyd_step_counts_weights():
    moved, cost = lloyd_step(points([[0], [1], [10], [14]], [3, 1, 0, 2]), np.array([[1.0], [11.0]]))
    assert moved.tolist() == [[0.25], [14.0]]
    assert cost == pytest.approx(3 + 0 + 0 + 2 * 9)


def test_a_center_without_points_goes_where_the_error_is_largest():
    moved, _ = lloyd_step(points([[0], [1], [9], [10], [20]]), np.array([[0.5], [11.0], [900.0]]))
    assert moved.tolist() == [[0.5], [13.0], [20.0]]


def test_fixed_centers_do_not_move():
    moved, _ = lloyd_step(points([[0], [1], [10], [14]]), np.array([[1.0], [11.0]]), n_fixed=1)
    assert moved.tolist() == [[1.0], [12.0]]


def test_every_start_is_lloyds_as_scikit_learn_makes_it():
    for seed in range(10):
        init = np.random.default_rng(seed).choice(CLOUD, 7, replace=False)
        ours, theirs = KMeans(7, init=init, n_init=1).fit(CLOUD), TheirKMeans(7, init=init, n_init=1).fit(CLOUD)
        np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)
        assert ours.inertia_ == pytest.approx(theirs.inertia_)
        assert ours.n_iter_ == theirs.n_iter_


def test_weights_are_those_of_scikit_learn():
    weight = np.random.default_rng(1).integers(0, 5, len(CLOUD))
    ours = KMeans(5, init=CLOUD[:5], n_init=1, tol=0).fit(CLOUD, sample_weight=weight)
    theirs = TheirKMeans(5, init=CLOUD[:5], n_init=1, tol=0).fit(CLOUD, sample_weight=weight)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
    assert ours.inertia_ == pytest.approx(theirs.inertia_)


def test_the_trace_has_every_step_of_every_start_and_the_inertia_never_rises():
    model = KMeans(6, init="random", n_init=3, random_state=0).fit(CLOUD)
    for start in range(3):
        steps = [step for step in model.trace_ if step.start == start]
        assert "".join(step.name for step in steps).replace("EM", "") in ("", "E")
        assert len({id(step.labels) for step in steps}) > 2
        inertias = [step.inertia for step in steps]
        assert inertias == sorted(inertias, reverse=True)
    best = min(range(3), key=lambda start: [step for step in model.trace_ if step.start == start][-1].inertia)
    last = [step for step in model.trace_ if step.start == best][-1]
    np.testing.assert_array_equal(last.centers, model.cluster_centers_)
    np.testing.assert_array_equal(last.labels, model.labels_)
    assert last.inertia == pytest.approx(model.inertia_)
    assert sum(step.name == "M" for step in model.trace_ if step.start == best) == model.n_iter_


def test_a_step_says_what_it_did():
    first, second, *_ = KMeans(3, init=CLOUD[:3], n_init=1).fit(CLOUD).trace_
    distances = ((CLOUD[:, np.newaxis] - CLOUD[:3]) ** 2).sum(axis=2)
    np.testing.assert_allclose(first.centers, CLOUD[:3])
    np.testing.assert_array_equal(first.labels, distances.argmin(axis=1))
    assert first.inertia == pytest.approx(distances.min(axis=1).sum())
    means = np.array([CLOUD[first.labels == label].mean(axis=0) for label in range(3)])
    np.testing.assert_allclose(second.centers, means)
    assert second.inertia == pytest.approx(((CLOUD - means[second.labels]) ** 2).sum())


def test_the_callback_gets_the_steps_of_the_trace_and_may_end_the_fit():
    steps = []
    model = KMeans(6, random_state=0).fit(CLOUD, callback=lambda step: steps.append(step))
    assert [id(step) for step in steps] == [id(step) for step in model.trace_]
    ended = KMeans(6, n_init=4, random_state=0).fit(CLOUD, callback=lambda step: step.name == "M")
    assert [(step.start, step.name) for step in ended.trace_] == [(0, "E"), (0, "M")]
    np.testing.assert_array_equal(ended.cluster_centers_, ended.trace_[-1].centers)


def test_a_long_trace_keeps_its_centers_but_not_all_labels(monkeypatch):
    monkeypatch.setattr("quantize.kmeans.lloyd.TRACED_LABELS", 2 * len(CLOUD))
    seen = []
    model = KMeans(6, random_state=0).fit(CLOUD, callback=lambda step: seen.append(step.labels is None))
    assert [step.labels is None for step in model.trace_] == [False, False, *[True] * (len(seen) - 2)]
    assert not any(seen)


def test_max_iter_is_the_most_iterations_of_a_start():
    model = KMeans(20, init="random", n_init=2, max_iter=3, tol=0, random_state=0).fit(CLOUD)
    assert model.n_iter_ == 3
    assert "".join(step.name for step in model.trace_) == "EMEMEME" * 2


def test_tol_ends_a_start_before_labels_are_settled():
    loose, strict = (KMeans(20, init=CLOUD[:20], n_init=1, tol=tol).fit(CLOUD) for tol in (1e-2, 0))
    assert loose.n_iter_ < strict.n_iter_
    assert loose.inertia_ > strict.inertia_


def test_an_array_makes_one_start_and_says_so():
    with pytest.warns(RuntimeWarning, match="one start is made, not n_init=5"):
        assert {step.start for step in KMeans(3, init=CLOUD[:3], n_init=5).fit(CLOUD).trace_} == {0}


@pytest.mark.parametrize(
    ("init", "n_starts"), [("k-means++", 1), ("random", 10), (lambda X, k, random_state: X[:k], 10)]
)
def test_n_init_auto_makes_ten_starts_where_they_are_drawn_without_care(init, n_starts):
    assert KMeans(3, init=init, random_state=0).fit(CLOUD).trace_[-1].start == n_starts - 1


def test_a_callable_draws_other_centers_for_each_start():
    model = KMeans(3, init=lambda X, k, random_state: X[random_state.permutation(len(X))[:k]], n_init=4, random_state=0)
    firsts = [step.centers.tobytes() for step in model.fit(CLOUD).trace_ if step.name == "E"]
    starts = [step.start for step in model.trace_ if step.name == "E"]
    assert len({firsts[starts.index(start)] for start in range(4)}) == 4


def test_random_centers_are_distinct_points():
    for seed in range(20):
        first = KMeans(12, init="random", n_init=1, random_state=seed).fit(CLOUD[:14]).trace_[0]
        assert len(np.unique(first.centers.round(12), axis=0)) == 12


def test_more_centers_than_distinct_points_leave_some_without_points():
    with pytest.warns(ConvergenceWarning, match=r"distinct clusters \(2\) found smaller than n_clusters \(4\)"):
        model = KMeans(4, init="random", random_state=0).fit([[0.0], [0.0], [5.0], [5.0]])
    assert set(model.cluster_centers_.ravel()) == {0, 5}
    assert model.inertia_ == 0


def test_threads_change_no_bit():
    one, two = (KMeans(40, random_state=0, n_jobs=n).fit(np.tile(CLOUD, (40, 1))) for n in (1, 2))
    assert one.cluster_centers_.tobytes() == two.cluster_centers_.tobytes()


def test_verbose_prints_each_iteration(capsys):
    model = KMeans(3, random_state=0, verbose=1).fit(CLOUD)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("start 0, iteration 0: inertia ")
    assert len(lines) == sum(step.name == "E" for step in model.trace_)


def test_an_unknown_algorithm_is_refused():
    with pytest.raises(ValueError, match="'lloyd' or 'elkan', not 'hamerly'"):
        KMeans(3, algorithm="hamerly").fit(CLOUD)
