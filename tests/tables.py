#!/usr/bin/env python3
"""Parquet in and out, with pyarrow as the judge: `tests/tables.py`. DEHUSK names the command.

Tables of every column type, compression and layout are cleaned. The texts must be those that JSONL with the same texts has;
types, other columns, nulls, row groups, compression and metadata must be as they were; the report must prove it; and restoring
must give the same tables back. Needs `pip install pyarrow pandas xxhash`.
"""
import json, os, subprocess, sys, tempfile

import pyarrow as pa
import pyarrow.dataset as ds
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
REMOVED = "dehusk_removed"
PAIR, TEXT = pa.list_(pa.int64()), pa.string()
PIECE = {"category": TEXT, "rule": TEXT, "byte": PAIR, "char": PAIR, "line": PAIR, "score": pa.float64(), "why": pa.list_(TEXT), "text": TEXT, "raw": TEXT}
SPARK = b"org.apache.spark.sql.parquet.row.metadata"
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
    """All that a file says of its row groups, but for what follows from the texts, and for the column of removed pieces."""
    file = pq.ParquetFile(path)
    described = {k: v for k, v in (file.metadata.metadata or {}).items() if k not in (b"ARROW:schema", SPARK)}
    columns = [str(file.schema.column(i)) for i in range(file.metadata.num_columns)]
    out = [described, file.metadata.created_by, [c for c in columns if REMOVED not in c]]
    for g in range(file.num_row_groups):
        group = file.metadata.row_group(g)
        out.append(group.num_rows)
        for i in range(group.num_columns):
            c = group.column(i)
            if c.path_in_schema.startswith(REMOVED):
                continue
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
    spark = {"type": "struct", "fields": [{"name": "text", "type": "string", "nullable": True, "metadata": {}}]}
    inputs["spark.parquet"] = (pa.table({"text": TEXTS}).replace_schema_metadata({SPARK: json.dumps(spark)}), {})
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
            before, after, back = (pq.read_table(path(place, name)) for place in ("in", "out", "back"))
            for place, now in (("out", after), ("back", back)):
                assert now.schema.equals(before.schema, check_metadata=True), name
                assert layout(path(place, name)) == layout(path("in", name)), name
                assert pq.read_metadata(path(place, name)).metadata == pq.read_metadata(path("in", name)).metadata, name
            assert back.to_pydict() == before.to_pydict(), name
            assert open(path("out", name), "rb").read() == open(path("other", name), "rb").read(), f"{name} depends on threads"
            if len(after) == N and name not in ("type-nulls.parquet", "type-required.parquet", "type-latin-1.parquet"):
                texts = [t.decode() if isinstance(t, bytes) else t for t in after["text"].to_pylist()]
                assert texts == want, (name, texts)
        records = [json.loads(line) for line in open(path("out.report/removals.jsonl"))]
        first = next(r for r in records if r["path"] == "type-string.parquet" and r["record"] == 2)
        assert (first["id"], first["url"], first["column"]) == ("7", "https://a.example/1", "text"), first
        assert verify_report.main(path("out"), path("in")) == 0
        check_removed_column(folder, path, inputs, records)
        check_oddities(folder, path)
    print(f"{len(inputs)} tables: pyarrow agrees")


def check_removed_column(folder, path, inputs, records):
    """What was removed, as a column: it says what the report says, and goes again when the table is restored."""
    run(folder, "clean", "in", "-o", "more", "-q", "--removed-column")
    run(folder, "clean", "in", "-o", "more-j3", "-q", "--removed-column", "-j", "3")
    run(folder, "restore", "more", "-o", "more-back")
    assert verify_report.main(path("more"), path("in")) == 0
    said = [{k: v for k, v in json.loads(line).items() if k != "removed_column"} for line in open(path("more.report/removals.jsonl"))]
    assert said == records
    for name in inputs:
        before, plain, after, back = (pq.read_table(path(place, name)) for place in ("in", "out", "more", "more-back"))
        assert after.schema.field(REMOVED).type == pa.list_(pa.struct(PIECE)), after.schema.field(REMOVED)
        assert after.column_names == before.column_names + [REMOVED], name
        rest = after.drop_columns([REMOVED])
        assert rest.schema.equals(plain.schema, check_metadata=name != "spark.parquet") and rest.to_pydict() == plain.to_pydict(), name
        assert layout(path("more", name)) == layout(path("out", name)), name
        assert open(path("more", name), "rb").read() == open(path("more-j3", name), "rb").read(), f"{name} depends on threads"
        assert back.schema.equals(before.schema, check_metadata=name != "spark.parquet"), name
        assert back.to_pydict() == before.to_pydict(), name
        assert layout(path("more-back", name)) == layout(path("in", name)), name
        if len(after):
            after.to_pandas()
    read = (lambda p: pq.read_metadata(p).metadata), (lambda p: pq.read_schema(p).metadata)
    for kept in read:
        spark = [json.loads(kept(path(place, "spark.parquet"))[SPARK]) for place in ("in", "more", "more-back")]
        assert spark[0] == spark[2] and [f["name"] for f in spark[1]["fields"]] == ["text", REMOVED], spark
    piece = spark[1]["fields"][1]["type"]["elementType"]["fields"]
    assert [(f["name"], f["type"]) for f in piece if isinstance(f["type"], str)] == [(n, {"double": "double"}.get(str(t), "string")) for n, t in PIECE.items() if not pa.types.is_list(t)]
    rows = ds.dataset([path("more", name) for name in sorted(inputs) if name.startswith("layout")]).to_table([REMOVED])
    assert len(rows) == len(LAYOUTS) * N and rows[REMOVED].null_count == TEXTS.count(None) * len(LAYOUTS)
    # A name that is taken is an error, which the others outlive; another name is none.
    ended = run(folder, "clean", "more/layout-groups.parquet", "in/layout-none.parquet", "-o", "twice", "-q", "--removed-column", codes=(3,))
    assert b"--removed-column=NAME" in ended.stderr and os.listdir(path("twice")) == ["layout-none.parquet"], ended.stderr
    run(folder, "clean", "more/layout-groups.parquet", "-o", "second.parquet", "-q", "--removed-column=second")
    run(folder, "restore", "second.parquet", "-o", "second-back.parquet")
    assert pq.read_table(path("second.parquet")).column_names[-2:] == [REMOVED, "second"]
    assert pq.read_table(path("second-back.parquet")).equals(pq.read_table(path("more/layout-groups.parquet")))
    # As much text as in the report; in place; from standard input to standard output.
    run(folder, "clean", "in/layout-groups.parquet", "-o", "silent.parquet", "-q", "--removed-column", "--report-text", "none")
    assert pq.read_table(path("silent.parquet"))[REMOVED][0].as_py()[0]["text"] is None
    good, want = (open(path(place, "layout-groups.parquet"), "rb").read() for place in ("in", "more"))
    open(path("here.parquet"), "wb").write(good)
    run(folder, "clean", "--in-place", "here.parquet", "-q", "--removed-column")
    assert open(path("here.parquet"), "rb").read() == want
    piped = subprocess.run([DEHUSK, "clean", "-", "--format", "parquet", "-q", "--removed-column"], input=good, capture_output=True, cwd=folder)
    assert piped.returncode == 0 and piped.stdout == want, piped.stderr
    # A run goes on with the same option, and begins again without it.
    shorten(path("more.report/journal.jsonl"))
    before = read_all(path("more"))
    run(folder, "clean", "in", "-o", "more", "-q", "--resume", "--removed-column")
    assert read_all(path("more")) == before
    run(folder, "clean", "in", "-o", "more", "-q", "--resume")
    assert read_all(path("more")) == read_all(path("out"))


def shorten(journal):
    lines = open(journal).readlines()
    open(journal, "w").writelines(lines[:3])


def read_all(folder):
    return {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)}


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
    shorten(path("out.report/journal.jsonl"))
    before = read_all(path("out"))
    report = open(path("out.report/removals.jsonl")).read()
    run(folder, "clean", "in", "-o", "out", "-q", "--resume")
    assert before == read_all(path("out"))
    assert report == open(path("out.report/removals.jsonl")).read()


if __name__ == "__main__":
    sys.exit(main())
