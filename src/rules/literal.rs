//! Literals that a regular expression cannot match without, so that it runs only where one of them stands.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A shorter literal would stand everywhere.
pub(crate) const MIN_LITERAL: usize = 3;

/// Literals in lower case of which every match of `pattern` contains at least one; `None` when there are none of
/// [`MIN_LITERAL`] bytes, or the pattern does not parse.
pub(crate) fn required(pattern: &str) -> Option<Vec<String>> {
    // The parser limits nesting (250 by default), which bounds the recursion below.
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    required_of(&hir)
}

fn required_of(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => None,
        HirKind::Literal(_) | HirKind::Class(_) => best_run(std::slice::from_ref(hir)),
        HirKind::Capture(capture) => required_of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required_of(&repetition.sub),
        HirKind::Repetition(_) => None,
        HirKind::Concat(parts) => {
            let inner = parts.iter().filter_map(required_of);
            best_run(parts).into_iter().chain(inner).max_by_key(|set| shortest(set))
        }
        HirKind::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.iter().map(required_of).collect();
            sets.map(|s| s.concat())
        }
    }
}

fn shortest(set: &[String]) -> usize {
    set.iter().map(String::len).min().unwrap_or(0)
}

/// The longest literal made by neighbouring parts.
fn best_run(parts: &[Hir]) -> Option<Vec<String>> {
    let mut best = String::new();
    let mut run = String::new();
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                // Capitals outside ASCII have another lower case byte sequence than the automaton looks for.
                Ok(text) => {
                    for c in text.chars() {
                        if c.is_ascii() || !c.is_uppercase() {
                            run.push(c.to_ascii_lowercase());
                        } else {
                            keep_longer(&mut best, &mut run);
                        }
                    }
                }
                Err(_) => keep_longer(&mut best, &mut run),
            },
            HirKind::Class(Class::Unicode(class)) => match one_ascii_letter(class) {
                Some(c) => run.push(c),
                None => keep_longer(&mut best, &mut run),
            },
            HirKind::Look(_) => {}
            _ => keep_longer(&mut best, &mut run),
        }
    }
    keep_longer(&mut best, &mut run);
    (best.len() >= MIN_LITERAL).then(|| vec![best])
}

fn keep_longer(best: &mut String, run: &mut String) {
    if run.len() > best.len() {
        std::mem::swap(best, run);
    }
    run.clear();
}

/// The letter, if the class is one ASCII letter in both cases. (?i) adds the Kelvin sign to k and long s to s; text
/// with those would be missed by the literal, which is harmless: the rule does not fire.
fn one_ascii_letter(class: &regex_syntax::hir::ClassUnicode) -> Option<char> {
    let mut chars = class.iter().flat_map(|r| r.start()..=r.end()).take(4);
    let first = chars.next()?.to_ascii_lowercase();
    let same = |c: char| c.to_ascii_lowercase() == first || matches!(c, '\u{212a}' | '\u{17f}');
    (first.is_ascii_alphabetic() && chars.all(same)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_needs() {
        let cases: [(&str, Option<&[&str]>); 9] = [
            (r"(?i)^photo(?: credit)?: .{2,80}$", Some(&["photo"])),
            (r"(?i)\bvia getty images\)?$", Some(&["via getty images"])),
            (r"^(?:Foto|Bild): .+", Some(&["foto", "bild"])),
            (r"(?i)^(?:foto|bild)s?: .+", Some(&["foto", "bild"])),
            (r"^\d+ views\d+ comments$", Some(&[" comments"])),
            (r"(?:abc)*x", None),
            (r"abc|d", None),
            (r"\w+", None),
            (r"版权所有.{1,20}", Some(&["版权所有"])),
        ];
        for (pattern, want) in cases {
            let got = required(pattern);
            let got: Option<Vec<&str>> = got.as_ref().map(|v| v.iter().map(String::as_str).collect());
            assert_eq!(got.as_deref(), want, "{pattern}");
        }
    }
}
