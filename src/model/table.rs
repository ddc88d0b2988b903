//! The names of stage 2's features.

/// What kind of evidence a feature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// What the block itself looks like.
    Shape,
    /// What its words and its neighbours' words say.
    Words,
    /// Where it stands relative to the main run of text.
    MainRun,
    /// What the whole page is like.
    Page,
    /// Whether it occurs more than once.
    Repeats,
    /// Where on the page it stands.
    Position,
    /// The group of lines without a blank line between them.
    Group,
    /// Prose around it.
    Prose,
    /// What rules say of it and of what is around it.
    Rules,
}

macro_rules! features {
    ($($name:ident $family:ident $what:literal;)*) => {
        /// A feature of a block: one byte.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Feature { $($name,)* }

        /// Family and description of every feature, in order.
        pub(crate) const FEATURES: &[(Feature, Family, &str)] = &[$((Feature::$name, Family::$family, $what),)*];
    };
}

features! {
    Length Shape "words";
    Bytes Shape "bytes";
    Sentences Shape "ends of sentences";
    LastClass Shape "kind of last character";
    FirstClass Shape "kind of first character";
    Mark Shape "marker";
    GapBefore Shape "blank lines before";
    GapAfter Shape "blank lines after";
    Indent Shape "indentation";
    CapitalShare Shape "share of capitalised words";
    UpperShare Shape "share of upper-case letters";
    DigitShare Shape "share of digits";
    ShortWordShare Shape "share of short lower-case words";
    NumberShare Shape "share of numbers";
    Commas Shape "commas";
    Questions Shape "question marks";
    Bars Shape "bars and slashes";
    Money Shape "currency signs";
    Colons Shape "colons";
    Codes Shape "signs of code";
    WordLength Shape "letters a word";
    Brackets Shape "brackets";
    PreviousLength Shape "words of the line before";
    NextLength Shape "words of the line after";
    NextNextLength Shape "words two lines after";
    PreviousPreviousLength Shape "words two lines before";
    PreviousLast Shape "last character of the line before";
    NextLast Shape "last character of the line after";
    PreviousMark Shape "marker of the line before";
    NextMark Shape "marker of the line after";
    RunOfLook Shape "lines in the run of lines that look like it";
    RunOfLookAt Shape "lines before it in the run of lines that look like it";
    Own Words "its words";
    Before1 Words "words of the line before";
    Before2 Words "words two lines before";
    Before3 Words "words three lines before";
    After1 Words "words of the line after";
    After2 Words "words two lines after";
    After3 Words "words three lines after";
    Mean2 Words "words within 2 lines";
    Mean5 Words "words within 5 lines";
    Mean15 Words "words within 15 lines";
    Mean40 Words "words within 40 lines";
    Weighted5 Words "words within 5 lines by length";
    Weighted15 Words "words within 15 lines by length";
    Weighted40 Words "words within 40 lines by length";
    Previous5 Words "words of the 5 lines before";
    Next5 Words "words of the 5 lines after";
    Previous15 Words "words of the 15 lines before";
    Next15 Words "words of the 15 lines after";
    MeanSoFar Words "words of all lines before";
    MeanToCome Words "words of all lines after";
    InRun MainRun "inside the main run of text";
    RunLines MainRun "lines from the main run";
    RunWords MainRun "words from the main run";
    RunShare MainRun "main run's share of the page's words";
    RunAt MainRun "position within the main run";
    TextBefore MainRun "share of expected text before it";
    TextAfter MainRun "expected words of text after it";
    TextTotal MainRun "expected words of text on the page";
    TextShare MainRun "expected share of text";
    SecondRun MainRun "inside the second-best run of text";
    SecondShare MainRun "second run's share of the main run's words";
    PageWords Page "words of the page";
    PageLines Page "lines of the page";
    PageLongest Page "longest line";
    PageProse Page "number of paragraphs";
    PageProseShare Page "share of words in paragraphs";
    PageQuestions Page "share of lines with question marks";
    PageFigures Page "share of lines of figures";
    PagePrices Page "share of lines with prices";
    PageCode Page "share of lines with code";
    PageGaps Page "share of lines after blank lines";
    PageMean Page "mean of words' evidence";
    PageSpread Page "spread of words' evidence";
    PageShort Page "share of short lines";
    PageMarks Page "share of marked lines";
    PageHeadings Page "share of headings";
    PageRepeats Page "share of repeated lines";
    Copies Repeats "copies on the page";
    CopiesBefore Repeats "copies before it";
    SameStart Repeats "lines that start with the same word";
    LineAt Position "line number";
    LineFromEnd Position "lines to the end";
    WordsAt Position "share of words before it";
    LinesAt Position "share of lines before it";
    GroupLines Group "lines in its group";
    GroupMeanWords Group "words a line in its group";
    GroupAt Group "position in its group";
    GroupMean Group "words of its group";
    Near5 Prose "words within 5 lines";
    Near15 Prose "words within 15 lines";
    ProseBefore Prose "words of paragraphs before it";
    ProseAfter Prose "words of paragraphs after it";
    ToProseBefore Prose "lines since the last paragraph";
    ToProseAfter Prose "lines to the next paragraph";
    SinceHeading Prose "lines since the last heading";
    HeadingWords Prose "evidence of the last heading's words";
    RuleStrength Rules "strongest rule";
    RuleCategory Rules "category of the strongest rule";
    RuleCovered Rules "share of words under rules";
    Rules5 Rules "rules within 5 lines";
    Rules15 Rules "rules within 15 lines";
    RulesBefore Rules "share of lines with rules before it";
    RulesAfter Rules "share of lines with rules after it";
    SinceSection Rules "lines since a heading of a section of chrome";
    SectionCategory Rules "category of that section";
    ProseSinceSection Rules "paragraphs since that heading";
    RulesPage Rules "share of the page's lines with rules";
}

/// How many features there are.
pub(crate) const COUNT: usize = FEATURES.len();
