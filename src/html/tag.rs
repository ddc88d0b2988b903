//! Element names, and what the reader has to know of each.

/// Starts and ends a line.
pub(super) const BLOCK: u16 = 1;
/// Has margins: a blank line before and after.
pub(super) const MARGIN: u16 = 1 << 1;
/// Has no content and no end tag.
pub(super) const VOID: u16 = 1 << 2;
/// Its content is not rendered as text.
pub(super) const SKIP: u16 = 1 << 3;
/// End tags of other elements do not reach through it.
pub(super) const BARRIER: u16 = 1 << 4;
/// Its start tag closes an open paragraph.
pub(super) const CLOSES_P: u16 = 1 << 5;
/// A box in a line: text before and after it does not touch its own.
pub(super) const BOX: u16 = 1 << 6;
/// Formatting: its end tag reaches through blocks.
pub(super) const FORMAT: u16 = 1 << 7;
/// "Special" of the standard: an ordinary end tag does not reach through it.
pub(super) const SPECIAL: u16 = 1 << 8;
/// A start tag that ends SVG and MathML content.
pub(super) const BREAKOUT: u16 = 1 << 9;

macro_rules! tags {
    ($($variant:ident $name:literal $flags:expr;)*) => {
        /// An element name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Tag {
            /// A name without a meaning for layout.
            Other,
            $(#[doc = $name] $variant,)*
        }

        const NAMES: &[&str] = &["?", $($name,)*];
        const ALL: &[Tag] = &[Tag::Other, $(Tag::$variant,)*];

        impl Tag {
            /// The tag of a lower-case name.
            pub fn of(name: &[u8]) -> Tag {
                let mut slot = slot(name);
                // The table is less than half full, so there is always an empty slot to stop at.
                while TABLE[slot] != 0 {
                    let at = TABLE[slot] as usize;
                    if NAMES[at].as_bytes() == name {
                        return ALL[at];
                    }
                    slot = (slot + 1) % SLOTS;
                }
                Tag::Other
            }

            /// The name, as it is written in a page; `?` where it is not listed here.
            pub fn name(self) -> &'static str {
                NAMES[self as usize]
            }

            pub(super) fn flags(self) -> u16 {
                const FLAGS: &[u16] = &[0, $($flags,)*];
                FLAGS[self as usize]
            }
        }
    };
}

/// Slots of the table of names.
const SLOTS: usize = 512;

/// Where a name is looked for first.
const fn slot(name: &[u8]) -> usize {
    match name {
        [] => 0,
        [first, .., last] => {
            (*first as usize * 31 + *last as usize * 7 + name[name.len() / 2] as usize * 3 + name.len() * 101) % SLOTS
        }
        [only] => *only as usize,
    }
}

/// Names by their slots: indexes into the list of all.
const TABLE: [u8; SLOTS] = {
    let mut table = [0; SLOTS];
    let mut i = 1;
    while i < NAMES.len() {
        let mut at = slot(NAMES[i].as_bytes());
        while table[at] != 0 {
            at = (at + 1) % SLOTS;
        }
        table[at] = i as u8;
        i += 1;
    }
    table
};

/// An ordinary block.
const B: u16 = BLOCK | CLOSES_P | SPECIAL;
/// A block with margins.
const M: u16 = B | MARGIN;
/// A block with margins whose start tag ends foreign content.
const X: u16 = M | BREAKOUT;
const F: u16 = FORMAT | BREAKOUT;

tags! {
    A "a" FORMAT;
    Address "address" B;
    Applet "applet" BARRIER | SPECIAL;
    Area "area" VOID;
    Article "article" B;
    Aside "aside" B;
    Audio "audio" SKIP;
    Bold "b" F;
    Base "base" VOID;
    Big "big" F;
    Blockquote "blockquote" X;
    Body "body" B | BREAKOUT;
    Br "br" VOID | BREAKOUT;
    Button "button" BOX | SPECIAL;
    Canvas "canvas" SKIP;
    Caption "caption" BLOCK | BARRIER | SPECIAL;
    Center "center" B | BREAKOUT;
    Cite "cite" 0;
    Code "code" F;
    Col "col" VOID;
    Colgroup "colgroup" SPECIAL;
    Datalist "datalist" SKIP;
    Dd "dd" BLOCK | CLOSES_P | SPECIAL | BREAKOUT;
    Details "details" B;
    Dfn "dfn" 0;
    Dialog "dialog" B;
    Dir "dir" M;
    Div "div" B | BREAKOUT;
    Dl "dl" X;
    Dt "dt" BLOCK | CLOSES_P | SPECIAL | BREAKOUT;
    Em "em" F;
    Embed "embed" VOID | BREAKOUT;
    Fieldset "fieldset" B;
    Figcaption "figcaption" B;
    Figure "figure" M;
    Font "font" FORMAT;
    Footer "footer" B;
    Foreign "foreignobject" BARRIER | SPECIAL;
    Form "form" B;
    Frame "frame" VOID;
    Frameset "frameset" B;
    H1 "h1" X;
    H2 "h2" X;
    H3 "h3" X;
    H4 "h4" X;
    H5 "h5" X;
    H6 "h6" X;
    Head "head" BREAKOUT;
    Header "header" B;
    Hgroup "hgroup" B;
    Hr "hr" VOID | M | BREAKOUT;
    Html "html" 0;
    Italic "i" F;
    Iframe "iframe" SKIP;
    Image "image" VOID;
    Img "img" VOID | BREAKOUT;
    Input "input" VOID;
    Kbd "kbd" 0;
    Label "label" 0;
    Legend "legend" BLOCK;
    Li "li" BLOCK | CLOSES_P | SPECIAL | BREAKOUT;
    Link "link" VOID;
    Listing "listing" X;
    Main "main" B;
    Map "map" 0;
    Mark "mark" 0;
    Marquee "marquee" BLOCK | BARRIER | SPECIAL;
    Math "math" 0;
    Menu "menu" X;
    Meta "meta" VOID | BREAKOUT;
    Meter "meter" SKIP;
    Nav "nav" B;
    Nobr "nobr" F;
    Noembed "noembed" SKIP;
    Noframes "noframes" SKIP;
    Noscript "noscript" 0;
    Object "object" BARRIER | SPECIAL;
    Ol "ol" X;
    Optgroup "optgroup" 0;
    Option "option" 0;
    Output "output" 0;
    P "p" X;
    Param "param" VOID;
    Picture "picture" 0;
    Plaintext "plaintext" M;
    Pre "pre" X;
    Progress "progress" SKIP;
    Q "q" 0;
    Rp "rp" SKIP;
    Rt "rt" 0;
    Ruby "ruby" BREAKOUT;
    Strike "s" F;
    Samp "samp" 0;
    Script "script" SKIP;
    Search "search" B;
    Section "section" B;
    Select "select" SKIP | BOX;
    Small "small" F;
    Source "source" VOID;
    Span "span" BREAKOUT;
    StrikeLong "strike" F;
    Strong "strong" F;
    Style "style" SKIP;
    Sub "sub" BREAKOUT;
    Summary "summary" B;
    Sup "sup" BREAKOUT;
    Svg "svg" SKIP;
    Table "table" M | BARRIER | BREAKOUT;
    Tbody "tbody" BLOCK | SPECIAL;
    Td "td" BARRIER | SPECIAL;
    Template "template" SKIP | BARRIER | SPECIAL;
    Textarea "textarea" SKIP | BOX;
    Tfoot "tfoot" BLOCK | SPECIAL;
    Th "th" BARRIER | SPECIAL;
    Thead "thead" BLOCK | SPECIAL;
    Time "time" 0;
    Title "title" SKIP;
    Tr "tr" BLOCK | SPECIAL;
    Track "track" VOID;
    Tt "tt" F;
    Underline "u" F;
    Ul "ul" X;
    Var "var" BREAKOUT;
    Video "video" SKIP;
    Wbr "wbr" VOID;
    Xmp "xmp" M;
}

impl Tag {
    /// 1 to 6 for headings, else 0.
    pub fn rank(self) -> u8 {
        match self {
            Tag::H1 => 1,
            Tag::H2 => 2,
            Tag::H3 => 3,
            Tag::H4 => 4,
            Tag::H5 => 5,
            Tag::H6 => 6,
            _ => 0,
        }
    }

    pub(super) fn is(self, flag: u16) -> bool {
        self.flags() & flag != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_tags_and_back() {
        for name in ["a", "blockquote", "h3", "td", "template"] {
            assert_eq!(Tag::of(name.as_bytes()).name(), name);
        }
        assert_eq!(Tag::of(b"my-element"), Tag::Other);
        assert_eq!((Tag::H2.rank(), Tag::P.rank()), (2, 0));
        assert!(Tag::Br.is(VOID) && Tag::Div.is(BLOCK) && !Tag::Span.is(BLOCK));
    }
}
