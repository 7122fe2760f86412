"""Verdicts for as many reviews a day as people have time for, chosen on what a release knows of its training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.documents.verdicts import Bands
    from phishcli.serving.bundle import Bundle


def bands_for(bundle: Bundle, capacity: float, volume: float | None = None) -> Bands:
    """Choose the threshold of reviews on out-of-fold probabilities; that of blocking stays.

    Parameters
    ----------
    bundle
        An open release.
    capacity
        Reviews a day.
    volume
        Rows a day; by default what the release was made for (``operation.volume``).

    Raises
    ------
    ConfigError
        When the release is of an earlier version, which kept no out-of-fold probabilities.
    """
    from phishcli.evaluation.bands import affordable_bands
    from phishcli.serving.sampled import rows_of

    bands, reference = bundle.metadata.bands, bundle.reference
    if bands is None or reference is None:
        raise ConfigError(
            "This release does not know its out-of-fold probabilities, from which a capacity follows",
            where=str(bundle.folder),
            hint="Write it again: phish persist",
        )
    return affordable_bands(bands, capacity, rows_of(reference.models[bundle.metadata.model].curve), volume)
