"""The deployable model: raw rows in, verdicts out; imports NumPy and the model's own library, nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.artifacts import Damaged, Entry, Manifest
from phishcli.artifacts.manifest import NAME
from phishcli.documents.profile import Profile
from phishcli.documents.reference import Reference
from phishcli.documents.release import Contents, ModelMetadata
from phishcli.documents.schema import Label, Schema
from phishcli.errors import PersistError
from phishcli.serving.opening import (
    check_model,
    compare_versions,
    libraries_of,
    read_encoder,
    read_profile,
    read_score,
)
from phishcli.serving.signing import check_signature
from phishcli.sources.hashes import file_hash
from phishcli.wording import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phishcli.models.own_format import Score
    from phishcli.serving.encoder import MatrixEncoder
    from phishcli.serving.predict import OnError
    from phishcli.serving.reasons import Explainer, Reason
    from phishcli.serving.rows import RawRows, Rows
    from phishcli.serving.scorer import Scorer
    from phishcli.serving.verdicts import Judge, Verdict

REFERENCE = "reference.json"
TIERS = "tiers.json"


class ValueWarning(UserWarning):
    """Rows hold categories that training has not seen, or values that may not be what was meant."""


@dataclass(frozen=True, repr=False)
class Bundle:
    """A model with all it needs to judge raw rows.

    ``metadata`` is the model's ``{Model}_metadata.json``; ``score`` maps a matrix of n rows to n scores. ``folder`` is
    the release, and ``sha256`` the hash of its manifest, which has the hashes of all files. ``profile`` says what
    training rows usually hold (None: a release of an earlier version), ``tiers`` which columns become known when, where
    the settings did.
    """

    schema: Schema
    metadata: ModelMetadata
    encoder: MatrixEncoder
    score: Score
    folder: Path
    sha256: str
    profile: Profile | None = None
    tiers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def load(
        cls, release: str | Path, model: str | None = None, *, require_signature: str | Path | None = None
    ) -> Bundle:
        """Open a release (``results/artifacts/latest``); see `load_bundle`."""
        return _open(release, model, require_signature)

    @property
    def threshold(self) -> float:
        """The probability from which a row counts as positive."""
        return self.metadata.threshold

    def predict_proba(self, rows: RawRows) -> NDArray[np.float64]:
        """Probability of the positive class for raw rows.

        Parameters
        ----------
        rows
            n rows with the columns of the source, in any order; others are ignored. A dict is one row, a list of dicts
            several; a dict of columns, a data frame or an Arrow table will do as well.

        Returns
        -------
        ndarray of float64, shape (n,)

        Raises
        ------
        DataError
            When a column is missing or does not hold what it held in training, or no value of it is known.

        Warns
        -----
        ValueWarning
            When categories were not seen in training, with their number and examples.
        """
        return self._read_and_judged(rows)

    def _read_and_judged(self, rows: RawRows) -> NDArray[np.float64]:
        from phishcli.serving.rows import read_rows

        read = read_rows(rows, self.schema)
        for notice in read.seen.notices():
            warnings.warn(notice, ValueWarning, stacklevel=3)
        return self.probabilities(read)

    def probabilities(self, read: Rows) -> NDArray[np.float64]:
        """Probability of the positive class for n rows that have been read, shape (n,)."""
        return self.calibrated(self.scores(read))

    def scores(self, read: Rows) -> NDArray[np.float64]:
        """The model's own scores of n rows that have been read, shape (n,)."""
        import numpy as np

        return np.asarray(self.score(self.encoder.encode(read)), dtype=np.float64) if read.n else np.empty(0)

    def calibrated(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probabilities that n scores stand for, shape (n,)."""
        from phishcli.evaluation.calibration_map import apply_map

        return apply_map(self.metadata.calibration, scores) if len(scores) else scores

    def predict(self, rows: RawRows) -> list[Label]:
        """Give the label, as the source spells it, for each of n raw rows."""
        flagged = self._read_and_judged(rows) >= self.threshold
        return [self.schema.positive_label if flag else self.schema.negative_label for flag in flagged]

    @cached_property
    def explainer(self) -> Explainer:
        """Gives reasons for rows."""
        from phishcli.serving.reasons import Explainer

        return Explainer(self)

    def explain(self, rows: RawRows, n: int = 3) -> list[tuple[Reason, ...]]:
        """Say why raw rows have their probability.

        Parameters
        ----------
        rows
            As for `predict_proba`.
        n
            Reasons for each row, the strongest first; columns that add nothing are left out.

        Returns
        -------
        list of tuples of Reason
            Each with its column, value, usual value, signed contribution to the log odds of the positive class, and
            all that in words.
        """
        return self.explainer.explain(rows, n)

    @cached_property
    def judge(self) -> Judge:
        """Gives verdicts by the model alone; `phishcli.serving.verdicts.Judge` takes rules, too."""
        from phishcli.serving.verdicts import Judge

        return Judge(self)

    def verdicts(self, rows: RawRows) -> list[Verdict]:
        """Judge raw rows: block, review, allow, or unknown where a row is unlike training.

        Parameters
        ----------
        rows
            As for `predict_proba`.

        Returns
        -------
        list of Verdict
            Each with its label, probability, score, and the reason in words.
        """
        return self.judge.verdicts(rows)

    def scorer(self, *, ids: Sequence[str] = (), on_error: OnError = "fail") -> Scorer:
        """Make a function from Arrow batches of raw rows to tables of answers, for Spark, Dask and Ray Data.

        Parameters
        ----------
        ids
            Columns of the rows to repeat beside the answers.
        on_error
            What becomes of a row that cannot be read: an error, left out, or an answer without a probability.

        Returns
        -------
        Scorer
            Its ``on_spark``, ``on_dask`` and ``on_ray`` take a data frame or a data set of that engine.
        """
        from phishcli.serving.scorer import Scorer

        return Scorer.of(self, ids=ids, on_error=on_error)

    def spark_udf(self, *, ids: Sequence[str] = (), on_error: OnError = "fail") -> Callable[[Any], Any]:
        """Give what ``frame.transform(bundle.spark_udf(ids=["id"]))`` scores a data frame of Spark with."""
        return self.scorer(ids=ids, on_error=on_error).on_spark

    @cached_property
    def reference(self) -> Reference | None:
        """Training rows with their out-of-fold scores; None in releases of earlier versions.

        Raises
        ------
        PersistError
            When the file is not what was written.
        """
        try:
            entry = Entry(self.folder, Manifest.read(self.folder))
            return Reference.of_plain(entry.read(REFERENCE)) if REFERENCE in entry.manifest.files else None
        except (Damaged, OSError, ValueError) as error:
            raise PersistError(f"The reference cannot be read: {error}", where=str(self.folder)) from error

    def __repr__(self) -> str:
        about = self.metadata
        columns = counted(len(about.columns), "column")
        return f"Bundle({about.model} v{about.version}, {columns}, threshold {about.threshold})"


def load_bundle(
    release: str | Path, model: str | None = None, *, require_signature: str | Path | None = None
) -> Bundle:
    """Open a release (``results/artifacts/latest``); the hash of each file is compared before it is read.

    Parameters
    ----------
    release
        The folder of a release, of this or of an earlier format.
    model
        Name of a model in the release; by default the selected one.
    require_signature
        An Ed25519 public key (PEM); a release that was not signed with its private key is refused.

    Warns
    -----
    VersionWarning
        When libraries that shape its predictions have other versions than in training.

    Raises
    ------
    PersistError
        When the folder is no release, does not hold the model, holds a file that is not what was written, or when the
        model's library is not installed.
    """
    return _open(release, model, require_signature)


def _open(release: str | Path, model: str | None, public_key: str | Path | None) -> Bundle:
    folder = Path(release).resolve()
    if public_key is not None:
        check_signature(folder, Path(public_key))
    try:
        entry = Entry(folder, Manifest.read(folder))
        held = Contents.of(entry.manifest.extra)
        name = model or held.selected
        check_model(held, name)
        metadata = ModelMetadata.of_plain(entry.read(f"{name}_metadata.json"))
        schema = Schema.of_plain(entry.read("schema.json"))
        compare_versions(metadata, libraries_of(entry, name, metadata))
        digest = file_hash(folder / NAME)
        score = read_score(entry, name, metadata.view)
        tiers = entry.read(TIERS) if TIERS in entry.manifest.files else {}
        encoder, profile = read_encoder(entry, metadata), read_profile(entry)
        return Bundle(schema, metadata, encoder, score, folder, digest, profile, tiers)
    except (Damaged, OSError, KeyError, ValueError) as error:
        raise PersistError(
            f"This folder cannot be opened as a release: {error}",
            where=str(release),
            hint="Give the folder of a release, such as results/artifacts/latest; `phish persist` writes one",
        ) from error
