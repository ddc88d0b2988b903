//! The facts of a line as numbers, for learned models. Order and meaning are part of a model: append, never change.

use super::line::flag;
use super::page::HtmlPage;
use super::tag::Tag;

/// How many numbers a line has.
pub(crate) const FEATURES: usize = 64;

/// Their names, in order.
pub(crate) const NAMES: [&str; FEATURES] = [
    "nav",
    "footer",
    "header",
    "aside",
    "form",
    "button",
    "figure",
    "figcaption",
    "quote",
    "pre",
    "table",
    "item",
    "main",
    "article",
    "article_body",
    "section",
    "dialog",
    "details",
    "label",
    "hidden",
    "aria_hidden",
    "sr_only",
    "link",
    "strong",
    "code",
    "definition",
    "head_cell",
    "embedded",
    "address",
    "rank",
    "is_p",
    "is_div",
    "is_item",
    "is_cell",
    "is_quote",
    "lists",
    "quotes",
    "tables",
    "cells",
    "depth",
    "text",
    "linked",
    "bold",
    "links",
    "images",
    "controls",
    "core_half",
    "core_most",
    "core_nearly_all",
    "steps",
    "alike",
    "alike_prose",
    "element_text",
    "element_linked",
    "element_prose",
    "parent_text",
    "parent_linked",
    "parent_prose",
    "parent_lines",
    "grand_text",
    "grand_linked",
    "grand_prose",
    "article_prose",
    "articles",
];

/// Flags in the order of the first features.
const FLAGS: [u32; 29] = [
    flag::NAV,
    flag::FOOTER,
    flag::HEADER,
    flag::ASIDE,
    flag::FORM,
    flag::BUTTON,
    flag::FIGURE,
    flag::FIGCAPTION,
    flag::QUOTE,
    flag::PRE,
    flag::TABLE,
    flag::ITEM,
    flag::MAIN,
    flag::ARTICLE,
    flag::ARTICLE_BODY,
    flag::SECTION,
    flag::DIALOG,
    flag::DETAILS,
    flag::LABEL,
    flag::HIDDEN,
    flag::ARIA_HIDDEN,
    flag::SR_ONLY,
    flag::LINK,
    flag::STRONG,
    flag::CODE,
    flag::DEFINITION,
    flag::HEAD_CELL,
    flag::EMBEDDED,
    flag::ADDRESS,
];

impl HtmlPage {
    /// The numbers of a line, in the order of [`NAMES`]: flags are 0 or 1, shares 0 to 1, sizes logarithms of bytes.
    pub fn features(&self, at: usize) -> [f32; FEATURES] {
        let mut out = [0.0; FEATURES];
        let (Some(line), Some(around)) = (self.lines.get(at), self.around.get(at)) else { return out };
        for (slot, flag) in out.iter_mut().zip(FLAGS) {
            *slot = f32::from(line.is(flag));
        }
        let yes = |b: bool| f32::from(b);
        let log = |n: u32| (n as f32 + 1.0).ln();
        let rest = [
            f32::from(line.rank),
            yes(line.tag == Tag::P),
            yes(line.tag == Tag::Div),
            yes(line.tag == Tag::Li),
            yes(matches!(line.tag, Tag::Td | Tag::Th)),
            yes(line.tag == Tag::Blockquote),
            f32::from(line.lists),
            f32::from(line.quotes),
            f32::from(line.tables),
            f32::from(line.cells),
            f32::from(line.depth),
            log(line.text),
            line.link_share(),
            line.strong as f32 / line.text.max(1) as f32,
            f32::from(line.links),
            f32::from(line.images),
            f32::from(line.controls),
            yes(around.in_core[0]),
            yes(around.in_core[1]),
            yes(around.in_core[2]),
            f32::from(around.steps),
            log(around.alike),
            around.alike_prose,
            log(around.near[0].text),
            around.near[0].linked,
            around.near[0].prose,
            log(around.near[1].text),
            around.near[1].linked,
            around.near[1].prose,
            log(around.near[1].lines),
            log(around.near[2].text),
            around.near[2].linked,
            around.near[2].prose,
            around.article_prose,
            f32::from(around.articles),
        ];
        out[FLAGS.len()..].copy_from_slice(&rest);
        out
    }
}
