"""Models under attack in words and numbers: what a budget leaves of their recall, and what constraints cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phishcli.render.beside import EVASION, Beside
from phishcli.render.formats import interval, number, p_value, signed
from phishcli.wording import counted, listed, percent

if TYPE_CHECKING:
    from phishcli.documents.evasion import CurvePoint, Defense, Evasion, Lever

SHOWN = (1.0, 3.0, 5.0, 10.0)
"""Budgets with a column of their own."""
STEP = (
    "A step moves a row past a twentieth of the training rows; every change takes at least one step, and costs add "
    "up. Features are changed, not pages: whether a page with such features can be built is not checked."
)
FOUND = (
    "The recall is what remains after the cheapest changes that a search found (every value of a grid alone, then a "
    "beam search over several columns); a better search may leave less. ≥: certified: no change within the budget "
    "flips these rows; exact if the probability is monotone in every column that can be changed, otherwise a "
    "sound bound from the trees."
)
TESTED = "The test is Nadeau and Bengio's corrected t-test; p-values are not adjusted for the number of models."
METHODS = {"corner": "exact", "linear": "exact", "trees": "bound", None: ""}


def evasion_view(models: Sequence[Evasion], *, constrained: bool = False) -> Beside:
    """Show the models side by side; those with constraints as the second part of a comparison."""
    heads = ("Model", "Recall", *(f"at {budget:g}" for budget in SHOWN), "any price", "certified", "half for", "by")
    return Beside(
        title="The same with monotone constraints"
        if constrained
        else "Remaining recall under attack, by attack budget",
        source=EVASION,
        heads=heads,
        rows=[_row(each) for each in models],
        findings=list(_findings(models)),
        explained=[] if constrained else _explained(models),
    )


def _row(found: Evasion) -> tuple[str, ...]:
    points = {point.budget: point for point in found.curve}
    left = found.any_budget
    certified = "-" if left.certified is None else f"{number(left.certified)}\n{METHODS[found.method]}"
    price = "-" if found.median_cost is None else f"{found.median_cost:.1f}"
    recalls = [_recall(points[budget]) for budget in (0.0, *SHOWN, None)]
    return (found.model, *recalls, certified, price, _used(found))


def _recall(point: CurvePoint) -> str:
    sure = "" if point.certified is None else f"\n≥ {number(point.certified)}"
    return f"{number(point.recall)}{sure}" if point.budget else f"{number(point.recall)}\n{interval(point)}"


def _used(found: Evasion) -> str:
    most = sorted((lever for lever in found.levers if lever.used), key=lambda lever: -lever.used)[:2]
    return ", ".join(f"{lever.column} ({percent(lever.used / found.evaded, 0)})" for lever in most) or "-"


def _findings(models: Sequence[Evasion]) -> Iterator[str]:
    """What one should notice."""
    lost = [each.model for each in models if each.caught and each.any_budget.recall == 0]
    if lost:
        yield f"{listed(lost)}: every detected row can evade at some price."
    for each in models:
        if each.method is None:
            yield f"{each.model} cannot be certified: {each.why}."


def _explained(models: Sequence[Evasion]) -> list[str]:
    first = models[0]
    levers = "; ".join(map(_lever, first.levers))
    return [
        (f"{counted(first.rows, 'positive test row')} attacked. Columns an attacker can change: {levers}."),
        STEP,
        FOUND,
    ]


def _lever(lever: Lever) -> str:
    where = {"up": "up", "down": "down", "any": "either way"}[lever.direction]
    price = f"{lever.cost:g} a {lever.per}" if lever.per != "edit" else f"{lever.cost:g}"
    return f"{lever.column} {where} ({price})"


def defense_view(found: Sequence[Defense], confidence: float) -> Beside:
    """What constraints gain and cost, model by model."""
    rows = [
        (
            each.model,
            f"{number(each.before.recall)} → {number(each.after.recall)}",
            f"{number(each.attacked_before)} → {number(each.attacked_after)}",
            "-" if each.certified_after is None else number(each.certified_after),
            f"{signed(each.accuracy.value)}\n{interval(each.accuracy)}, p {p_value(each.accuracy.p)}",
            f"{signed(each.roc_auc.value)}\n{interval(each.roc_auc)}, p {p_value(each.roc_auc.p)}",
        )
        for each in found
    ]
    return Beside(
        title="train.monotone: auto compared with none",
        source=EVASION,
        heads=("Model", "Recall", "left at any price", "certified", "accuracy (CV)", "ROC-AUC (CV)"),
        rows=rows,
        explained=[f"Differences over the folds, paired, with {percent(confidence, 0)} intervals. {TESTED}"],
    )
