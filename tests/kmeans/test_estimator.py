import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_clusterer
from sklearn.cluster import KMeans as TheirKMeans
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from quantize import KMeans, MiniBatchKMeans

pandas = pytest.importorskip("pandas")

X = np.random.default_rng(0).random((400, 3)) * [1, 20, 5]
FRAME = pandas.DataFrame(X, columns=["a", "b", "c"])
both = pytest.mark.parametrize("kind", [KMeans, MiniBatchKMeans])


@pytest.mark.filterwarnings("ignore")
@both
def test_scikit_learn_finds_nothing_to_object_to(kind):
    results = check_estimator(kind(), on_skip=None, on_fail=None)
    assert len(results) > 40
    assert [result["check_name"] for result in results if result["status"] == "failed"] == []


def test_scikit_learn_is_not_imported_for_it():
    code = (
        "import sys; from quantize import *; KMeans(2).fit([[0.], [1.], [5.]]).transform([[3.]]); print(*sys.modules)"
    )
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sklearn", "scipy", "pandas"} & set(names)


@both
def test_every_parameter_of_scikit_learn_is_taken(kind):
    theirs = {"KMeans": TheirKMeans, "MiniBatchKMeans": __import__("sklearn.cluster").cluster.MiniBatchKMeans}
    names = set(theirs[kind.__name__]().get_params())
    assert names <= set(kind().get_params())
    assert all(f"    {name} :" in kind.__doc__ for name in kind().get_params())


@both
def test_pipelines_predict_score_and_show_themselves(kind):
    pipeline = make_pipeline(StandardScaler(), kind(4, random_state=0)).fit(X)
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(pipeline.predict(X), pipeline[-1].predict(scaled))
    assert pipeline.score(X) == pytest.approx(-pipeline[-1].inertia_)
    assert kind.__name__ in pipeline._repr_html_()
    assert pipeline.fit_transform(X).shape == (400, 4)
    assert is_clusterer(pipeline[-1])


@both
def test_a_grid_search_finds_that_more_clusters_lie_nearer(kind):
    pipeline = make_pipeline(StandardScaler(), kind(4, random_state=0))
    search = GridSearchCV(pipeline, {f"{kind.__name__.lower()}__n_clusters": [2, 3, 4, 5]}, cv=3).fit(X)
    assert search.best_params_ == {f"{kind.__name__.lower()}__n_clusters": 5}
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert (np.diff(scores) > 0).all()
    assert (cross_val_score(kind(4, random_state=0), X, cv=3) < 0).all()


@both
def test_columns_of_a_frame_are_remembered_and_wrong_ones_refused(kind):
    model = kind(4, random_state=0).fit(FRAME)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert len(model.get_feature_names_out(["a", "b", "c"])) == 4
    with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
        model.get_feature_names_out(["b", "a", "c"])
    with pytest.raises(ValueError, match="input_features holds 2 names, but there are 3 features"):
        clone(model).fit(X).get_feature_names_out(["b", "a"])
    np.testing.assert_array_equal(model.predict(FRAME), model.labels_)
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(FRAME[["b", "a", "c"]])
    with pytest.raises(ValueError, match="unseen at fit time:\n- d"):
        model.predict(FRAME.rename(columns={"a": "d"}))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)
    with pytest.raises(TypeError, match="string names"):
        kind(4).fit(pandas.DataFrame(X, columns=["a", 1, 2]))
    assert not hasattr(model.fit(X), "feature_names_in_")


@both
def test_set_output_gives_a_frame_with_the_rows_of_the_input(kind):
    rows = FRAME.set_index(FRAME.index + 7)
    model = kind(2, random_state=0).set_output(transform="pandas").fit(rows)
    found = model.transform(rows)
    assert found.columns.tolist() == [f"{kind.__name__.lower()}{i}" for i in range(2)]
    assert found.index[0] == 7
    assert isinstance(clone(model).fit_transform(rows), pandas.DataFrame)
    assert isinstance(model.set_output(transform="default").transform(rows), np.ndarray)
    with pytest.raises(ValueError, match="'default', 'pandas' or 'polars'"):
        model.set_output(transform="table")


@both
def test_polars_frames_are_points_with_names(kind):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(X, schema=["a", "b", "c"])
    model = kind(2, random_state=0).set_output(transform="polars").fit(frame)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert model.transform(frame).columns == model.get_feature_names_out().tolist()


@both
def test_a_column_transformer_names_its_distances(kind):
    columns = ColumnTransformer([("near", kind(3, random_state=0), ["a", "b"])], remainder="passthrough")
    columns.fit(FRAME)
    name = kind.__name__.lower()
    assert columns.get_feature_names_out().tolist() == [*(f"near__{name}{i}" for i in range(3)), "remainder__c"]


@both
def test_labels_are_of_the_fit_whatever_happens_to_the_array(kind):
    array = X.copy()
    model = kind(5, random_state=0).fit(array)
    expected = kind(5, random_state=0).fit(X.copy())
    array[:] = 0
    np.testing.assert_array_equal(model.labels_, expected.labels_)
    assert model.inertia_ == expected.inertia_


def test_a_model_pickles_without_its_points():
    cloud = np.tile(X, (50, 1))
    assert len(pickle.dumps(MiniBatchKMeans(5, random_state=0).fit(cloud))) < 4 * 20_000 + 3000
    model = KMeans(5, random_state=0).fit(cloud)
    again = pickle.loads(pickle.dumps(model))
    assert len(pickle.dumps(model)) < 4 * 20_000 + 20_000
    assert len(again.trace_) == len(model.trace_)
    assert model.trace_[0].labels is not None


@both
def test_what_is_not_fitted_says_so_as_every_kind_of_error(kind):
    for kinds in (NotFittedError, ValueError, AttributeError):
        with pytest.raises(kinds, match=f"this {kind.__name__} has no centers yet: call fit first"):
            kind(2).predict([[0.0]])
        with pytest.raises(kinds, match="call fit first"):
            kind(2).labels_
    with pytest.raises(AttributeError, match="has no attribute 'lables_'"):
        kind(2).lables_
    assert not hasattr(kind(2), "labels_")


def test_without_scikit_learn_the_error_is_a_value_and_an_attribute_error():
    code = """
from quantize import KMeans
for kind in (ValueError, AttributeError):
    try: KMeans(2).labels_
    except kind as error: print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.count("call fit first") == 2


def test_labels_that_were_not_computed_say_so():
    model = MiniBatchKMeans(3, compute_labels=False, random_state=0).fit(X)
    with pytest.raises(AttributeError, match="was fitted without labels_"):
        model.labels_
    np.testing.assert_array_equal(model.fit_predict(X), MiniBatchKMeans(3, random_state=0).fit(X).labels_)


@both
def test_a_subclass_keeps_its_own_arguments(kind):
    class Named(kind):
        def __init__(self, n_clusters=3, *, title="none", random_state=None):
            super().__init__(n_clusters, random_state=random_state)
            self.title = title

    copy = clone(Named(4, title="mine", random_state=0))
    assert copy.get_params() == {"n_clusters": 4, "title": "mine", "random_state": 0}
    assert copy.fit(X).cluster_centers_.shape == (4, 3)
    assert repr(copy) == "Named(n_clusters=4, title='mine', random_state=0)"


@both
def test_the_repr_shows_what_differs_from_the_defaults(kind):
    assert repr(kind()) == f"{kind.__name__}()"
    assert repr(kind(4, init=np.zeros((1, 1)))) == f"{kind.__name__}(n_clusters=4, init=array([[0.]]))"


@both
def test_one_number_weighs_every_point(kind):
    model = kind(4, random_state=0).fit(X, sample_weight=2.0)
    assert model.inertia_ == pytest.approx(2 * kind(4, random_state=0).fit(X).inertia_)
    assert model.score(X, sample_weight=2.0) == pytest.approx(-model.inertia_)


@both
def test_no_number_of_threads_is_one_and_weights_that_are_words_are_refused(kind):
    assert kind(4, n_jobs=None, random_state=0).fit(X).inertia_ == kind(4, random_state=0).fit(X).inertia_
    with pytest.raises(ValueError, match="sample_weight must hold numbers"):
        kind(4).fit(X, sample_weight="heavy")


@both
def test_a_callable_makes_the_first_centers(kind):
    def first(X, n_clusters, random_state):
        assert isinstance(X, np.ndarray)
        return X[random_state.permutation(len(X))[:n_clusters]]

    kind(4, init=first, random_state=3).fit(FRAME)
    one, two = (kind(4, init=first, random_state=3).fit(X) for _ in range(2))
    assert one.cluster_centers_.tobytes() == two.cluster_centers_.tobytes()
    with pytest.raises(ValueError, match="init has shape"):
        kind(4, init=lambda X, k, random_state: X[:1]).fit(X)


@both
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 0}, "n_clusters must be at least 1, not 0"),
        ({"n_clusters": 2.5}, "n_clusters must be an integer, not 2.5"),
        ({"n_clusters": 2.0}, "n_clusters must be an integer, not 2.0"),
        ({"n_clusters": "two"}, "n_clusters must be a number, not 'two'"),
        ({"n_clusters": None}, "n_clusters must be a number, not None"),
        ({"n_init": "many"}, "n_init must be a number or 'auto', not 'many'"),
        ({"tol": float("nan")}, "tol must be at least 0"),
        ({"max_iter": -1}, "max_iter must be at least"),
        ({"init": "kmeans"}, "init must be"),
        ({"init": [[1.0], [2.0]]}, "init has shape"),
        ({"init": [[np.nan, 0], [2.0, 0]]}, "init contains NaN"),
        ({"random_state": "seven"}, "random_state must be"),
        ({"n_clusters": True}, "n_clusters must be a number, not True"),
        ({"n_jobs": 0}, "n_jobs must be a number of threads, or -1"),
        ({"n_jobs": -2}, "n_jobs must be at least -1"),
    ],
)
def test_bad_parameters_are_refused_in_a_sentence(kind, parameters, message):
    with pytest.raises(ValueError, match=message):
        kind(**{"n_clusters": 2, **parameters}).fit([[0.0, 1], [1, 0]])


@both
def test_distances_are_those_of_the_definition_in_any_dimension(kind):
    rng = np.random.default_rng(0)
    for d in (1, 3, 70):
        cloud = rng.random((300, d))
        model = kind(5, random_state=0).fit(cloud)
        expected = np.linalg.norm(cloud[:, np.newaxis] - model.cluster_centers_, axis=2)
        np.testing.assert_allclose(model.transform(cloud), expected)
        np.testing.assert_array_equal(model.predict(cloud), expected.argmin(axis=1))


@both
def test_nothing_warns_on_plain_arrays(kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kind(3, random_state=0).fit(X).predict(X)


@pytest.mark.parametrize("kind", [KMeans, MiniBatchKMeans])
def test_estimator_shows_its_parameters_and_centers_in_a_notebook(kind):
    estimator = kind(2, init="<b>")
    assert "<tr><th>init</th><td><pre>&lt;b&gt;</pre></td></tr>" in estimator._repr_html_()
    assert "cluster_centers_" not in estimator._repr_html_()
    shown = kind(1).fit([[1.0], [2.0]])._repr_html_()
    assert "<pre>[[1.5]]</pre>" in shown
    assert f"<caption>{kind.__name__}</caption>" in shown
