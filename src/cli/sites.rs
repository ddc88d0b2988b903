//! Which site an input is of, and what is known of sites already.

use std::path::{Component, Path};

use dehusk::io::{Escaped, Input as OpenFile};
use dehusk::{Document, SiteModel};

use super::args::{SiteArgs, SiteBy};
use super::exit::{Failure, Outcome};

/// The largest site model that is read.
const MAX_MODEL: u64 = 4 << 30;

/// Tells the site of inputs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sites {
    by: SiteBy,
}

impl Sites {
    /// What was asked for.
    pub fn new(typed: &SiteArgs) -> Self {
        Self { by: typed.site_by.unwrap_or_default() }
    }

    /// Says of a document which site it is of. `address` is what its record says.
    pub fn place<'a>(self, document: Document<'a>, path: &Path, address: Option<&str>) -> Document<'a> {
        let host = match (self.by, address) {
            (SiteBy::None, _) => return document,
            (SiteBy::Dir, _) => None,
            (SiteBy::Host, Some(address)) => dehusk::host_of(address),
            (SiteBy::Host, None) => document.own_address().and_then(dehusk::host_of),
        };
        match host.or_else(|| first_folder(path)) {
            Some(site) => document.from_site(site),
            None => document,
        }
    }
}

/// The first folder of a path in the output: mirrors put the host there.
fn first_folder(path: &Path) -> Option<String> {
    let mut parts = path.parent()?.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.next()
}

/// The models that were named, merged; none where none was.
pub fn models(typed: &SiteArgs) -> Outcome<Option<SiteModel>> {
    let mut all: Option<SiteModel> = None;
    for path in &typed.models {
        let wrong = |why: String| {
            Failure::usage(format!("cannot read the site model {}: {why}. Nothing was written", Escaped::path(path)))
        };
        let mut file = OpenFile::open(path, true).map_err(|e| wrong(e.to_string()))?;
        if file.len() > MAX_MODEL {
            return Err(wrong("it is larger than 4 GiB".into()));
        }
        let bytes = file.read().map_err(|e| wrong(e.to_string()))?;
        let model = SiteModel::from_bytes(&bytes).map_err(|e| wrong(e.to_string()))?;
        match &mut all {
            Some(all) => all.merge(model),
            None => all = Some(model),
        }
    }
    Ok(all)
}
