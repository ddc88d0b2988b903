//! A unified diff printed from removed spans: exact, since nothing is ever added.

use std::fmt::Write;
use std::ops::Range;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// A line of the diff.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line<'t> {
    Kept(&'t str),
    Gone(&'t str),
    /// What is left of a line.
    Left(String),
}

/// The unified diff between a text and the same text without some ranges, which are sorted and disjoint.
pub fn unified(name: &str, text: &str, removed: &[Range<usize>]) -> String {
    let lines = lines(text, removed);
    let changed: Vec<usize> = (0..lines.len()).filter(|i| !matches!(lines[*i], Line::Kept(_))).collect();
    let mut out = String::new();
    if changed.is_empty() {
        return out;
    }
    let _ = writeln!(out, "--- {name}\n+++ {name}");
    // Lines of the old and of the new text before each line.
    let (mut old, mut new, mut counted) = (0, 0, 0);
    let mut at = 0;
    while at < changed.len() {
        let mut last = at;
        while last + 1 < changed.len() && changed[last + 1] - changed[last] <= 2 * CONTEXT {
            last += 1;
        }
        let hunk = changed[at].saturating_sub(CONTEXT)..(changed[last] + 1 + CONTEXT).min(lines.len());
        count(&lines[counted..hunk.start], &mut old, &mut new);
        let (first_old, first_new) = (old, new);
        count(&lines[hunk.clone()], &mut old, &mut new);
        counted = hunk.end;
        let _ = writeln!(out, "@@ -{} +{} @@", range(first_old, old), range(first_new, new));
        for line in &lines[hunk] {
            let (mark, line) = match line {
                Line::Kept(line) => (' ', *line),
                Line::Gone(line) => ('-', *line),
                Line::Left(line) => ('+', line.as_str()),
            };
            out.push(mark);
            out.push_str(line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
        at = last + 1;
    }
    out
}

fn count(lines: &[Line<'_>], old: &mut usize, new: &mut usize) {
    for line in lines {
        *old += usize::from(!matches!(line, Line::Left(_)));
        *new += usize::from(!matches!(line, Line::Gone(_)));
    }
}

/// `first,count` of a hunk, with the conventions for a count of one and of none.
fn range(before: usize, after: usize) -> String {
    match after - before {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        n => format!("{},{n}", before + 1),
    }
}

/// Old lines and what is left of them, in order.
fn lines<'t>(text: &'t str, removed: &[Range<usize>]) -> Vec<Line<'t>> {
    let mut out = Vec::new();
    let mut removed = removed.iter().peekable();
    // Old lines that end up in one new line, and the new line so far.
    let mut group: Vec<&'t str> = Vec::new();
    let mut left = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let mut at = start;
        while let Some(gone) = removed.peek() {
            if gone.start >= end {
                break;
            }
            left.push_str(&text[at..gone.start.max(at)]);
            at = gone.end.min(end);
            if gone.end > end {
                break;
            }
            removed.next();
        }
        left.push_str(&text[at..end]);
        group.push(line);
        if left.is_empty() || left.ends_with('\n') {
            close(&mut group, &mut left, &mut out);
        }
        start = end;
    }
    close(&mut group, &mut left, &mut out);
    out
}

fn close<'t>(group: &mut Vec<&'t str>, left: &mut String, out: &mut Vec<Line<'t>>) {
    let whole = if left.is_empty() { None } else { group.iter().position(|line| line == left) };
    for (i, line) in group.drain(..).enumerate() {
        out.push(if whole == Some(i) { Line::Kept(line) } else { Line::Gone(line) });
    }
    let left = std::mem::take(left);
    if whole.is_none() && !left.is_empty() {
        out.push(Line::Left(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(text: &str, gone: &[&str]) -> String {
        let removed: Vec<_> = gone.iter().map(|g| text.find(g).map(|at| at..at + g.len()).unwrap()).collect();
        unified("a", text, &removed)
    }

    #[test]
    fn lines_parts_and_ends() {
        assert_eq!(diff("one\ntwo\n", &[]), "");
        assert_eq!(
            diff("1\n2\n3\n4\n5\nx\n6\n7\n8\n9\n", &["x\n"]),
            "--- a\n+++ a\n@@ -3,7 +3,6 @@\n 3\n 4\n 5\n-x\n 6\n 7\n 8\n"
        );
        assert_eq!(
            diff("keep (photo) this\n", &["(photo) "]),
            "--- a\n+++ a\n@@ -1 +1 @@\n-keep (photo) this\n+keep this\n"
        );
        // After the last kept line, its line feed goes and the page's last one stays.
        assert_eq!(diff("A\nB\nC\n", &["\nB\nC"]), "--- a\n+++ a\n@@ -1,3 +1 @@\n A\n-B\n-C\n");
        assert_eq!(diff("gone", &["gone"]), "--- a\n+++ a\n@@ -1 +0,0 @@\n-gone\n\\ No newline at end of file\n");
        assert_eq!(
            diff("A\nB", &["\nB"]),
            "--- a\n+++ a\n@@ -1,2 +1 @@\n-A\n-B\n\\ No newline at end of file\n+A\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn changes_far_apart_are_hunks_of_their_own() {
        let text: String = (0..30).map(|i| format!("line {i:02}\n")).collect();
        let out = diff(&text, &["line 02\n", "line 25\n"]);
        assert!(out.contains("@@ -1,6 +1,5 @@") && out.contains("@@ -23,7 +22,6 @@"), "{out}");
    }
}
