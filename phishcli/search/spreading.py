"""Which models are trained on rows that are spread over a cluster, and how much that changes on a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from phishcli.errors import ConfigError, PhishError, TrainError
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.metrics import values_of
from phishcli.events import ignore
from phishcli.fits import schedule
from phishcli.fits.backends import Backend, Spreading
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.spread import is_too_large, sample_of
from phishcli.fits.task import FitRequest, FitResult, FoldFit
from phishcli.fits.workload import Requests, Workload
from phishcli.models import get
from phishcli.search.settings import ModelSettings

WHERE = "train.distributed"


@dataclass
class Choice:
    """Models whose rows are spread, and why others cannot be trained at all."""

    spread: set[str] = field(default_factory=set)
    impossible: dict[str, PhishError] = field(default_factory=dict)


def choose(settings: Sequence[ModelSettings], matrix_bytes: int, backend: Backend) -> Choice:
    """Decide for each model whether its rows are spread.

    Raises
    ------
    ConfigError
        When rows are always to be spread, and fits are not made on a cluster that can.
    """
    found, spreading = Choice(), isinstance(backend, Spreading)
    if not spreading and any(each.distributed == "always" for each in settings):
        what = "Rows can be spread over the workers of a Dask cluster only"
        raise ConfigError(what, where=WHERE, hint="Name one: --cluster dask://HOST:8786")
    large = isinstance(backend, Spreading) and is_too_large(matrix_bytes, backend.worker_bytes)
    for each in settings:
        plain = each.strategy.balance == "none" and each.strategy.encode != "native"
        can = get(each.model).fit_spread is not None and plain and len({one.strategy for one in settings}) == 1
        if can and (each.distributed == "always" or (large and each.distributed == "auto")):
            found.spread.add(each.model)
        elif large and each.distributed != "never" and each.most_rows is None:
            what = f"The matrix of {each.model} does not fit into the memory of a worker, and its rows cannot be spread"
            hint = f"Leave it out of train.models, give the workers more memory, or try it anyway: {WHERE}=never"
            found.impossible[each.model] = TrainError(what, where=f"{matrix_bytes / 1e9:.1f} GB", hint=hint)
    return found


def differences(
    chosen: Choice, settings: Sequence[ModelSettings], data: TrainingData, backend: Backend
) -> dict[str, str]:
    """Train each spread model on a sample, spread and by one worker; gives a sentence about the difference."""
    sample = sample_of(data)
    return {each.model: _difference(each, sample, backend) for each in settings if each.model in chosen.spread}


def _difference(settings: ModelSettings, sample: TrainingData, backend: Backend) -> str:
    spec = get(settings.model)
    fold = sample.make_fold(0)
    scores = []
    for spread in (True, False):
        workload: Workload[FitResult] = Workload(spec, settings.seed, _one_fit(settings), MemoryLedger(), spread=spread)
        (ended,) = schedule.run([workload], sample, backend, on_event=ignore)
        fit = ended.result
        if fit is None or not isinstance(fit.value, FoldFit):
            return f"rows were spread over {backend.slots} workers; no comparison on a sample: {fit and fit.error}"
        scores.append(values_of(ScoredRows.validated(fold.y_valid, fit.value.probability))["roc_auc"])
    found = f"a ROC-AUC of {scores[0]:.4f}, one worker alone {scores[1]:.4f} ({scores[0] - scores[1]:+.4f})"
    return (
        f"rows were spread over {backend.slots} workers; on a sample of {len(fold.y_train):,} rows that gives {found}"
    )


def _one_fit(settings: ModelSettings) -> Requests[FitResult]:
    (result,) = yield [FitRequest(settings.params, 0)]
    return result
