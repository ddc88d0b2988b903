"""Spark: a column of a DataFrame, cleaned on the executors (`mapInArrow`). dehusk must be installed there too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dehusk import Cleaner

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def clean(df: DataFrame, column: str = "text", *, report: bool | str | None = None, **options: Any) -> DataFrame:
    """Cleans `column` of every row. `report` adds a struct column, as `Cleaner.clean_batch` does; `options` are those of
    `Cleaner`. Packs are read on the driver and travel with the job."""
    import pyarrow
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    cleaner = Cleaner(**options)
    # What comes out of no rows has the schema that comes out of rows.
    empty = to_arrow_schema(df.schema).empty_table()
    schema = from_arrow_schema(cleaner.clean_batch(empty, column, report=report).schema)
    config = cleaner.to_bytes()

    def part(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        cleaner = Cleaner.from_bytes(config)
        for batch in batches:
            yield cleaner.clean_batch(batch, column, report=report)

    return df.mapInArrow(part, schema)
