//! How strict each level lets a page be: the bounds of its threshold on the probability of being text.

use crate::evidence::threshold::Clip;
use crate::rules::Level;

/// The bounds of a level for a page that is extracted text with this probability. Chosen by cross-validation: what is
/// gained is flat around them.
pub(crate) fn clip(extracted: f32, level: Level) -> Clip {
    let (page, other) = match level {
        Level::Gentle => ((0.01, 0.01), (0.002, 0.002)),
        Level::Balanced => ((0.20, 0.48), (0.12, 0.12)),
        Level::Strict => ((0.35, 0.60), (0.30, 0.30)),
    };
    let mix = |page: f32, other: f32| page + extracted * (other - page);
    Clip { least: mix(page.0, other.0), most: mix(page.1, other.1) }
}
