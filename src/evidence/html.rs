//! What the tags around a block add to its score, where no learned model weighs them.

use crate::html::{HtmlLine, HtmlPage, flag, token};

/// Log-odds of being text, by context.
const CONTEXT: [(u32, f32); 15] = [
    (flag::NAV, -2.5),
    (flag::FOOTER, -2.0),
    (flag::HEADER, -0.6),
    (flag::ASIDE, -1.5),
    (flag::FORM, -0.8),
    (flag::BUTTON, -1.5),
    (flag::DIALOG, -2.0),
    (flag::HIDDEN, -1.2),
    (flag::SR_ONLY, -1.2),
    (flag::MAIN, 0.5),
    (flag::ARTICLE, 0.5),
    (flag::ARTICLE_BODY, 1.5),
    (flag::PRE, 1.0),
    (flag::QUOTE, 0.5),
    (flag::EMBEDDED, 4.0),
];
/// Inside and outside of the element that holds three quarters of the page's running text.
const IN_CORE: f32 = 0.9;
const OUT_OF_CORE: f32 = -0.7;
/// For each step from it in the tree.
const STEP: f32 = -0.15;
/// A line that is all link, and a parent that is.
const LINKED: f32 = -1.6;
const LINKED_PARENT: f32 = -1.2;
/// Lines built as the page's running text is.
const LIKE_PROSE: f32 = 1.0;
/// Class words count less from one element to the next one up.
const BY_LEVEL: [f32; 4] = [1.0, 0.8, 0.6, 0.5];
/// The most that class words say together.
const MAX_WORDS: f32 = 2.5;

/// Class words and what they say.
const WORDS: [(u32, f32); 62] = [
    (token("nav"), -1.5),
    (token("navigation"), -1.5),
    (token("navbar"), -1.5),
    (token("menu"), -1.5),
    (token("breadcrumb"), -1.5),
    (token("breadcrumbs"), -1.5),
    (token("pagination"), -1.5),
    (token("pager"), -1.2),
    (token("footer"), -1.5),
    (token("sidebar"), -1.5),
    (token("widget"), -0.8),
    (token("related"), -1.5),
    (token("recommended"), -1.5),
    (token("recommendations"), -1.5),
    (token("trending"), -1.5),
    (token("popular"), -1.0),
    (token("teaser"), -0.8),
    (token("share"), -1.5),
    (token("sharing"), -1.5),
    (token("social"), -1.5),
    (token("cookie"), -2.0),
    (token("cookies"), -2.0),
    (token("consent"), -2.0),
    (token("gdpr"), -2.0),
    (token("banner"), -1.0),
    (token("popup"), -1.5),
    (token("modal"), -1.5),
    (token("overlay"), -0.8),
    (token("newsletter"), -1.5),
    (token("subscribe"), -1.5),
    (token("subscription"), -1.0),
    (token("signup"), -1.5),
    (token("login"), -1.5),
    (token("search"), -0.8),
    (token("ad"), -1.5),
    (token("ads"), -1.5),
    (token("advert"), -1.5),
    (token("advertisement"), -1.5),
    (token("sponsored"), -1.5),
    (token("promo"), -1.2),
    (token("comments"), -0.6),
    (token("respond"), -1.5),
    (token("author"), -0.5),
    (token("bio"), -0.8),
    (token("tags"), -1.2),
    (token("meta"), -0.5),
    (token("toolbar"), -1.2),
    (token("copyright"), -2.0),
    (token("skip"), -1.5),
    (token("toc"), -0.6),
    (token("article"), 0.4),
    (token("content"), 0.3),
    (token("entry"), 0.6),
    (token("post"), 0.2),
    (token("body"), 0.4),
    (token("text"), 0.4),
    (token("story"), 0.4),
    (token("paragraph"), 0.8),
    (token("prose"), 0.8),
    (token("markdown"), 0.8),
    (token("description"), 0.4),
    (token("articlebody"), 1.0),
];

/// Log-odds of being text that a line's tags give.
pub(super) fn bias(page: &HtmlPage, line: usize) -> f32 {
    let (Some(at), Some(around)) = (page.lines.get(line), page.around.get(line)) else { return 0.0 };
    let mut score: f32 = CONTEXT.iter().filter(|(f, _)| at.is(*f)).map(|(_, w)| w).sum();
    score += words(page, at);
    score += if around.in_core[1] { IN_CORE } else { OUT_OF_CORE + STEP * f32::from(around.steps) };
    score += LINKED * at.link_share() + LINKED_PARENT * around.parent_linked;
    score += LIKE_PROSE * around.alike_prose.sqrt();
    score
}

fn words(page: &HtmlPage, line: &HtmlLine) -> f32 {
    let near = page.tokens(line).iter().filter(|t| usize::from(t.level) < BY_LEVEL.len());
    let found = near.filter_map(|t| {
        let (_, weight) = WORDS.iter().find(|(hash, _)| *hash == t.hash)?;
        Some(weight * BY_LEVEL[usize::from(t.level)])
    });
    found.sum::<f32>().clamp(-MAX_WORDS, MAX_WORDS)
}
