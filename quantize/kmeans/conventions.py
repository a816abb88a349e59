"""What scikit-learn asks of any estimator: parameters by name, how it shows itself, and how it takes part in pipelines.

scikit-learn is never imported for it. What is made of its own classes is made when it asks.
"""

import inspect
import sys
from typing import Any, Self

# The methods that may take more than points; of a class that has not all of them, the others ask for nothing.
_ROUTED = ("fit", "partial_fit", "score")


class Conventions:
    """Parameters, tags, requests and tables, by scikit-learn's conventions."""

    _estimator_type = "clusterer"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self, **params: Any) -> Self:
        """Change constructor arguments; an unknown name is a `ValueError`."""
        for name, value in params.items():
            if name not in self._parameters():
                known = ", ".join(self._parameters())
                raise ValueError(f"{name!r} is not a parameter of {type(self).__name__}, which has {known}")
            setattr(self, name, value)
        return self

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose what `transform` returns: "default" for an array, "pandas" or "polars" for a data frame."""
        if transform not in (None, "default", "pandas", "polars"):
            raise ValueError(f"transform must be 'default', 'pandas' or 'polars', not {transform!r}")
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}  # the name under which scikit-learn clones it
        return self

    def get_metadata_routing(self) -> Any:
        """Return what `fit`, `partial_fit` and `score` ask of a pipeline or a search beside the points.

        Returns
        -------
        sklearn.utils.metadata_routing.MetadataRequest
        """
        from sklearn.utils.metadata_routing import MetadataRequest

        kept = vars(self).get("_metadata_request", MetadataRequest(owner=self))
        result = MetadataRequest(owner=self)
        for method in _ROUTED:
            asked = getattr(kept, method).requests
            for name in self._list_metadata(method):
                getattr(result, method).add_request(param=name, alias=asked.get(name))
        return result

    def set_fit_request(self, **requests: bool | str | None) -> Self:
        """Ask for metadata in `fit` where metadata routing is enabled: `set_fit_request(sample_weight=True)`."""
        return self._set_request("fit", requests)

    def set_score_request(self, **requests: bool | str | None) -> Self:
        """Ask for metadata in `score` where metadata routing is enabled: `set_score_request(sample_weight=True)`."""
        return self._set_request("score", requests)

    def __repr__(self) -> str:
        defaults = self._parameters()
        shown = ", ".join(
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if not (value is defaults[name] or repr(value) == repr(defaults[name]))
        )
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self) -> str:
        """Show the parameters in a notebook, and what the fit came to."""
        from html import escape

        values = self.get_params() | self._list_results()
        rows = ((name, value if isinstance(value, str) else repr(value)) for name, value in values.items())
        cells = "".join(f"<tr><th>{name}</th><td><pre>{escape(text)}</pre></td></tr>" for name, text in rows)
        return f"<table><caption>{type(self).__name__}</caption>{cells}</table>"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="clusterer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
            input_tags=InputTags(),
        )

    @classmethod
    def _parameters(cls) -> dict[str, Any]:
        """Return the constructor's arguments, those of a subclass too, and their defaults."""
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        arguments = list(inspect.signature(cls.__init__).parameters.values())[1:]
        return {argument.name: argument.default for argument in arguments if argument.kind in named}

    def _list_results(self) -> dict[str, Any]:
        """Return what a notebook shows of the fit."""
        raise NotImplementedError

    def _list_metadata(self, method: str) -> list[str]:
        """Return the arguments of a method beside the points; none if the class has no such method."""
        function = getattr(type(self), method, None)
        arguments = [] if function is None else list(inspect.signature(function).parameters)
        return [name for name in arguments if name not in ("self", "X", "y")]

    def _set_request(self, method: str, requests: dict[str, bool | str | None]) -> Self:
        from sklearn import get_config

        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                f"set_{method}_request needs metadata routing: call sklearn.set_config(enable_metadata_routing=True)"
            )
        routing, known = self.get_metadata_routing(), self._list_metadata(method)
        for name, asked in requests.items():
            if name not in known:
                raise TypeError(f"{method} of {type(self).__name__} takes no {name!r}: only {', '.join(known)}")
            getattr(routing, method).add_request(param=name, alias=asked)
        self._metadata_request = routing  # the name under which scikit-learn clones it
        return self

    def _dress_output(self, values: Any, X: Any, names: Any) -> Any:
        """Return columns of these names as the kind of table that was asked for."""
        loaded = sys.modules.get("sklearn")
        kind = vars(self).get("_sklearn_output_config", {}).get("transform")
        kind = kind or (loaded.get_config()["transform_output"] if loaded else "default")
        if kind == "pandas":
            import pandas

            index = X.index if isinstance(X, pandas.DataFrame) else None
            return pandas.DataFrame(values, index=index, columns=names)
        if kind == "polars":
            import polars

            return polars.DataFrame(values, schema=list(names), orient="row")
        return values
