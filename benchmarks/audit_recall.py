"""What the audit finds of the faults planted in a fixed list of tables, and what it says that is not so.

    python -m benchmarks.audit_recall [--verbose]

Prints one line per kind of fault: how many were planted and found, and how many findings above a note were false.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import Any

import numpy as np

from tests.audit.tables import TABLES, Made


def findings_of(made: Made) -> tuple[list[Any], set[str]]:
    """All findings on a table and its split, and the columns that are features."""
    from phishcli.audit import registry
    from phishcli.audit.check import run_checks
    from phishcli.audit.evidence import Evidence
    from phishcli.audit.table_audit import audit_table
    from phishcli.config.schema import LoadConfig
    from phishcli.features.loading import load
    from phishcli.features.row_keys import RowKeys
    from phishcli.tables.memory import MemoryTable

    settings = LoadConfig(target="label", positive_label=1)
    loaded = load(settings, MemoryTable.of_frame(made.frame), name=None, origin=made.name, synthetic=False)
    evidence = Evidence(
        features=loaded.features,
        target=loaded.target["target"].to_numpy(np.int8),
        schema=loaded.schema,
        keys=RowKeys(loaded.keys),
        test=np.random.default_rng(0).random(len(loaded.target)) < 0.2,
    )
    found = [*audit_table({}, loaded).findings, *run_checks(evidence, "split", registry()).findings]
    return found, set(loaded.features.schema.names)


def judge(made: Made) -> tuple[dict[str, bool], list[tuple[str, str | None, str]], list[str]]:
    """Which faults of a table were found, which findings above a note were false, and which columns are lacking."""
    findings, features = findings_of(made)
    named = {(each.code, each.column) for each in findings}
    named |= {("set-aside", column) for column in made.frame if column not in features}
    found = {column: any((code, column) in named for code in codes) for column, codes in made.faults.items()}
    false = [
        (each.code, each.column, each.detail)
        for each in findings
        if each.severity != "note"
        and each.column is not None
        and each.code not in made.faults.get(each.column, ())
        and not (each.column in made.faults and each.code in RELATED)
    ]
    return found, false, [column for column in made.used if column not in features]


RELATED = {"identifier", "decisive-column", "pure-value", "negative-counts", "missing-in-one-class"}
"""What may be said as well about a column that has a fault."""


def main() -> int:
    """Print the table of recall and false alarms."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit_recall", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="name each fault that was missed and each false alarm")
    verbose = parser.parse_args().verbose
    planted, hits, alarms, lacking = Counter[str](), Counter[str](), Counter[str](), 0
    for make in TABLES:
        made = make()
        found, false, unused = judge(made)
        lacking += len(unused)
        for column, hit in found.items():
            planted[made.faults[column][0]] += 1
            hits[made.faults[column][0]] += hit
        alarms.update(code for code, _, _ in false)
        if verbose:
            print(*(f"  {made.name}: missed {column}" for column, hit in found.items() if not hit), sep="\n")
            print(*(f"  {made.name}: false {code}: {detail}" for code, _, detail in false), sep="\n")
            print(*(f"  {made.name}: not a feature: {column}" for column in unused), sep="\n")
    print(f"{'fault':<24}{'planted':>8}{'found':>8}{'false':>8}")
    for code in sorted({*planted, *alarms}):
        print(f"{code:<24}{planted[code]:>8}{hits[code]:>8}{alarms[code]:>8}")
    print(f"{'all':<24}{planted.total():>8}{hits.total():>8}{alarms.total():>8}")
    print(f"columns that should be features and are not: {lacking}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
