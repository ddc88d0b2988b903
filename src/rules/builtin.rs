//! The packs that come with the library.

use once_cell::race::OnceBox;

use super::compiled::Compiled;
use super::pack::Pack;

/// Name and source of every file in `patterns/`, listed by the build script.
const SOURCES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/packs.rs"));
/// The same, compiled by the build script.
static COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/packs.bin"));

/// The packs as written: for listings and checks.
static PACKS: OnceBox<Vec<Pack>> = OnceBox::new();

/// All built-in packs.
pub(crate) fn packs() -> &'static [Pack] {
    PACKS.get_or_init(|| {
        // The build script has parsed every one of them.
        Box::new(SOURCES.iter().filter_map(|(name, source)| Pack::parse(name, source).ok()).collect())
    })
}

/// What the built-in packs come to, as bytes.
#[cfg(feature = "io")]
pub(crate) fn bytes() -> &'static [u8] {
    COMPILED
}

/// All built-in packs, compiled.
pub(crate) fn compiled() -> &'static Compiled {
    static BUILT_IN: OnceBox<Compiled> = OnceBox::new();
    BUILT_IN.get_or_init(|| Box::new(postcard::from_bytes(COMPILED).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_script_compiled_every_pack() {
        let parsed = Compiled::of(packs());
        assert_eq!(packs().len(), SOURCES.len());
        assert_eq!(compiled().rules.len(), parsed.rules.len());
        assert_eq!(compiled().keys, parsed.keys);
    }
}
