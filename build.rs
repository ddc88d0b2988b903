//! Lists the packs in `patterns/`, so that a new pack is only a new file.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("no manifest folder"))?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no output folder"))?);
    println!("cargo::rerun-if-changed=patterns");
    let mut packs = Vec::new();
    for category in entries(&root.join("patterns"))? {
        if category.is_dir() {
            println!("cargo::rerun-if-changed={}", category.display());
            packs.extend(entries(&category)?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "toml")));
        }
    }
    let mut list = String::from("[\n");
    for pack in &packs {
        let name = pack.strip_prefix(&root).unwrap_or(pack);
        list.push_str(&format!(
            "    ({:?}, include_str!({:?})),\n",
            name.display().to_string(),
            pack.display().to_string()
        ));
    }
    list.push(']');
    fs::write(out.join("packs.rs"), list)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<_> = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<io::Result<_>>()?;
    found.sort();
    Ok(found)
}
