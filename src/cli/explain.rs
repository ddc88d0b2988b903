//! `dehusk explain`: why lines were removed or kept, and what would change it.

use std::ffi::OsStr;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

use clap::builder::styling::{AnsiColor, Style};
use dehusk::io::{Compression, Escaped, Input, Unpacker, read_up_to};
use dehusk::{ExplainedBlock, Explanation, Format, MAX_DOCUMENT, Status, Strength};

use super::args::Explain;
use super::clean::cleaner;
use super::exit::{Exit, Failure, Outcome};
use super::flip;
use super::inputs::{self, ByName};
use super::screen;
use super::stream::document_of;

/// Characters of a line that are shown.
const WIDTH: usize = 100;
/// Neighbours on either side of a line that is explained.
const NEIGHBOURS: usize = 2;

/// Runs `dehusk explain`.
pub fn run(typed: &Explain) -> Outcome {
    let (mut path, mut line) = target(&typed.target);
    let by_name = |path: &Path| ByName::of(&Compression::of_name(path).1);
    let asked = inputs::format(typed.format.unwrap_or_default())?;
    let cleaner = cleaner(&typed.rules)?;
    // Of a file of records, the first number is the record's: pages.jsonl:12, and pages.jsonl:12:3 for its third line.
    let mut record = None;
    if line.is_some()
        && let (shorter, Some(number)) = target(path.as_os_str())
        && let Some(kind) = asked.unwrap_or_else(|| by_name(shorter)).records()
    {
        (path, record) = (shorter, Some((kind, number)));
    } else if let (Some(kind), Some(number)) = (asked.unwrap_or_else(|| by_name(path)).records(), line) {
        (line, record) = (None, Some((kind, number)));
    }
    let (raw, format) = match record {
        None => {
            let raw = read(path)?;
            let format = asked.unwrap_or_else(|| by_name(path)).format(&raw);
            (raw, format)
        }
        Some((kind, number)) => document_of(path, kind, number as u64, &typed.fields())
            .map_err(|e| e.to_string())
            .and_then(|found| found)
            .map_err(|e| Failure::usage(format!("{} record {number}: {}", Escaped::path(path), Escaped::text(&e))))?,
    };
    let document = inputs::document(&raw, format, typed.encoding.as_deref())?;
    let seen = cleaner.explain(document.clone());
    let lines = Lines::new(document.text());
    let mut out = head(&seen);
    match line {
        None => {
            for block in seen.blocks() {
                one_line(&seen, &lines, block, &mut out);
            }
        }
        Some(wanted) => {
            let of = |b: &&ExplainedBlock| {
                lines.of(b.span().start) <= wanted && wanted <= lines.of(b.span().end.saturating_sub(1))
            };
            let chosen: Vec<_> = seen.blocks().iter().enumerate().filter(|(_, b)| of(b)).collect();
            if chosen.is_empty() {
                let last = lines.of(document.text().len().saturating_sub(1));
                return Err(Failure::usage(format!(
                    "line {wanted} has no text: {} has {last} lines, and blank ones go with their neighbours",
                    Escaped::path(path)
                )));
            }
            for (i, block) in chosen {
                in_full(&seen, &lines, i, block, &mut out);
                flip::flips(&typed.rules, &document, i, block, &seen, &mut out)?;
            }
        }
    }
    screen::out(out).map(|()| Exit::Done)
}

/// The file, and the line behind a colon; a file of the whole name goes first.
fn target(typed: &OsStr) -> (&Path, Option<usize>) {
    let whole = Path::new(typed);
    if whole.exists() {
        return (whole, None);
    }
    let split = typed.to_str().and_then(|t| t.rsplit_once(':'));
    match split.and_then(|(path, line)| Some((path, line.parse().ok().filter(|n| *n > 0)?))) {
        Some((path, line)) => (Path::new(path), Some(line)),
        None => (whole, None),
    }
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    let result = if path == Path::new("-") {
        read_up_to(&mut std::io::stdin().lock(), MAX_DOCUMENT)
    } else {
        Input::open(path, true).and_then(|mut input| input.read())
    };
    let result = result.and_then(|raw| match Compression::of_bytes(&raw) {
        Compression::None => Ok(raw),
        packed => read_up_to(&mut Unpacker::new(packed, raw.as_slice(), u64::MAX)?, MAX_DOCUMENT),
    });
    result.map_err(|e| Failure::usage(format!("cannot read {}: {e}", Escaped::path(path))))
}

/// Where lines begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends =
            (0..bytes.len()).filter(|i| bytes[*i] == b'\n' || (bytes[*i] == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
        Self { starts: std::iter::once(0).chain(ends.map(|i| i + 1)).collect() }
    }

    /// The line of an offset; the first is 1.
    fn of(&self, offset: usize) -> usize {
        self.starts.partition_point(|s| *s <= offset)
    }
}

fn head(seen: &Explanation<'_>) -> String {
    let cleaned = seen.cleaned();
    let report = cleaned.report();
    let kind = match report.input_kind() {
        dehusk::InputKind::Page => "a whole page",
        _ => "extracted text",
    };
    let threshold = if seen.threshold().is_finite() {
        format!("evidence alone removes from a score of {:.1}", seen.threshold())
    } else {
        "evidence alone removes nothing, rules do".to_owned()
    };
    let reason = report.reason().map(|r| format!(" ({})", Escaped::text(r))).unwrap_or_default();
    let document = cleaned.document();
    let mut head = format!("{}{reason}: {}, taken for {kind}; {threshold}\n", cleaned.status(), document.encoding());
    if document.layout() == Format::Html {
        head.push_str("an HTML page: lines are those of its visible text\n");
    }
    if let Some(loss) = report.expected_loss().filter(|loss| *loss >= 0.01) {
        let _ = writeln!(head, "expected loss: {:.0} % of its text is likely among what would go", loss * 100.0);
    }
    if document.has_embedded_text() {
        head.push_str("it shows no body: an article that it holds as data was read with it\n");
    }
    head
}

fn mark(block: &ExplainedBlock, seen: &Explanation<'_>) -> (&'static str, Style) {
    let withheld = seen.cleaned().status() == Status::Suspicious;
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    match block.removed() {
        Some(_) if withheld => ("?", red),
        Some(_) => ("-", red),
        None if seen.removals_of(block).next().is_some() => {
            ("~", Style::new().fg_color(Some(AnsiColor::Yellow.into())))
        }
        None => (" ", Style::new()),
    }
}

/// A block as one line of an overview.
fn one_line(seen: &Explanation<'_>, lines: &Lines, block: &ExplainedBlock, out: &mut String) {
    let text = &seen.cleaned().document().text()[block.span()];
    let (mark, style) = mark(block, seen);
    let removal = seen.removals_of(block).next();
    let name = removal.map_or("", |r| r.rule().map_or_else(|| r.category().id(), dehusk::RuleId::as_str));
    let _ = writeln!(
        out,
        "{style}{mark}{style:#} {:>5} {:>6.1}  {style}{name:<34}{style:#} {}",
        lines.of(block.span().start),
        block.score(),
        shortened(text, 0..0).0
    );
}

/// All there is to say of a block.
fn in_full(seen: &Explanation<'_>, lines: &Lines, i: usize, block: &ExplainedBlock, out: &mut String) {
    let bold = Style::new().bold();
    let verdict = match (block.removed(), seen.removals_of(block).next()) {
        (Some(category), _) if seen.cleaned().status() == Status::Suspicious => {
            format!("would be removed as {category}, but the document passes through whole")
        }
        (Some(category), _) => format!("removed as {category}"),
        (None, Some(part)) => format!("kept but for a part, removed as {}", part.category()),
        (None, None) => "kept".to_owned(),
    };
    let _ = writeln!(out, "\nline {}: {bold}{verdict}{bold:#}", lines.of(block.span().start));
    let text = seen.cleaned().document().text();
    let _ = writeln!(out, "  {}", shortened(&text[block.span()], 0..0).0);
    for hit in block.hits() {
        let span = hit.span().start - block.span().start..hit.span().end - block.span().start;
        let (shown, at) = shortened(&text[block.span()], span);
        let kind = if hit.is_allow() { "allows" } else { hit.strength().name() };
        let silence = hit.silence().map_or_else(String::new, |why| format!(", but {why}"));
        let _ = writeln!(
            out,
            "    {shown}\n    {}{} {} ({kind}{silence})",
            " ".repeat(at.start),
            "^".repeat(at.len().max(1)),
            hit.rule()
        );
    }
    if block.hits().is_empty() {
        let _ = writeln!(out, "  rules     none matched");
    }
    let _ = writeln!(out, "  looks     like a {}, {}", block.look().name(), block.place().name());
    if let Some(tags) = block.tags() {
        let _ = writeln!(out, "  tags      {tags}");
    }
    let score = match seen.threshold() {
        t if !t.is_finite() => "; here evidence alone removes nothing".to_owned(),
        t if block.score() > t => format!(", over the threshold of {t:.1} by {:.1}", block.score() - t),
        t => format!(", under the threshold of {t:.1} by {:.1}", t - block.score()),
    };
    let _ = writeln!(out, "  score     {:.1}{score}", block.score());
    if let Some(saved) = saved(seen, block) {
        let _ = writeln!(out, "  saved by  {saved}");
    }
    for removal in seen.removals_of(block) {
        let why: Vec<_> = removal.why().iter().map(|w| Escaped::text(&w.to_string()).to_string()).collect();
        let _ = writeln!(out, "  because   {}", why.join("; "));
    }
    let _ = writeln!(out, "  around it");
    let from = i.saturating_sub(NEIGHBOURS);
    for neighbour in seen.blocks().iter().skip(from).take(i - from + 1 + NEIGHBOURS) {
        out.push_str("  ");
        one_line(seen, lines, neighbour, out);
    }
}

/// What keeps a block that something speaks against.
fn saved(seen: &Explanation<'_>, block: &ExplainedBlock) -> Option<String> {
    if let Some(allow) = block.hits().iter().find(|h| h.is_allow()) {
        return Some(format!("the allow-rule {}", allow.rule()));
    }
    let report = seen.cleaned().report();
    match report.status() {
        Status::Suspicious | Status::PassedThrough => {
            let guard = if report.status() == Status::Suspicious {
                "the guard against losing too much"
            } else {
                "passing through"
            };
            return report.reason().map(|reason| format!("{guard}: {}", Escaped::text(reason)));
        }
        _ if block.removed().is_some() || seen.removals_of(block).next().is_some() => return None,
        _ => {}
    }
    if let Some(saved) = block.saved() {
        return Some(saved.to_owned());
    }
    let hit = block.hits().iter().find(|hit| hit.fires()).or_else(|| block.hits().first())?;
    Some(match (hit.silence(), hit.strength()) {
        (Some(why), _) => format!("the limits of {}, which fires, but {why}", hit.rule()),
        (None, Strength::Certain) => {
            format!("the level: it removes {} from {} on", hit.category(), hit.category().removed_at())
        }
        (None, Strength::Likely) => {
            format!("its surroundings: {} is likely, and needs the edge of the text or a removed neighbour", hit.rule())
        }
        (None, _) => format!("doubt: {} is a hint, which alone removes nothing", hit.rule()),
    })
}

/// Text on one line, safe to show and cut around what is marked; and where the mark is in it, in characters.
fn shortened(text: &str, marked: Range<usize>) -> (String, Range<usize>) {
    let shown = |part: &str| Escaped::text(part).to_string();
    let (before, middle, after) =
        (shown(&text[..marked.start]), shown(&text[marked.clone()]), shown(&text[marked.end..]));
    let (b, m, a) = (before.chars().count(), middle.chars().count(), after.chars().count());
    if b + m + a <= WIDTH {
        return (format!("{before}{middle}{after}"), b..b + m);
    }
    let room = WIDTH.saturating_sub(m) / 2;
    let front: String =
        if b > room && m > 0 { format!("…{}", before.chars().skip(b - room).collect::<String>()) } else { before };
    let middle: String =
        if m > WIDTH { format!("{}…", middle.chars().take(WIDTH).collect::<String>()) } else { middle };
    let rest = WIDTH.saturating_sub(front.chars().count() + middle.chars().count());
    let back: String = if a > rest { format!("{}…", after.chars().take(rest).collect::<String>()) } else { after };
    let at = front.chars().count();
    let end = at + middle.chars().count();
    (format!("{front}{middle}{back}"), at..end)
}
