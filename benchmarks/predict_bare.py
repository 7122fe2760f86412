"""The bare model of `benchmarks.predict`: processor seconds of ``predict_proba`` for a row of a ready float32 matrix.

python -m benchmarks.predict_bare RELEASE MODEL TABLE
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import joblib
import pyarrow as pa
from pyarrow import parquet

from phishcli import load_bundle
from phishcli.serving.rows import read_rows


def main(release: Path, model: str, table: Path) -> None:
    """Print the processor seconds of a row, and rows scored."""
    bundle, estimator = load_bundle(release, model), joblib.load(release / f"{model}_model.joblib")
    batches = parquet.ParquetFile(table).iter_batches(batch_size=500_000, columns=list(bundle.metadata.columns))
    rows = pa.Table.from_batches([next(batches)])
    matrix = bundle.encoder.encode(read_rows(rows, bundle.schema))
    estimator.set_params(n_jobs=1)
    start = time.process_time()
    estimator.predict_proba(matrix)
    print(json.dumps({"seconds": (time.process_time() - start) / len(matrix), "rows": len(matrix)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
