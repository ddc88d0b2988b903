//! Bytes per second of each stage and of the whole, beside the yardstick: one raw, overlapping Aho-Corasick scan over the
//! packs' own literals, in the same run.
//!
//! The text is that of `DEHUSK_BENCH_TEXT`, a folder of files, or of the sample that the repository ships, repeated.
#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]
#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::hint::black_box;
use std::path::Path;
use std::{env, fs};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dehusk::batch::Batch;
use dehusk::stages::Stages;
use dehusk::{Cleaner, Document};

/// The sample is small; so many copies of it make a run of a few milliseconds.
const COPIES: usize = 200;
/// More text than this only makes the bench slow.
const MAX_BYTES: usize = 24 << 20;

fn texts() -> Vec<String> {
    let read = |folder: &Path| -> Vec<String> {
        let mut paths: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()).collect();
        paths.sort();
        paths.iter().filter_map(|p| fs::read_to_string(p).ok()).collect()
    };
    let texts = match env::var_os("DEHUSK_BENCH_TEXT") {
        Some(folder) => read(Path::new(&folder)),
        None => {
            let sample = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample"));
            (0..COPIES).flat_map(|_| sample.clone()).collect()
        }
    };
    let mut sum = 0;
    texts
        .into_iter()
        .take_while(|t| {
            sum += t.len();
            sum <= MAX_BYTES
        })
        .collect()
}

fn speed(c: &mut Criterion) {
    let texts = texts();
    let documents: Vec<Document<'_>> = texts.iter().map(|t| Document::new(t)).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut group = c.benchmark_group("speed");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(10);

    let cleaner = Cleaner::new();
    let rules_only = Cleaner::builder().model(false).build().unwrap();
    let mut stages = Stages::new(cleaner.clone());
    let literals = stages.literals();
    println!("{} documents, {bytes} bytes, {} literals", texts.len(), literals.len());

    for (name, kind) in [("nfa", AhoCorasickKind::ContiguousNFA), ("dfa", AhoCorasickKind::DFA)] {
        let yardstick = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(&literals)
            .unwrap();
        group.bench_function(format!("yardstick: raw aho-corasick, {name}"), |b| {
            b.iter(|| texts.iter().map(|t| yardstick.find_overlapping_iter(t).count()).sum::<usize>());
        });
    }
    group.bench_function("segment", |b| b.iter(|| documents.iter().map(|d| stages.segment(d)).sum::<usize>()));
    group.bench_function("segment + scan", |b| {
        b.iter(|| {
            let mut hits = 0;
            for document in &documents {
                stages.segment(document);
                hits += stages.scan(document);
            }
            hits
        });
    });
    group.bench_function("segment + scan + weigh + decide", |b| {
        b.iter(|| documents.iter().map(|d| stages.decide(d)).sum::<usize>());
    });
    group.bench_function("clean", |b| {
        b.iter(|| texts.iter().map(|t| black_box(cleaner.clean(t).body()).len()).sum::<usize>());
    });
    group.bench_function("clean, rules and structure alone", |b| {
        b.iter(|| texts.iter().map(|t| black_box(rules_only.clean(t).body()).len()).sum::<usize>());
    });
    // Rules of one language beside those of all: what the other languages cost.
    let packs = cleaner.packs().filter(|p| p.rules().all(|r| r.language() == "en")).cloned();
    let english =
        packs.fold(Cleaner::builder().default_rules(false), |builder, pack| builder.pack(pack)).build().unwrap();
    group.bench_function("clean, English rules alone", |b| {
        b.iter(|| texts.iter().map(|t| black_box(english.clean(t).body()).len()).sum::<usize>());
    });
    for threads in [1, 2] {
        group.bench_function(format!("batch, {threads} threads"), |b| {
            b.iter(|| batch_bytes(&cleaner, &texts, threads));
        });
    }
    group.finish();

    c.bench_function("start: Cleaner::new", |b| b.iter(Cleaner::new));
}

/// Body bytes of a batch.
fn batch_bytes(cleaner: &Cleaner, texts: &[String], threads: usize) -> usize {
    let mut sum = 0;
    let documents = texts.iter().map(|t| Document::new(t));
    Batch::new().threads(threads).clean(cleaner, documents, |cleaned| sum += cleaned.body().len()).unwrap();
    sum
}

criterion_group!(benches, speed);
criterion_main!(benches);
