//! The list as a file that everybody may have: one JSON document, a person a line, each with the proof to enter with. The same
//! people in the same order make the same bytes.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use lottery_interface::address;
use serde::{Deserialize, Serialize};

use super::list::{List, ListError, Person};
use crate::text;

/// Opens every such file.
pub const FORMAT: &str = "lottery_v4/list/1";

/// What stands before the people.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    #[serde(with = "text::number")]
    lottery_id: u64,
    lottery: String,
    #[serde(with = "text::bytes")]
    root: [u8; 32],
    depth: u8,
    leaf_count: u32,
    /// Weights by group.
    groups: BTreeMap<String, u32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    index: u32,
    owner: String,
    group: String,
    weight: u32,
    #[serde(with = "text::hashes")]
    proof: Vec<[u8; 32]>,
}

#[derive(Debug, Deserialize)]
struct Document {
    #[serde(flatten)]
    head: Head,
    people: Vec<Row>,
}

impl List {
    /// Weights by group.
    pub fn groups(&self) -> BTreeMap<String, u32> {
        self.people().iter().map(|person| (person.group.clone(), person.weight)).collect()
    }

    /// Writes the file; `written` is called after each person.
    pub fn write(&self, mut to: impl Write, mut written: impl FnMut()) -> io::Result<()> {
        let head = Head {
            format: FORMAT.into(),
            lottery_id: self.lottery_id(),
            lottery: address::lottery(self.lottery_id()).0.to_string(),
            root: self.root(),
            depth: self.depth(),
            leaf_count: self.people().len() as u32,
            groups: self.groups(),
        };
        // The head without its last brace: the people follow inside.
        let head = serde_json::to_string(&head)?;
        write!(to, "{},\"people\":[", head.strip_suffix('}').unwrap_or(&head))?;
        for (index, person) in (0u32..).zip(self.people()) {
            let row = Row {
                index,
                owner: person.owner.to_string(),
                group: person.group.clone(),
                weight: person.weight,
                proof: self.proof(index).unwrap_or_default(),
            };
            write!(to, "{}\n{}", if index == 0 { "" } else { "," }, serde_json::to_string(&row)?)?;
            written();
        }
        to.write_all(b"\n]}\n")?;
        to.flush()
    }

    /// Reads a file and computes everything in it again: root, depth and each proof.
    pub fn read(text: &str) -> Result<Self, ListError> {
        let unreadable = |error: &dyn std::fmt::Display| ListError::Unreadable(error.to_string());
        let Document { head, people: rows } =
            serde_json::from_str(text).map_err(|error| unreadable(&error))?;
        contradiction("format", &head.format, &FORMAT)?;
        let mut people = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            contradiction("index", &row.index, &place)?;
            let owner = row.owner.parse();
            let owner = owner.map_err(|_| unreadable(&format!("{:?} is not an address", row.owner)))?;
            people.push(Person { owner, group: row.group.clone(), weight: row.weight });
        }
        let list = Self::new(head.lottery_id, people)?;
        contradiction("lottery", &head.lottery, &address::lottery(head.lottery_id).0)?;
        contradiction("leaf_count", &head.leaf_count, &list.people().len())?;
        contradiction("depth", &head.depth, &list.depth())?;
        contradiction("root", &hex::encode(head.root), &hex::encode(list.root()))?;
        if head.groups != list.groups() {
            let (said, found) = (format!("{:?}", head.groups), format!("{:?}", list.groups()));
            return Err(ListError::Contradiction { what: "groups", said, found });
        }
        match rows.iter().find(|row| list.proof(row.index).as_ref() != Some(&row.proof)) {
            Some(row) => Err(ListError::WrongProof(row.index as usize)),
            None => Ok(list),
        }
    }
}

fn contradiction(what: &'static str, said: &impl ToString, found: &impl ToString) -> Result<(), ListError> {
    let (said, found) = (said.to_string(), found.to_string());
    if said == found { Ok(()) } else { Err(ListError::Contradiction { what, said, found }) }
}
