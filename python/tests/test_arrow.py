"""`Cleaner.clean_batch`: every type and layout, in and out."""

import json

import pyarrow as pa
import pytest
from corpus import as_record, drop_empty

import dehusk

TYPES = {
    "string": pa.string(),
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
    "binary": pa.binary(),
    "large_binary": pa.large_binary(),
    "binary_view": pa.binary_view(),
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
    "dictionary of bytes": pa.dictionary(pa.int8(), pa.large_binary()),
}
CLEANER = dehusk.Cleaner()


def array_of(texts, kind):
    """An array of `kind`; dictionaries repeat some of their values."""
    if not pa.types.is_dictionary(kind):
        binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view()
        return pa.array([t.encode() if binary and t is not None else t for t in texts], kind)
    values = array_of([t for t in dict.fromkeys(texts) if t is not None], kind.value_type)
    index = {t: i for i, t in enumerate(dict.fromkeys(t for t in texts if t is not None))}
    keys = pa.array([None if t is None else index[t] for t in texts], kind.index_type)
    return pa.DictionaryArray.from_arrays(keys, values)


def plain(array):
    return [v.decode() if isinstance(v, bytes) else v for v in array.to_pylist()]


@pytest.fixture(scope="module")
def rows(cases):
    """Cases with nulls among them, few enough for the keys of a small dictionary."""
    some = cases[:60] + cases[-8:] + cases[:20]
    return [None if i % 7 == 3 else case for i, case in enumerate(some)]


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES.keys())
@pytest.mark.parametrize("threads", [1, 3])
def test_every_type_comes_back_as_it_was(rows, kind, threads):
    array = array_of([r and r.text for r in rows], kind)
    bodies = [r and r.body for r in rows]
    done = CLEANER.clean_batch(array, threads=threads)
    assert isinstance(done, pa.Array) and done.type == kind
    assert plain(done) == bodies
    done.validate(full=True)
    assert plain(CLEANER.clean_batch(array[5:-3], threads=threads)) == bodies[5:-3]
    chunked = CLEANER.clean_batch(pa.chunked_array([array[:9], array[9:9], array[9:]]), threads=threads)
    assert isinstance(chunked, pa.ChunkedArray) and chunked.type == kind and plain(chunked) == bodies
    for empty in (array[:0], pa.chunked_array([], kind)):
        assert CLEANER.clean_batch(empty).type == kind


def test_nulls_alone():
    assert CLEANER.clean_batch(pa.nulls(3)).equals(pa.nulls(3))
    assert CLEANER.clean_batch(pa.nulls(3), report=True).to_pylist() == [None] * 3


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES.keys())
def test_reports_are_the_commands(rows, kind):
    array = array_of([r and r.text for r in rows], kind)
    done = CLEANER.clean_batch(array, report=True)
    done.validate(full=True)
    assert plain(done.field("body")) == [r and r.body for r in rows]
    for row, case in zip(done.to_pylist(), rows, strict=True):
        assert (row is None) == (case is None)
        if case:
            body = row.pop("body")
            assert (body.decode() if isinstance(body, bytes) else body) == case.body
            assert as_record(row, case) == drop_empty(case.record)
            counted = sum(c["removals"] for c in row["categories"])
            assert counted == len(row["removed"]) and 0 <= row["removed_word_ratio"] <= 1


def test_tables_keep_their_other_columns(rows):
    texts = pa.array([r and r.text for r in rows])
    schema = pa.schema([pa.field("id", pa.int64()), pa.field("text", pa.string(), metadata={"k": "v"})], {"who": "me"})
    batch = pa.record_batch([pa.array(range(len(rows))), texts], schema)
    done = CLEANER.clean_batch(batch, "text")
    assert isinstance(done, pa.RecordBatch) and done.schema.equals(schema, check_metadata=True)
    assert done["text"].to_pylist() == [r and r.body for r in rows] and done["id"].equals(batch["id"])
    table = CLEANER.clean_batch(pa.Table.from_batches([batch, batch[:4], batch[:0]]), "text", report="why")
    assert isinstance(table, pa.Table) and table.column_names == ["id", "text", "why"]
    assert table.num_rows == len(rows) + 4 and table["why"][0].as_py()["status"] == "cleaned"
    reader = pa.RecordBatchReader.from_batches(schema, [batch, batch])
    assert CLEANER.clean_batch(reader, "text").num_rows == 2 * len(rows)
    no_rows = CLEANER.clean_batch(batch[:0], "text", report=True)
    assert no_rows.num_rows == 0 and no_rows.schema.names == ["id", "text", "dehusk"]


class Foreign:
    """Arrow data of a library that dehusk does not know."""

    def __init__(self, data):
        self.data = data

    def __arrow_c_array__(self, requested_schema=None):
        return self.data.__arrow_c_array__(requested_schema)


def test_any_library_will_do(cases):
    array = pa.array([c.text for c in cases])
    done = CLEANER.clean_batch(Foreign(array))
    assert pa.array(done).to_pylist() == [c.body for c in cases]
    batch = CLEANER.clean_batch(Foreign(pa.record_batch({"text": array})), "text")
    assert pa.record_batch(batch)["text"].to_pylist() == [c.body for c in cases]


def test_html_and_formats():
    html = pa.array(["<nav>Home</nav>" + "<p>The ferry left at noon, and nobody on the pier waved.</p>" * 9])
    page = dehusk.Cleaner().clean_html(html[0].as_py())
    assert dehusk.Cleaner(format="html").clean_batch(html).to_pylist() == [page.body]
    done = dehusk.Cleaner(format="html", to="markdown").clean_batch(html, report=True).to_pylist()[0]
    assert done["body"] == page.markdown
    assert done["visible"]["to"] == "markdown"


def test_what_html_pages_say_of_themselves_is_in_the_report():
    html = "<html lang=de><title>Fähre</title><meta name=author content='Jonas Ek'><p>Die Fähre lief um zwölf aus.</p>"
    pages = pa.array([html, "<p>The ferry left at noon.</p>", None])
    cleaner = dehusk.Cleaner(format="html")
    said = [row and row["metadata"] for row in cleaner.clean_batch(pages, report=True).to_pylist()]
    assert said[0] == cleaner.clean(html).metadata
    assert (said[0]["title"], said[0]["language"], said[0]["author"]) == ("Fähre", "de", "Jonas Ek")
    assert set(said[1].values()) == {None} and said[2] is None
    assert CLEANER.clean_batch(pages, report=True).to_pylist()[0]["metadata"] is None


@pytest.mark.parametrize(
    ("data", "column", "options", "error", "says"),
    [
        (pa.array([1, 2]), None, {}, TypeError, "not Int64"),
        (pa.array([["a"]]), None, {}, TypeError, "string or binary"),
        (pa.record_batch({"a": ["x"]}), "text", {}, KeyError, "the columns are: a"),
        (pa.record_batch({"a": ["x"]}), None, {}, ValueError, "name the column"),
        (pa.record_batch({"text": ["x"], "dehusk": [1]}), "text", {"report": True}, ValueError, "there already"),
        (pa.record_batch({"text": ["x"]}), "text", {"report": 3}, TypeError, "True, False"),
        (pa.array(["x"]), None, {"threads": 0}, ValueError, "at least 1"),
        (pa.array(["x"]), None, {"threads": -1}, ValueError, "at least 1"),
        (pa.record_batch({"a": [1]}), "a", {}, TypeError, 'column "a" .* not Int64'),
        (pa.record_batch({"a": ["x"], "b": [1]}), "a", {"site_column": "b"}, TypeError, 'column "b"'),
        (pa.array(["x"]), "text", {}, ValueError, "leave the name away"),
        (["x"], None, {}, TypeError, "__arrow_c_array__ .* not list: take pyarrow.array"),
    ],
)
def test_what_cannot_be_cleaned_says_why(data, column, options, error, says):
    with pytest.raises(error, match=says):
        CLEANER.clean_batch(data, column, **options)


def test_rows_of_a_report_are_lines_for_the_command(tmp_path, cases):
    rows = CLEANER.clean_batch(pa.record_batch({"text": [c.text for c in cases]}), "text", report=True)["dehusk"]
    from corpus import command

    lines = tmp_path / "removals.jsonl"
    lines.write_text("".join(json.dumps(r | {"path": c.name}) + "\n" for r, c in zip(rows.to_pylist(), cases, strict=True)))
    one_by_one = tmp_path / "others.jsonl"
    one_by_one.write_text("".join(c.line + "\n" for c in cases))
    assert command("report", lines, "--to", "json").stdout == command("report", one_by_one, "--to", "json").stdout
