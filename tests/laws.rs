//! The laws that hold for every input, as property tests. The same laws are the fuzzers' oracles.

use dehusk::{Cleaner, Document, InputKind, Status};
use proptest::prelude::*;

use crate::fuzz::{CLEANERS, tiles};

/// Lines that pages are made of: chrome of many kinds, prose, and oddities.
fn line() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "Subscribe to our newsletter",
        "Home",
        "About us",
        "  * Contact",
        "Accept all cookies",
        "Related articles",
        "Share: Twitter | Facebook | Linkedin",
        "12 Comments",
        "© 2024 Example Media. All rights reserved.",
        "(Photo by A. Nyman/Getty Images)",
        "The ferry left at noon, and nobody on the pier waved; by evening the harbour was as empty as the square behind it, and the \
         lamps along the quay burned for no one but the gulls.",
        "She said that she would not subscribe to our newsletter, and then she did, which surprised the whole office, because she \
         had never before signed anything that came with a pen attached (Photo by A. Nyman/Getty Images) to it.",
        "## A heading",
        "Zum Inhalt springen",
        "版权所有",
        "",
        "   ",
        "\u{feff}",
        "\u{200b}\u{202e}x",
        "\0\0",
    ])
    .prop_map(str::to_owned);
    prop_oneof![6 => fixed, 2 => "\\PC{0,60}", 1 => any::<String>()]
}

fn terminator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\n", "\n", "\n", "\n\n", "\r\n", "\r", "\u{2028}", "\u{85}"])
}

fn page() -> impl Strategy<Value = String> {
    (prop::collection::vec((line(), terminator()), 0..40), any::<bool>()).prop_map(|(lines, open)| {
        let mut text: String = lines.iter().flat_map(|(line, end)| [line.as_str(), end]).collect();
        if open {
            text = text.trim_end_matches(['\n', '\r']).to_owned();
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn kept_and_removed_tile_the_input_and_give_it_back(text in page()) {
        for cleaner in CLEANERS.iter() {
            let page = cleaner.clean(&text);
            tiles(&page);
            prop_assert_eq!(page.restore(), text.as_str());
        }
    }

    #[test]
    fn an_expected_loss_is_a_share_and_nothing_is_lost_of_what_stays(text in page()) {
        for cleaner in CLEANERS.iter() {
            let page = cleaner.clean(&text);
            let (loss, report) = (page.report().expected_loss(), page.report());
            prop_assert_eq!(loss.is_some(), cleaner.uses_model());
            prop_assert!(loss.is_none_or(|loss| (0.0..=1.0).contains(&loss)));
            let stays = report.removals().is_empty() && report.withheld().is_empty();
            prop_assert!(!stays || loss.is_none_or(|loss| loss == 0.0));
        }
    }

    #[test]
    fn any_bytes_tile_and_come_back(raw in prop::collection::vec(any::<u8>(), 0..600)) {
        for cleaner in CLEANERS.iter() {
            tiles(&cleaner.clean(raw.as_slice()));
        }
    }

    #[test]
    fn every_encoding_tiles_and_comes_back(text in page(), label in prop::sample::select(vec![
        "utf-16le", "utf-16be", "windows-1252", "shift_jis", "gb18030", "euc-kr", "big5", "koi8-r", "iso-2022-jp",
    ])) {
        let raw: Vec<u8> = match label {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            // Any bytes will do for the rest: what is no character is kept as it is.
            _ => text.clone().into_bytes(),
        };
        let document = Document::with_encoding(&raw, label).unwrap();
        tiles(&CLEANERS[4].clean(document));
    }

    #[test]
    fn utf_16_is_cleaned_as_utf_8(text in page()) {
        let raw: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = CLEANERS[3].clean(Document::with_encoding(&raw, "utf-16le").unwrap());
        let narrow = CLEANERS[3].clean(&text);
        // A text that begins with a byte order mark has one character more in front.
        prop_assume!(!text.starts_with('\u{feff}'));
        prop_assert_eq!(wide.body(), narrow.body());
    }

    #[test]
    fn without_rules_and_model_nothing_but_copies_goes(text in page()) {
        let cleaner = Cleaner::builder().default_rules(false).model(false).input_kind(InputKind::Extracted);
        let cleaner = cleaner.ignore("duplicate").build().unwrap();
        let page = cleaner.clean(&text);
        prop_assert_eq!(page.status(), Status::Unchanged);
        prop_assert_eq!(page.body(), text.as_str());
    }

    #[test]
    fn crlf_in_is_crlf_out(text in page()) {
        let text = text.replace('\r', "");
        let crlf = text.replace('\n', "\r\n");
        for cleaner in CLEANERS.iter() {
            let (crlf, lf) = (cleaner.clean(&crlf), cleaner.clean(&text));
            prop_assert_eq!(crlf.body(), lf.body().replace('\n', "\r\n"));
        }
    }

    #[test]
    fn a_final_newline_changes_only_that_byte(text in page()) {
        prop_assume!(!text.is_empty() && !text.ends_with(['\n', '\r', '\u{2028}', '\u{85}']) && !text.trim().is_empty());
        let ended = format!("{text}\n");
        for cleaner in CLEANERS.iter() {
            let (open, closed) = (cleaner.clean(&text), cleaner.clean(&ended));
            prop_assume!(open.status() != Status::Emptied);
            prop_assert_eq!(closed.body(), format!("{}\n", open.body()));
        }
    }

    #[test]
    fn a_known_banner_around_an_article_goes_exactly(paragraphs in 4..9usize, below in any::<bool>()) {
        let article = vec![
            "The ferry left at noon, and nobody on the pier waved; by evening the harbour was as empty as the square behind it.";
            paragraphs
        ].join("\n\n");
        let banner = "We use cookies to ensure that we give you the best experience on our website.";
        let text = if below { format!("{article}\n\n{banner}") } else { format!("{banner}\n\n{article}") };
        for cleaner in CLEANERS.iter() {
            let page = cleaner.clean(&text);
            prop_assert_eq!(page.body(), article.as_str(), "{:?}", page.report());
        }
    }
}
