//! A model as a file: magic and version, then the sites in postcard.

use super::SiteModel;
use crate::error::{Error, ErrorKind, Result};

const MAGIC: &[u8; 8] = b"dehuskS\x01";

impl SiteModel {
    /// The model as [`from_bytes`](Self::from_bytes) reads it. Equal models give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing to memory fails on nothing but types that have no length, and there are none here.
        postcard::to_extend(self, MAGIC.to_vec()).unwrap_or_default()
    }

    /// Reads a model.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Model`] for anything but an undamaged model of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let body = bytes.strip_prefix(MAGIC).ok_or_else(|| {
            Error::new(ErrorKind::Model, "this is no site model of this version of dehusk: learn it again")
        })?;
        let damaged = || Error::new(ErrorKind::Model, "the site model is damaged: learn it again");
        let mut model: Self = postcard::from_bytes(body).map_err(|_| damaged())?;
        for site in model.sites.values_mut() {
            let sound = site.sample.iter().all(|(hash, outline)| outline.is_sound() && outline.hash() == Some(*hash));
            site.kept = site.sample.values().map(super::Outline::cost).sum();
            if !sound || site.seen < site.kept || site.pages < site.sample.len() as u64 {
                return Err(damaged());
            }
        }
        if model.halvings > super::MOST_HALVINGS {
            return Err(damaged());
        }
        model.trim();
        model.shrink();
        Ok(model)
    }
}
