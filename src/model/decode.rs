//! How strict each level lets a page be: the bounds of its threshold on the probability of being text.

use crate::evidence::threshold::Clip;
use crate::rules::Level;

/// The bounds of a level for a page that is extracted text with this probability, in English or another language. Chosen
/// by cross-validation: what is gained is flat around them. In other languages than English the labels are less sure, so
/// more is kept. At the gentle level one in 200 on whole pages costs .0002 to .0005 of the gold texts' words.
pub(crate) fn clip(extracted: f32, english: bool, level: Level) -> Clip {
    let (page, other) = match (level, english) {
        (Level::Gentle, _) => ((0.005, 0.005), (0.002, 0.002)),
        (Level::Balanced, true) => ((0.20, 0.48), (0.14, 0.26)),
        (Level::Balanced, false) => ((0.09, 0.28), (0.10, 0.20)),
        (Level::Strict, true) => ((0.35, 0.60), (0.24, 0.26)),
        (Level::Strict, false) => ((0.25, 0.50), (0.18, 0.24)),
    };
    let mix = |page: f32, other: f32| page + extracted * (other - page);
    Clip { least: mix(page.0, other.0), most: mix(page.1, other.1) }
}
