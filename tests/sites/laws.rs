//! A model is a function of the set of pages it has seen.

use dehusk::{Document, Observation, SiteModel};
use proptest::prelude::*;

/// Pages of a few sites, made of few lines so that much is repeated.
fn pages() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    prop::collection::vec((0..3u8, prop::collection::vec(any::<u8>(), 0..12)), 0..24)
}

fn observed((site, lines): &(u8, Vec<u8>)) -> Observation {
    let text: Vec<String> =
        lines.iter().map(|l| format!("line {} of the {l}th kind", "abcdefgh".repeat(usize::from(*l)))).collect();
    Observation::of(&Document::new(&text.join("\n")).from_site(format!("site-{site}.example")))
}

fn model(pages: &[(u8, Vec<u8>)]) -> SiteModel {
    let mut model = SiteModel::new();
    pages.iter().for_each(|page| model.add(observed(page)));
    model
}

fn merged(parts: &[&SiteModel]) -> SiteModel {
    let mut all = SiteModel::new();
    parts.iter().for_each(|part| all.merge((*part).clone()));
    all
}

proptest! {
    #[test]
    fn merging_is_commutative_and_associative(a in pages(), b in pages(), c in pages()) {
        let [a, b, c] = [a, b, c].map(|pages| model(&pages));
        prop_assert_eq!(merged(&[&a, &b]), merged(&[&b, &a]));
        prop_assert_eq!(merged(&[&merged(&[&a, &b]), &c]), merged(&[&a, &merged(&[&b, &c])]));
        prop_assert_eq!(merged(&[&a, &SiteModel::new()]), a);
    }

    #[test]
    fn neither_order_nor_shards_matter(pages in pages(), seed in any::<u64>(), shards in 1..8usize) {
        let whole = model(&pages);
        let mut shuffled: Vec<_> = pages.iter().enumerate().collect();
        shuffled.sort_by_key(|(i, _)| (*i as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let mut parts = vec![SiteModel::new(); shards];
        shuffled.iter().for_each(|(i, page)| parts[i % shards].add(observed(page)));
        let parts: Vec<&SiteModel> = parts.iter().collect();
        prop_assert_eq!(&merged(&parts), &whole);
        prop_assert_eq!(merged(&parts).to_bytes(), whole.to_bytes());
    }

    #[test]
    fn bytes_bring_the_model_back(pages in pages()) {
        let model = model(&pages);
        prop_assert_eq!(SiteModel::from_bytes(&model.to_bytes()).unwrap(), model);
    }

    #[test]
    fn any_bytes_are_a_model_or_an_error(mut bytes in prop::collection::vec(any::<u8>(), 0..200), real in pages(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let _ = SiteModel::from_bytes(&bytes);
        bytes.splice(0..0, *b"dehuskS\x01");
        let _ = SiteModel::from_bytes(&bytes);
        let mut damaged = model(&real).to_bytes();
        let at = at.index(damaged.len());
        damaged[at] = with;
        if let Ok(mut model) = SiteModel::from_bytes(&damaged) {
            model.merge(model.clone());
            let _ = dehusk::Cleaner::builder().sites(&model);
        }
    }
}

/// Texts that share pieces, as lines or joined into one very long line.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "Tidewater Echo Moorings Lost oars Net loft Small ads Sign in",
            "Printed in the old net loft by nobody's leave and at nobody's cost.",
            "The ferry left at noon, and nobody on the pier waved; by evening the harbour was as empty as the square behind it.",
            "© 2024 Ätzend & Söhne — 版权所有 · すべての権利",
            "12.", "\u{200b}", "…", "",
        ]).prop_map(str::to_owned),
        2 => "\\PC{0,80}",
        1 => any::<String>(),
    ];
    let page =
        (prop::collection::vec(piece, 1..20), prop::sample::select(vec!["\n", "\r\n", " ", " ", ""]), 1..12usize);
    let page = page.prop_map(|(pieces, between, times)| vec![pieces.join(between); times].join(between));
    prop::collection::vec(page, 3..8)
}

proptest! {
    #[test]
    fn whatever_is_learned_nothing_is_lost(texts in texts()) {
        let mut model = SiteModel::new();
        // A line of its own makes each page count.
        let texts: Vec<String> = texts.iter().zip('a'..).map(|(t, own)| format!("{t}\n{}", String::from(own).repeat(9))).collect();
        texts.iter().for_each(|text| model.observe(&Document::new(text)));
        for level in dehusk::Level::ALL {
            let learned = dehusk::Cleaner::builder().level(level).sites(&model).build().unwrap();
            for text in &texts {
                let page = learned.clean(Document::new(text));
                prop_assert_eq!(page.restore(), text.as_str());
                let mut at = 0;
                for removal in page.removals() {
                    let span = removal.span();
                    prop_assert!(at <= span.start && span.start < span.end && span.end <= text.len());
                    prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                    at = span.end;
                }
            }
        }
    }
}

/// Sites larger than the bound: a sample is kept, and it is the same whatever the order and the shards.
#[test]
fn a_hundred_shards_of_a_large_site_are_one_pass() {
    let page = |i: u64| {
        let own: Vec<String> = (0..40).map(|k| format!("own {}", word(i * 1000 + k))).collect();
        format!("Tides\nMoorings\nLost oars\n{}\nAll rights kept\n", own.join("\n"))
    };
    let observed = |i: u64| Observation::of(&Document::new(&page(i)).from_site("echo.example"));
    let (mut whole, mut shards) = (SiteModel::new(), vec![SiteModel::new(); 100]);
    for i in 0..4_000 {
        whole.add(observed(i));
        shards[(i % 100) as usize].add(observed(3_999 - i));
    }
    let parts: Vec<&SiteModel> = shards.iter().rev().collect();
    assert_eq!(merged(&parts), whole);
    assert_eq!(whole.pages(), 4_000);
    // 44 lines a page, so the bound of 65,536 lines holds 1,489 pages, at most ten bytes a line.
    assert!(whole.to_bytes().len() < 1 << 20, "{}", whole.to_bytes().len());
}

fn word(mut number: u64) -> String {
    let mut out = String::new();
    loop {
        out.push((b'a' + (number % 26) as u8) as char);
        number /= 26;
        if number == 0 {
            return out;
        }
    }
}
