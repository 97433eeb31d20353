//! An instruction in the record, and what the program logged while it ran.

use lottery_interface::events::{Attested, Entered, Paid, PlaceChanged, RoundChanged};
use lottery_rules::hash::{Sha256, Software};

/// An instruction's place in the record.
#[derive(Debug, Clone)]
pub struct Ix {
    pub signature: String,
    pub path: String,
    pub slot: i64,
    pub tx_index: i32,
    pub ix_index: i32,
    pub block_at: Option<i64>,
    pub data: Vec<u8>,
    pub events: Vec<Vec<u8>>,
}

impl Ix {
    fn event<T: bytemuck::AnyBitPattern>(&self, name: &str) -> impl Iterator<Item = T> + '_ {
        let hash = Software::hashv(&[b"event:", name.as_bytes()]);
        self.events.iter().filter_map(move |event| {
            let body = event.strip_prefix(&hash[..8])?;
            Some(bytemuck::pod_read_unaligned(body.get(..size_of::<T>())?))
        })
    }

    /// State changes of rounds that it logged.
    pub fn rounds_changed(&self) -> Vec<RoundChanged> {
        self.event("RoundChanged").collect()
    }

    /// State changes of ranked entries that it logged.
    pub fn places_changed(&self) -> Vec<PlaceChanged> {
        self.event("PlaceChanged").collect()
    }

    pub fn entered(&self) -> Option<Entered> {
        self.event("Entered").next()
    }

    pub fn attested(&self) -> Option<Attested> {
        self.event("Attested").next()
    }

    pub fn paid(&self) -> Option<Paid> {
        self.event("Paid").next()
    }
}
