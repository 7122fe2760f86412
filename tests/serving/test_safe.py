"""Models of scikit-learn are read as data: the same to the bit, and no type that is not listed gets in."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from phishcli.errors import PersistError
from phishcli.fits.worker import fit
from phishcli.models import registry, safe

pytest.importorskip("skops")


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 6)).astype(np.float32)
    return x, (x[:, 0] + rng.normal(size=300) > 0).astype(int)


@pytest.mark.parametrize("name", sorted(safe.TRUSTED))
def test_every_model_comes_back_to_the_bit(name: str, data: tuple[np.ndarray, np.ndarray]) -> None:
    fitted = fit(registry()[name], {}, 0, *data)
    content = safe.written(name, fitted)
    assert content is not None
    assert safe.read(name, content).predict_proba(data[0]).tobytes() == fitted.predict_proba(data[0]).tobytes()


def test_models_with_a_format_of_their_own_need_none() -> None:
    """CatBoost is the one model that a release holds as a pickle only."""
    assert set(registry()) - set(safe.TRUSTED) == {"CatBoost", "LightGBM", "XGBoost"}
    assert safe.written("LightGBM", object()) is None


def test_a_type_that_is_not_listed_is_refused_before_it_is_made(data: tuple[np.ndarray, np.ndarray]) -> None:
    forest = safe.written("RandomForest", fit(registry()["RandomForest"], {}, 0, *data))
    assert forest is not None
    with pytest.raises(PersistError, match=r"not trusted: sklearn\.tree\._tree\.Tree"):
        safe.read("LogisticRegression", forest)


def test_a_widened_list_in_the_file_does_not_help(data: tuple[np.ndarray, np.ndarray]) -> None:
    content = safe.written("LogisticRegression", fit(registry()["LogisticRegression"], {}, 0, *data))
    assert content is not None
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            written = old.read(name)
            if name == "schema.json":
                schema = json.loads(written)
                schema["trusted"] = ["os.system"]
                schema["content"] |= {"__class__": "Popen", "__module__": "subprocess"}
                written = json.dumps(schema).encode()
            new.writestr(name, written)
    with pytest.raises(PersistError, match=r"subprocess\.Popen"):
        safe.read("LogisticRegression", changed.getvalue())


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 50])
def test_what_is_no_such_file_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PersistError, match="cannot be read"):
        safe.read("KNN", content)
