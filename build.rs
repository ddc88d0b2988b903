//! Lists and compiles the packs in `patterns/`, so that a new pack is only a new file and a cleaner starts fast;
//! and hashes what the report page may run.
#![allow(dead_code, missing_docs, reason = "these are modules of the library, of which the build needs a part")]

#[path = "src/error.rs"]
mod error;
#[path = "src/rules"]
mod rules {
    mod category;
    pub mod compiled;
    mod guard;
    mod keys;
    mod literal;
    pub mod pack;
}
#[path = "src/segment"]
mod segment {
    pub mod fold;
    pub mod shape;
    pub mod token;
}

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("no manifest folder"))?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no output folder"))?);
    for input in ["build.rs", "patterns", "src/error.rs", "src/rules", "src/segment"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let mut list = String::from("[\n");
    let mut packs = Vec::new();
    for path in files(&root.join("patterns"))? {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        list.push_str(&format!("    ({name:?}, include_str!({:?})),\n", path.display().to_string()));
        let source = fs::read_to_string(&path)?;
        packs.push(rules::pack::Pack::parse(&name, &source).map_err(|e| io::Error::other(e.to_string()))?);
    }
    list.push(']');
    fs::write(out.join("packs.rs"), list)?;
    let compiled = rules::compiled::Compiled::of(&packs);
    fs::write(out.join("packs.bin"), postcard::to_allocvec(&compiled).map_err(io::Error::other)?)?;
    #[cfg(feature = "io")]
    fs::write(out.join("page.rs"), page_hashes(&root.join("src/io/page"))?)?;
    Ok(())
}

/// The packs: `patterns/<category>/<language>.toml`.
fn files(patterns: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for category in entries(patterns)?.into_iter().filter(|p| p.is_dir()) {
        found.extend(entries(&category)?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "toml")));
    }
    Ok(found)
}

/// The hashes of the report page's style and script, as a content security policy names them.
#[cfg(feature = "io")]
fn page_hashes(folder: &Path) -> io::Result<String> {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let mut constants = String::new();
    for (name, file) in [("STYLE_HASH", "page.css"), ("SCRIPT_HASH", "page.js")] {
        let path = folder.join(file);
        println!("cargo::rerun-if-changed={}", path.display());
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(fs::read(&path)?));
        constants.push_str(&format!("const {name}: &str = \"sha256-{hash}\";\n"));
    }
    Ok(constants)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<_> = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<io::Result<_>>()?;
    found.sort();
    Ok(found)
}
