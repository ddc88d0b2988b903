"""`clean`, `Cleaner`, `Cleaned`, `Removal`."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import ROOT, command

import dehusk

#: Rules alone: what these tests are about must not hang on the weights.
RULES = dehusk.Cleaner(model=False)
PAGE = "Größe 🚢\nSubscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n"


def test_everything_cleans_as_the_command_does(cases):
    cleaner = dehusk.Cleaner()
    for case in cases:
        assert dehusk.clean(case.text) == case.body
        page = cleaner.clean(case.text)
        assert (page.body, page.to_json(case.name)) == (case.body, case.line)
        raw = cleaner.clean(case.text.encode())
        assert (raw.body, raw.to_json(case.name)) == (case.body.encode(), case.line)


def test_offsets_are_code_points_and_bytes(cases):
    cleaner = dehusk.Cleaner()
    for case in cases:
        page, at, kept = cleaner.clean(case.text), 0, []
        for removal in page.removals:
            assert removal.start >= at
            kept.append(case.text[at : removal.start])
            assert case.text[removal.start : removal.end] == removal.text
            assert case.text.encode()[removal.byte_start : removal.byte_end] == removal.text.encode()
            at = removal.end
        assert "".join(kept) + case.text[at:] == page.body


def test_a_removal_says_what_and_why():
    page = dehusk.Cleaner(select="newsletter-signup").clean(PAGE)
    assert (page.status, page.reason, page.internal_error, page.encoding) == ("cleaned", None, False, "utf-8")
    for kind in ("page", "extracted"):
        assert dehusk.Cleaner(input_kind=kind).clean(PAGE).input_kind == kind
    assert page.words[0] > page.words[1] > 0
    assert page.removed_word_ratio == pytest.approx(1 - page.words[1] / page.words[0])
    assert 0 <= page.expected_loss < 0.2 and dehusk.Cleaner(model=False).clean(PAGE).expected_loss is None
    assert dehusk.Cleaner(max_loss=0).clean(PAGE).status == "suspicious"
    [removal] = [r for r in page.removals if r.category == "newsletter-signup"]
    assert removal.rule.startswith("newsletter-signup/")
    assert removal.line_start == 2 and 0.5 < removal.score <= 1 and all(isinstance(w, str) for w in removal.why)
    assert "newsletter" in repr(removal) and "cleaned" in repr(page)


def test_what_is_not_changed_is_the_same_object():
    text = "Nothing here is anything but a sentence about a boat.\n"
    assert dehusk.clean(text) is text
    assert dehusk.Cleaner().clean(text).status == "unchanged"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16", "cp1252", "shift_jis"])
def test_bytes_stay_in_their_encoding(encoding):
    text = PAGE.replace("Größe 🚢", "海の船、出航" * 20 if encoding == "shift_jis" else "Größe und Maß" * 5)
    page = RULES.clean(text.encode(encoding))
    body = page.body.decode(encoding)
    assert "newsletter" not in body and "ferry" in body


def test_lone_surrogates_come_through():
    page = RULES.clean("\ud83d half a character\n" + PAGE + "\udc00 and another half of one.\n")
    assert page.body.startswith("\ud83d") and "\udc00 and" in page.body and "newsletter" not in page.body
    assert "Subscribe" in page.removals[0].text
    assert dehusk.clean("\ud800") == "\ud800"


def test_html():
    html = f"<html><head><title>Ferry</title></head><body><nav><a href='/'>Home</a></nav><h1>Ferry</h1>{''.join(f'<p>The ferry left at noon for the {i}th time, and nobody on the pier waved.</p>' for i in range(9))}<footer>All rights reserved.</footer></body></html>"
    page = dehusk.Cleaner().clean_html(html)
    assert "waved" in page.body and "<p>" not in page.body and "rights" not in page.body
    assert page.markdown.startswith("# Ferry") and page.metadata["title"] == "Ferry"
    assert dehusk.Cleaner().clean_html(html.encode()).body == page.body
    assert dehusk.Cleaner(format="html").clean(html).body == page.body
    assert dehusk.Cleaner(format="html", to="markdown").clean(html).body == page.markdown
    told = command("clean", "-", "--format", "html", "--isolated", input=html.encode())
    assert told.stdout.decode() == page.body


def test_levels_and_choices():
    page = "By Jonas Ek\n\n" + "The ferry left at noon, and nobody on the pier waved, for it was raining again.\n\n" * 8
    strict, gentle = dehusk.Cleaner(level="strict"), dehusk.Cleaner(level="gentle")
    assert "Jonas" not in strict.clean(page).body and gentle.clean(page).body == page
    assert dehusk.Cleaner(ignore="newsletter-signup", model=False).clean(PAGE).body == PAGE
    assert dehusk.Cleaner(select=["photo-credit"]).clean(PAGE).body == PAGE
    assert dehusk.Cleaner(default_rules=False, model=False).clean(PAGE).body == PAGE


@pytest.mark.parametrize(
    "options",
    [{"level": "wild"}, {"select": "nothing"}, {"ignore": ["a/b"]}, {"max_removed": 2.0}, {"max_loss": -0.5}, {"max_loss": 0.1, "model": False}, {"format": "pdf"}, {"to": "html"}, {"input_kind": "x"}],
)
def test_options_that_make_no_sense(options):
    with pytest.raises(ValueError, match=r"\w"):
        dehusk.Cleaner(**options)


def test_arguments_of_another_type():
    with pytest.raises(TypeError, match="str or bytes, not int"):
        dehusk.clean(3)
    with pytest.raises(TypeError, match="rules is the path of a pack or several, not 3"):
        dehusk.Cleaner(rules=3)
    with pytest.raises(TypeError, match="select is the name .* or several, not {}"):
        dehusk.Cleaner(select={})
    assert dehusk.Cleaner("strict") == dehusk.Cleaner(level="strict")
    with pytest.raises(OSError, match="missing.toml"):
        dehusk.Cleaner(rules="missing.toml")


PACK = """
category = "newsletter-signup"
[[rule]]
id = "wave"
why = "A line of the house."
phrases = ["wave at the ferry with us"]
strength = "certain"
match = ["Wave at the ferry with us"]
keep = ["He asked us to wave at the ferry with us all, and the children did so until it was gone."]
"""


def test_a_pack_travels_with_its_cleaner(tmp_path):
    pack = tmp_path / "mine.toml"
    pack.write_text(PACK)
    cleaner = dehusk.Cleaner(rules=[pack])
    text = "Wave at the ferry with us\n\nThe ferry left at noon, and nobody on the pier waved.\n"
    assert cleaner.clean(text).removals[0].rule == "newsletter-signup/wave"
    pack.unlink()
    copy = pickle.loads(pickle.dumps(cleaner))
    assert copy == cleaner and hash(copy) == hash(cleaner) and copy != dehusk.Cleaner()
    assert copy.clean(text).body == cleaner.clean(text).body
    (tmp_path / "bad.toml").write_text("[[rule]]\nid = 3\n")
    with pytest.raises(ValueError, match=r"bad.toml:\d+"):
        dehusk.Cleaner(rules=tmp_path / "bad.toml")


def test_equal_options_have_equal_bytes_in_every_process():
    make = "import dehusk,pickle,sys; sys.stdout.buffer.write(pickle.dumps(dehusk.Cleaner(level='strict', select=['navigation'])))"
    runs = {subprocess.run([sys.executable, "-c", make], capture_output=True, check=True).stdout for _ in range(3)}
    assert runs == {pickle.dumps(dehusk.Cleaner(level="strict", select="navigation"))}


def test_bytes_of_another_version_are_refused():
    options = json.loads(dehusk.Cleaner().to_bytes())
    with pytest.raises(ValueError, match="same version"):
        dehusk.Cleaner.from_bytes(json.dumps(options | {"dehusk": "0.0.0"}).encode())
    with pytest.raises(ValueError, match="no options"):
        dehusk.Cleaner.from_bytes(b"{}")


def test_a_panic_is_an_internal_error():
    # Also proves that the wheel unwinds: a process built to abort would be gone.
    with pytest.raises(dehusk.InternalError, match="as asked"):
        dehusk._dehusk._panic()
    assert issubclass(dehusk.InternalError, RuntimeWarning)


def test_the_command():
    assert command("--version").stdout.decode().split() == ["dehusk", dehusk.__version__]
    told = subprocess.run(
        [sys.executable, "-m", "dehusk", "clean", "-", "--isolated"], input=PAGE.encode(), capture_output=True, check=True
    )
    assert told.stdout.decode() == dehusk.clean(PAGE)
    wrong = subprocess.run([Path(sys.executable).with_name("dehusk"), "clean"], capture_output=True)
    assert wrong.returncode == 2 and b"name what to clean" in wrong.stderr


def test_the_report_command_reads_records(tmp_path, cases):
    cleaner = dehusk.Cleaner()
    lines = tmp_path / "part-0.jsonl"
    lines.write_text("".join(cleaner.clean(c.text).to_json(c.name) + "\n" for c in cases))
    told = json.loads(command("report", lines, "--to", "json").stdout)
    assert told["found"] == len(cases) and told["categories"]


def test_version_is_the_crates():
    assert f'version = "{dehusk.__version__}"' in (ROOT / "Cargo.toml").read_text()
