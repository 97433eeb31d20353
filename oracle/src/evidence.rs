//! Evidence: what was fetched, in one file whose SHA-256 the reporter attests and whose name is that hash.
//!
//! A file is on disk, flushed, before its hash is sent, and is never written again. Everything needed to read it is in it: the
//! bytes of each answer, and how each was read.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    config::{Lottery, Source},
    fetch::Answer,
    judge::{Judgement, Reading, judge, read},
    text,
};

/// Of the file's form.
const VERSION: u32 = 1;

/// What one file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub version: u32,
    pub lottery_id: u64,
    /// Addresses, base58.
    pub lottery: String,
    pub round: String,
    pub round_index: u64,
    pub reporter: String,
    /// Of the round, unix seconds.
    pub event_at: i64,
    /// Names of the facts, in the order in which they are attested.
    pub names: Vec<String>,
    /// What is attested.
    #[serde(with = "text::numbers")]
    pub facts: Vec<i64>,
    pub sources: Vec<SourceEvidence>,
}

/// What one source answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceEvidence {
    /// The address that was asked.
    pub url: String,
    /// Unix seconds.
    pub fetched_at: i64,
    /// Of HTTP.
    pub status: Option<u16>,
    /// Base64.
    pub body: String,
    /// Why there is no body.
    pub failure: Option<String>,
    /// How the body is read.
    pub source: Source,
}

impl SourceEvidence {
    pub fn new(source: &Source, answer: &Answer) -> Self {
        Self {
            url: answer.url.clone(),
            fetched_at: answer.fetched_at,
            status: answer.status,
            body: BASE64_STANDARD.encode(&answer.body),
            failure: answer.failure.clone(),
            source: source.clone(),
        }
    }

    fn answer(&self) -> anyhow::Result<Answer> {
        Ok(Answer {
            url: self.url.clone(),
            fetched_at: self.fetched_at,
            status: self.status,
            body: BASE64_STANDARD.decode(&self.body).context("a body is not base64")?,
            failure: self.failure.clone(),
        })
    }
}

impl Evidence {
    pub const VERSION: u32 = VERSION;

    /// The bytes of the file.
    pub fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn file_name(hash: &[u8; 32]) -> String {
    format!("{}.json", hex::encode(hash))
}

/// Writes evidence into `folder` and returns its hash. It is on disk when this returns.
pub fn write(folder: &Path, evidence: &Evidence) -> anyhow::Result<[u8; 32]> {
    let bytes = evidence.to_bytes()?;
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let path = folder.join(file_name(&hash));
    let what = || format!("evidence cannot be kept in {}", folder.display());
    fs::create_dir_all(folder).with_context(what)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(what)?;
    file.write_all(&bytes).with_context(what)?;
    file.as_file().sync_all().with_context(what)?;
    match file.persist_noclobber(&path) {
        Ok(_) => {}
        // The same bytes have the same name. Other bytes under this name are a damaged file, which is not ours to mend.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            ensure!(
                fs::read(&path).with_context(what)? == bytes,
                "{} is there and does not hold what its name says: move it away",
                path.display()
            );
        }
        Err(error) => return Err(error.error).with_context(what),
    }
    // The name too must survive a power cut.
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(what)?;
    Ok(hash)
}

/// What checking a file found.
#[derive(Clone, Debug)]
pub struct Check {
    /// Of the file's bytes.
    pub hash: [u8; 32],
    /// Whether the file is called by its hash.
    pub is_named_by_hash: bool,
    pub evidence: Evidence,
    /// What each source says, read again.
    pub readings: Vec<Reading>,
    pub judgement: Judgement,
}

impl Check {
    /// Whether the attested facts follow from the bytes, and the bytes are those of the name.
    pub fn holds(&self) -> bool {
        let agreed =
            matches!(&self.judgement, Judgement::Agreed { facts, .. } if *facts == self.evidence.facts);
        agreed && self.is_named_by_hash
    }
}

/// Reads a file again, and everything in it.
pub fn check(path: &Path) -> anyhow::Result<Check> {
    let what = || format!("evidence file {}", path.display());
    let bytes = fs::read(path).with_context(what)?;
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let evidence: Evidence = serde_json::from_slice(&bytes).with_context(what)?;
    if evidence.version != VERSION {
        bail!("{} is of version {}, this program reads {VERSION}", what(), evidence.version);
    }
    // As in a reporter's file: three sources, no two at the same place.
    let sources = evidence.sources.iter().map(|source| source.source.clone()).collect();
    let lottery = Lottery { id: evidence.lottery_id, facts: evidence.names.clone(), sources };
    lottery.check().with_context(what)?;
    let mut readings = Vec::new();
    for source in &evidence.sources {
        // Otherwise the bytes could be those of another event.
        let asked = source.source.url_for(evidence.event_at)?;
        ensure!(
            source.url == asked.as_str(),
            "{}: {} was asked for {}, and this event is at {asked}",
            what(),
            source.source.name,
            source.url
        );
        let answer = source.answer().with_context(what)?;
        readings.push(read(&source.source, &answer, &evidence.names, evidence.event_at));
    }
    let is_named_by_hash = path.file_name().is_some_and(|name| *name == *file_name(&hash));
    Ok(Check { hash, is_named_by_hash, judgement: judge(&readings), evidence, readings })
}

/// Where the file of a hash is.
pub fn path(folder: &Path, hash: &[u8; 32]) -> PathBuf {
    folder.join(file_name(hash))
}
