"""`SiteModel`: learned here, in parts, or by the command, it is the same."""

import json
import pickle
import random

import pyarrow as pa
import pytest
from corpus import command

import dehusk

HOSTS = ("echo.example", "gulls.example")
MENUS = ("Harbour Echo\nTides\nMoorings\nLost oars\n\n", "The Gull\nCliffs\nEggs and nests\nRoosts\n\n")
NOUNS = ("crane", "light", "ferry", "rope", "anchor", "net", "bell", "hull", "mast", "oar")
TOWNS = ("Amrum", "Borkum", "Tarbert", "Husum", "Esbjerg", "Thyboron", "Skagen", "Malmo", "Visby", "Hanko")


def pages():
    """Pages of two sites, as (address, text)."""
    made = []
    for i, (noun, town) in enumerate((noun, town) for noun in NOUNS for town in TOWNS):
        story = f"The {noun} of {town}\n\nNobody in {town} knows who bought the {noun}, and it took two days to take it down to the quay.\n"
        made.append((f"https://www.{HOSTS[i % 2]}/{i}", MENUS[i % 2] + story))
    return made


PAGES = pages()
TABLE = pa.table({"url": [url for url, _ in PAGES], "text": [text for _, text in PAGES]})


@pytest.fixture(scope="module")
def model():
    model = dehusk.SiteModel()
    for url, text in PAGES:
        model.observe(text, url)
    return model


def test_a_model_tells_what_it_has_seen(model):
    assert model.pages == len(PAGES) and model.sites == dict.fromkeys(HOSTS, len(PAGES) // 2)
    assert repr(model) == f"<dehusk.SiteModel: {len(PAGES)} pages of 2 sites>"


def test_the_template_of_the_site_goes(model):
    url, text = PAGES[0]
    assert dehusk.Cleaner().clean(text).body != dehusk.Cleaner(site_model=model).clean(text, url).body
    page = dehusk.Cleaner(site_model=model).clean(text, HOSTS[0])
    assert "Moorings" not in page.body and "Nobody in Amrum" in page.body
    assert "template" in {r.category for r in page.removals}
    # Another site has another template.
    other = dehusk.Cleaner(site_model=model).clean(text, "elsewhere.example")
    assert other.body == dehusk.Cleaner().clean(text).body
    assert dehusk.Cleaner(site_model=model, ignore="template").clean(text, url).body == dehusk.Cleaner().clean(text).body


@pytest.mark.parametrize("threads", [1, 3])
def test_parts_make_the_model_of_the_whole(model, threads):
    batches = TABLE.to_batches(max_chunksize=7)
    random.Random(1).shuffle(batches)
    parts = [dehusk.SiteModel() for _ in range(3)]
    for i, batch in enumerate(batches):
        parts[i % 3].observe_batch(batch, "text", site_column="url", threads=threads)
    whole = dehusk.SiteModel()
    for part in parts:
        whole.merge(pickle.loads(pickle.dumps(part)))
    assert whole == model and whole.to_bytes() == model.to_bytes()
    assert dehusk.SiteModel.from_bytes(whole.to_bytes()) == model
    twice = dehusk.SiteModel()
    twice.merge(model)
    twice.merge(twice)
    assert twice.pages == 2 * model.pages


def test_the_command_learns_and_cleans_the_same(model, tmp_path):
    lines = tmp_path / "pages.jsonl"
    lines.write_text("".join(json.dumps({"url": url, "text": text}) + "\n" for url, text in PAGES))
    command("learn", lines, "-o", tmp_path / "all.site", "--isolated")
    assert (tmp_path / "all.site").read_bytes() == model.to_bytes()
    command("clean", lines, "-o", tmp_path / "out", "--site-model", tmp_path / "all.site", "--isolated")
    theirs = [json.loads(line)["text"] for line in (tmp_path / "out").read_text().splitlines()]
    for given in (model, (tmp_path / "all.site").read_bytes()):
        cleaner = dehusk.Cleaner(site_model=given)
        done = cleaner.clean_batch(TABLE, "text", site_column="url", report=True)
        assert done["text"].to_pylist() == theirs
        assert [cleaner.clean(text, url).body for url, text in PAGES] == theirs
    assert theirs != dehusk.Cleaner().clean_batch(TABLE["text"]).to_pylist()


def test_pages_tell_their_own_address(model):
    url, text = PAGES[0]
    told = dehusk.SiteModel()
    told.observe(f"{url}\n\n{text}")
    html = f"<title>Rope</title><link rel=canonical href='{url}'><p>The rope of Amrum was cut.</p>"
    told.observe(html, format="html")
    told.observe("Nobody says where this page is from.\n")
    assert told.sites == {HOSTS[0]: 2, "": 1}


def test_a_cleaner_travels_with_its_model(model):
    cleaner = dehusk.Cleaner(site_model=model)
    copy = pickle.loads(pickle.dumps(cleaner))
    assert copy == cleaner and hash(copy) == hash(cleaner) and copy != dehusk.Cleaner()
    url, text = PAGES[0]
    assert copy.clean(text, url).body == cleaner.clean(text, url).body
    assert pickle.loads(pickle.dumps(cleaner)) is copy, "a worker makes a cleaner once"
    assert len(repr(cleaner)) < 1000


def test_sites_of_rows_may_be_missing_and_of_any_text_type(model):
    cleaner = dehusk.Cleaner(site_model=model)
    expected = [cleaner.clean(text, url).body for url, text in PAGES]
    for kind in (pa.large_string(), pa.string_view(), pa.binary(), pa.dictionary(pa.int32(), pa.string())):
        table = TABLE.set_column(0, "url", TABLE["url"].cast(kind))
        assert cleaner.clean_batch(table, "text", site_column="url")["text"].to_pylist() == expected
    nowhere = TABLE.set_column(0, "url", pa.nulls(len(TABLE), pa.string()))
    assert cleaner.clean_batch(nowhere, "text", site_column="url")["text"] == dehusk.Cleaner().clean_batch(TABLE["text"])


def test_what_makes_no_sense(model):
    with pytest.raises(ValueError, match="no site model"):
        dehusk.SiteModel.from_bytes(b"[[rule]]")
    with pytest.raises(ValueError, match="damaged"):
        dehusk.SiteModel.from_bytes(model.to_bytes()[:-9])
    with pytest.raises(ValueError, match="no site model"):
        dehusk.Cleaner(site_model=b"")
    with pytest.raises(TypeError, match="not str"):
        dehusk.Cleaner(site_model="all.site")
    with pytest.raises(TypeError, match="str or bytes, not int"):
        dehusk.SiteModel().observe(3)
    with pytest.raises(KeyError, match='no column "host"; the columns are: url, text'):
        dehusk.SiteModel().observe_batch(TABLE, "text", site_column="host")
    with pytest.raises(ValueError, match="name the column"):
        dehusk.SiteModel().observe_batch(TABLE["text"], site_column="url")
    with pytest.raises(ValueError, match="threads is at least 1"):
        dehusk.SiteModel().observe_batch(TABLE, "text", threads=0)
    packed = TABLE.set_column(1, "text", TABLE["text"].dictionary_encode())
    with pytest.raises(TypeError, match="decode the dictionary first"):
        dehusk.Cleaner(site_model=model).clean_batch(packed, "text", site_column="url")
