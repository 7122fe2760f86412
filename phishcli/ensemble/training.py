"""An ensemble from what training left of its members: estimators, out-of-fold predictions, times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.columns import FOLD, PROBABILITY, ROW, TARGET
from phishcli.documents.training import Seconds, Training
from phishcli.ensemble.greedy import choose_weights, cross_fitted
from phishcli.errors import TrainError
from phishcli.evaluation.folds import cross_validated
from phishcli.models.combined import combined
from phishcli.models.mean import MeanOfModels
from phishcli.search.trained import TrainedModel

if TYPE_CHECKING:
    import pandas as pd


def combine(
    name: str,
    models: Mapping[str, Any],
    training: Mapping[str, Training],
    oof: Mapping[str, pd.DataFrame],
) -> TrainedModel:
    """Put fitted models together.

    Parameters
    ----------
    name
        The model to make.
    models, training, oof
        The fitted estimators by name, how they were trained, and their out-of-fold predictions, all of the same rows.

    Returns
    -------
    TrainedModel
        Its out-of-fold predictions are those of weights that were chosen on the other folds, so that its
        cross-validated scores are as honest as those of its members; the weights of the model come from all folds.

    Raises
    ------
    TrainError
        When there are fewer than two members.
    """
    if len(models) < 2:  # noqa: PLR2004 (members)
        hint = "Add others to train.models, or leave it out"
        raise TrainError(f"{name} needs at least two models that could be trained", where=f"train/{name}", hint=hint)
    first = next(iter(oof.values()))
    members = np.stack([oof[each][PROBABILITY].to_numpy() for each in models], axis=1)
    y, folds = first[TARGET].to_numpy(np.int8), first[FOLD].to_numpy()
    weights = dict(zip(models, choose_weights(members, y).tolist(), strict=True))
    used = {each: weight for each, weight in weights.items() if weight > 0}
    probability = cross_fitted(members, y, folds)
    made = first[[ROW, FOLD, TARGET]].assign(**{PROBABILITY: probability})
    model = MeanOfModels(list(used), [models[each] for each in used], list(used.values()))
    some = next(iter(training.values()))
    described = Training(
        model=name,
        title=combined()[name].title,
        params=weights,
        seed=some.seed,
        cv=cross_validated(y, probability, folds),
        seconds=Seconds(fit=0.0, cv=0.0, search=0.0),
        warnings=(),
        n_train=some.n_train,
        n_features=some.n_features,
        libraries={library: version for each in used for library, version in training[each].libraries.items()},
        tuned=None,
    )
    return TrainedModel(model=model, training=described, oof=made)
