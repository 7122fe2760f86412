# ruff: noqa: INP001 (a script beside the pages it writes, not a package)
"""Writes the pages that the code knows best: ``cli.md`` from the help of the commands, others from the registries.

``python docs/generate.py`` (or ``make docs``) renews them; a test compares them with what these functions give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from phishcli import audit, errors
from phishcli.audit.check import Check
from phishcli.cli.app import whole
from phishcli.cli.options import OPTIONS
from phishcli.documents.findings import SEVERITIES
from phishcli.features import kinds, pages
from phishcli.models import Choice, ModelSpec, Space, combined, registry

if TYPE_CHECKING:
    from typer.core import TyperCommand, TyperGroup

WIDTH = 120
NOTE = "<!-- Written by docs/generate.py; `make docs` renews it. -->"

CLI_INTRO = """\
Results and JSON go to standard output; progress, notices and errors go to standard error, so that
`phish ... --json | jq` always parses. `phish COMMAND -h` shows the same as this page."""

COLUMNS, MEMORY = 35, 4 * 10**9
"""The table and the memory that the largest numbers of rows are given for."""
LARGE_TABLES = """\
Matrices are mapped from files, so a fit needs only the memory that its library allocates. If `run.memory` is not enough
for a model, it is trained on a stratified sample, in each fold and in the final fit, and the terminal, the report and
`training.json` say so, such as KNN on 60,000 rows of the sample with `run.memory: 500MB`: *trained on 25,000 of 48,000
rows, a stratified sample that run.memory allows; CV accuracy 0.8048 on 6,250, 0.8112 on 12,500 and 0.8205 on 25,000 of
them*. These points of a learning curve show what more memory would bring. All of their scores are in `training.json`
(`curve`); computing them takes at most another three quarters of the time of the folds, so a run with a `--budget`
makes none. Every row of a fold is still predicted.

The table shows the largest numbers of training rows with 35 features and `run.memory: 4GB`;
they grow in proportion to the memory. Memory per row was measured for XGBoost, LightGBM, HistGradientBoosting and
RandomForest, and estimated generously for the others ([decision 49](decisions/0049-large-tables-wait-on-disk.md))."""
MODELS_INTRO = """\
`train.models` lists the models to train, in the order in which they are shown. `train.params` sets parameters other
than these defaults, `train.tune.spaces` what `--tune` searches; all other parameters are those of the library. Ranges
include both ends; a logarithmic range gives every power of ten the same weight. Seeds come from `train.seed`, and
threads are assigned by the scheduler (`run.jobs`), so `random_state` and `n_jobs` cannot be set here. See
[search.md](search.md) for how the search works.

```yaml
train:
  models: [LogisticRegression, XGBoost]
  params:
    XGBoost: {max_depth: 4}
  tune:
    spaces:
      XGBoost:
        max_depth: {low: 3, high: 8}
        learning_rate: {low: 0.01, high: 0.3, log: true}
        booster: [gbtree, dart]
        subsample: null # in the built-in space, but not searched
```

Libraries may be missing: a model whose library is not installed fails with the command that installs it, and the others
are trained. To add a model, add one file to `phishcli/models/`; the docstring of that package is the recipe."""

ENSEMBLE = """\
`Ensemble` combines the other models of `train.models`, so it needs at least two of them:

```console
phish run-all --models LogisticRegression,HistGradientBoosting,LightGBM,Ensemble
```

Its weights are chosen on the out-of-fold predictions from training. After a search (`--tune`, `--budget`) those of all
complete trials exist, so any trial may become a member, named after its number (`XGBoost#12`); only members are fitted
once more, on all training rows. `train.ensemble.trials: false` chooses among the final models only. The ensemble's own
out-of-fold predictions use weights chosen on the other folds, so its cross-validated scores are at least as honest as
those of its members (a model that won a search is also the luckiest of its trials).

`train.ensemble.method: stacking` uses a regularized logistic regression on the members' log odds instead of a mean; its
strength is chosen over the folds. `--max-latency 100us` (`train.ensemble.max_latency`) limits the time that all members
together take for one row, measured on this machine; the line of `train/Ensemble` and `training.json` show what each
costs.

The ensemble is compared, evaluated, explained, released and served like any other model; `training.json` has the
weights. `evaluate.prefer: simple` and `fast` still choose a single model that is statistically indistinguishable from
it."""

AUDIT_INTRO = """\
A score is only as honest as the table it was measured on. The audit looks for what makes scores misleading: values that
give the label away, test rows that a model has seen in training, codes that look like numbers, labels that contradict
each other. It checks the table when it is loaded and the split when it is made; its findings appear in the report and
in the model card.

```console
phish audit
phish audit --json
phish audit --fail-on error
```

Findings are shown most severe first, each with numbers and advice. With `--fail-on error` or `--fail-on
warning` the command exits with 8 if there is a finding of that severity or above; `phish gate --no-audit-errors` checks
this along with other requirements. No finding stops the pipeline, and none changes a value.

- An **error** means that scores on this table are meaningless.
- A **warning** means that scores mislead anyone who does not know about it.
- A **note** is good to know.

If a leak leaves other rows that can be scored honestly, as with values missing in one class, it is a warning rather
than an error, because the report scores those rows separately. To make a build fail on it, use `--fail-on warning`.

A check reports only what chance would hardly produce, however many columns there are, and does not count what columns
with few different values produce naturally. A finding is a reason to look, not a verdict: what it names may be
legitimate. In that case ignore it, and say why."""

COLUMNS_INTRO = """\
What a column holds is recognized from its values and reported in a notice. `--role COLUMN=ROLE` (`load.roles`)
overrides it: `numeric`, `categorical`, `high_cardinality`, or one of the kinds below.

<!-- test: skip (urls.csv stands for your file) -->
```console
phish run-all urls.csv --target label --positive-label phishing
phish show load
```

- `numeric`: one scaled number, and an indicator of missing values if at least 1% of the rows have none.
- `categorical`: one column for each category but the first, for up to `load.max_categories` values.
- `high_cardinality`: for columns with more values, the share of positive rows with the same value, shrunk toward the
  mean if they are few. Columns whose values hardly repeat are set aside.
- A kind below: the columns derived from each value and, for texts whose n-grams are informative, a score of them.

Derived columns are named after their source column and are the same in training and prediction. Nothing is looked up:
no domain is resolved and no page is opened. The list of public suffixes comes with `tldextract`, including its private
section, so `alice.github.io` and `bob.github.io` are two tenants.

Shares and scores are learned from labels. So that no row sees its own label in them, training rows get values learned
on the other folds, and each cross-validation fold learns its own without its held-out rows. A score is the margin of a
linear support vector machine on TF-IDF of hashed n-grams
([decision 45](decisions/0045-columns-learned-from-labels.md)).

A text column counts as a kind if nearly all of its values match (for dates, all) and it has more values than a category
would. Dates such as 1.2.2024, whose day and month are ambiguous, are set aside until `--role seen=date-day-first` or
`date-month-first` decides; times with a zone are converted to UTC. For up to four date columns, all differences in days
are features as well."""

PAGES_INTRO = """\
`phish features extract` turns saved HTML pages into a table of features; `phish scan` scores one
page, or URLs, with a release. Both need `pip install "phishcli[pages]"`. Nothing is fetched or executed: what only a
look-up can show (the age of a domain, its hosting provider) is missing unless you join a table that has it.

<!-- test: skip (the pages and tables stand for yours) -->
```console
phish features extract pages/ -o table.parquet --label-folders
phish features extract index.csv -o table.parquet --join whois.csv
phish features extract --urls urls.txt -o table.parquet --join whois.csv
phish run-all table.parquet --target label --positive-label phishing --drop file --drop status --persist
phish scan page.html --url https://www.example.com/login
phish scan list.txt
```

- **A folder** is searched with all its subfolders; `file` is a page's path within it. Hidden files, images, style
  sheets, scripts and the like are skipped, which a notice says. `--label-folders` adds the column `label`: the name of
  the first subfolder, such as `phishing` or `legitimate`.
- **An index** is a table (CSV, Parquet, JSON lines, ...) with a column `file`, relative to the table or to `--folder`,
  and a column `url`; `--file-column` and `--url-column` choose others. Its other columns are kept.
- **A list of URLs** (`--urls`), one per line, gives `url`, `tenant` and the joined columns.
- **`--join`** adds the columns of a table by file (key: `file`, `id`, ...), by the whole URL (`url`, ...), or by tenant
  (`tenant`, `domain`, `host`, ... or the column given with `--join-on`). If several rows have the same key, the first
  counts.

The output has one row per page: the known columns, `tenant` (the registered domain of the URL, or the name below a
suffix for shared hosting), the features below, `status`, and the joined columns. What a URL itself shows is derived
when the table is loaded ([columns.md](columns.md)). `-o` names a `.parquet`, `.csv` or `.jsonl` file.

## Hostile pages

Pages are read in separate processes, several at once (`-j`), each with limited memory. `status` is `read`, or what was
limited, or why a page was not read; in the last case its features are missing.

| what | what happens |
| --- | --- |
| more than 8 MB | limited: the first 8,000,000 bytes are read |
| more than 20,000 open tags (deep nesting) | limited: read up to that point |
| more than 5 s of processor time or 1 GB of memory | not read: the process is replaced, the run continues |
| a wrong, unknown or broken encoding; UTF-16; NUL bytes | read: the content takes precedence over the declaration |
| `data:` URLs, `srcdoc`, scripts | never decoded, loaded or run |
| empty, without any tag, unreadable, a pipe or device | not read |
| a path or link out of the folder | not read; links to folders are not followed |

The last line counts them. The exit code is 0; with `--strict` it is 8 if any page was limited or not read; it is 3 if
no page could be read.

## Scan

`phish scan` takes a page (with `--url` for its URL), a URL, or a file with one URL per line, at most 1,000. It fills
the columns of the release that they show and lists the others; `--value COLUMN=VALUE` adds what you have looked up.
The page is read as above, in a separate process.

How much could a look-up change? `phish scan` tries the values that training rows usually have in the unknown columns
(five quantiles, the most frequent categories): one column at a time, then all combinations, or, if these are more than
4,096, by hill climbing (starting from middle values, one column after another takes the value that raises the
probability most, then the one that lowers it most). The output has the range of probabilities and the verdicts reached.
This is a search, not a proof: other values may lead further. Columns without usual values, such as URLs and texts, are
listed as not tried. With `--json`, the same is in `unknown`, `reach` and `limited` of each row.

The exit code is 0 whatever the verdict. `--fail-on block` makes it 8 if a verdict is `block`, `--fail-on review` also
if it is `review` or `unknown`. It is 3 if the page cannot be read, or if it shows no column of the release.

## Features

References are resolved as browsers do: relative to a `base` element, with backslashes as slashes, without surrounding
blanks and line breaks. Whether two hosts are one tenant is decided by the list of public suffixes, including its
private section: `alice.github.io` and `bob.github.io` are two. Elements in comments, scripts and `template` do not
count, those in `noscript` do. What scripts would add is not visible. Features that compare with the page's URL are
missing without one.

The names are those of public phishing tables, if these have such a column. How those were computed is rarely
documented, and some cannot come from a page (in those tables, `Robots` is often a file `robots.txt`, and redirects are
the server's). So train and score with features from this command, and do not mix its tables with others."""

IGNORING = """\
Name the code of the check, or code and column, and a reason, which is kept with the finding:

```yaml
audit:
  ignore:
    negative-counts: -1 means that the page had no body
    missing-in-one-class:LineOfCode: production uses the same crawler
```

On the command line: `--set audit.ignore.CODE='why'`. An unknown code is an error that names the nearest one. Ignored
findings are listed last, with their reasons, also in the report; they fail neither `--fail-on` nor the gate."""

GAP = """\
How much of a score is skill? `phish audit --gap` trains the same model (HistGradientBoosting with default parameters)
on increasingly strict splits and shows accuracy and ROC-AUC side by side, with intervals:

| split | what no longer helps a model |
| --- | --- |
| random | nothing: this is how most scores are measured |
| random, without twins | rows that equal one in its training part |
| grouped by a column | other rows of the same host, domain or IP address |
| ordered by a column | knowing the future: the latest rows are the test |

```console
phish audit --gap
```

Groups and times are found by the names and the values of columns (`domain`, `host`, `server_ip`, `first_seen`, dates;
also the hosts of URLs), and `preprocess.split.group` and `preprocess.split.time` name further ones. A split that cannot
be made is listed with the reason. The intervals of a grouped split resample whole groups, since a model does well or
badly on all rows of a host together; with few groups they are wide. The accuracy that a split loses relative to the
random one has an interval that treats the two test parts as independent, and a sentence says whether a split loses more
than chance explains. If one does, report the scores of the split that resembles production:
`--set preprocess.split.group=COLUMN` or `--set preprocess.split.time=COLUMN`."""

FURTHER = """\
To add a check, add one file to `phishcli/audit/checks/`; the docstring of `phishcli.audit` is the recipe. The name of
the file is the check's code. `tests/audit/test_contract.py` tries it on tables of every kind, and requires a test file
of its own: a table on which it reports something, one on which it reports nothing, one to which it does not apply.
`make docs` adds it to this page."""


def cli_reference() -> str:
    """Give ``cli.md``: every command with its options, the options that they share, and the exit codes."""
    root = typer.main.get_command(whole())
    parts = ["# Commands", NOTE, str(root.help), CLI_INTRO]
    parts += [_table(("command", "what it does"), _overview(root))]
    parts += [part for name, command in _commands(root) for part in _section(f"phish {name}", command)]
    parts += [
        "## Options that commands share",
        "These options are common to the commands that work on a pipeline, in addition to their own.",
    ]
    parts += [_table(("option", "what it does"), _records(_first_with_shared(root), shared=True))]
    parts += ["## Exit codes", _table(("code", "meaning"), _exit_codes())]
    return "\n\n".join(parts) + "\n"


def _commands(group: TyperGroup, prefix: str = "") -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _overview(root: TyperGroup) -> Iterator[tuple[str, str]]:
    for name, command in _commands(root):
        anchor = f"phish-{name.replace(' ', '-')}"
        yield f"[`phish {name}`](#{anchor})", str(command.help)


def _section(name: str, command: TyperCommand) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(typer.Context(command)))
    yield f"## {name}"
    yield f"```text\n{name} {usage}\n```"
    yield str(command.help)
    own = list(_records(command, shared=False))
    if own:
        yield _table(("option", "what it does"), own)


def _first_with_shared(root: TyperGroup) -> TyperCommand:
    return next(command for _, command in _commands(root) if _takes_shared(command))


SHARED = {option.name for option in OPTIONS}


def _takes_shared(command: TyperCommand) -> bool:
    return {param.name for param in command.params} >= SHARED


def _records(command: TyperCommand, *, shared: bool) -> Iterator[tuple[str, str]]:
    """Options and arguments with their help, either those of `Shared` or the others."""
    names = SHARED if _takes_shared(command) else set()
    for param in command.params:
        record = param.get_help_record(typer.Context(command))
        if record and (param.name in names) == shared:
            yield f"`{record[0]}`", " ".join(record[1].split())


def _exit_codes() -> Iterator[tuple[str, str]]:
    kinds: dict[errors.ExitCode, type[Any]] = {kind.exit_code: kind for kind in errors.PhishError.__subclasses__()}
    others = {
        errors.ExitCode.DONE: "Done.",
        errors.ExitCode.UNEXPECTED: "Unexpected error: a bug in this program, or a disk error.",
        errors.ExitCode.INTERRUPTED: "Interrupted with Ctrl-C; finished work is kept.",
        errors.ExitCode.TERMINATED: "Ended by SIGTERM; finished work is kept.",
    }
    for code in errors.ExitCode:
        yield str(int(code)), others.get(code) or str(kinds[code].__doc__).replace("``", "`")


def models_reference() -> str:
    """Give ``models.md``: every model with its note, defaults and search space."""
    specs = (*registry().values(), *combined().values())
    rows = [(f"[{spec.name}](#{spec.name.lower()})", spec.note) for spec in specs]
    parts = ["# Models", NOTE, MODELS_INTRO, _table(("model", "note"), rows), "## Ensemble", ENSEMBLE]
    parts += ["## Large tables", LARGE_TABLES]
    parts += [_table(("model", "training rows", "how"), [_largest(spec) for spec in registry().values()])]
    parts += [part for spec in registry().values() for part in _model(spec)]
    return "\n\n".join(parts) + "\n"


def _largest(spec: ModelSpec) -> tuple[str, str, str]:
    """How many rows a model is trained on at most, and how a large matrix is read."""
    name = f"[{spec.name}](#{spec.name.lower()})"
    if spec.weight is None:
        return name, "all", "passes over blocks of the mapped matrix (from 16,000,000 values)"
    most = spec.weight.most_rows(10**15, COLUMNS, MEMORY)
    streamed = "on the mapped matrix" if not spec.weight.slow else "on the sample in memory, also limited by time"
    return name, f"{most:,}", streamed


def _model(spec: ModelSpec) -> Iterator[str]:
    yield f"## {spec.name}"
    yield f"{spec.note} Libraries: {', '.join(spec.libraries)}.{_rounds(spec)}"
    names = dict.fromkeys((*spec.defaults, *spec.space))
    rows = [(f"`{name}`", _default(spec, name), _space(spec.space.get(name))) for name in names]
    yield _table(("parameter", "default", "searched"), rows)


def _rounds(spec: ModelSpec) -> str:
    if spec.rounds is None:
        return ""
    parts = [f"It grows in rounds (`{spec.rounds.parameter}`): candidates that differ in them alone share one fit"]
    parts += ["a fit that will not win is stopped"] if spec.rounds.grow else []
    parts += ["early stopping is available"] if spec.fit_early else []
    return f" {'; '.join(parts)}."


def _default(spec: ModelSpec, name: str) -> str:
    return f"`{_value(spec.defaults[name])}`" if name in spec.defaults else "the library's"


def _space(space: Space | None) -> str:
    if space is None:
        return "no"
    if isinstance(space, Choice):
        return ", ".join(f"`{_value(value)}`" for value in space.plain())
    return f"{space.low:g} to {space.high:g}{', logarithmic' if space.log else ''}"


def _value(value: Any) -> str:
    from phishcli.config.yaml import one_line

    return one_line(value)


def columns_reference() -> str:
    """Give ``columns.md``: what becomes of a column, and what is derived from each kind of text."""
    parts = ["# Columns", NOTE, COLUMNS_INTRO]
    for kind in kinds.registry().values():
        also = "A score of the n-grams is learned as well." if kind.grams else ""
        rows = [(f"`{part.name}`", part.title, part.role.replace("_", " ")) for part in kind.parts]
        parts += [f"## {kind.name}", f"{kind.title[0].upper()}{kind.title[1:]}. {also}".strip()]
        parts += [_table(("part", "what it is", "role"), rows)]
    return "\n\n".join(parts) + "\n"


def pages_reference() -> str:
    """Give ``pages.md``: how pages are read, and what each feature means."""
    rows = [(f"`{each.name}`", each.definition) for each in pages.registry().values()]
    return "\n\n".join(["# Pages", NOTE, PAGES_INTRO, _table(("feature", "what it is"), rows)]) + "\n"


def audit_reference() -> str:
    """Give ``audit.md``: what the audit is, and for every check when it reports something and what to do."""
    checks = audit.registry()
    rows = [(f"[{code}](#{code})", check.title, _severities(check), check.scope) for code, check in checks.items()]
    parts = ["# The audit", NOTE, AUDIT_INTRO, "## Checks"]
    parts += [_table(("code", "what it finds", "severity", "checks the"), rows)]
    parts += ["## Ignoring a finding", IGNORING, "## The optimism gap", GAP, "## Adding a check", FURTHER]
    parts += [part for code, check in checks.items() for part in _check(code, check)]
    return "\n\n".join(parts) + "\n"


def _check(code: str, check: Check) -> Iterator[str]:
    yield f"## {code}"
    yield f"**{check.title}**: usually {_article(check.severity)}; checks the {check.scope}."
    yield fill(check.explanation, WIDTH, break_on_hyphens=False)
    yield fill(f"*What to do.* {check.advice.replace('{column}', 'COLUMN')}", WIDTH, break_on_hyphens=False)


def _article(severity: str) -> str:
    return f"{'an' if severity[0] in 'aeiou' else 'a'} {severity}"


def _severities(check: Check) -> str:
    """The usual severity in bold, and others that the explanation mentions, most severe first."""
    said = check.explanation.casefold()
    found = [name for name in SEVERITIES if name == check.severity or re.search(rf"\ban? {name}\b", said)]
    return ", ".join(f"**{name}**" if name == check.severity else name for name in found)


def _table(heads: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]) -> str:
    lines = [tuple(heads), ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


DOCUMENTS = {
    "cli.md": cli_reference,
    "columns.md": columns_reference,
    "models.md": models_reference,
    "pages.md": pages_reference,
    "audit.md": audit_reference,
}
"""Pages by name, and what writes them."""


def main() -> None:
    """Write all pages beside this file."""
    for name, write in DOCUMENTS.items():
        (Path(__file__).parent / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
