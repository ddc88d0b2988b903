//! The weights as a file: magic, version, the features' hash, sizes, numbers in little-endian order, and a hash of it all.

use super::html::HtmlModel;
use super::html::table::{ALL, HTML_FEATURES};
use super::html::tags::Tags;
use super::lexical::{Lexical, SLOTS};
use super::net::{CHANNELS, Net, vectors};
use super::table::{COUNT, FEATURES};
use super::trees::{DEPTH, Forest, LEAVES, Tree};
use super::{Model, Second};
use crate::error::{Error, ErrorKind, Result};

const MAGIC: &[u8; 8] = b"dehuskM\x02";
/// The same for HTML.
const HTML_MAGIC: &[u8; 8] = b"dehuskH\x02";
/// No forest is larger: a damaged count must not ask for memory.
const MAX_TREES: u32 = 10_000;

impl Model {
    /// Reads weights that `dehusk train` wrote.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Model`] for anything but an undamaged file of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (body, hash) = body(bytes, MAGIC)?;
        let mut read = Reader { rest: body };
        if read.u64().ok_or_else(damaged)? != features_hash() {
            return Err(other_features());
        }
        let known = |feature: u8| (usize::from(feature) < COUNT).then_some(feature);
        let lexical = read.lexical().ok_or_else(damaged)?;
        let regime = read.forest(&known).ok_or_else(damaged)?;
        let features: Vec<usize> = (0..COUNT).collect();
        let page = read.second(&features, COUNT).ok_or_else(damaged)?;
        let extracted = read.second(&features, COUNT).ok_or_else(damaged)?;
        if !read.rest.is_empty() {
            return Err(damaged());
        }
        Ok(Model { lexical, page, extracted, regime, hash })
    }

    /// The weights as [`from_bytes`](Self::from_bytes) reads them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = features_hash().to_le_bytes().to_vec();
        write_lexical(&self.lexical, &mut body);
        write_forest(&self.regime, &mut body);
        write_second(&self.page, &mut body);
        write_second(&self.extracted, &mut body);
        sealed(MAGIC, &body)
    }

    /// Puts a model together.
    #[cfg_attr(not(feature = "train"), allow(dead_code, reason = "training calls it"))]
    pub(crate) fn new(lexical: Lexical, regime: Forest, page: Second, extracted: Second) -> Self {
        let mut model = Model { lexical, page, extracted, regime, hash: 0 };
        let bytes = model.to_bytes();
        model.hash = fnv(&bytes[MAGIC.len()..bytes.len() - 8]);
        model
    }
}

impl HtmlModel {
    /// Reads weights for HTML that `dehusk train` wrote. Features are found by name: others may have come since.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Model`] for anything but an undamaged file of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (body, hash) = body(bytes, HTML_MAGIC)?;
        let mut read = Reader { rest: body };
        let now = html_features();
        let mut features = Vec::new();
        for _ in 0..read.u64().ok_or_else(damaged)?.min(256) {
            let name = read.u64().ok_or_else(damaged)?;
            features.push(now.iter().position(|n| *n == name));
        }
        let features: Vec<usize> = features.into_iter().collect::<Option<_>>().ok_or_else(other_features)?;
        let lexical = read.lexical().ok_or_else(damaged)?;
        let tags = Tags { table: read.table().ok_or_else(damaged)? };
        let second = read.second(&features, ALL).ok_or_else(damaged)?;
        if !read.rest.is_empty() {
            return Err(damaged());
        }
        Ok(HtmlModel { lexical, tags, second, hash })
    }

    /// The weights as [`from_bytes`](Self::from_bytes) reads them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = (ALL as u64).to_le_bytes().to_vec();
        body.extend(html_features().into_iter().flat_map(u64::to_le_bytes));
        write_lexical(&self.lexical, &mut body);
        body.extend(self.tags.table.iter().flatten().map(|w| *w as u8));
        write_second(&self.second, &mut body);
        sealed(HTML_MAGIC, &body)
    }

    /// Puts a model together.
    #[cfg_attr(not(feature = "train"), allow(dead_code, reason = "training calls it"))]
    pub(crate) fn new(lexical: Lexical, tags: Tags, second: Second) -> Self {
        let mut model = HtmlModel { lexical, tags, second, hash: 0 };
        let bytes = model.to_bytes();
        model.hash = fnv(&bytes[HTML_MAGIC.len()..bytes.len() - 8]);
        model
    }
}

/// Hashes of the names of all features of HTML pages, in order.
fn html_features() -> Vec<u64> {
    let text = FEATURES.iter().map(|(feature, ..)| format!("{feature:?}"));
    let html = HTML_FEATURES.iter().map(|(feature, _)| format!("html {feature:?}"));
    text.chain(html).map(|name| fnv(name.as_bytes())).collect()
}

/// What stands between magic and hash, and the hash.
fn body<'a>(bytes: &'a [u8], magic: &[u8; 8]) -> Result<(&'a [u8], u64)> {
    let body = bytes.strip_prefix(magic).ok_or_else(|| {
        Error::new(ErrorKind::Model, "these are no weights of this version of dehusk: train them again")
    })?;
    let (body, end) = body.split_at(body.len().checked_sub(8).ok_or_else(damaged)?);
    let hash = u64::from_le_bytes(end.try_into().map_err(|_| damaged())?);
    if fnv(body) == hash { Ok((body, hash)) } else { Err(damaged()) }
}

fn sealed(magic: &[u8; 8], body: &[u8]) -> Vec<u8> {
    [&magic[..], body, &fnv(body).to_le_bytes()].concat()
}

fn damaged() -> Error {
    Error::new(ErrorKind::Model, "the weights are damaged: train them again, or use the built-in ones")
}

fn other_features() -> Error {
    Error::new(ErrorKind::Model, "these weights were learned for other features than this dehusk has: train them again")
}

fn write_lexical(lexical: &Lexical, out: &mut Vec<u8>) {
    out.extend(lexical.bias.to_le_bytes());
    out.extend(lexical.table.iter().flatten().map(|w| *w as u8));
}

fn write_forest(forest: &Forest, out: &mut Vec<u8>) {
    out.extend(forest.bias.to_le_bytes());
    out.extend((forest.trees.len() as u32).to_le_bytes());
    for tree in &forest.trees {
        out.extend(tree.tests.iter().flat_map(|(f, t)| [*f, *t]));
        out.extend(tree.leaves.iter().flat_map(|l| l.to_le_bytes()));
    }
}

fn write_second(second: &Second, out: &mut Vec<u8>) {
    write_forest(&second.forest, out);
    out.extend(second.net.vectors.iter().flatten().flat_map(|w| w.to_le_bytes()));
}

/// Changes when a feature is added, renamed or moved.
fn features_hash() -> u64 {
    let names: String = FEATURES.iter().map(|(feature, family, _)| format!("{feature:?} {family:?};")).collect();
    fnv(names.as_bytes())
}

/// 64-bit FNV-1a.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3))
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    fn lexical(&mut self) -> Option<Lexical> {
        let bias = self.i32()?;
        Some(Lexical { table: self.table()?, bias })
    }

    fn table(&mut self) -> Option<Box<[[i8; 4]]>> {
        let weights = self.take(SLOTS * 4)?;
        Some(weights.chunks_exact(4).map(|w| [w[0] as i8, w[1] as i8, w[2] as i8, w[3] as i8]).collect())
    }

    /// A second stage; `features` says which of `count` features is meant by a number in the file. Those that are not
    /// in the file weigh nothing.
    fn second(&mut self, features: &[usize], count: usize) -> Option<Second> {
        let forest = self.forest(&|feature| Some(*features.get(usize::from(feature))? as u8))?;
        let mut net = Net { vectors: vec![[0.0; CHANNELS]; vectors(count)], features: count };
        for feature in features {
            net.vectors[*feature] = self.vector()?;
        }
        for vector in &mut net.vectors[count..] {
            *vector = self.vector()?;
        }
        Some(Second { forest, net })
    }

    fn vector(&mut self) -> Option<[f32; CHANNELS]> {
        let mut out = [0.0; CHANNELS];
        for weight in &mut out {
            *weight = f32::from_le_bytes(self.array()?);
        }
        out.iter().all(|w| w.is_finite()).then_some(out)
    }

    /// A forest; `known` says which feature is meant by a number in the file.
    fn forest(&mut self, known: &dyn Fn(u8) -> Option<u8>) -> Option<Forest> {
        let bias = self.i32()?;
        let count = u32::from_le_bytes(self.array()?);
        if count > MAX_TREES {
            return None;
        }
        let trees = (0..count).map(|_| self.tree(known)).collect::<Option<_>>()?;
        Some(Forest { bias, trees })
    }

    fn tree(&mut self, known: &dyn Fn(u8) -> Option<u8>) -> Option<Tree> {
        let mut tests = [(0, 0); DEPTH];
        for test in &mut tests {
            let [feature, threshold] = self.array()?;
            *test = (known(feature)?, threshold);
        }
        let mut leaves = Box::new([0; LEAVES]);
        for leaf in leaves.iter_mut() {
            *leaf = i16::from_le_bytes(self.array()?);
        }
        Some(Tree { tests, leaves })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weights over so many features, of which the trees ask for the last.
    fn second(features: usize) -> Second {
        let tree = Tree { tests: [((features - 1) as u8, 7); DEPTH], leaves: Box::new([-5; LEAVES]) };
        let net = Net { vectors: vec![[0.25; CHANNELS]; vectors(features)], features };
        Second { forest: Forest { bias: -9, trees: vec![tree] }, net }
    }

    fn model() -> Model {
        let table = (0..SLOTS).map(|i| [i as i8, 1, 2, 3]).collect();
        let second = second(COUNT);
        Model::new(Lexical { table, bias: 4 }, second.forest.clone(), second.clone(), second)
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = model().to_bytes();
        let read = Model::from_bytes(&bytes).unwrap();
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(read.hash(), model().hash());
        assert_eq!(read.page.forest.trees.len(), 1);
    }

    #[test]
    fn html_weights_are_read_again_and_damage_is_an_error() {
        let table: Box<[[i8; 4]]> = (0..SLOTS).map(|i| [i as i8, 1, 2, 3]).collect();
        let model = HtmlModel::new(Lexical { table: table.clone(), bias: 4 }, Tags { table }, second(ALL));
        let bytes = model.to_bytes();
        let read = HtmlModel::from_bytes(&bytes).unwrap();
        assert_eq!((read.to_bytes(), read.hash()), (bytes.clone(), model.hash()));
        // A feature of another name is another feature.
        let mut body = bytes[HTML_MAGIC.len()..bytes.len() - 8].to_vec();
        body[ALL * 8] ^= 1;
        let renamed = HtmlModel::from_bytes(&sealed(HTML_MAGIC, &body)).unwrap_err();
        assert!(renamed.to_string().contains("other features"), "{renamed}");
        for at in [0, 8, 100, bytes.len() - 300, bytes.len() - 1] {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert_eq!(HtmlModel::from_bytes(&bad).unwrap_err().kind(), ErrorKind::Model);
        }
    }

    #[test]
    fn damage_is_an_error() {
        let bytes = model().to_bytes();
        for bad in [&bytes[..0], &bytes[..7], &bytes[..20], &bytes[..bytes.len() - 1], b"something else altogether"] {
            assert_eq!(Model::from_bytes(bad).unwrap_err().kind(), ErrorKind::Model);
        }
        for at in [8, 100, bytes.len() - 300, bytes.len() - 1] {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert_eq!(Model::from_bytes(&bad).unwrap_err().kind(), ErrorKind::Model);
        }
    }
}
