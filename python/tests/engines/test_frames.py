"""pandas, polars, DuckDB."""

import pytest
from corpus import as_record, drop_empty

import dehusk

CLEANER = dehusk.Cleaner()


def test_pandas(cases):
    pd = pytest.importorskip("pandas")
    index = [f"row {i}" for i in range(len(cases))]
    frame = pd.DataFrame({"id": range(len(cases)), "text": [c.text for c in cases]}, index=index)
    done = CLEANER.clean_batch(frame, "text", report=True)
    assert isinstance(done, pd.DataFrame) and list(done.index) == index and list(done["id"]) == list(frame["id"])
    assert list(done["text"]) == [c.body for c in cases]
    assert [r["status"] for r in done["dehusk"]] == [c.record["status"] for c in cases]
    series = CLEANER.clean_batch(frame["text"])
    assert isinstance(series, pd.Series) and series.equals(done["text"]) and series.name == "text"


def test_polars(cases):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"id": range(len(cases)), "text": [c.text for c in cases]})
    done = CLEANER.clean_batch(frame, "text", report=True)
    assert isinstance(done, pl.DataFrame) and done["text"].to_list() == [c.body for c in cases]
    for row, case in zip(done["dehusk"].to_list(), cases, strict=True):
        assert as_record(row, case) == drop_empty(case.record)
    assert CLEANER.clean_batch(frame["text"]).equals(done["text"])
    lazy = frame.lazy().with_columns(pl.col("text").map_batches(CLEANER.clean_batch, return_dtype=pl.String))
    assert lazy.collect()["text"].equals(done["text"])


def test_duckdb(cases):
    duckdb = pytest.importorskip("duckdb")
    pa = pytest.importorskip("pyarrow")
    pages = pa.table({"id": range(len(cases)), "text": [c.text for c in cases]})
    db = duckdb.connect()
    db.create_function("dehusk", lambda text: CLEANER.clean_batch(text), ["VARCHAR"], "VARCHAR", type="arrow")
    rows = db.sql("SELECT dehusk(text) FROM pages ORDER BY id").fetchall()
    assert [row[0] for row in rows] == [c.body for c in cases]
    done = pa.table(CLEANER.clean_batch(db.sql("SELECT * FROM pages ORDER BY id"), "text"))
    assert done["text"].to_pylist() == [c.body for c in cases]
    assert pages.num_rows == len(cases)
