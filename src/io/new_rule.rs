//! Writing a rule from a line that went or stayed, with its tests.

use std::fmt::Write;

use super::escaped::is_unsafe;
use crate::error::{Error, ErrorKind, Result};
use crate::rules::{Category, Pack};
use crate::segment::{fold, token};

/// Lines of one rule.
const LINES: usize = 12;
/// A line of more words is named by its first ones: longer lines are prose to the scanner.
const WHOLE_WORDS: usize = 40;
const FIRST_WORDS: usize = 12;
/// The same in characters, for scripts without spaces.
const FIRST_CHARS: usize = 24;
/// A line of at most so many words fits into a sentence as an example.
const QUOTED_WORDS: usize = 8;
/// Words of an id.
const ID_WORDS: usize = 6;

/// A rule to be written into a pack: a line that is to stay, or to go.
///
/// ```
/// use dehusk::{Category, Pack, io::NewRule};
/// let rule = NewRule::keep("Read more: Ferry fares", Category::RelatedLinks)?;
/// let pack = Pack::parse("my.toml", &rule.to_toml())?;
/// assert!(pack.check(&[], &[]).is_empty());
/// # Ok::<(), dehusk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NewRule {
    allow: bool,
    category: Category,
    id: String,
    lines: Vec<String>,
    phrases: Vec<String>,
    part: bool,
    certain: bool,
    plain_examples: bool,
    why: Option<String>,
    whole: bool,
    site: Option<String>,
}

impl NewRule {
    /// An allow-rule that keeps these lines wherever they stand.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Pack`] when there is no word in them.
    pub fn keep(text: &str, category: Category) -> Result<Self> {
        Self::new(text, category, true)
    }

    /// A rule that removes these lines. One that is a single word is `likely`, as nothing so short is certain.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Pack`] when there is no word in them.
    pub fn remove(text: &str, category: Category) -> Result<Self> {
        Self::new(text, category, false)
    }

    fn new(text: &str, category: Category, allow: bool) -> Result<Self> {
        let mut lines: Vec<String> = Vec::new();
        for line in text.lines().map(squeezed).filter(|l| l.chars().any(char::is_alphabetic)).take(LINES) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        if lines.is_empty() {
            return Err(Error::new(
                ErrorKind::Pack,
                "there is no word in it: numbers and signs alone need a pattern, see `dehusk rules show` for examples",
            ));
        }
        let (phrases, cut): (Vec<_>, Vec<_>) = lines.iter().map(|l| phrase(l)).unzip();
        let part = cut.contains(&true);
        let least = |p: &String| match p.chars().filter(|c| fold::is_unspaced_script(*c)).count() {
            0 => token::words_of(p).iter().filter(|w| **w != token::NUMBER).count() >= 2,
            _ => token::words_of(p).len() >= 4,
        };
        let certain = phrases.iter().all(least);
        let id = slug(if allow { "keep" } else { "drop" }, &lines[0]);
        Ok(Self {
            allow,
            category,
            id,
            lines,
            phrases,
            part,
            certain,
            plain_examples: false,
            why: None,
            whole: false,
            site: None,
        })
    }

    /// Its name within the category.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its permanent name, `category/name`.
    pub fn full_id(&self) -> String {
        format!("{}/{}", self.category, self.id)
    }

    /// Whether a pack has a rule of the same kind for the same lines.
    pub fn is_in(&self, pack: &Pack) -> bool {
        pack.rules
            .iter()
            .any(|r| r.allow == self.allow && r.category == self.category && r.entry.phrases == self.phrases)
    }

    /// Gives it another name.
    pub fn named(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Takes examples that have nothing of the lines in them, for lines that other rules find even in prose.
    pub fn with_plain_examples(mut self) -> Self {
        self.plain_examples = true;
        self
    }

    /// Says why the lines are chrome, in a sentence.
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Lets it fire only where its phrases are all there is to a line.
    pub fn whole_lines(mut self) -> Self {
        self.whole = !self.part;
        self
    }

    /// Lets it fire on pages of this host only.
    pub fn on_site(mut self, host: impl Into<String>) -> Self {
        self.site = Some(host.into());
        self
    }

    /// The rule as it stands in a pack, its tests included.
    pub fn to_toml(&self) -> String {
        let (kind, why) = match self.allow {
            true => ("allow", "Belongs to the text; it was removed by mistake."),
            false => ("rule", "Chrome that was left behind."),
        };
        let mut out = format!("[[{kind}]]\nid = {}\ncategory = {}\n", quote(&self.id), quote(self.category.id()));
        let _ = writeln!(out, "why = {}\nphrases = {}", quote(self.why.as_deref().unwrap_or(why)), list(&self.phrases));
        if self.part {
            out.push_str("covers = \"part\"\n");
        } else if self.whole {
            out.push_str("covers = \"whole\"\n");
        }
        if self.certain && !self.allow {
            out.push_str("strength = \"certain\"\n");
        }
        if let Some(site) = &self.site {
            let _ = writeln!(out, "sites = {}", list(std::slice::from_ref(site)));
        }
        let mut matches = self.lines.clone();
        if let [one] = matches.as_slice() {
            matches.push(one.strip_suffix('.').map_or_else(|| format!("{one}."), str::to_owned));
        }
        let _ = writeln!(out, "match = {}\nkeep = {}", list(&matches), list(&self.examples()));
        out
    }

    /// Two blocks that it leaves alone.
    fn examples(&self) -> Vec<String> {
        let others = [
            "Some other line of the page is judged as before.".to_owned(),
            "So is the one that follows after it.".to_owned(),
        ];
        let fits = !self.allow && !self.part && !self.plain_examples;
        let line = &self.lines[0];
        if !fits || line.split_whitespace().count() > QUOTED_WORDS || line.chars().any(fold::is_unspaced_script) {
            return others.into();
        }
        let told = format!(
            "Nobody at the table had expected that {line} would come up again, least of all on an evening when there was so much else for all of them to talk about."
        );
        let [other, _] = others;
        vec![told, other]
    }
}

impl Pack {
    /// The pack's source with a rule added in the place that keeps ids sorted.
    pub fn source_with(&self, rule: &NewRule) -> String {
        let same: Vec<_> = self.rules.iter().filter(|r| r.allow == rule.allow && r.category == rule.category).collect();
        let at = match (same.iter().find(|r| r.entry.id > rule.id), same.last()) {
            (Some(next), _) => next.span.start,
            (None, Some(last)) => last.span.end,
            (None, None) => self.source.len(),
        };
        let (before, after) = self.source.split_at(before_comments(&self.source, at));
        let gap = match before {
            "" => "",
            b if b.ends_with("\n\n") => "",
            b if b.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let rest = if after.is_empty() { String::new() } else { format!("\n{}", after.trim_start_matches('\n')) };
        format!("{before}{gap}{}{rest}", rule.to_toml())
    }
}

/// Where the comment lines that stand right before a place begin.
fn before_comments(source: &str, mut at: usize) -> usize {
    if at == source.len() {
        return at;
    }
    while let Some(line) = source[..at].strip_suffix('\n').map(|s| s.rsplit('\n').next().unwrap_or(s)) {
        if !line.trim_start().starts_with('#') {
            break;
        }
        at -= line.len() + 1;
    }
    at
}

/// A line without the marker before it, its white space squeezed.
fn squeezed(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    words.join(" ").trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// The words that stand for a line, and whether they are only its beginning.
fn phrase(line: &str) -> (String, bool) {
    if line.chars().any(fold::is_unspaced_script) {
        return match line.char_indices().nth(WHOLE_WORDS).and_then(|_| line.char_indices().nth(FIRST_CHARS)) {
            Some((end, _)) => (line[..end].to_owned(), true),
            None => (line.to_owned(), false),
        };
    }
    let words: Vec<_> = line.split(' ').collect();
    if words.len() > WHOLE_WORDS { (words[..FIRST_WORDS].join(" "), true) } else { (line.to_owned(), false) }
}

fn slug(prefix: &str, line: &str) -> String {
    let lower = line.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).take(ID_WORDS);
    let words: Vec<_> = std::iter::once(prefix).chain(words.map(|w| &w[..w.len().min(16)])).collect();
    if words.len() > 1 {
        return words.join("-");
    }
    // In other scripts a number stands for the words.
    format!("{prefix}-{:08x}", xxhash_rust::xxh3::xxh3_64(line.as_bytes()) as u32)
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|t| quote(t)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A basic string of TOML in which nothing is invisible.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_unsafe(c) && u32::from(c) > 0xffff => drop(write!(out, "\\U{:08x}", u32::from(c))),
            c if is_unsafe(c) => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cleaner;

    #[test]
    fn whatever_the_line_its_rule_is_sound_and_works() {
        let long = "a long line of many words that goes on and on ".repeat(6);
        let hostile = "He said \"C:\\temp\" \u{202e}and\u{7f} \u{e0041}left";
        for line in [
            "Read more: Ferry fares",
            "• Home",
            "© 2024 The Harbour Post",
            "订阅我们的新闻通讯",
            &long,
            hostile,
            "one\ntwo\nthree",
        ] {
            let built_in: Vec<Pack> = Cleaner::new().packs().cloned().collect();
            for rule in [NewRule::keep(line, Category::Tags), NewRule::remove(line, Category::Tags)] {
                let rule = rule.unwrap();
                let pack = Pack::parse("my.toml", &rule.to_toml()).unwrap();
                let findings = pack.check(&built_in, &[]);
                assert!(findings.is_empty(), "{line}: {findings:?}\n{}", rule.to_toml());
            }
        }
        assert!(NewRule::keep("1, 2, 3 —", Category::Tags).is_err());
    }

    #[test]
    fn rules_are_put_where_they_are_sorted_and_comments_stay() {
        let mut source = String::from("# Mine.\nlanguage = \"en\"\n");
        for line in ["Pears and plums", "Apples and nuts", "Quinces and figs", "Oranges and limes"] {
            let pack = Pack::parse("my.toml", &source).unwrap();
            source = pack.source_with(&NewRule::keep(line, Category::Tags).unwrap());
            source = source.replace("[[allow]]\nid = \"keep-pears", "# Pears.\n[[allow]]\nid = \"keep-pears");
            source = source.replace("# Pears.\n# Pears.", "# Pears.");
        }
        let pack = Pack::parse("my.toml", &source).unwrap();
        assert!(pack.check(&[], &[]).is_empty(), "{source}");
        assert!(
            source.starts_with("# Mine.\nlanguage") && source.contains("\n\n# Pears.\n[[allow]]\nid = \"keep-pears"),
            "{source}"
        );
    }
}
