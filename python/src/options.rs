//! What a cleaner is set up with, as plain data: it travels to workers instead of the cleaner.

use std::path::PathBuf;

use dehusk::{Error, ErrorKind, Format, InputKind, Level, Pack, SiteModel};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

/// Options of a cleaner. Equal options have equal bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The version that wrote them: another version might clean otherwise, and workers must agree.
    pub dehusk: String,
    pub level: String,
    pub rules: Vec<Rules>,
    pub select: Vec<String>,
    pub ignore: Vec<String>,
    pub default_rules: bool,
    pub model: bool,
    pub input_kind: Option<String>,
    pub max_removed: Option<f32>,
    pub max_loss: Option<f32>,
    pub format: String,
    pub to: String,
    /// The bytes of a model of sites: they go beside the JSON, not into it.
    #[serde(skip)]
    pub site_model: Option<Vec<u8>>,
}

/// A rule pack: its text travels, its file need not be where it goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub name: String,
    pub source: String,
}

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Default for Options {
    fn default() -> Self {
        Self {
            dehusk: VERSION.to_owned(),
            level: Level::default().name().to_owned(),
            rules: Vec::new(),
            select: Vec::new(),
            ignore: Vec::new(),
            default_rules: true,
            model: true,
            input_kind: None,
            max_removed: None,
            max_loss: None,
            format: Format::Text.name().to_owned(),
            to: Format::Text.name().to_owned(),
            site_model: None,
        }
    }
}

impl Rules {
    /// Reads the text of a pack.
    pub fn read(path: &PathBuf) -> PyResult<Self> {
        // Read as the command reads it, so that its limits hold; parsed again where it is used.
        Pack::read(path).map_err(|e| to_python(&e))?;
        Ok(Self { name: path.display().to_string(), source: std::fs::read_to_string(path)? })
    }
}

impl Options {
    /// All but the model of sites: JSON.
    pub fn head(&self) -> Vec<u8> {
        // Plain data without maps: nothing here can fail to serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The options as bytes: JSON, and, if there is a model of sites, a zero byte and the model.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        if let Some(model) = &self.site_model {
            bytes.push(0);
            bytes.extend_from_slice(model);
        }
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        #[derive(Deserialize)]
        struct Version {
            dehusk: String,
        }
        // JSON has no zero byte.
        let mut parts = bytes.splitn(2, |byte| *byte == 0);
        let (head, model) = (parts.next().unwrap_or_default(), parts.next());
        let wrong = |e| PyValueError::new_err(format!("these bytes are no options of a Cleaner: {e}"));
        let Version { dehusk } = serde_json::from_slice(head).map_err(wrong)?;
        if dehusk != VERSION {
            return Err(PyValueError::new_err(format!(
                "these options were made by dehusk {dehusk}, and this is dehusk {VERSION}: install the same version everywhere"
            )));
        }
        let options: Self = serde_json::from_slice(head).map_err(wrong)?;
        Ok(Self { site_model: model.map(<[u8]>::to_vec), ..options })
    }

    /// How the text is laid out.
    pub fn format(&self) -> PyResult<Format> {
        format(&self.format)
    }

    /// What HTML pages become.
    pub fn to(&self) -> PyResult<Format> {
        [Format::Text, Format::Markdown]
            .into_iter()
            .find(|f| f.name() == self.to)
            .ok_or_else(|| PyValueError::new_err(format!("no form {:?} to write: use text or markdown", self.to)))
    }

    /// The cleaner.
    pub fn build(&self) -> PyResult<dehusk::Cleaner> {
        let build = || {
            let mut builder = dehusk::Cleaner::builder()
                .level(self.level.parse::<Level>()?)
                .default_rules(self.default_rules)
                .model(self.model);
            for Rules { name, source } in &self.rules {
                builder = builder.pack(Pack::parse(name, source)?);
            }
            builder = self.select.iter().fold(builder, |b, name| b.select(name));
            builder = self.ignore.iter().fold(builder, |b, name| b.ignore(name));
            if let Some(kind) = &self.input_kind {
                builder = builder.input_kind(kind.parse::<InputKind>()?);
            }
            if let Some(share) = self.max_removed {
                builder = builder.max_removed(share);
            }
            if let Some(share) = self.max_loss {
                builder = builder.max_loss(share);
            }
            if let Some(model) = &self.site_model {
                builder = builder.sites(&SiteModel::from_bytes(model)?);
            }
            builder.build()
        };
        build().map_err(|e| to_python(&e))
    }
}

/// The layout of that name.
pub fn format(name: &str) -> PyResult<Format> {
    [Format::Text, Format::Markdown, Format::Html]
        .into_iter()
        .find(|f| f.name() == name)
        .ok_or_else(|| PyValueError::new_err(format!("no format {name:?}: use text, markdown or html")))
}

/// Files that cannot be read are an `OSError`, all else is a `ValueError`.
pub fn to_python(error: &Error) -> PyErr {
    match error.kind() {
        ErrorKind::Io => PyOSError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    }
}
