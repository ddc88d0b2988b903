//! The names of stage 2's features of HTML pages, which come after those that text has too.

use crate::model::table::COUNT;

macro_rules! features {
    ($($name:ident $what:literal;)*) => {
        /// A feature of a block of an HTML page: one byte.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum HtmlFeature { $($name,)* }

        /// Description of every feature, in order.
        pub(crate) const HTML_FEATURES: &[(HtmlFeature, &str)] = &[$((HtmlFeature::$name, $what),)*];
    };
}

features! {
    Nav "inside nav";
    Footer "inside footer";
    Header "inside header";
    Aside "inside aside";
    Form "inside form";
    Button "inside button";
    Figure "inside figure";
    Figcaption "inside figcaption";
    Quote "inside blockquote";
    Pre "inside pre";
    Table "inside table";
    Item "inside a list item";
    Main "inside main";
    Article "inside article";
    ArticleBody "marked up as the body of an article";
    Section "inside section";
    Dialog "inside a dialog";
    Details "inside details";
    Label "inside label";
    Hidden "hidden";
    AriaHidden "hidden from screen readers";
    ScreenReader "for screen readers only";
    Link "inside a link";
    Strong "inside strong";
    Code "inside code";
    Definition "a definition's term or text";
    HeadCell "a head cell";
    Embedded "from data in the page";
    Address "inside address or time";
    Rank "rank of heading";
    Tag "block element";
    Lists "lists around it";
    Quotes "quotes around it";
    Tables "tables around it";
    Cells "cells in its row";
    Depth "open elements above it";
    TextBytes "visible bytes of the line";
    LinkShare "share of the line in links";
    StrongShare "share of the line in bold";
    Links "links in the line";
    Images "images before it";
    Controls "form controls before it";
    CoreHalf "inside the element with half of the running text";
    CoreMost "inside the element with three quarters of it";
    CoreAll "inside the element with nine tenths of it";
    CoreSteps "steps to the element with three quarters of it";
    Alike "lines with the same tags and class words";
    AlikeProse "share of running text in such lines";
    ArticleProse "share of running text in the article around it";
    Articles "article elements of the page";
    TagWords "its class words and tags";
    TextWords "its words without tags";
    TagWordsBefore "class words and tags of the line before";
    TagWordsAfter "class words and tags of the line after";
    Bytes0 "visible bytes of its element";
    Linked0 "share in links of its element";
    Prose0 "share of running text of its element";
    Bytes1 "visible bytes of its parent";
    Linked1 "share in links of its parent";
    Prose1 "share of running text of its parent";
    Bytes2 "visible bytes two elements up";
    Linked2 "share in links two elements up";
    Prose2 "share of running text two elements up";
    Text0 "expected share of text of its element";
    Text1 "expected share of text of its parent";
    Text2 "expected share of text two elements up";
    Text3 "expected share of text three elements up";
    Text4 "expected share of text four elements up";
    Mean0 "words of its element";
    Mean1 "words of its parent";
    Mean2 "words two elements up";
    Mean3 "words three elements up";
    Mean4 "words four elements up";
    Lines0 "lines of its element";
    Lines1 "lines of its parent";
    Lines2 "lines two elements up";
    Lines3 "lines three elements up";
    Lines4 "lines four elements up";
    Tag1 "its parent";
    Tag2 "element two up";
    Page1 "its parent's share of the page's text";
    Page2 "the share of the page's text two elements up";
    Page3 "the share of the page's text three elements up";
    Least "least expected share of text around it";
    Most "greatest expected share of text around it";
    Rest0 "expected share of text of its parent without it";
    Rest1 "expected share of text two elements up without its parent";
    Rest2 "expected share of text three elements up";
    AlikeText "expected share of text of lines with the same tags and class words";
    AlikeMean "words of such lines";
    AlikeLength "length of such lines";
    BestSide "before, inside or after the best element";
    BestSteps "steps to the best element";
    BestUp "steps from the best element to one around both";
    BestText "expected share of text of its branch from there";
    BestMean "words of that branch";
    BestLines "lines of that branch";
    BestWords "words of that branch in number";
    BestLinked "share in links of that branch";
    BestProse "share of running text of that branch";
    BestTag "element of that branch";
    BestShare "the best element's share of the page's text";
    BestOwn "the best element's expected share of text";
    BestOf "the best element's share of the page's words";
    MostSide "before, inside or after the element with four fifths of the text";
    MostSteps "steps to that element";
    MostUp "steps from that element to one around both";
    MostText "expected share of text of its branch from there";
    MostMean "words of that branch";
    MostLines "lines of that branch";
    MostWords "words of that branch in number";
    MostLinked "share in links of that branch";
    MostProse "share of running text of that branch";
    MostOwn "that element's expected share of text";
    MostOf "that element's share of the page's words";
    TitleSide "before, inside or after the first heading of rank one";
    TitleSteps "steps to an element around both";
    TitleUp "steps from that heading to an element around both";
    TitleLines "lines since that heading";
    CardsOf "elements like its own beside it";
    CardsAt "how many of them before it";
    Cards1 "elements like its parent beside that";
    Cards1At "how many of them before it";
    Cards2 "elements like the one two up beside that";
    Cards3 "elements like the one three up beside that";
    CardText "expected share of text of elements like its parent in there";
}

/// How many features HTML pages have beside those of text.
pub(crate) const HTML_COUNT: usize = HTML_FEATURES.len();
/// How many they have altogether; trees name a feature by one byte.
pub(crate) const ALL: usize = COUNT + HTML_COUNT;
const _: () = assert!(ALL <= 256);
