"""Hugging Face datasets, in two processes."""

import pytest

import dehusk


def test_bodies_are_the_commands_and_the_cache_is_found(cases, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    datasets = pytest.importorskip("datasets")
    import dehusk.datasets

    assert dehusk.clean(cases[0].text) == cases[0].body
    rows = datasets.Dataset.from_dict({"path": [c.name for c in cases], "text": [c.text for c in cases]})
    rows.save_to_disk(tmp_path / "rows")
    rows = datasets.load_from_disk(tmp_path / "rows")
    done = dehusk.datasets.clean(rows, num_proc=2, report=True)
    assert done["text"] == [c.body for c in cases] and done["path"] == [c.name for c in cases]
    assert [r["status"] for r in done["dehusk"]] == [c.record["status"] for c in cases]
    again = dehusk.datasets.clean(rows, num_proc=2, report=True)
    assert again.cache_files == done.cache_files and again.cache_files
    other = dehusk.datasets.clean(rows, num_proc=2, report=True, level="strict")
    assert other.cache_files != done.cache_files
