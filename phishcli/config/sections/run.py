"""``run``: where files are stored, how many cores and how much memory are used."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from phishcli.config import spellings
from phishcli.config.paths import USUAL, expanded
from phishcli.config.sections.section import Section
from phishcli.config.sections.values import MOST, Duration

LEAST_MEMORY = 500_000_000
"""Bytes; the libraries alone take half of this."""
MOST_JOBS = 1024
"""Each may start a thread and a process."""


def _cores(jobs: int) -> int:
    if not 1 <= jobs <= MOST_JOBS and jobs != -1:
        raise ValueError(f"should be between 1 and {MOST_JOBS:,}, or -1 for all cores")
    return jobs


def _enough(memory: int) -> int:
    if memory < LEAST_MEMORY:
        raise ValueError("should be at least 500MB, since the libraries alone take half of that")
    return memory


Size = Annotated[int, BeforeValidator(spellings.size), AfterValidator(_enough), Field(le=int(MOST))]
"""Bytes of memory."""
Jobs = Annotated[int, AfterValidator(_cores)]
Folder = Annotated[str, AfterValidator(expanded)]


class RunConfig(Section):
    """Where files are stored, how many cores and how much memory are used; never part of a fingerprint by itself."""

    jobs: Jobs = Field(default=-1, title="fits to run in parallel; -1 uses all cores")
    cluster: str = Field(
        default="local",
        title="where fits run: local, dask://HOST:PORT, ray://HOST:PORT, ray://auto or ray://local",
    )
    memory: Size | None = Field(
        default=None,
        title="memory that a run may use, such as 4GB; null: most of what the machine or its container has",
    )
    cache_dir: Folder = Field(default=USUAL["run.cache_dir"], title="folder for artifacts")
    results_dir: Folder = Field(default=USUAL["run.results_dir"], title="folder for reports, releases and logs")
    max_download: int = Field(default=5_000_000_000, ge=1, le=int(MOST), title="maximum size of a download, in bytes")
    max_download_time: Duration = Field(default=3600.0, title="maximum time of a download, such as 90s or 2h")
