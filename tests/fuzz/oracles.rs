//! The laws, each as a check of any bytes: what the fuzzers run, and what plain `cargo test` runs over the inputs that once
//! broke one. A check panics when a law does not hold.

use std::io::{BufReader, Read, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use dehusk::io::{
    Chunk, Chunks, Compression, Entry, Fields, Framing, Head, Journal, JsonLine, Packer, Record, Unpacker, WarcRecord,
    conversion, hash, html_page,
};
use dehusk::{Cleaned, Cleaner, Document, Format, InputKind, Level, Pack, Status, check_packs, restore};

/// A check by the name of its target.
pub type Check = fn(&[u8]);

/// All targets.
pub const ALL: [(&str, Check); 10] = [
    ("text", text),
    ("html", html),
    ("markdown", markdown),
    ("json_line", json_line),
    ("warc", warc),
    ("gzip", gzip),
    ("encoding", encoding),
    ("rule_pack", rule_pack),
    ("report_restore", report_restore),
    ("journal", journal),
];

/// Every level, over pages, extracts, and documents that tell themselves.
pub static CLEANERS: LazyLock<Vec<Cleaner>> = LazyLock::new(|| {
    let kinds = [None, Some(InputKind::Page), Some(InputKind::Extracted)];
    let build = |(level, kind): (Level, Option<InputKind>)| {
        let builder = Cleaner::builder().level(level);
        kind.into_iter().fold(builder, |b, kind| b.input_kind(kind)).build().unwrap()
    };
    Level::ALL.into_iter().flat_map(|level| kinds.map(|kind| (level, kind))).map(build).collect()
});

/// One of them, by the length of the input: an input stays a plain file.
fn cleaner(data: &[u8]) -> &'static Cleaner {
    &CLEANERS[data.len() % CLEANERS.len()]
}

/// Spans tile the input, the body is a part of it, and both together give it back.
pub fn tiles(page: &Cleaned<'_>) {
    let raw = page.document().raw();
    let (mut at, mut body) = (0, Vec::new());
    for r in page.removals() {
        let span = r.span();
        assert!(at <= span.start && span.start < span.end && span.end <= raw.len(), "{span:?} after {at}");
        assert!(r.rule().is_some() || !r.why().is_empty(), "a removal without a reason");
        assert!((0.0..=1.0).contains(&r.probability()));
        if let Some(rule) = r.rule() {
            assert!(rule.as_str().starts_with(&format!("{}/", r.category())), "{rule} under {}", r.category());
        }
        body.extend_from_slice(&raw[at..span.start]);
        at = span.end;
    }
    body.extend_from_slice(&raw[at..]);
    assert_eq!(page.body_bytes().as_ref(), body.as_slice());
    let pieces = page.removals().iter().map(|r| (r.span(), &raw[r.span()]));
    assert_eq!(restore(&body, pieces).unwrap(), raw);
    let kept_whole = page.removals().is_empty();
    assert_eq!(kept_whole, !matches!(page.status(), Status::Cleaned | Status::Emptied));
}

/// What holds for a document of any kind: views tile, cleaning is the same twice, and the record gives back what it can.
fn document(cleaner: &Cleaner, document: &Document<'_>) {
    let page = cleaner.clean(document.clone());
    let view = document.text();
    let is_html = document.layout() == Format::Html;
    if !is_html {
        tiles(&page);
    }
    let mut at = 0;
    for r in page.removals() {
        let span = r.view_span();
        assert!(at <= span.start && span.start < span.end && span.end <= view.len(), "{span:?} after {at}");
        assert!(r.span().start <= r.span().end && r.span().end <= document.raw().len());
        at = span.end;
    }
    assert_eq!(page.restore(), view);
    let explained = cleaner.explain(document.clone());
    let again = explained.cleaned();
    assert_eq!(page.markdown(), again.markdown());
    let body = page.output(Format::Text);
    if std::str::from_utf8(document.raw()).is_ok() && document.encoding() == "utf-8" {
        assert!(std::str::from_utf8(&body).is_ok(), "a character was cut");
    }
    let record = Record::new(Path::new("a.txt"), &page, &body);
    let twice = Record::new(Path::new("a.txt"), again, &again.output(Format::Text));
    assert!(record == twice, "explained as it was cleaned, and the same twice");
    for piece in &record.removed {
        let text: String = view.chars().skip(piece.char[0]).take(piece.char[1] - piece.char[0]).collect();
        assert_eq!(piece.text.as_ref(), Some(&text), "the range of characters is of other text");
        assert!(piece.line[0] < piece.line[1] && piece.line[1] <= view.len() + 2);
    }
    let record = Record::parse(&record.to_line()).expect("what is written can be read");
    match is_html {
        true => assert_eq!(record.restore_visible(&body).unwrap(), view),
        false => assert_eq!(record.restore(&body).unwrap(), document.raw()),
    }
}

/// Plain text in an encoding that is found out.
pub fn text(data: &[u8]) {
    document(cleaner(data), &Document::from_bytes(data));
}

/// Markdown.
pub fn markdown(data: &[u8]) {
    document(cleaner(data), &Document::from_bytes(data).format(Format::Markdown));
}

/// An HTML page.
pub fn html(data: &[u8]) {
    document(cleaner(data), &Document::from_html(data));
}

/// Bytes in an encoding that is named by the first of them; the view is what the standard's decoder makes of them.
pub fn encoding(data: &[u8]) {
    const LABELS: [&str; 20] = [
        "utf-8",
        "utf-16le",
        "utf-16be",
        "windows-1252",
        "windows-1251",
        "koi8-r",
        "shift_jis",
        "euc-jp",
        "iso-2022-jp",
        "gb18030",
        "gbk",
        "big5",
        "euc-kr",
        "windows-874",
        "iso-8859-8-i",
        "x-user-defined",
        "replacement",
        "macintosh",
        "ibm866",
        "windows-1258",
    ];
    let Some((first, raw)) = data.split_first() else { return };
    let label = LABELS[usize::from(*first) % LABELS.len()];
    let found = Document::with_encoding(raw, label).unwrap();
    let known = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
    // Of damaged UTF-8 each byte is a character of its own here; the standard takes some together.
    if known != encoding_rs::UTF_8 {
        let marked = encoding_rs::Encoding::for_bom(raw).filter(|(encoding, _)| *encoding == known);
        let bom = marked.map_or(0, |(_, len)| len);
        let (view, _) = known.decode_without_bom_handling(&raw[bom..]);
        let mark = if bom > 0 { "\u{feff}" } else { "" };
        assert_eq!(found.text(), format!("{mark}{view}"), "{label}");
    }
    document(cleaner(raw), &found);
    document(cleaner(raw), &found.format(Format::Html));
}

/// A line of JSONL: read as serde_json reads it, and JSON again when chrome was cut out of its text.
pub fn json_line(data: &[u8]) {
    let fields = Fields::default();
    let found = JsonLine::parse(data, &fields);
    let body = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    if let Ok(serde_json::Value::Object(object)) = serde_json::from_slice(body)
        && let Some(serde_json::Value::String(text)) = object.get("text")
    {
        match &found {
            Ok(line) => assert_eq!(Document::from_json_string(line.text).text(), text),
            Err(why) => assert!(why.contains("is there twice"), "{why}"),
        }
    }
    let Ok(found) = found else { return };
    assert_eq!(&data[found.at.clone()], found.text.as_bytes());
    let inner = Document::from_json_string(found.text);
    document(cleaner(data), &inner);
    let page = cleaner(data).clean(inner);
    let out = [&data[..found.at.start], &page.body_bytes(), &data[found.at.end..]].concat();
    let again = JsonLine::parse(&out, &fields).expect("what is left is JSON");
    assert_eq!(Document::from_json_string(again.text).text(), page.body());
    assert_eq!((again.url, again.id), (found.url, found.id));
    let record = Record::new(Path::new("a.jsonl"), &page, &page.body_bytes()).inside(7, data, &out, found.at.start);
    assert_eq!(Record::parse(&record.to_line()).unwrap().restore(&out).unwrap(), data);
}

/// A web archive, and the same bytes as lines: chunks lose nothing, and records are sound when they are written anew.
pub fn warc(data: &[u8]) {
    for framing in [Framing::Warc, Framing::Lines] {
        for max_record in [1 << 20, 200] {
            let whole = chunks(data, framing, max_record);
            assert_eq!(whole.iter().flat_map(|r| r.1.iter().copied()).collect::<Vec<_>>(), data);
            if framing == Framing::Warc && max_record > 200 {
                whole.iter().for_each(|(_, raw)| warc_record(raw));
            }
        }
    }
}

/// The records of a file by their numbers, which go up by one.
fn chunks(data: &[u8], framing: Framing, max_record: usize) -> Vec<(u64, Vec<u8>)> {
    let mut records: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut open = false;
    for chunk in Chunks::new(data, framing, max_record, 1) {
        match chunk.expect("memory can be read") {
            Chunk::Records { first, bytes, ends } => {
                assert!(!open && ends.last() == Some(&bytes.len()));
                let mut at = 0;
                for (number, end) in (first..).zip(ends) {
                    assert!(end > at && end - at <= max_record);
                    records.push((number, bytes[at..end].to_vec()));
                    at = end;
                }
            }
            Chunk::Whole { number, bytes, last, .. } => {
                if !std::mem::replace(&mut open, !last) {
                    records.push((number, Vec::new()));
                }
                let (begun, record) = records.last_mut().unwrap();
                assert_eq!(*begun, number);
                record.extend(bytes);
            }
            _ => unreachable!("a kind of chunk that is not known"),
        }
    }
    assert!(!open);
    assert!(records.iter().map(|r| r.0).eq(1..=records.len() as u64));
    records
}

fn warc_record(raw: &[u8]) {
    let Ok(record) = WarcRecord::parse(raw) else { return };
    assert_eq!([&raw[..record.head.len], record.block, record.tail].concat(), raw);
    if let Ok((page, Some(at))) = html_page(record.block, 1 << 20) {
        assert_eq!(page, &record.block[at..]);
    }
    let page = cleaner(raw).clean(Document::from_bytes(record.block));
    let body = page.body_bytes();
    let of_text = conversion(&record, &body, "text/plain");
    let parsed = WarcRecord::parse(&of_text).expect("what is written can be read");
    assert_eq!((parsed.kind(), parsed.block, parsed.url()), ("conversion", body.as_ref(), record.url()));
    if let Ok(head) = record.head.with_block(&body) {
        let out = [&head[..], &body, record.tail].concat();
        assert_eq!(WarcRecord::parse(&out).map(|r| r.block), Ok(body.as_ref()));
        assert_eq!(Head::parse(&head).map(|h| h.len), Some(head.len()));
        // A record of which nothing goes is written as it came, whatever its head says.
        if !page.removals().is_empty() {
            let written = Record::new(Path::new("a.wet"), &page, &body).inside(1, raw, &out, record.head.len);
            let written = written.with_head(&raw[..record.head.len], head.len());
            assert_eq!(Record::parse(&written.to_line()).unwrap().restore(&out).unwrap(), raw);
        }
    }
}

/// Compressed streams: any bytes end in content or an error, whatever pieces they come in; what is packed comes back, and
/// what is cut short says so.
pub fn gzip(data: &[u8]) {
    for kind in [Compression::Gzip, Compression::Zstd] {
        let (whole, good) = unpack(kind, data, data.len().max(1));
        let (pieces, too) = unpack(kind, data, 7);
        let common = whole.len().min(pieces.len());
        assert!(whole[..common] == pieces[..common], "{kind:?}");
        assert!(!good || (too && whole == pieces), "{kind:?}");
        let packed = kind.pack(data.to_vec()).unwrap();
        assert!(unpack(kind, &packed, 64 << 10) == (data.to_vec(), true));
        let mut packer = Packer::new(Vec::new(), kind);
        packer.write_all(data).unwrap();
        assert!(unpack(kind, &[packer.finish().unwrap(), packed.clone()].concat(), 13) == (data.repeat(2), true));
        let cut = data.first().map_or(1, |b| usize::from(*b)) % packed.len();
        let (some, ended) = unpack(kind, &packed[..cut], 64 << 10);
        assert!(data.starts_with(&some) && (!ended || cut == 0), "{kind:?} cut at {cut}");
    }
}

/// The first mebibyte of what a stream holds, and whether nothing was wrong with it.
fn unpack(kind: Compression, bytes: &[u8], piece: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let unpacker = Unpacker::new(kind, BufReader::with_capacity(piece, bytes), 100);
    let ended = unpacker.and_then(|u| u.take(1 << 20).read_to_end(&mut out));
    (out, ended.is_ok())
}

/// A pack of rules: an error, or rules under which every law holds.
pub fn rule_pack(data: &[u8]) {
    const PAGE: &str = "Skip to content\nHome\n * About us\nSubscribe to our newsletter\n\nThe ferry left at noon, and nobody on \
        the pier waved; by evening the harbour was as empty as the square behind it.\n\nShare: Twitter | Facebook\n\
        Zum Inhalt springen\n版权所有\n12 Comments\n© 2024 Example Media. All rights reserved.\n";
    let Ok(source) = std::str::from_utf8(data) else { return };
    let Ok(pack) = Pack::parse("fuzz.toml", source) else { return };
    check_packs(std::slice::from_ref(&pack), &[], &[("page", PAGE)]);
    assert!(pack.rules().all(|r| r.id().as_str().starts_with(&format!("{}/", r.category()))));
    let Ok(cleaner) = Cleaner::builder().default_rules(false).pack(pack).build() else { return };
    document(&cleaner, &Document::new(PAGE));
    document(&cleaner, &Document::new(source));
}

/// Bytes at the end of the input that are taken for edits: how many, and for each its place and what comes there.
fn edits(data: &[u8]) -> (&[u8], Vec<(usize, u8)>) {
    const MOST: usize = 6;
    let Some((count, rest)) = data.split_last() else { return (data, Vec::new()) };
    let (rest, edits) = rest.split_at(rest.len().saturating_sub(3 * (usize::from(*count) % MOST)));
    let edits = edits.chunks_exact(3).map(|e| (usize::from(u16::from_le_bytes([e[0], e[1]])), e[2]));
    (rest, edits.collect())
}

fn edited(bytes: &[u8], edits: &[(usize, u8)]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for (at, byte) in edits {
        let at = at % out.len().max(1);
        match out.get_mut(at) {
            // Half of the edits take a byte out or put one in.
            Some(_) if byte & 3 == 0 => drop(out.remove(at)),
            Some(_) if byte & 3 == 1 => out.insert(at, byte >> 2),
            Some(old) => *old = *byte,
            None => {}
        }
    }
    out
}

/// A report: any line and any output are an error or what the record says; and a damaged report never gives back something
/// else than the input.
pub fn report_restore(data: &[u8]) {
    // A line and an output that may belong together.
    let (line, body) = data.split_at(memchr(data, b'\n').map_or(data.len(), |i| i + 1));
    if let Ok(mut record) = std::str::from_utf8(line).map_err(drop).and_then(|l| Record::parse(l).map_err(drop)) {
        assert!(Record::parse(&record.to_line()).unwrap() == record);
        drop(record.path.to_path());
        given_back(&record, body);
        if let Some(hashes) = &mut record.hash {
            // Past the check of the output: the pieces may still be any.
            hashes[1] = hash(body);
            given_back(&record, body);
        }
        let pieces: Vec<(Range<usize>, Vec<u8>)> =
            record.removed.iter().map(|r| (r.byte[0]..r.byte[1], r.text.clone().unwrap_or_default().into())).collect();
        if let Ok(whole) = restore(body, pieces.iter().map(|(span, bytes)| (span.clone(), bytes.as_slice()))) {
            assert_eq!(whole.len(), body.len() + pieces.iter().map(|p| p.1.len()).sum::<usize>());
            assert!(pieces.iter().all(|(span, bytes)| whole[span.clone()] == bytes[..]));
        }
    }
    // A report that was true, and then damaged.
    let (raw, edits) = edits(data);
    let page = cleaner(raw).clean(Document::from_bytes(raw));
    let body = page.body_bytes();
    let line = Record::new(Path::new("a.txt"), &page, &body).to_line();
    let damaged = edited(line.as_bytes(), &edits);
    if let Ok(record) = String::from_utf8(damaged).map_err(drop).and_then(|l| Record::parse(&l).map_err(drop)) {
        given_back(&record, &body);
        if let (Ok(whole), Some([before, _])) = (record.restore(&body), &record.hash) {
            assert!(whole == raw || *before != hash(raw));
        }
    }
    let other = edited(&body, &edits);
    let record = Record::parse(&line).unwrap();
    assert_eq!(record.restore(&other).is_ok(), other == body.as_ref());
}

/// What a record gives back is what it says.
fn given_back(record: &Record, body: &[u8]) {
    if let Ok(whole) = record.restore(body) {
        assert_eq!(record.hash.as_ref().unwrap()[0], hash(&whole));
    }
    if let Ok(text) = record.restore_visible(body) {
        assert_eq!(record.visible.as_ref().unwrap().hash, hash(text.as_bytes()));
    }
}

fn memchr(data: &[u8], byte: u8) -> Option<usize> {
    data.iter().position(|b| *b == byte)
}

/// A journal: any bytes are read without harm, and can be gone on with; of one that was written and then damaged nothing
/// is believed that was not written.
pub fn journal(data: &[u8]) {
    const OPTIONS: &str = "level=balanced";
    static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
    });
    let path = tempfile::Builder::new().tempfile_in(FOLDER.path()).unwrap().into_temp_path();
    let read = || {
        let mut found = Journal::find(&path).unwrap();
        let ours = found.is_of(OPTIONS).unwrap();
        let entries: Vec<Entry> = std::iter::from_fn(|| found.entry().unwrap()).collect();
        (ours, entries, found)
    };
    // Any bytes: what is believed is still there after going on behind it.
    std::fs::write(&path, data).unwrap();
    let (ours, mut entries, found) = read();
    let at = found.at();
    assert!(at <= data.len() as u64);
    let new = Entry::new(Path::new("new"), Path::new("new"), None, Some((1, hash(b"x"))));
    let mut journal = if ours { found.go_on(at) } else { found.begin_anew(OPTIONS) }.unwrap();
    journal.add(&new);
    journal.flush().unwrap();
    drop(journal);
    if !ours {
        entries.clear();
    }
    entries.push(new);
    let (ours, again, _) = read();
    assert!(ours && again == entries, "what was believed is gone");
    // A journal of entries that the input makes, damaged: cut, or some bytes changed.
    let (rest, edits) = edits(data);
    let entries: Vec<Entry> = rest
        .chunks(24)
        .map(|bytes| {
            let (name, tail) = bytes.split_at(bytes.len() / 2);
            let name = String::from_utf8_lossy(name);
            let seal = (!tail.is_empty()).then(|| (tail.len() as u64, hash(tail)));
            Entry::new(Path::new(&*name), Path::new("out"), seal.clone(), seal)
        })
        .collect();
    std::fs::remove_file(&path).unwrap();
    let mut journal = Journal::create(&path, OPTIONS).unwrap();
    entries.iter().for_each(|entry| journal.add(entry));
    journal.flush().unwrap();
    drop(journal);
    let written = std::fs::read(&path).unwrap();
    let mut damaged = edited(&written, &edits);
    if let Some((at, _)) = edits.first().filter(|(_, byte)| byte & 1 == 1) {
        damaged.truncate(at % (damaged.len() + 1));
    }
    std::fs::write(&path, &damaged).unwrap();
    let (ours, believed, _) = read();
    assert!(entries.starts_with(&believed) || !ours, "a damaged journal is believed");
    assert_eq!(ours && believed.len() == entries.len() && damaged.len() == written.len(), damaged == written);
}
