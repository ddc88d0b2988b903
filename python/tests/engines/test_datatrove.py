"""datatrove's local executor."""

import json

import pytest


def test_bodies_and_reports_are_the_commands(cases, tmp_path):
    pytest.importorskip("datatrove")
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from dehusk.datatrove import CleanStep

    (tmp_path / "in").mkdir()
    for part in range(2):
        lines = [json.dumps({"id": c.name, "text": c.text}) for c in cases[part::2] if c.text]
        (tmp_path / f"in/{part}.jsonl").write_text("".join(line + "\n" for line in lines))
    executor = LocalPipelineExecutor(
        pipeline=[
            JsonlReader(str(tmp_path / "in")),
            CleanStep(report=True),
            JsonlWriter(str(tmp_path / "out"), compression=None),
        ],
        tasks=2,
        workers=2,
        logging_dir=str(tmp_path / "log"),
    )
    stats = executor.run()
    done = {}
    for part in (tmp_path / "out").glob("*.jsonl"):
        done |= {d["id"]: d for d in map(json.loads, part.read_text().splitlines())}
    for case in cases:
        if case.text:
            # Its writer leaves out what is empty.
            assert done[case.name].get("text", "") == case.body
            assert done[case.name]["metadata"]["dehusk"] == case.line
    [counts] = [s.stats for s in stats.stats if "dehusk" in s.name]
    removed = sum(counts[name].total for name in counts if name.startswith("removed_"))
    assert removed == sum(len(c.record["removed"]) for c in cases)
