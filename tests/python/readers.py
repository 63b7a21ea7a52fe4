"""Opens a run's folder with what people open it with: pyarrow, DuckDB, Polars and `datasets`.

    python tests/python/readers.py output/quickstart

Needs pyarrow, duckdb, polars and datasets. Each has to find the same rows; exits with 1 where one does not.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

import datasets  # noqa: E402
import duckdb  # noqa: E402
import polars  # noqa: E402
import pyarrow.dataset  # noqa: E402


def by_pyarrow(folder):
    table = pyarrow.dataset.dataset(folder / "data", format="parquet").to_table(columns=["split", "n_calls"])
    return count(zip(table["split"].to_pylist(), table["n_calls"].to_pylist()))


def by_duckdb(folder):
    rows = duckdb.sql(f"select split, n_calls from read_parquet('{folder}/data/*.parquet')").fetchall()
    calls = duckdb.sql(
        f"select sum(len(m.tool_calls)) from (select unnest(messages) as m from read_parquet('{folder}/data/*.parquet'))"
    ).fetchall()[0][0]
    assert calls == sum(n for _, n in rows), f"DuckDB finds {calls} calls"
    tools = duckdb.sql(f"select tools from read_parquet('{folder}/data/*.parquet')").fetchall()
    assert all(isinstance(json.loads(t), list) for (t,) in tools)
    for table in ("catalog", "tasks", "trees"):
        duckdb.sql(f"select count(*) from '{folder}/{table}.parquet'").fetchall()
    return count(rows)


def by_polars(folder):
    frame = polars.scan_parquet(str(folder / "data" / "*.parquet")).select("split", "n_calls", "messages").collect()
    first = frame["messages"][0]
    assert first[0]["content"], "Polars reads no content"
    return count(frame.select("split", "n_calls").iter_rows())


def by_datasets(folder):
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset(str(folder), cache_dir=cache)
        rows = [(split, n) for split, part in loaded.items() for n in part["n_calls"]]
        for split, part in loaded.items():
            assert set(part["split"]) == {split}, f"datasets put rows of another split into {split}"
            assert "rule" not in part.column_names, "datasets took rejected/ too"
            json.loads(part[0]["tools"])
    return count(rows)


def count(rows):
    """Rows and calls by split."""
    counts = {}
    for split, calls in rows:
        before = counts.get(split, (0, 0))
        counts[split] = (before[0] + 1, before[1] + calls)
    return dict(sorted(counts.items()))


def main(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    wrong = 0
    for name, read in (("pyarrow", by_pyarrow), ("DuckDB", by_duckdb), ("Polars", by_polars), ("datasets", by_datasets)):
        counts = read(folder)
        same = {split: rows for split, (rows, _) in counts.items()} == manifest["counts"]["split"]
        same = same and sum(calls for _, calls in counts.values()) == manifest["counts"]["calls"]
        wrong += not same
        print(f"{name:>9}: {counts}{'' if same else '  NOT as the manifest says'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve()))
