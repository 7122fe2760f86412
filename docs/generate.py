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
Matrices are mapped from files, so that a fit takes what its library makes of them. A model for which `run.memory`
does not suffice is trained on a stratified sample, in each fold and in the end, and says so in the terminal, in the
report and in `training.json`, such as KNN on 60,000 rows of the sample with `run.memory: 500MB`: *trained on 25,000 of
48,000 rows, a stratified sample that run.memory allows; CV accuracy 0.8048 on 6,250, 0.8112 on 12,500 and 0.8205 on
25,000 of them*. These points of a learning curve show what more memory would bring. All their scores are in
`training.json` (`curve`); they take three quarters of the time of the folds again.
Every row of a fold is predicted all the same. These are the largest numbers of training rows with 35 features and
`run.memory: 4GB`; they grow in proportion to the memory. What a row takes was measured for XGBoost, LightGBM,
HistGradientBoosting and RandomForest, and estimated with room to spare for the others
([decision 49](decisions/0049-large-tables-wait-on-disk.md))."""
MODELS_INTRO = """\
`train.models` lists the models to train, in the order in which they are shown. `train.params` sets parameters other
than these defaults, `train.tune.spaces` what `--tune` searches; all other parameters are those of the library. Ranges
include both ends; a logarithmic range gives every power of ten the same weight. Seeds come from `train.seed`, and
threads are assigned by the scheduler (`run.jobs`), so `random_state` and `n_jobs` cannot be set here. How the search
works is in [search.md](search.md).

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
        subsample: null # a parameter of the built-in space that is not searched
```

Libraries may be missing: a model whose library is not installed fails with the command that installs it, and the others
are trained. To add a model, add one file to `phishcli/models/`; the docstring of that package is the recipe."""

ENSEMBLE = """\
`Ensemble` is put together from the other models of `train.models`, so it needs two of them at least:

```console
phish run-all --models LogisticRegression,HistGradientBoosting,LightGBM,Ensemble
```

The weights are chosen on the out-of-fold predictions that training leaves behind. After a search (`--tune`,
`--budget`) those of all its complete trials are there, so that its members may be any of them, named after their
number (`XGBoost#12`); only such members are fitted once more, on all training rows. Its own out-of-fold predictions
come from weights that were chosen on the other folds: its cross-validated scores are as honest as those of its members,
if not more, since a model that won a search is the luckiest of its trials as well. `train.ensemble.trials: false`
chooses among the final models alone.

`train.ensemble.method: stacking` puts a regularized logistic regression on the log odds of the members in place of a
mean; its strength is chosen over the folds. `--max-latency 100us` (`train.ensemble.max_latency`) bounds what the
members take for a row together, as measured on this machine; the line of `train/Ensemble` and `training.json` show what
each costs.

It is compared, evaluated, explained, released and served like any other model; `training.json` has the weights.
`evaluate.prefer: simple` and `fast` still choose a single model that is statistically indistinguishable from it."""

AUDIT_INTRO = """\
A score is only as honest as the table it was measured on. The audit looks for what makes scores lie: values that give
the label away, test rows that a model has seen in training, codes that look like numbers, labels that contradict each
other. It checks the table when it is loaded and the split when it is made; its findings appear in the report and in the
model card.

```console
phish audit
phish audit --json
phish audit --fail-on error
```

Findings are shown most severe first, each with its numbers and with what to do. With `--fail-on error` or `--fail-on
warning` the command exits with 8 if there is a finding of that severity or above; `phish gate --no-audit-errors` checks
this along with other requirements. No finding stops the pipeline, and none changes a value.

- An **error** means that scores on this table are meaningless.
- A **warning** means that scores mislead a reader who does not know about it.
- A **note** is good to know.

A leak that leaves other rows to be scored honestly, such as values that are missing in one class, is a warning and not
an error, since the report scores those rows separately. To make a build fail on it, use `--fail-on warning`.

A check reports only what chance would hardly produce, however many columns there are, and effects of columns with few
different values alone are no flaw. A finding is a reason to look, not a verdict: what it names may be real. In that
case ignore it, with the reason."""

COLUMNS_INTRO = """\
What a column holds is recognized from its values and said in a notice. `--role COLUMN=ROLE` (`load.roles`) overrides
it: `numeric`, `categorical`, `high_cardinality`, or one of the kinds below.

<!-- test: skip (urls.csv stands for your file) -->
```console
phish run-all urls.csv --target label --positive-label phishing
phish show load
```

- `numeric`: one scaled number, and a mark where at least 1% of the rows have no value.
- `categorical`: one column for each category but the first, for up to `load.max_categories` values.
- `high_cardinality`: for names of more values, the share of positive rows among those with the same name, drawn towards
  the mean where they are few. Names that hardly repeat are set aside.
- A kind below: the columns that are derived from each value, and for texts whose n-grams say something a score of them.

Derived columns are named after their column and are the same in training and prediction. Nothing is looked up: a domain
is not resolved, a page not opened. The list of public suffixes comes with `tldextract`, its private section included,
so that `alice.github.io` and `bob.github.io` are two tenants.

Shares and scores are learned from labels. So that no row sees its own label in them, training rows get those of the
other folds, and each fold of the cross-validation learns them anew without its held-out rows. A score is the margin of
a linear support vector machine on TF-IDF of hashed n-grams
([decision 45](decisions/0045-columns-learned-from-labels.md)).

Texts count as a kind if nearly all values look like it and they are more than a category would hold; dates if all do.
Dates such as 1.2.2024, of which day and month cannot be told apart, are set aside until `--role seen=date-day-first` or
`date-month-first` says which; a time zone is converted to UTC. Of up to four date columns all differences in days are
features."""

PAGES_INTRO = """\
`phish features extract` reads what saved HTML pages show into a table; `phish scan` judges one page, or addresses, by a
release. Both need `pip install "phishcli[pages]"`. Nothing is fetched or run: what only a look-up can tell (the age of
a domain, its hosting provider) stays missing unless a table of it is joined.

<!-- test: skip (the pages and tables stand for yours) -->
```console
phish features extract pages/ -o table.parquet --label-folders
phish features extract index.csv -o table.parquet --join whois.csv
phish features extract --urls urls.txt -o table.parquet --join whois.csv
phish run-all table.parquet --target label --positive-label phishing --drop file --drop status --persist
phish scan page.html --url https://www.example.com/login
phish scan list.txt
```

- **A folder** is searched with all folders in it; `file` is the path of a page below it. Hidden files and those with
  suffixes of images, style sheets, scripts and the like are left out, which a notice says. `--label-folders` adds the
  column `label`: the first folder below, such as `phishing` and `legitimate`.
- **An index** is a table (CSV, Parquet, JSON lines, ...) with a column `file`, relative to where it lies or to
  `--folder`, and a column `url`; `--file-column` and `--url-column` name others. Its other columns are passed on.
- **A list of addresses** (`--urls`), one per line, gives `url`, `tenant` and what is joined.
- **`--join`** adds the columns of a table by file (key: `file`, `id`, ...), by the whole address (`url`, ...), or by
  tenant (`tenant`, `domain`, `host`, ... or what `--join-on` names). Of rows with the same key the first one counts.

The output has a row a page: what was known, `tenant` (the registered domain of the address, or the name below a suffix
for shared hosting), the features below, `status`, and the joined columns. What an address shows by itself is derived
when the table is loaded ([columns.md](columns.md)). `-o` names a `.parquet`, `.csv` or `.jsonl` file.

## Hostile pages

Pages are read in processes of their own, several at once (`-j`), each with bounded memory. `status` is `read`, or what
was limited, or why a page was not read; its features are missing then.

| what | what happens |
| --- | --- |
| more than 8 MB | limited: the first 8,000,000 bytes are read |
| more than 20,000 opening tags beyond closing ones (deep nesting) | limited: read up to there |
| more than 5 s of processor time or 1 GB of memory | not read: the process is replaced, the run goes on |
| an encoding that is wrong, unknown or broken; UTF-16; NUL bytes | read: the content counts before the declaration |
| `data:` addresses, `srcdoc`, scripts | never decoded, loaded or run |
| empty, without any tag, unreadable, a pipe or device | not read |
| a path or link out of the folder | not read; links to folders are not followed |

The last line counts them. The exit code is 0; with `--strict` it is 8 if any page was limited or not read; it is 3 if
no page could be read.

## Scan

`phish scan` takes a page (with `--url` for its address), an address, or a file with one address per line, at most
1,000. It fills the columns of the release that they show and lists the others; `--value COLUMN=VALUE` gives what you
have looked up. The page is read as above, in a process of its own.

How much might a look-up change? In the unknown columns the values are tried that training rows usually have (five
quantiles, the most frequent categories): one column at a time, then all combinations, or where these are more than
4,096 by climbing: from middle values, one column after the other takes the value that leads furthest up, then down. The
output has the range of probabilities and the verdicts that were met. That is a search, not a proof: other values may
lead further. Columns of which no usual values are known, such as addresses and texts, are listed as not tried. With
`--json` the same is in `unknown`, `reach` and `limited` of each row.

The exit code is 0 whatever the verdict; `--fail-on block` makes it 8 if a verdict is `block`, `--fail-on review` also
if it is `review` or `unknown`. It is 3 if the page cannot be read, or if the release knows no column that is shown.

## Features

References are read as browsers do: relative to a `base` element, with backslashes as slashes, without blanks around
them and line breaks in them. Two hosts are one tenant by the list of public suffixes with its private section:
`alice.github.io` and `bob.github.io` are two. Elements in comments, scripts and `template` do not count, those in
`noscript` do. What scripts would add does not show. Features that compare with the address are missing without one.

The names are those of public phishing tables where they have such a column. How those were computed is rarely
documented, and some of them cannot come from a page (there, `Robots` often is a file `robots.txt`, and redirects are
those of the server). So train and score with features from this command, and do not mix its tables with others."""

IGNORING = """\
By the code of the check, or by code and column, with a reason that is kept with the finding:

```yaml
audit:
  ignore:
    negative-counts: -1 means that the page had no body
    missing-in-one-class:LineOfCode: the same crawler will run in use
```

On the command line: `--set audit.ignore.CODE='why'`. An unknown code is an error that names the nearest one. Ignored
findings are listed last, with their reasons, in the report as well; they make neither `--fail-on` nor the gate fail."""

GAP = """\
How much of a score is skill? `phish audit --gap` trains the same model (HistGradientBoosting with default parameters)
on increasingly strict splits and shows accuracy and ROC-AUC side by side, with intervals:

| split | what a model can no longer profit from |
| --- | --- |
| random | nothing: this is how most scores are measured |
| random, without twins | rows that equal one in its training part |
| grouped by a column | other rows of the same host, domain or IP address |
| ordered by a column | knowing the future: the latest rows are the test |

```console
phish audit --gap
```

Groups and times are found by the names and the values of columns (`domain`, `host`, `server_ip`, `first_seen`, dates;
also hosts of web addresses), and `preprocess.split.group` and `preprocess.split.time` name further ones. A split that
cannot be made is listed with the reason. The intervals of a grouped split are those of whole groups, since a model does
well or badly on all rows of a host together; with few groups they are wide. The accuracy that a split loses against the
random one has an interval that treats the two test parts as independent, and a sentence says whether a split loses more
than chance explains. If one does, report the scores of the split that resembles the use:
`--set preprocess.split.group=COLUMN` or `--set preprocess.split.time=COLUMN`."""

FURTHER = """\
A new check is one more file in `phishcli/audit/checks/`; the docstring of `phishcli.audit` is the recipe. The name of
the file is the code. `tests/audit/test_contract.py` tries it on tables of every kind, and requires a file of its own
tests: it reports something, it reports nothing, it does not apply. `make docs` adds it to this page."""


def cli_reference() -> str:
    """Give ``cli.md``: every command with its options, the options that they share, and the exit codes."""
    root = typer.main.get_command(whole())
    parts = ["# Commands", NOTE, str(root.help), CLI_INTRO]
    parts += [_table(("command", "what it does"), _overview(root))]
    parts += [part for name, command in _commands(root) for part in _section(f"phish {name}", command)]
    parts += ["## Options that commands share", "All commands but `phish sample` have these, beside their own."]
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
        return name, "all", "passes over blocks of the mapped matrix, from 16,000,000 values on"
    most = spec.weight.most_rows(10**15, COLUMNS, MEMORY)
    streamed = "on the mapped matrix" if not spec.weight.slow else "on the sample in memory: time limits it, too"
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
        also = "A score of their n-grams is learned as well." if kind.grams else ""
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
