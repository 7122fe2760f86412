"""Settings from file, environment and options: which one holds, where it came from, and what is wrong with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from phishcli.config import Config, Resolved, resolve_config, to_yaml
from phishcli.config.key_paths import all_keys
from phishcli.errors import ConfigError, ExitCode
from phishcli.settings import load_config

Write = Callable[..., Path]
A_RULE = (
    r"should be a number between 0 and 1 from which a row counts as positive, or max_f1, youden, \{max_fpr: 0\.01\}, "
    r"\{cost_ratio: 10\}"
)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str | bytes, name: str = "mine.yaml") -> Path:
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(data)
        return Path(name)

    return write


def load(
    path: Path | None = None,
    *,
    sets: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    **overrides: tuple[Any, str],
) -> Resolved:
    named = {key.replace("__", "."): value for key, value in overrides.items()}
    return load_config(path, sets=sets, environ=environ or {}, overrides=named)


def test_without_anything_the_defaults_hold() -> None:
    resolved = load()
    assert resolved.config == Config()
    assert resolved.files == ()
    assert set(resolved.origins.values()) == {"default"}


def test_each_layer_wins_over_the_one_below(write: Write) -> None:
    path = write("train: {seed: 1}\nevaluate: {seed: 1}\npreprocess: {folds: 3, split: {seed: 1}}\n")
    environ = {"PHISH_EVALUATE__SEED": "2", "PHISH_PREPROCESS__FOLDS": "4", "PHISH_PREPROCESS__SPLIT__SEED": "2"}
    resolved = load(
        path, environ=environ, sets=["preprocess.folds=6", "preprocess.split.seed=3"], preprocess__folds=(7, "--folds")
    )
    config = resolved.config
    assert (config.train.seed, config.evaluate.seed, config.preprocess.split.seed, config.preprocess.folds) == (
        1,
        2,
        3,
        7,
    )
    assert resolved.origins["train.seed"] == "mine.yaml"
    assert resolved.origins["evaluate.seed"] == "PHISH_EVALUATE__SEED"
    assert resolved.origins["preprocess.split.seed"] == "--set"
    assert resolved.origins["preprocess.folds"] == "--folds"
    assert resolved.origins["train.tune.seed"] == "default"


def test_the_process_environment_is_read_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHISH_TRAIN__TUNE__N_ITER", "3")
    assert load_config().config.train.tune.n_iter == 3
    assert load_config(environ={}).config.train.tune.n_iter == 50


def test_phish_yaml_of_the_current_folder_is_read_where_no_file_is_named(write: Write) -> None:
    write("train: {seed: 5}\n", "phish.yaml")
    resolved = load()
    assert resolved.config.train.seed == 5
    assert resolved.files == (Path("phish.yaml"),)
    assert load(write("train: {}\n")).config.train.seed == 42


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "train:\n", "train:\n  tune:\n", "\N{ZERO WIDTH NO-BREAK SPACE}{}"]
)
def test_an_empty_file_or_section_sets_nothing(write: Write, text: str) -> None:
    assert load(write(text)).config == Config()


def test_the_last_set_of_several_wins() -> None:
    assert load(sets=["train.seed=1", " train.seed =2"]).config.train.seed == 2


def test_set_reads_values_as_yaml() -> None:
    config = load(sets=["train.models=[SVM, KNN]", "load.positive_label=-1", "train.tune.enabled=true"]).config
    assert config.train.models == ("SVM", "KNN")
    assert config.load.positive_label == -1
    assert config.train.tune.enabled is True


def test_set_reaches_into_the_parameters_of_a_model(write: Write) -> None:
    path = write("train: {params: {XGBoost: {max_depth: 3, subsample: 0.9}}}\n")
    resolved = load(path, sets=["train.params.XGBoost.max_depth=4", "train.params.SVM.C=2"])
    assert resolved.config.train.params == {"XGBoost": {"max_depth": 4, "subsample": 0.9}, "SVM": {"C": 2}}
    assert resolved.origins["train.params.XGBoost.max_depth"] == "--set"
    assert resolved.origins["train.params.XGBoost.subsample"] == "mine.yaml"


def test_set_reaches_into_a_range_of_a_search_space(write: Write) -> None:
    path = write("train: {tune: {spaces: {SVM: {C: {low: 1, high: 9}}}}}\n")
    resolved = load(path, sets=["train.tune.spaces.SVM.C.high=5"])
    assert resolved.config.train.tune.spaces == {"SVM": {"C": {"low": 1, "high": 5}}}
    assert resolved.origins["train.tune.spaces.SVM.C"] == "--set"


def test_a_mapping_that_is_set_whole_replaces_the_old_one(write: Write) -> None:
    path = write("train: {seed: 3, params: {XGBoost: {max_depth: 3}}}\n")
    assert load(path, sets=["train.params={}"]).config.train.params == {}
    assert load(path, sets=["train.params={SVM: {C: 1}}"]).config.train.params == {"SVM": {"C": 1}}
    assert load(path, sets=["train={params: {SVM: {}}}"]).config.train.seed == 3


def test_aliases_in_a_file_do_not_tie_two_models_together(write: Write) -> None:
    path = write("train: {params: {XGBoost: &x {max_depth: 3}, LightGBM: *x}}\n")
    params = load(path, sets=["train.params.XGBoost.max_depth=9"]).config.train.params
    assert params == {"XGBoost": {"max_depth": 9}, "LightGBM": {"max_depth": 3}}


def test_parameters_handed_in_become_what_yaml_can_say() -> None:
    given = {"NeuralNetwork": {"hidden_layer_sizes": (64, 32), "alpha": type("Real", (float,), {})(0.5), "tol": None}}
    resolved = load_config(environ={}, overrides={"train.params": (given, "here")})
    params = resolved.config.train.params["NeuralNetwork"]
    assert params == {"hidden_layer_sizes": [64, 32], "alpha": 0.5, "tol": None}
    assert type(params["alpha"]) is float
    with pytest.raises(ConfigError, match=r"^train\.params\.SVM\.kernel: should consist of text, numbers, .* mappings"):
        load_config(environ={}, overrides={"train.params": ({"SVM": {"kernel": [object()]}}, "here")})


def test_values_handed_in_are_not_changed() -> None:
    mine = {"XGBoost": {"max_depth": 3}}
    load_config(environ={}, overrides={"train.params": (mine, "here"), "train.params.XGBoost.gamma": (1, "here")})
    assert mine == {"XGBoost": {"max_depth": 3}}


@pytest.mark.parametrize("variable", ["PHISH_TRAIN__SEED", "PHISH_train__seed", "PHISH_Train__Seed"])
def test_variables_name_keys_in_any_case(variable: str) -> None:
    assert load(environ={variable: "7"}).config.train.seed == 7


def test_names_within_a_mapping_keep_their_case_in_a_variable() -> None:
    environ = {"PHISH_TRAIN__PARAMS__LogisticRegression__C": "0.5", "PHISH_TRAIN__TUNE__SPACES": "{SVM: {C: [1, 2]}}"}
    config = load(environ=environ).config
    assert config.train.params == {"LogisticRegression": {"C": 0.5}}
    assert config.train.tune.spaces == {"SVM": {"C": [1, 2]}}


def test_a_section_may_be_set_by_one_variable() -> None:
    assert load(environ={"PHISH_TRAIN": "{seed: 7}"}).config.train.seed == 7


def test_other_variables_are_nobodys_business() -> None:
    assert load(environ={"PHISHING": "1", "_PHISH_COMPLETE": "x", "phish_train__seed": "7"}).config == Config()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024", "2024"),
        ("1e-3", "1e-3"),
        ("a: b # c", "a: b # c"),
        ("[x", "[x"),
        ('"07"', "07"),
        ("null", None),
        ("", None),
    ],
)
def test_keys_that_hold_text_take_it_as_it_is(text: str, value: Any) -> None:
    assert load(sets=[f"load.table={text}"]).config.load.table == value
    assert load(environ={"PHISH_LOAD__TABLE": text}).config.load.table == value


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("phishing", "phishing"), ("no", "no"), ("'0'", "0"), ("true", True)]
)
def test_the_positive_label_is_yaml_in_every_layer_but_the_option(write: Write, text: str, value: Any) -> None:
    layers = [
        load(write(f"load: {{positive_label: {text}}}")),
        load(environ={"PHISH_LOAD__POSITIVE_LABEL": text}),
        load(sets=[f"load.positive_label={text}"]),
        load(load__positive_label=(text, "--positive-label")),
    ]
    labels = [layer.config.load.positive_label for layer in layers]
    assert labels == [value] * 3 + [text]
    assert [type(label) for label in labels] == [type(value)] * 3 + [str]


def test_an_option_for_text_is_taken_as_it_is() -> None:
    assert load(load__source=("null", "--source")).config.load.source == "null"


def test_the_hash_is_kept_in_lower_case() -> None:
    assert load(sets=[f"load.sha256={'AB' * 32}"]).config.load.sha256 == "ab" * 32


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.modells=[SVM]", r"^train\.modells: unknown key; did you mean train\.models\?\n--set\n"),
        ("trian.seed=1", r"^trian\.seed: unknown key; did you mean .*train\.seed"),
        ("n_iter=3", r"^n_iter: unknown key; did you mean train\.tune\.n_iter\?"),
        ("enabled=true", r"did you mean train\.tune\.enabled or evasion\.enabled or persist\.enabled\?"),
        ("train.seed.x=1", r"^train\.seed\.x: unknown key; did you mean train\.seed\?"),
        ("zzzzzz=1", r"^zzzzzz: unknown key\n"),
        ("train={sede: 3}", r"^train\.sede: unknown key; did you mean train\.seed\?"),
        ("train.seed=abc", r"^train\.seed: should be a whole number, not 'abc'\n--set"),
        ("train.seed=1.5", r"should be a whole number, not 1\.5"),
        ("train.seed=-1", r"should be greater than or equal to 0, not -1"),
        ("train.seed=4294967296", r"should be at most 2,147,483,647"),
        ("evaluate.threshold=1", rf"^evaluate\.threshold: {A_RULE}, not 1\n"),
        ("evaluate.threshold=.nan", rf"{A_RULE}, not nan"),
        ("evaluate.threshold=high", rf"{A_RULE}, not 'high'"),
        ("evaluate.threshold={max_fpr: 2}", rf"{A_RULE}, not \{{'max_fpr': 2\}}"),
        ("evaluate.threshold={max_fpr: 0.1, cost_ratio: 2}", rf"{A_RULE}, not "),
        ("evaluate.threshold={cost_ratio: 0}", rf"{A_RULE}, not \{{'cost_ratio': 0\}}"),
        ("evaluate.prefer=cheap", r"should be 'best', 'simple' or 'fast', not 'cheap'"),
        ("operation.base_rate=0", r"^operation\.base_rate: should be greater than 0, not 0"),
        ("operation.volume=.inf", r"^operation\.volume: should be a finite number, not inf"),
        ("operation.miss_cost=-1", r"^operation\.miss_cost: should be greater than or equal to 0, not -1"),
        ("audit.ignore={duplicate-rows: }", r"^audit\.ignore.*: should be text"),
        (
            "audit.ignore={duplicate-row: known}",
            r"^audit\.ignore: unknown check duplicate-row; did you mean duplicate-rows",
        ),
        ("report.charts=maybe", r"should be true or false, not 'maybe'"),
        ("train.models=SVM", r"^train\.models: should be a list such as \[a, b\], not 'SVM'"),
        ("train.models=[]", r"should not be empty"),
        ("train.models=[SVM, SVM]", r"should name each one only once"),
        ("load.drop=[a, 1]", r"^load\.drop\[1\]: should be text in quotes, not 1"),
        ("load.source=", r"^load\.source: should be text, not None"),
        ('load.source=""', r"^load\.source: should not be empty"),
        ("load.indicators=5", r"should be 'auto' or 'none' or a list"),
        ("load.positive_label={a: 1}", r"should be true or false or a whole number or a number or text or a list"),
        ("load.sha256=abc", r"should match pattern"),
        ("evaluate.select_on=both", r"should be 'cv' or 'test', not 'both'"),
        ("run.jobs=0", r"should be between 1 and 1,024, or -1 for all cores, not 0"),
        ("run.jobs=-2", r"should be between 1 and 1,024"),
        ("train=3", r"^train: should be a section of keys, not 3"),
        ("train.params.SVM=3", r"^train\.params\.SVM: should be a mapping of names to values, not 3"),
        ("train.params=3", r"^train\.params: should be a mapping"),
        (f"load.max_categories={'x' * 99}", r"not 'x{59}\.\.\."),
        ("train.models=[xgboost]", r"^train\.models: unknown model xgboost; did you mean XGBoost\?"),
        ("train.models=[Oracle9]", r"unknown model Oracle9; there is .*KNN, .*XGBoost"),
        ("train.params.Xgb.max_depth=3", r"^train\.params: unknown model Xgb; did you mean XGBoost\?"),
        ("train.tune.spaces.svm.C=[1]", r"^train\.tune\.spaces: unknown model svm; did you mean SVM\?"),
        ("train.seed", r"--set takes KEY=VALUE, not 'train\.seed'"),
        ("=3", r"--set takes KEY=VALUE"),
        ("train..seed=3", r"--set takes KEY=VALUE"),
        ("train.models=[a", r"Not valid YAML"),
    ],
)
def test_a_wrong_setting_is_one_readable_message(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load(sets=[setting])
    assert caught.value.exit_code == ExitCode.CONFIG


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("PHISH_LOGLEVEL", r"^PHISH_LOGLEVEL: unknown variable; all are PHISH_SECTION__KEY"),
        ("PHISH_TRAIN_SEED", r"did you mean PHISH_TRAIN__SEED\?"),
        ("PHISH_", r"^PHISH_: unknown variable"),
        ("PHISH_TRAIN__SEED__X", r"did you mean PHISH_TRAIN__SEED\?"),
        ("PHISH_TRAIN__SEED", r"^train\.seed: should be a whole number, not 'abc'\nPHISH_TRAIN__SEED"),
        ("PHISH_TRAIN", r"^train: should be a section of keys"),
    ],
)
def test_no_variable_is_ignored(variable: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(environ={variable: "abc"})


def test_everything_wrong_is_said_at_once_with_its_place(write: Write) -> None:
    path = write("train:\n  sed: 1\n  models: [SVM]\n  params:\n    Foo: {a: 1}\nzzz: 3\n")
    with pytest.raises(ConfigError) as caught:
        load(path, sets=["evaluate.threshold=2"], environ={"PHISH_X": "1"})
    assert caught.value.what == "The configuration has 4 problems"
    assert str(caught.value.where).splitlines() == [
        "  train.sed: unknown key; did you mean train.seed? (mine.yaml:2)",
        "  zzz: unknown key (mine.yaml:6)",
        "  PHISH_X: unknown variable; all are PHISH_SECTION__KEY",
        f"  evaluate.threshold: {A_RULE.replace(chr(92), '')}, not 2 (--set)",
    ]


def test_a_wrong_value_is_blamed_on_the_layer_that_holds(write: Write) -> None:
    path = write("# mine\ntrain:\n  params:\n    SVM: {}\n    Foo: {}\n")
    with pytest.raises(ConfigError, match=r"unknown model Foo.*\nmine\.yaml:5\n"):
        load(path)
    with pytest.raises(ConfigError, match=r"not 'b'\n--set\n"):
        load(write("train: {seed: a}"), sets=["train.seed=b"])


def test_a_wrong_value_below_is_healed_by_a_right_one_above(write: Write) -> None:
    resolved = load(write("train: {seed: a, params: 3}"), sets=["train.seed=1", "train.params.SVM.C=2"])
    assert resolved.config.train.seed == 1
    assert resolved.config.train.params == {"SVM": {"C": 2}}


def test_parameters_of_models_that_are_not_trained_are_allowed() -> None:
    assert load(sets=["train.models=[SVM]", "train.params.KNN.n_neighbors=3"]).config.train.models == ("SVM",)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mime.yaml", r"^The configuration mime\.yaml does not exist\nDid you mean -c mine\.yaml\?"),
        ("elsewhere.json", r"does not exist\nYAML files in \.: mine\.yaml, other\.yml"),
        ("nowhere/x.yaml", r"does not exist\nGive a YAML file with -c\."),
        (".", r"^\. is a folder, not a configuration file"),
    ],
)
def test_a_file_that_is_not_there_is_named_with_what_is(write: Write, name: str, message: str) -> None:
    write("", "mine.yaml")
    write("", "other.yml")
    with pytest.raises(ConfigError, match=message):
        load(Path(name))


def test_a_file_that_may_not_be_read_is_an_error(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> str:
        raise PermissionError(13, "Permission denied")

    path = write("{}")
    monkeypatch.setattr("phishcli.files.os.open", refuse)
    with pytest.raises(ConfigError, match=r"mine\.yaml cannot be read: Permission denied"):
        load(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", r"^The configuration mine\.yaml is not UTF-8 text\nbyte 0"),
        (b"- a\n", r"^The configuration is not a mapping of keys\nmine\.yaml"),
        (b"text", "is not a mapping of keys"),
        (b"train:\n  seed: 1\n  seed: 2\n", r"^Duplicate key 'seed'\nmine\.yaml:3:3"),
        (b"1: 2\n", r"^1: unknown key\nmine\.yaml:1"),
    ],
)
def test_a_file_of_another_kind_is_an_error(write: Write, content: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(write(content))


def test_a_file_of_any_size_is_refused_before_it_is_read(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"^The configuration mine\.yaml is larger than 1,000,000 bytes"):
        load(write("x: " + "a" * 1_000_000))


@pytest.mark.parametrize("kind", ["/dev/zero", "pipe"])
def test_a_pipe_or_a_device_is_refused_and_not_awaited(kind: str, tmp_path: Path) -> None:
    if kind == "pipe":
        os.mkfifo(kind := str(tmp_path / kind))
    with pytest.raises(ConfigError, match=f"^The configuration {kind} cannot be read: Not a regular file"):
        load(Path(kind))


def test_of_many_problems_the_first_are_listed_and_the_others_counted(write: Write) -> None:
    with pytest.raises(ConfigError, match="The configuration has 3,000 problems") as caught:
        load(write("".join(f"trian{number}: 1\n" for number in range(3_000))))
    lines = str(caught.value.where).splitlines()
    assert lines[0] == "  trian0: unknown key; did you mean train? (mine.yaml:1)"
    assert lines[19:] == ["  trian19: unknown key; did you mean train? (mine.yaml:20)", "  and 2,980 more"]


@pytest.mark.parametrize("text", ["[" * 60_000, "{a: " * 1_000])
def test_a_value_that_is_nested_without_end_is_an_error_that_repeats_its_beginning(text: str) -> None:
    with pytest.raises(ConfigError, match=r"nested too deeply.*\n--set train\.params=.{47}\.\.\.$"):
        load(sets=[f"train.params={text}"])
    with pytest.raises(ConfigError, match=r"nested too deeply.*\nPHISH_TRAIN__PARAMS$"):
        load(environ={"PHISH_TRAIN__PARAMS": text})


def test_a_key_of_many_parts_is_an_error() -> None:
    with pytest.raises(ConfigError, match="at most 32 parts"):
        load(sets=[f"train.params.SVM.{'a.' * 5_000}b=1"])


def test_what_an_alias_stands_for_is_blamed_on_the_line_of_the_alias(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"unknown model Foo.*\nmine\.yaml:4\n"):
        load(write("train:\n  params:\n    SVM: &x {C: 1}\n    Foo: *x\n"))


def test_loading_leaves_the_file_as_it_is(write: Write) -> None:
    path = write("train:   {seed: 7}   # mine\n")
    load(path)
    assert path.read_bytes() == b"train:   {seed: 7}   # mine\n"


def test_settings_are_listed_in_the_order_of_the_schema() -> None:
    settings = load(sets=["train.params.SVM.C=2", "train.params.KNN={}"]).settings()
    listed = [setting.key for setting in settings]
    assert listed[:2] == ["load.source", "load.sha256"]
    assert [key for key in listed if key.startswith("train.params")] == ["train.params.SVM.C", "train.params.KNN"]
    every = {key.name for key in all_keys().values() if key.kind in ("text", "value")}
    assert every < set(listed)


def test_a_setting_knows_its_value_its_text_and_its_origin() -> None:
    settings = {setting.key: setting for setting in load(sets=["load.positive_label='0'"]).settings()}
    label, models = settings["load.positive_label"], settings["train.params"]
    assert (label.value, label.text, label.origin) == ("0", "'0'", "--set")
    assert (models.value, models.text, models.origin) == ({}, "{}", "default")


def test_the_snapshot_says_every_key(write: Write) -> None:
    text = to_yaml(Config())
    assert load(write(text)).config == Config()
    assert "models: [LogisticRegression, RandomForest, HistGradientBoosting, XGBoost, LightGBM]" in text
    assert set(load(write(text)).origins.values()) == {"mine.yaml"}


def test_every_key_has_a_title() -> None:
    assert [key.name for key in all_keys().values() if not key.title] == []


def test_reading_a_configuration_loads_nothing_heavy() -> None:
    code = (
        "import sys; from phishcli.settings import load_config\n"
        "load_config(environ={'PHISH_TRAIN__SEED': '7'}, sets=['train.models=[SVM]']).settings()\n"
        "heavy = {'pandas', 'numpy', 'sklearn', 'scipy', 'xgboost', 'lightgbm', 'pyarrow', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("2m", 120), ("1h30m", 5_400), ("1h 2m 3s", 3_723), ("45", 45), ("0.5s", 0.5), ("null", None)],
)
def test_a_time_budget_is_a_time_or_seconds(text: str, seconds: float | None) -> None:
    assert load(sets=[f"train.tune.time_budget={text}"]).config.train.tune.time_budget == seconds


@pytest.mark.parametrize("text", ["soon", "2 fortnights", "0s", "-5", "m", ".inf"])
def test_a_time_budget_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"train\.tune\.time_budget: should be"):
        load(sets=[f"train.tune.time_budget={text}"])


def test_settings_of_one_model_are_set_by_their_dotted_key() -> None:
    config = resolve_config(sets=["preprocess.models.LightGBM.categorical.encode=native"], environ={}).config
    assert config.preprocess.models["LightGBM"].categorical.encode == "native"


@pytest.mark.parametrize("key", ["train.monotone={Lines: 1}", "evaluate.tiers={page: [Lines], all: ['*']}"])
@pytest.mark.parametrize(
    "moved",
    [
        "preprocess.interactions=3",
        "preprocess.select.by=variance",
        "preprocess.categorical.encode=native",
        "preprocess.models.XGBoost.numeric.scale=none",
    ],
)
def test_constraints_and_tiers_are_refused_where_models_see_features_of_their_own(key: str, moved: str) -> None:
    models = 'train.models=["XGBoost", "LightGBM"]'
    assert load(sets=[models, key]).config
    assert load(sets=[models, moved]).config
    with pytest.raises(ConfigError, match=rf"{key.partition('=')[0]}: it needs the same features for all models"):
        load(sets=[models, key, moved])


def test_weights_of_classes_leave_constraints_possible() -> None:
    models = 'train.models=["XGBoost", "LightGBM"]'
    sets = [models, "train.monotone={Lines: 1}", "preprocess.models.XGBoost.balance=weights"]
    assert load(sets=sets).config
