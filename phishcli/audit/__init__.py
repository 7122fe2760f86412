"""The audit: flaws of a table, or of its split, that make scores lie.

To add a check, add one file to ``phishcli/audit/checks``. Its name is the code of the check (``few_rows.py`` is
``few-rows``), and it holds

1. a function that looks at an `Evidence` and yields an `Observation`, with the numbers, for each thing to report; it
   asks for a column or a sample, never for the whole table, and writes numbers with `phishcli.wording`
   (``counted(1, "row")``);
2. ``CHECK = Check(title=..., severity=..., scope=..., explanation=..., advice=..., function=...)``.

There is no other list: the stages, ``phish audit`` and the configuration use `registry` or `codes`, and a new check
makes `load` and `audit` stale by itself. ``tests/audit/test_contract.py`` checks the contract of all checks and asks
for ``tests/audit/checks/test_few_rows.py`` with the fixtures ``found`` and ``applies``. Then run ``make docs`` and
``python tests/test_stage_versions.py``; a check that changes needs a new version of the stage that runs it (`load` for
the scope ``table``, `audit` for ``split``).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from phishcli.audit import checks
from phishcli.audit.check import Check


@cache
def codes() -> tuple[str, ...]:
    """The codes of all checks, in alphabetical order, without loading one."""
    return tuple(sorted(found.name.replace("_", "-") for found in iter_modules(checks.__path__)))


@cache
def registry() -> dict[str, Check]:
    """The ``CHECK`` of every module in ``phishcli.audit.checks`` by its code, in alphabetical order."""
    return {code: import_module(f"{checks.__name__}.{code.replace('-', '_')}").CHECK for code in codes()}
