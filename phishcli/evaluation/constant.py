"""The constant answer: always the more frequent label of the training rows; what a model has to beat to be of use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binomtest, mannwhitneyu

from phishcli.documents.columns import FOLD, LABEL, PREDICTION, PROBABILITY, TARGET
from phishcli.documents.selection import ConstantAnswer, Skill
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.folds import cross_validated
from phishcli.evaluation.metrics import undefined, values_of
from phishcli.evaluation.significance import holm

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.evaluation.evaluate import Scored


def constant_answer(oof: pd.DataFrame, test: pd.DataFrame) -> ConstantAnswer:
    """Score the constant answer, whose probability of the positive class is its share among the training rows.

    It is scikit-learn's ``DummyClassifier(strategy="prior")``, but that it is positive where both classes are equally
    frequent.

    Parameters
    ----------
    oof
        ``fold`` and ``target`` of the training rows.
    test
        ``label`` and ``target`` of the test rows, of both classes.
    """
    train, folds = oof[TARGET].to_numpy() == 1, oof[FOLD].to_numpy()
    positive = bool(train.mean() >= 0.5)  # noqa: PLR2004 (the majority)
    rows = ScoredRows.validated(test[TARGET], np.full(len(test), train.mean()))
    lost = undefined(rows.confusion)
    cv = cross_validated(train.astype(np.int8), _by_fold(train, folds), folds)
    return ConstantAnswer(
        label=test[LABEL][test[TARGET] == positive].tolist()[0],
        positive=positive,
        scores={name: None if name in lost else value for name, value in values_of(rows).items()},
        cv={name: each.summary for name, each in cv.items()},
    )


def _by_fold(positive: NDArray[np.bool], folds: NDArray[np.int8]) -> NDArray[np.float64]:
    """The share of positive rows in all folds but a row's own, shape (n,)."""
    shares = [positive[folds != fold].mean() for fold in range(int(folds.max()) + 1)]
    return np.array(shares)[folds]


def skills(models: Mapping[str, Scored], constant: ConstantAnswer, confidence: float) -> dict[str, Skill]:
    """Test for each model whether it does better than the constant answer, on the test rows.

    A model is more accurate if it is right more often where only one of both is (exact sign test on the discordant
    rows: McNemar 1947, Psychometrika 12, 153-157). It ranks if positive rows score higher than negative ones (Mann and
    Whitney 1947, Annals of Mathematical Statistics 18, 50-60). Both are one-sided; p-values are adjusted for all of
    these tests by Holm's method. Rows that come in groups are not independent: there, the interval from resampled
    groups has to lie above the constant answer, too.
    """
    raw = {model: (_accuracy(each, constant), _ranking(each)) for model, each in models.items()}
    adjusted = iter(holm([p for pair in raw.values() for p in pair]))
    return {model: _skill(models[model], constant, next(adjusted), next(adjusted), 1 - confidence) for model in raw}


def _skill(model: Scored, constant: ConstantAnswer, p_accuracy: float, p_ranking: float, level: float) -> Skill:
    accuracy, area = (model.metrics.metrics[name] for name in ("accuracy", "roc_auc"))
    answer = constant.scores["accuracy"] or 0.0
    grouped = model.metrics.bootstrap.groups is not None
    low, high = ((bound - answer if bound is not None else None) for bound in (accuracy.low, accuracy.high))
    return Skill(
        difference=(accuracy.value or 0.0) - answer,
        low=low,
        high=high,
        p_accuracy=p_accuracy,
        p_ranking=p_ranking,
        more_accurate=p_accuracy < level and (not grouped or low is None or low > 0),
        ranks=p_ranking < level and (not grouped or area.low is None or area.low > 0.5),  # noqa: PLR2004 (chance)
    )


def _accuracy(model: Scored, constant: ConstantAnswer) -> float:
    positive = model.predictions[TARGET].to_numpy() == 1
    right, constant_right = (model.predictions[PREDICTION].to_numpy() == 1) == positive, positive == constant.positive
    won, lost = int((right & ~constant_right).sum()), int((constant_right & ~right).sum())
    return float(binomtest(won, won + lost, alternative="greater").pvalue) if won + lost else 1.0


def _ranking(model: Scored) -> float:
    positive, scores = model.predictions[TARGET].to_numpy() == 1, model.predictions[PROBABILITY].to_numpy()
    if positive.all() or not positive.any():
        return 1.0
    return float(mannwhitneyu(scores[positive], scores[~positive], alternative="greater").pvalue)
