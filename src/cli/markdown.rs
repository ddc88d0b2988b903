//! A summary as Markdown, for a pull request.

use std::fmt::Write;

use dehusk::io::{Count, Ending, Escaped, RecordPath, Summary};

use super::screen::{bytes, count, plural};

/// Rows of each table.
const ROWS: usize = 20;

/// A run in numbers.
pub fn summary(summary: &Summary) -> String {
    let [before, after] = summary.bytes;
    let share = before.saturating_sub(after) as f64 / before.max(1) as f64 * 100.0;
    let mut out = format!(
        "## dehusk {}, level {}\n\n{}, {} → {} (−{share:.1} %)\n\n",
        summary.dehusk,
        summary.level,
        plural(summary.found, "document"),
        bytes(before),
        bytes(after)
    );
    let ended = Ending::ALL.iter().filter(|e| summary.ended(**e) > 0);
    let ended: Vec<_> = ended.map(|e| format!("{} {}", count(summary.ended(*e)), e.name().replace('_', " "))).collect();
    let _ = writeln!(out, "{}\n", ended.join(" · "));
    for (name, counts) in [("kind", &summary.categories), ("rule", &summary.rules)] {
        let mut rows: Vec<(&String, &Count)> = counts.iter().collect();
        rows.sort_by(|a, b| b.1.removals.cmp(&a.1.removals).then(a.0.cmp(b.0)));
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "| {name} | pieces | documents | bytes |\n|---|--:|--:|--:|");
        for (id, n) in rows.iter().take(ROWS) {
            let _ =
                writeln!(out, "| {} | {} | {} | {} |", code(id), count(n.removals), count(n.documents), bytes(n.bytes));
        }
        more(&mut out, rows.len());
    }
    if !summary.strings.is_empty() {
        let _ = writeln!(out, "| count | line | removed by |\n|--:|---|---|");
        for line in summary.strings.iter().take(ROWS) {
            let by = line.rule.as_deref().unwrap_or(&line.category);
            let _ = writeln!(out, "| {} | {} | {} |", count(line.count), code(&line.text), code(by));
        }
        out.push('\n');
    }
    if summary.outliers_found > 0 {
        let _ = writeln!(out, "{} to look at:\n", plural(summary.outliers_found, "document"));
        for outlier in summary.outliers.iter().take(ROWS) {
            let _ = write!(
                out,
                "- {}: {}, {:.0} % removed",
                code(&path(&outlier.path)),
                outlier.status.name().replace('_', " "),
                outlier.removed * 100.0
            );
            if let Some(loss) = outlier.loss() {
                let _ = write!(out, ", {:.0} % of its text expected to be lost", loss * 100.0);
            }
            out.push('\n');
        }
        more(&mut out, summary.outliers_found as usize);
    }
    out
}

fn more(out: &mut String, all: usize) {
    let rest = all.saturating_sub(ROWS);
    out.push_str(&if rest > 0 { format!("\nand {} more\n\n", count(rest as u64)) } else { "\n".to_owned() });
}

/// A path as text.
pub fn path(path: &RecordPath) -> String {
    path.to_path().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Text of a page as code in a table: nothing in it is Markdown, HTML or the end of a cell.
pub fn code(text: &str) -> String {
    let text = Escaped::text(text).to_string().replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}
