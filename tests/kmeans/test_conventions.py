import pickle

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from quantize import KMeans, MiniBatchKMeans

X = np.random.default_rng(0).random((200, 3)) * [1, 20, 5]
WEIGHT = np.arange(200.0)
both = pytest.mark.parametrize("kind", [KMeans, MiniBatchKMeans])


@pytest.fixture
def routed():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@both
def test_weights_reach_the_last_step_of_a_pipeline_that_routes_them(kind, routed):
    model = kind(4, random_state=0).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    pipeline = clone(make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model))
    pipeline.fit(X, sample_weight=WEIGHT)
    scaled = StandardScaler().fit_transform(X)
    alone = kind(4, random_state=0).fit(scaled, sample_weight=WEIGHT)
    assert pipeline[-1].inertia_ == alone.inertia_
    assert pipeline.score(X, sample_weight=WEIGHT) == pytest.approx(-alone.inertia_)
    search = GridSearchCV(pipeline, {f"{kind.__name__.lower()}__n_clusters": [2, 3]}, cv=2)
    assert np.isfinite(search.fit(X, sample_weight=WEIGHT).best_score_)


@both
def test_weights_that_nobody_asked_for_are_refused_by_the_pipeline(kind, routed):
    with pytest.raises(UnsetMetadataPassedError, match=f"set for {kind.__name__}|for {kind.__name__}.fit"):
        make_pipeline(kind(4)).fit(X, sample_weight=WEIGHT)
    with pytest.raises(TypeError, match=f"fit of {kind.__name__} takes no 'weight': only sample_weight"):
        kind(4).set_fit_request(weight=True)


@both
def test_requests_are_cloned_and_pickled_and_each_is_its_models_own(kind, routed):
    model = kind(4)
    asking = clone(model).set_fit_request(sample_weight=True)
    for copy in (asking, clone(asking), pickle.loads(pickle.dumps(asking))):
        assert copy.get_metadata_routing().fit.requests["sample_weight"] is True
        assert copy.get_metadata_routing().score.requests == {"sample_weight": None}
    assert model.get_metadata_routing().fit.requests["sample_weight"] is None


def test_only_what_has_a_method_asks_for_its_metadata(routed):
    assert "partial_fit" not in str(KMeans(4).get_metadata_routing())
    assert not hasattr(KMeans(4), "set_partial_fit_request")
    model = MiniBatchKMeans(4).set_partial_fit_request(sample_weight=True).set_fit_request(fixed="anchors")
    assert model.get_metadata_routing().partial_fit.requests == {"sample_weight": True}
    assert model.get_metadata_routing().fit.requests["fixed"] == "anchors"


@both
def test_requests_need_routing(kind):
    with pytest.raises(RuntimeError, match=r"sklearn.set_config\(enable_metadata_routing=True\)"):
        kind(4).set_fit_request(sample_weight=True)
