#!/usr/bin/env python3
"""Parquet in and out, with pyarrow as the judge: `tests/tables.py`. DEHUSK names the command.

Tables of every column type, compression and layout are cleaned. The texts must be those that JSONL with the same texts has;
types, other columns, nulls, row groups, compression and metadata must be as they were; the report must prove it; and restoring
must give the same tables back. Needs `pip install pyarrow xxhash`.
"""
import json, os, subprocess, sys, tempfile

import pyarrow as pa
import pyarrow.parquet as pq

import verify_report

DEHUSK = os.path.abspath(os.environ.get("DEHUSK", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../target/debug/dehusk")))
PAGE = "Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n"
TEXTS = [PAGE, "", None, PAGE + "Größe 😀 №\n", "Subscribe to our newsletter", "The ferry left at noon.", None] * 3
N = len(TEXTS)
BYTES = [t if t is None else t.encode() for t in TEXTS]
OTHERS = {
    "id": pa.array([i * 7 for i in range(N)], pa.int64()),
    "url": pa.array([f"https://a.example/{i}" if i % 3 else None for i in range(N)]),
    "when": pa.array([i * 1000 for i in range(N)], pa.timestamp("us", "UTC")),
    "price": pa.array([i for i in range(N)], pa.decimal128(9, 2)),
    "tags": pa.array([[{"a": i, "b": ["x"] * (i % 3)}] if i % 4 else None for i in range(N)]),
    "half": pa.array([i / 2 for i in range(N)], pa.float32()),
    "word": pa.array(["same"] * N).dictionary_encode(),
}
TYPES = {
    "string": pa.array(TEXTS), "large_string": pa.array(TEXTS, pa.large_string()), "string_view": pa.array(TEXTS, pa.string_view()),
    "binary": pa.array(BYTES), "large_binary": pa.array(BYTES, pa.large_binary()), "dictionary": pa.array(TEXTS).dictionary_encode(),
    "required": pa.array([t or "" for t in TEXTS]), "nulls": pa.array([None] * N, pa.string()), "latin-1": pa.array([b"caf\xe9 au lait\n" + (b or b"") for b in BYTES]),
}
LAYOUTS = {
    "default": {}, "groups": {"row_group_size": 4}, "gzip": {"compression": "gzip"}, "zstd": {"compression": "zstd", "row_group_size": 5},
    "lz4": {"compression": "lz4"}, "none": {"compression": "none"}, "v2": {"data_page_version": "2.0", "version": "2.6"},
    "old": {"version": "1.0", "use_deprecated_int96_timestamps": True}, "plain": {"use_dictionary": False, "write_statistics": False},
    "index": {"write_page_index": True}, "delta": {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}},
    "no-arrow-schema": {"store_schema": False}, "mixed": {"compression": {"text": "zstd", "id": "gzip"}},
}


def table(texts, first=False):
    columns = {"text": texts, **OTHERS} if first else {**OTHERS, "text": texts}
    nullable = texts.null_count > 0 or len(texts) == 0
    fields = [pa.field(name, column.type, nullable or name != "text", {"note": name}) for name, column in columns.items()]
    return pa.table(columns, schema=pa.schema(fields, {"source": "tests"}))


def layout(path):
    """All that a file says of its row groups, but for what follows from the texts."""
    file = pq.ParquetFile(path)
    out = [file.metadata.metadata, file.metadata.created_by, file.schema]
    for g in range(file.num_row_groups):
        group = file.metadata.row_group(g)
        out.append(group.num_rows)
        for i in range(group.num_columns):
            c = group.column(i)
            out.append((c.path_in_schema, c.compression, c.physical_type, c.is_stats_set, c.has_column_index, c.has_offset_index, c.has_dictionary_page))
            if c.path_in_schema != "text":
                out.append((c.total_compressed_size, sorted(c.encodings), c.statistics and c.statistics.to_dict()))
    return out


def run(folder, *args, codes=(0,)):
    ended = subprocess.run([DEHUSK, *args], cwd=folder, capture_output=True)
    assert ended.returncode in codes, (args, ended.returncode, ended.stderr.decode())
    return ended


def main():
    inputs = {f"type-{name}.parquet": (table(texts, first=len(name) % 2 == 0), {"row_group_size": 9}) for name, texts in TYPES.items()}
    inputs.update({f"layout-{name}.parquet": (table(TYPES["string"]), options) for name, options in LAYOUTS.items()})
    inputs["empty.parquet"] = (table(TYPES["string"]).slice(0, 0), {})
    long = pa.table({"text": [f"{PAGE}{'Paragraph says what happened. ' * 50}{i}" for i in range(3000)]})
    inputs["long.parquet"] = (long, {"row_group_size": 1100})
    with tempfile.TemporaryDirectory() as folder:
        path = lambda *parts: os.path.join(folder, *parts)
        os.mkdir(path("in"))
        for name, (content, options) in inputs.items():
            pq.write_table(content, path("in", name), **options)
        # What JSONL has for the same texts.
        with open(path("texts.jsonl"), "w") as lines:
            lines.writelines(json.dumps({"text": t}) + "\n" for t in TEXTS)
        run(folder, "clean", "texts.jsonl", "-o", "cleaned.jsonl", "-q")
        want = [json.loads(line)["text"] for line in open(path("cleaned.jsonl"))]
        run(folder, "clean", "in", "-o", "out", "-q")
        run(folder, "clean", "in", "-o", "other", "-q", "-j", "3")
        run(folder, "restore", "out", "-o", "back")
        for name in inputs:
            # A table without rows has no records in the report: there is nothing to restore.
            places = ("in", "out", "out" if name == "empty.parquet" else "back")
            before, after, back = (pq.read_table(path(place, name)) for place in places)
            assert after.schema.equals(before.schema, check_metadata=True), name
            assert layout(path("out", name)) == layout(path("in", name)), name
            assert back.to_pydict() == before.to_pydict() and layout(path(places[2], name)) == layout(path("in", name)), name
            assert open(path("out", name), "rb").read() == open(path("other", name), "rb").read(), f"{name} depends on threads"
            if len(after) == N and name not in ("type-nulls.parquet", "type-required.parquet", "type-latin-1.parquet"):
                texts = [t.decode() if isinstance(t, bytes) else t for t in after["text"].to_pylist()]
                assert texts == want, (name, texts)
        records = [json.loads(line) for line in open(path("out.report/removals.jsonl"))]
        first = next(r for r in records if r["path"] == "type-string.parquet" and r["record"] == 2)
        assert (first["id"], first["url"], first["column"]) == ("7", "https://a.example/1", "text"), first
        assert verify_report.main(path("out"), path("in")) == 0
        check_oddities(folder, path)
    print(f"{len(inputs)} tables: pyarrow agrees")


def check_oddities(folder, path):
    """Another field, in place, standard input, single rows, a stopped run, and what cannot be cleaned."""
    good = open(path("in/layout-groups.parquet"), "rb").read()
    os.mkdir(path("odd"))
    pq.write_table(pa.table({"body": TEXTS[:3]}), path("odd/body.parquet"))
    cut = bytearray(good)
    cut[len(good) // 3] ^= 0x55
    for name, data in (("short", good[:-30]), ("text", PAGE.encode()), ("nothing", b""), ("flipped", bytes(cut))):
        open(path("odd", f"{name}.parquet"), "wb").write(data)
    pq.write_table(pa.table({"text": [[PAGE]]}), path("odd/list.parquet"))
    pq.write_table(pa.table({"text": [1, 2]}), path("odd/number.parquet"))
    run(folder, "clean", "odd", "-o", "odd-out", "-q")
    records = [json.loads(line) for line in open(path("odd-out.report/removals.jsonl"))]
    for r in records:
        assert r["status"] == "passed_through" and r["reason"] or r["path"] == "flipped.parquet", r
        same = open(path("odd", r["path"]), "rb").read() == open(path("odd-out", r["path"]), "rb").read()
        assert same or r["path"] == "flipped.parquet", r
    run(folder, "clean", "odd/body.parquet", "--field", "body", "-o", "body.parquet", "-q")
    assert pq.read_table(path("body.parquet"))["body"][0].as_py() == PAGE.split("\n\n")[1]
    run(folder, "restore", "body.parquet", "-o", "body-back.parquet")
    assert pq.read_table(path("body-back.parquet")).equals(pq.read_table(path("odd/body.parquet")))
    piped = subprocess.run([DEHUSK, "clean", "-", "--format", "parquet", "-q"], input=good, capture_output=True, cwd=folder)
    assert piped.returncode == 0 and piped.stdout == open(path("out/layout-groups.parquet"), "rb").read(), piped.stderr
    shown = run(folder, "check", "in/layout-groups.parquet", codes=(1,)).stdout.decode()
    assert "layout-groups.parquet:1:1" in shown, shown
    assert b"newsletter" in run(folder, "explain", "in/layout-groups.parquet:1").stdout
    open(path("place.parquet"), "wb").write(good)
    run(folder, "clean", "--in-place", "--backup", ".orig", "place.parquet", "-q")
    assert open(path("place.parquet"), "rb").read() == piped.stdout and open(path("place.parquet.orig"), "rb").read() == good
    # A run that was stopped inside a table begins that table again.
    journal = path("out.report/journal.jsonl")
    lines = open(journal).readlines()
    open(journal, "w").writelines(lines[:3])
    before = {name: open(path("out", name), "rb").read() for name in os.listdir(path("out"))}
    report = open(path("out.report/removals.jsonl")).read()
    run(folder, "clean", "in", "-o", "out", "-q", "--resume")
    assert before == {name: open(path("out", name), "rb").read() for name in os.listdir(path("out"))}
    assert report == open(path("out.report/removals.jsonl")).read()


if __name__ == "__main__":
    sys.exit(main())
