//! The weights that come with the library.

use std::sync::Arc;

use once_cell::race::OnceBox;

use super::Model;
use super::html::HtmlModel;

static BYTES: &[u8] = include_bytes!("../../patterns/model/dehusk.bin");
static HTML: &[u8] = include_bytes!("../../patterns/model/html.bin");

/// The built-in weights, as bytes.
#[cfg(feature = "io")]
pub(crate) fn bytes() -> [&'static [u8]; 2] {
    [BYTES, HTML]
}

/// The built-in weights, read once.
pub(crate) fn builtin() -> Option<Arc<Model>> {
    static MODEL: OnceBox<Option<Arc<Model>>> = OnceBox::new();
    MODEL.get_or_init(|| Box::new(Model::from_bytes(BYTES).ok().map(Arc::new))).clone()
}

/// The built-in weights for HTML pages, read once.
pub(crate) fn builtin_html() -> Option<Arc<HtmlModel>> {
    static MODEL: OnceBox<Option<Arc<HtmlModel>>> = OnceBox::new();
    MODEL.get_or_init(|| Box::new(HtmlModel::from_bytes(HTML).ok().map(Arc::new))).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_belongs_to_the_weights() {
        let model = builtin().expect("the built-in weights are undamaged");
        let card = include_str!("../../patterns/model/card.md");
        assert!(card.contains(&format!("hash: {:016x}", model.hash())));
    }

    #[test]
    fn the_card_of_html_belongs_to_the_weights() {
        let model = builtin_html().expect("the built-in weights for HTML are undamaged");
        let card = include_str!("../../patterns/model/html.md");
        assert!(card.contains(&format!("hash: {:016x}", model.hash())));
    }
}
