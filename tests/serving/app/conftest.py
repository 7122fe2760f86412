"""One release in a service, and a client of it, without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from phishcli.serving.app.factory import create_app
from phishcli.serving.app.settings import ServeSettings
from phishcli.serving.feedback import FeedbackLog
from phishcli.serving.plane import DataPlane, Listener, Wanted
from tests.serving.served import make_release

MakeClient = Callable[..., TestClient]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases, v1.0.0 of LightGBM and v1.0.1 of a logistic regression."""
    folder = tmp_path_factory.mktemp("served")
    make_release(folder, models=("LightGBM",))
    return make_release(folder, models=("LogisticRegression",))


@pytest.fixture(scope="session")
def plane(root: Path) -> DataPlane:
    """Both are open once for all tests that do not change them."""
    return DataPlane(Wanted(root, "v1.0.0"))


@pytest.fixture
def make_client(plane: DataPlane) -> Iterator[MakeClient]:
    """Make a client of a service with other settings: ``make_client(max_rows=3)``."""
    clients = []

    def make(
        at: DataPlane = plane, log: Listener | None = None, feedback: FeedbackLog | None = None, **settings: object
    ) -> TestClient:
        app = create_app(ServeSettings(**settings), at, log=log, feedback=feedback)  # type: ignore[arg-type]  # any settings
        clients.append(TestClient(app, raise_server_exceptions=False))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client of the service as it is by default."""
    return make_client()
