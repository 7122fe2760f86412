"""The work of ``phish run-all`` with default settings in one script, the way it stands in a notebook.

It is the baseline of ``cold_run.py``, so it spares itself everything that the pipeline is there for, and does not waste
time either: the preprocessor is fitted once per fold for all models, forests and boosters use all cores by themselves
(``n_jobs=-1``; scikit-learn's histogram boosting does so unasked), and the intervals come from the package's own
vectorised bootstrap: 1,000 resamples with scikit-learn's metrics take over a minute, which would flatter the pipeline.

    python benchmarks/straight_script.py sample.db
"""

from __future__ import annotations

import sqlite3
import sys

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn import metrics
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, RobustScaler
from xgboost import XGBClassifier

from phishcli.evaluation.intervals import bootstrap

MODELS = {
    "LogisticRegression": LogisticRegression(max_iter=1000),
    "RandomForest": RandomForestClassifier(
        n_estimators=100, max_leaf_nodes=500, min_samples_leaf=2, random_state=42, n_jobs=-1
    ),
    "HistGradientBoosting": HistGradientBoostingClassifier(early_stopping=False, random_state=42),
    "XGBoost": XGBClassifier(n_estimators=100, learning_rate=0.1, max_depth=5, random_state=42, n_jobs=-1),
    "LightGBM": LGBMClassifier(random_state=42, n_jobs=-1, verbose=-1),
}
SCORES = (metrics.accuracy_score, metrics.precision_score, metrics.recall_score, metrics.f1_score)
SCORES += (metrics.balanced_accuracy_score, metrics.matthews_corrcoef)
RANKINGS = (metrics.roc_auc_score, metrics.average_precision_score)


def score(target: pd.Series, probability: np.ndarray) -> dict[str, float]:
    """All metrics; specificity and the two error rates follow from the confusion matrix."""
    predicted = probability >= 0.5
    found = {metric.__name__: metric(target, predicted) for metric in SCORES}
    found |= {metric.__name__: metric(target, probability) for metric in RANKINGS}
    tn, fp, fn, tp = metrics.confusion_matrix(target, predicted).ravel()
    return found | {"specificity": tn / (tn + fp), "fpr": fp / (tn + fp), "fnr": fn / (fn + tp)}


with sqlite3.connect(sys.argv[1]) as connection:
    table = pd.read_sql("SELECT * FROM phishing_data", connection).drop(columns="Unnamed: 0")
target = table.pop("isPhishing")
table["LineOfCode_Missing"] = table["LineOfCode"].isna().astype("int8")
preprocessor = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False), list(table.select_dtypes("str"))),
        remainder=make_pipeline(SimpleImputer(strategy="median"), RobustScaler()),
    ),
    FunctionTransformer(lambda matrix: matrix.astype("float32")),
)

train, test, y_train, y_test = train_test_split(table, target, test_size=0.2, stratify=target, random_state=42)
folds = []
for fit, valid in StratifiedKFold(5).split(train, y_train):
    fold = clone(preprocessor)
    x_fit = fold.fit_transform(train.iloc[fit])
    folds.append((x_fit, y_train.iloc[fit], fold.transform(train.iloc[valid]), y_train.iloc[valid]))
x_train, x_test = preprocessor.fit_transform(train), preprocessor.transform(test)

results = {}
for name, model in MODELS.items():
    cv = [score(y, clone(model).fit(x_fit, y_fit).predict_proba(x)[:, 1]) for x_fit, y_fit, x, y in folds]
    probability = model.fit(x_train, y_train).predict_proba(x_test)[:, 1]
    intervals = bootstrap(y_test, probability)
    results[name] = {"cv": pd.DataFrame(cv).mean(), "test": score(y_test, probability), "intervals": intervals}
print(pd.DataFrame({name: found["test"] for name, found in results.items()}).T.round(4).to_string())
