//! How strict a page needs to be: the threshold that maximises its expected F1.
//!
//! Keeping all blocks over half of the best F1 is optimal when probabilities are right; the best F1 itself follows from
//! the probabilities (plug-in). Measured, this is worth more than any family of features but words.

/// Bins of log-odds, and how many of them make one unit.
const BINS: usize = 256;
const PER_UNIT: f32 = 16.0;

/// Within what bounds a page may choose its threshold on the probability of being text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clip {
    pub least: f32,
    pub most: f32,
}

/// The probability of being text under which a block goes. Takes each block's log-odds of being text and its words.
pub(crate) fn plug_in(blocks: impl Iterator<Item = (f32, f32)>, clip: Clip) -> f32 {
    let mut words = [0.0_f64; BINS];
    let mut expected = [0.0_f64; BINS];
    for (logit, weight) in blocks {
        let bin = ((logit * PER_UNIT) as i32 + BINS as i32 / 2).clamp(0, BINS as i32 - 1) as usize;
        words[bin] += f64::from(weight);
        expected[bin] += f64::from(weight * sigmoid(logit));
    }
    let all: f64 = expected.iter().sum();
    let (mut kept, mut right, mut best) = (0.0, 0.0, 0.0_f64);
    for bin in (0..BINS).rev() {
        kept += words[bin];
        right += expected[bin];
        if kept > 0.0 {
            best = best.max(right / (kept + all));
        }
    }
    (best as f32).clamp(clip.least, clip.most)
}

/// The probability that belongs to log-odds.
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The log-odds that belong to a probability.
pub(crate) fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Clip = Clip { least: 0.0, most: 1.0 };

    #[test]
    fn a_clear_page_asks_for_half() {
        let blocks = [(9.0, 100.0), (9.0, 50.0), (-9.0, 30.0)];
        assert!((plug_in(blocks.into_iter(), ANY) - 0.5).abs() < 0.01);
    }

    #[test]
    fn a_doubtful_page_asks_for_less() {
        let blocks = [(0.0, 10.0); 8];
        // All at one half: keep everything, F1 = 2/3.
        assert!((plug_in(blocks.into_iter(), ANY) - 1.0 / 3.0).abs() < 0.01);
        assert_eq!(plug_in(blocks.into_iter(), Clip { least: 0.4, most: 0.5 }), 0.4);
        assert_eq!(plug_in(std::iter::empty(), Clip { least: 0.2, most: 0.5 }), 0.2);
    }
}
