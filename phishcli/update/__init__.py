"""Incremental learning: fitted models go on with new rows, beside a full retraining, on the same held-out rows.

``rows`` reads the new table as the parent read its own, ``earlier`` gives the parent's models and rows, ``fitting``
continues and retrains, ``judged`` compares by paired tests, ``release`` writes the new version.
"""

from phishcli.update.run import Asked, update

__all__ = ["Asked", "update"]
