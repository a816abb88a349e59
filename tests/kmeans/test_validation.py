import numpy as np
import pytest

from quantize import KMeans, MiniBatchKMeans

pandas = pytest.importorskip("pandas")

X = np.random.default_rng(0).random((60, 3)) * 50
both = pytest.mark.parametrize("kind", [KMeans, MiniBatchKMeans])


class OnADevice:
    def __array__(self, *_, **__):
        raise RuntimeError("it is on a device")


@both
@pytest.mark.parametrize(
    "convert",
    [
        np.asfortranarray,
        lambda x: np.repeat(np.repeat(x, 2, 0), 2, 1)[::2, ::2],
        lambda x: np.ma.masked_array(x, mask=False),
        lambda x: x.astype(np.longdouble),
        lambda x: x.astype(">f8"),
        lambda x: x.astype(object),
        lambda x: x.astype(str),
        lambda x: pandas.DataFrame(x).astype("Float64"),
        lambda x: [tuple(row) for row in x],
    ],
)
def test_the_same_numbers_in_another_form_are_the_same_points(kind, convert):
    one, two = (kind(3, random_state=0).fit(points) for points in (X, convert(X)))
    np.testing.assert_allclose(one.cluster_centers_, two.cluster_centers_, rtol=1e-12)


@both
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.uint64, np.float16])
def test_narrow_types_are_computed_in_float64(kind, dtype):
    model = kind(2, random_state=0).fit((X // 25 if dtype is bool else X * 1.5).astype(dtype))
    assert model.cluster_centers_.dtype == np.float64


@both
@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ([[0.0], [np.nan]], ValueError, "NaN or infinity"),
        ([[0.0], [np.inf]], ValueError, "NaN or infinity"),
        ([0.0, 1.0], ValueError, "Expected 2D array, got 1D array"),
        (np.empty((0, 2)), ValueError, "0 sample"),
        (np.empty((2, 0)), ValueError, "0 feature"),
        ([[0.0]], ValueError, "n_samples=1 should be at least n_clusters=2"),
        ([[1j], [2.0]], ValueError, "Complex data not supported"),
        ([["red"], ["blue"]], ValueError, "X must hold numbers"),
        ([[{}], [0]], TypeError, "X must hold numbers"),
        (np.float32([[1e30], [-1e30]]), ValueError, "overflow float32: scale X or pass float64"),
        ([[1e200], [-1e200]], ValueError, "overflow float64: scale X"),
        (__import__("scipy.sparse").sparse.csr_matrix(np.eye(3)), TypeError, "X is sparse"),
        (np.ma.masked_array(X, mask=X > 40), ValueError, "X has masked values"),
        (pandas.DataFrame(X).astype("Float64").mask(X > 40), ValueError, r"X contains missing values \(NA\)"),
        (pandas.DataFrame(X).mask(X > 40), ValueError, "X contains NaN"),
        ([[1.0, 2.0], [3.0]], ValueError, "X cannot be read as an array: setting an array element"),
        (OnADevice(), TypeError, "X cannot be read as an array: it is on a device"),
        ((row for row in X), TypeError, "X must hold numbers"),
        (b"\xff", ValueError, "X must hold numbers"),
    ],
)
def test_what_cannot_be_clustered_is_refused_in_a_sentence(kind, points, error, message):
    with pytest.raises(error, match=message):
        kind(2).fit(points)


@both
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones(60) * 1j, "Complex data not supported: sample_weight"),
        (np.ma.masked_array(np.ones(60), mask=np.arange(60) % 2), "sample_weight has masked values"),
        (np.ones((60, 1)), "sample_weight has shape"),
        (-1, "not negative"),
    ],
)
def test_weights_that_are_none_are_refused_in_a_sentence(kind, weight, message):
    with pytest.raises(ValueError, match=message):
        kind(2).fit(X, sample_weight=weight)


@both
@pytest.mark.parametrize(
    ("init", "error", "message"),
    [
        (X[:2] * 1j, ValueError, "Complex data not supported: init"),
        ([["red", "green", "blue"]] * 2, ValueError, "init must hold numbers"),
        (__import__("scipy.sparse").sparse.csr_array(X[:2]), TypeError, "init is sparse"),
        (lambda *_, random_state: "nothing", ValueError, "init must hold numbers"),
    ],
)
def test_first_centers_that_are_no_numbers_are_refused_in_a_sentence(kind, init, error, message):
    with pytest.raises(error, match=message):
        kind(2, init=init).fit(X)


@both
@pytest.mark.parametrize("random_state", [-1, 2**32, 1.5, "seven"])
def test_random_states_that_scikit_learn_refuses_are_refused(kind, random_state):
    with pytest.raises(ValueError, match="random_state must be None, an integer from 0 to 4294967295 or"):
        kind(2, random_state=random_state).fit(X)


@both
def test_a_generator_goes_on_from_fit_to_fit(kind):
    source = np.random.RandomState(0)
    firsts = [kind(9, init="random", n_init=1, max_iter=1, random_state=source).fit(X).inertia_ for _ in range(4)]
    assert len(set(firsts)) > 1


@both
def test_points_that_overflow_with_the_centers_are_refused_after_the_fit_too(kind):
    model = kind(2, random_state=0).fit(X.astype(np.float32))
    far = np.full((1, 3), 1e30, np.float32)
    with pytest.raises(ValueError, match="overflow float32: scale X or pass float64"):
        model.predict(far)
    assert model.predict(far.astype(float)).shape == (1,)
