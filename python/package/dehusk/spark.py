"""Spark: a column of a DataFrame, cleaned on the executors (`mapInArrow`). dehusk must be installed there too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dehusk import Cleaner, SiteModel

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def clean(
    df: DataFrame,
    column: str = "text",
    *,
    site_column: str | None = None,
    report: bool | str | None = None,
    **options: Any,
) -> DataFrame:
    """Cleans `column` of every row. `site_column` and `report` are those of `Cleaner.clean_batch`, `options` those of
    `Cleaner`. Packs are read on the driver and travel with the job."""
    import pyarrow
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    cleaner = Cleaner(**options)
    # What comes out of no rows has the schema that comes out of rows.
    empty = to_arrow_schema(df.schema).empty_table()
    schema = from_arrow_schema(cleaner.clean_batch(empty, column, site_column=site_column, report=report).schema)

    def part(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in batches:
            yield cleaner.clean_batch(batch, column, site_column=site_column, report=report)

    return df.mapInArrow(part, schema)


def learn(df: DataFrame, column: str = "text", *, site_column: str | None = None, format: str = "text") -> SiteModel:
    """What the pages of each site have in common, for `clean(site_model=…)`: observed on the executors, merged on the driver."""
    import pyarrow

    def part(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        model = SiteModel()
        for batch in batches:
            model.observe_batch(batch, column, site_column=site_column, format=format)
        yield pyarrow.RecordBatch.from_pydict({"model": [model.to_bytes()]})

    model = SiteModel()
    for row in df.select(*filter(None, (column, site_column))).mapInArrow(part, "model binary").toLocalIterator():
        model.merge(SiteModel.from_bytes(bytes(row.model)))
    return model
