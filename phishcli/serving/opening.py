"""What a release of any format holds, read file by file: encoder, score and profile of a model, and its libraries."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from phishcli.documents.encoder import Encoder
from phishcli.documents.profile import Profile
from phishcli.errors import PersistError
from phishcli.models import combined, find, safe
from phishcli.models.combined import mean_file
from phishcli.models.own_format import PositiveClass
from phishcli.models.view import of_view, without_view
from phishcli.versions import library_versions
from phishcli.wording import listed

if TYPE_CHECKING:
    from phishcli.artifacts import Entry
    from phishcli.documents.release import Contents, ModelMetadata
    from phishcli.models.own_format import OwnFormat, Score
    from phishcli.serving.encoder import MatrixEncoder

ENCODER = "encoder.json"
PROFILE = "profile.json"
SKLEARN = ("scipy", "scikit-learn")
"""Libraries that a pickled model needs besides its own."""


class VersionWarning(UserWarning):
    """The libraries that are installed are not those that a model was trained with."""


def check_model(held: Contents, name: str) -> None:
    """Raise a `PersistError` if a release does not hold a model."""
    if name not in held.models:
        raise PersistError(f"The release holds no model {name!r}", hint=f"It holds {', '.join(held.models)}")


def compare_versions(metadata: ModelMetadata, libraries: list[str]) -> None:
    """Warn once of all libraries that differ, and refuse to go on without one.

    Raises
    ------
    PersistError
        When one is not installed.
    """
    trained = {name: metadata.packages[name] for name in libraries if metadata.packages.get(name)}
    found = library_versions(trained)
    if gone := [f"{name}=={version}" for name, version in trained.items() if found[name] is None]:
        what = f"{metadata.model} needs {listed(gone)}, which {'is' if len(gone) == 1 else 'are'} not installed"
        raise PersistError(what, hint=f"pip install {' '.join(gone)}")
    differing = [
        f"{name} {version} (found: {found[name]})" for name, version in trained.items() if found[name] != version
    ]
    if differing:
        what = f"{metadata.model} was trained with {listed(differing)}; its probabilities may differ"
        warnings.warn(
            f"{what}. Install the versions it was trained with, or train it again.", VersionWarning, stacklevel=4
        )


def libraries_of(entry: Entry, name: str, metadata: ModelMetadata) -> list[str]:
    """The libraries that shape what the model predicts once it is open; of a combined one all those of its members."""
    if name in combined():
        return [each for each in metadata.packages if each not in ("pandas", "pyarrow", "python", "joblib")]
    spec = find(name)
    return ["numpy", *(spec.libraries if spec else ()), *(() if _own_file(entry, name) else SKLEARN)]


def needs_pickle(entry: Entry, name: str) -> bool:
    """Whether a model of a release can be opened only by running what a pickle says."""
    return (_own_file(entry, name) is None and not _is_data(entry, name)) or ENCODER not in entry.manifest.files


def _is_data(entry: Entry, name: str) -> bool:
    """Whether a model of scikit-learn can be read as data."""
    return safe.file_of(name) in entry.manifest.files and safe.is_installed()


def _own_format(name: str) -> OwnFormat | None:
    spec = find(name)
    return spec.own_format if spec else None


def _own_file(entry: Entry, name: str) -> str | None:
    """The file of the model in the format of its own library, where the release has one."""
    own = _own_format(name)
    files = (mean_file(name), own.file(name) if own else "")
    return next((file for file in files if file in entry.manifest.files), None)


def read_encoder(entry: Entry, metadata: ModelMetadata) -> MatrixEncoder:
    """Read the encoder; releases of earlier versions hold the preprocessor only."""
    from phishcli.serving.encoder import MatrixEncoder, describe_encoder

    if ENCODER in entry.manifest.files:
        return MatrixEncoder(Encoder.of_plain(entry.read(ENCODER)))
    return MatrixEncoder(describe_encoder(_unpickled(entry, "preprocessor.joblib"), metadata.features))


def read_profile(entry: Entry) -> Profile | None:
    """Read what training rows usually hold; None in releases of earlier versions."""
    return Profile.of_plain(entry.read(PROFILE)) if PROFILE in entry.manifest.files else None


def read_score(entry: Entry, name: str, view: tuple[int, ...] | None) -> Score:
    """The score of a model on the whole matrix."""
    file, own = _own_file(entry, name), _own_format(name)
    if file == mean_file(name):
        from phishcli.models import mean

        return mean.read(entry.read(file))
    if own and file:
        return of_view(own.read(entry.read(file)), view)
    spec = find(name)
    if _is_data(entry, name):
        estimator = safe.read(name, entry.read(safe.file_of(name)))
    else:
        estimator = without_view(_unpickled(entry, f"{name}_model.joblib")).model
    return of_view(PositiveClass(estimator, in_blocks=spec.in_blocks if spec else 0), view)


def _unpickled(entry: Entry, file: str) -> Any:
    with warnings.catch_warnings():  # scikit-learn has its own words for versions that differ
        warnings.filterwarnings("ignore", message="Trying to unpickle estimator")
        return entry.read(file)
