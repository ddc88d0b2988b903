"""Hugging Face datasets: a column of a `Dataset` or `DatasetDict`, cleaned in `num_proc` processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dehusk import Cleaner

if TYPE_CHECKING:
    import pyarrow
    from datasets import Dataset, DatasetDict

    D = TypeVar("D", Dataset, DatasetDict)


class _Clean:
    """Pickles to the same bytes for the same options, so that the cache of datasets finds earlier results."""

    def __init__(self, column: str, site_column: str | None, report: bool | str | None, cleaner: Cleaner) -> None:
        self.column = column
        self.site_column = site_column
        self.report = report
        self.cleaner = cleaner

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        return self.cleaner.clean_batch(batch, self.column, site_column=self.site_column, report=self.report)


def clean(
    ds: D,
    column: str = "text",
    *,
    site_column: str | None = None,
    report: bool | str | None = None,
    num_proc: int | None = None,
    **options: Any,
) -> D:
    """Cleans `column` of every row. `site_column` and `report` are those of `Cleaner.clean_batch`, `options` those of
    `Cleaner`."""
    step = _Clean(column, site_column, report, Cleaner(**options))
    cleaned = ds.with_format("arrow").map(step, batched=True, num_proc=num_proc)
    return cleaned.with_format(None)
