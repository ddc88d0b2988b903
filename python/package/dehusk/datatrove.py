"""datatrove: `CleanStep` as a step of a pipeline, with counts for each category among its statistics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from dehusk import Cleaner


class CleanStep(PipelineStep):  # type: ignore[misc, unused-ignore]
    """Cleans the text of every document. With `report`, `metadata["dehusk"]` is its line of `removals.jsonl`."""

    type = "🌾 - CLEANER"
    name = "dehusk"

    def __init__(self, *, report: bool = False, **options: Any) -> None:
        super().__init__()
        self.report = report
        self.cleaner = Cleaner(**options)

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        for document in data:
            with self.track_time():
                page = self.cleaner.clean(document.text)
                self.stat_update("documents", page.status)
                self.stat_update("words", value=page.words[0])
                self.stat_update("words_removed", value=page.words[0] - page.words[1])
                for removal in page.removals:
                    self.stat_update(f"removed_{removal.category}")
                if self.report:
                    document.metadata["dehusk"] = page.to_json(document.id)
                document.text = page.body
            yield document
