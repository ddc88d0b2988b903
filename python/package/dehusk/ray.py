"""Ray Data: `ds.map_batches(dehusk.ray.Clean("text"), batch_format="pyarrow", batch_size=None)`, or `clean(ds)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dehusk import Cleaner

if TYPE_CHECKING:
    import pyarrow
    from ray.data import Dataset


class Clean:
    """Cleans a column of pyarrow batches. Pickles as its options: tasks anywhere make the cleaner anew."""

    def __init__(
        self,
        column: str = "text",
        *,
        site_column: str | None = None,
        report: bool | str | None = None,
        **options: Any,
    ) -> None:
        self.column = column
        self.site_column = site_column
        self.report = report
        self.cleaner = Cleaner(**options)

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        return self.cleaner.clean_batch(batch, self.column, site_column=self.site_column, report=self.report)


def clean(ds: Dataset, column: str = "text", **options: Any) -> Dataset:
    """Cleans `column` of every row, whole blocks at a time. `options` are those of `Clean`."""
    step = Clean(column, **options)
    # A function, for tasks can run again anywhere when a node is lost.
    return ds.map_batches(lambda batch: step(batch), batch_format="pyarrow", batch_size=None)
