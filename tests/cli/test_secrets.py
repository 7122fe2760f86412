"""Passwords and tokens in the address of the source: used for the download, and found nowhere afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from phishcli.sources.source import Request

PASSWORD, TOKEN = "swordfish", "opensesame"
ASKED: list[str] = []


class Handler(SimpleHTTPRequestHandler):
    """Gives out the files of a folder, and writes down what it was asked."""

    def log_message(self, *_: object) -> None:
        """Keep what was asked for."""
        ASKED.append(f"{self.path} {self.headers.get('Authorization')}")


@pytest.fixture
def host(sites: Path) -> Iterator[str]:
    """A server of our own that has ``sites.csv``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=sites.parent))
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    ASKED.clear()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def quick(phish: Callable, host: str) -> Callable:
    """Call the program on an address with both secrets, with one model and the quickest settings."""

    def call(*arguments: str, name: str = "sites.csv") -> str:
        address = f"http://bob:{PASSWORD}@{host}/{name}?token={TOKEN}"
        data = ("--source", address, "--target=label", "--positive-label=phishing")
        settings = ("train.models=[NaiveBayes]", "evaluate.n_boot=0", "report.charts=false", "persist.enabled=true")
        said = phish(*arguments, *data, *(f"--set={setting}" for setting in settings))
        return f"{said.code} {said.out}{said.err}"

    return call


def secrets_in(folder: Path) -> list[str]:
    """The files below a folder that hold a secret, in their names or their content."""
    return [
        str(path)
        for path in sorted(folder.rglob("*"))
        for secret in (PASSWORD, TOKEN)
        if secret in str(path) or (path.is_file() and secret.encode() in path.read_bytes())
    ]


def test_a_run_from_an_address_with_secrets_leaves_them_nowhere(quick: Callable, host: str, tmp_path: Path) -> None:
    said = "".join(quick("run-all", *more) for more in ((), ("--json",), ("-v", "--force=report"), ("--dry-run",)))
    said += quick("status") + quick("persist")
    said += quick("show", "load") + quick("cache", "ls") + quick("status", "--json", "--explain")
    assert any(TOKEN in asked and "Basic" in asked for asked in ASKED)
    assert PASSWORD not in said
    assert TOKEN not in said
    assert f"http://{host}/sites.csv?..." in said
    assert secrets_in(tmp_path / ".cache") == []
    assert secrets_in(tmp_path / "results") == []
    assert f"http://{host}/sites.csv?..." in (tmp_path / "results/report.html").read_text(encoding="utf-8")


def test_config_show_leaves_the_secrets_out(quick: Callable, host: str) -> None:
    for said in (quick("config", "show"), quick("config", "show", "--json")):
        assert f"http://{host}/sites.csv?..." in said
        assert PASSWORD not in said
        assert TOKEN not in said


def test_the_snapshot_of_a_release_says_that_its_source_has_lost_a_secret(
    quick: Callable, phish: Callable, host: str, tmp_path: Path
) -> None:
    quick("run-all")
    (path,) = (path for path in tmp_path.rglob("config_snapshot.yaml") if not path.parent.is_symlink())
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# A password or token was left out of load.source")
    assert f"  source: http://{host}/sites.csv?..." in lines
    assert phish("config", "check", "-c", path).code == 0


def test_the_snapshot_of_any_other_source_has_no_comment(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("persist", models="[NaiveBayes]")
    (path,) = (path for path in tmp_path.rglob("config_snapshot.yaml") if not path.parent.is_symlink())
    assert path.read_text(encoding="utf-8").startswith("load:")


def test_another_token_for_the_same_content_makes_nothing_stale(quick: Callable, phish: Callable, host: str) -> None:
    quick("run-all")
    fresh = phish(
        "run-all",
        f"--source=http://ann:other@{host}/sites.csv?token=other",
        "--target=label",
        "--positive-label=phishing",
        "--json",
        *(f"--set={item}" for item in ("train.models=[NaiveBayes]", "evaluate.n_boot=0", "report.charts=false")),
    )
    assert {stage["state"] for stage in fresh.document["stages"]} == {"cached"}


def test_a_download_that_fails_leaves_the_secrets_out_of_message_traceback_and_log(
    quick: Callable, tmp_path: Path
) -> None:
    said = quick("run-all", "-v", name="missing.csv") + quick("run-all", "--json", name="missing.csv")
    assert said.startswith("3 ")
    assert "answered 404" in said
    assert "Traceback" in next((tmp_path / "results/logs").glob("*.log")).read_text()
    assert PASSWORD not in said
    assert TOKEN not in said
    assert len(list((tmp_path / "results/logs").iterdir())) >= 2
    assert secrets_in(tmp_path / "results") == []


@pytest.mark.parametrize(
    "setting",
    [
        "load.source: http://bob:swordfish@host/x.csv",
        "load.source=[http://bob:swordfish@host/x.csv?opensesame]",
        "load.source='http://bob:swordfish@host/x.csv?opensesame",
        "load.sauce=http://bob:swordfish@host/x.csv?opensesame",
        "http://bob:swordfish@host/x.csv?opensesame=1",
    ],
)
def test_a_setting_that_is_refused_keeps_its_secrets(phish: Callable, setting: str) -> None:
    said = phish("config", "check", "--set", setting)
    assert said.code == 2 or setting.startswith("load.source=[")
    assert PASSWORD not in said.err
    assert TOKEN not in said.err


def test_an_unexpected_error_keeps_the_secrets_too(
    quick: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: Request, **_: object) -> None:
        raise RuntimeError(f"no {request.source}")

    monkeypatch.setattr("phishcli.sources.download.fetch", fail)
    said = quick("run-all", "-v")
    assert "RuntimeError: no http://" in said
    assert PASSWORD not in said
    assert TOKEN not in said
    assert secrets_in(tmp_path / "results") == []
