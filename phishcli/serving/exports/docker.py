"""A folder to build an image from: the release and a Dockerfile that serves it, without root, with a health check."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.documents.proof import Proof
from phishcli.serving.exports import ExportFormat

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

DOCKERFILE = """# docker build -t {name} . && docker run -p 127.0.0.1:8000:8000 {name}
FROM python:{python}-slim AS build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:{python}-slim
RUN useradd --create-home --uid 10001 phish
COPY --from=build /venv /venv
COPY --chown=root:root release /srv/release
USER phish
WORKDIR /home/phish
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8000
RUN phish verify /srv/release
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \\
  CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ready', timeout=2)"
CMD ["phish", "serve", "--model", "/srv/release", "--host", "0.0.0.0", "--port", "8000"]
"""
IGNORE = "*\n!release\n!requirements.txt\n"


def write(bundle: Bundle, proof: Proof, folder: Path) -> None:  # noqa: ARG001 (the release carries it)
    """Write the Dockerfile, the libraries, and a copy of the release."""
    about = bundle.metadata
    packages = {name: version for name, version in about.packages.items() if version and name != "python"}
    python = (about.packages.get("python") or "3.11").rpartition(".")[0] or "3.11"
    name = f"phish-{about.model.lower()}:{about.version}"
    shutil.copytree(bundle.folder, folder / "release")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(name=name, python=_minor(python)), encoding="utf-8")
    (folder / ".dockerignore").write_text(IGNORE, encoding="utf-8")
    lines = ["phishcli[serve,safe,fast]", *(f"{name}=={version}" for name, version in sorted(packages.items()))]
    (folder / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _minor(version: str) -> str:
    parts = version.split(".")
    return ".".join(parts[:2]) if len(parts) > 1 else "3.11"


FORMAT = ExportFormat(name="docker", title="a folder to build a serving image from", write=write)
