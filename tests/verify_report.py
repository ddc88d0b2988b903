#!/usr/bin/env python3
"""Checks a cleaned folder against its report, sharing no code with dehusk: `verify_report.py OUT [ORIGINALS]`.

For every document: what was removed is sorted, disjoint and inside the input; output and removed pieces together have the
hash and length that the report says the input had. With ORIGINALS, what comes out is also compared with them, compressed files
by content, Parquet by its values. Needs `pip install xxhash`, and `zstandard` or `pyarrow` where there are such files.
"""
import base64, json, os, sys, zlib
import xxhash


def content(path):
    """The bytes that a file holds, decompressed."""
    data, out = open(path, "rb").read(), b""
    try:
        if data[:4] == b"\x28\xb5\x2f\xfd":
            import zstandard
            reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
            while chunk := reader.read(1 << 20):
                out += chunk
            return out
    except zstandard.ZstdError:
        return out  # cut short: what came before counts
    if data[:2] != b"\x1f\x8b":
        return data
    while data[:2] == b"\x1f\x8b":
        one = zlib.decompressobj(31)
        out += one.decompress(data)
        data = one.unused_data if one.eof else b""
    return out


def xxh3(data):
    return "xxh3:" + xxhash.xxh3_64_hexdigest(data)


def name(path):
    return path if isinstance(path, str) else os.fsdecode(base64.b64decode(path["bytes"]))


def pieces(record):
    """The removed bytes of a record with their ranges, checked."""
    end = 0
    for piece in record["removed"]:
        start, stop = piece["byte"]
        data = base64.b64decode(piece["raw"]) if "raw" in piece else piece["text"].encode()
        assert end <= start < stop, f"ranges out of order: {piece['byte']}"
        assert stop - start == len(data), f"a piece of {len(data)} bytes in the range {piece['byte']}"
        assert piece["why"] and 0 <= piece["score"] <= 1, "a removal without a reason"
        end = stop
        yield start, stop, data


def visible(record, body):
    """Of an HTML page, output and removed pieces tile the text that it showed."""
    if record["visible"]["to"] != "text":
        return  # Markdown adds marks of its own
    text, out, at = body.decode(), "", 0
    for piece in record["removed"]:
        kept = piece["char"][0] - at
        out, text, at = out + text[:kept] + piece["text"], text[kept:], piece["char"][1]
        assert len(out) == at, "a piece does not fit the text"
    assert xxh3((out + text).encode()) == record["visible"]["hash"], "the visible text does not come back"


def restore(record, body):
    """The input of a record from its output."""
    assert xxh3(body) == record["hash"][1], "the output is not what the report says"
    assert len(body) == record["bytes"][1], "the output has another length"
    if head := record.get("head"):
        body = (base64.b64decode(head["raw"]) if "raw" in head else head["text"].encode()) + body[head["instead"]:]
    out, at, taken = [], 0, 0
    for start, stop, data in pieces(record):
        kept = body[taken:taken + start - at]
        assert len(kept) == start - at, "the output is too short for the report"
        out += [kept, data]
        taken, at = taken + start - at, stop
    whole = b"".join(out) + body[taken:]
    assert [len(whole), xxh3(whole)] == [record["bytes"][0], record["hash"][0]], "what comes back is not the input"
    return whole


def table_of(place, original, records):
    """Checks a Parquet file row by row: texts come back, and all else is as it was."""
    import pyarrow.parquet as pq
    column, added = records[0]["column"], records[0].get("removed_column")
    values = lambda table: [v.encode() if isinstance(v, str) else v for v in table[column].to_pylist()]
    table = pq.read_table(place)
    texts = values(table)
    records = [r for r in records if r["record"]]  # a table without rows has one that is of no row
    assert [r["record"] for r in records] == list(range(1, len(texts) + 1)), "rows and records differ"
    if added:
        said = lambda r: [{"raw": None, **piece} for piece in r["removed"]]
        removed = [None if text is None else said(r) for text, r in zip(texts, records)]
        assert table[added].to_pylist() == removed, "the column of removed pieces is not what the report says"
        table = table.drop_columns([added])
    before = [None if text is None and not r["removed"] else restore(r, text) for text, r in zip(texts, records)]
    if original:
        first = pq.read_table(original)
        assert before == values(first), "what comes back is not the original"
        assert first.drop_columns([column]).equals(table.drop_columns([column])), "another column was changed"


def file_of(out, originals, path, records):
    """Checks one file."""
    place = os.path.join(out, path) if os.path.isdir(out) else out
    first = os.path.join(originals, name(records[0].get("source", path))) if os.path.isdir(originals or "") else originals
    if "column" in records[0]:
        return table_of(place, first, records)
    written = [r for r in records if r["hash"]]
    assert all((r["removed"] == []) or r["hash"] for r in records), "something was removed and nothing written"
    if not written and not os.path.lexists(place):
        return
    assert records[0]["record"] is not None or len(records) == 1, "two records of one document"
    packed = records[0]["record"] is not None or "compression" in records[0]
    body = content(place) if packed else open(place, "rb").read()
    at, whole, source = 0, [], True
    for record in written:
        part = body[at:at + record["bytes"][1]] if record["record"] is not None else body
        at += len(part)
        if "visible" in record:
            source = False
            visible(record, part) if record["record"] is None else None
            assert xxh3(part) == record["hash"][1], "the output is not what the report says"
        else:
            whole.append(restore(record, part))
    assert at == len(body), f"{len(body) - at} bytes in the output that no record tells of"
    if originals and source and all(r["status"] not in ("skipped",) for r in records):
        before = content(first) if packed else open(first, "rb").read()
        assert before == b"".join(whole), "what comes back is not the original"


def main(out, originals=None):
    report = os.path.normpath(out) + ".report"
    files, seen, bad = {}, [], 0
    for record in map(json.loads, open(os.path.join(report, "removals.jsonl"), encoding="utf-8")):
        assert record["schema"] == "dehusk.removals/1"
        files.setdefault(name(record["path"]), []).append(record)
        seen += [record["status"]] * record.get("records", 1)
    for path, records in files.items():
        try:
            file_of(out, originals, path, records)
        except AssertionError as e:
            bad += 1
            print(f"{path!r}: {e}")
    summary = json.load(open(os.path.join(report, "summary.json"), encoding="utf-8"))
    counts = {status: n for status, n in summary["status"].items() if n}
    if counts != {status: seen.count(status) for status in set(seen)} or summary["found"] != len(seen):
        bad += 1
        print("summary.json counts other documents than removals.jsonl has")
    print(f"{len(files)} files, {len(seen)} documents, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
