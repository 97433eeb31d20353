//! Events in the logs of a transaction.

use lottery_rules::hash::{Sha256, Software};

use crate::Meta;

/// Events of the program, by name.
const EVENTS: [&str; 6] = ["Entered", "Moved", "RoundChanged", "Paid", "Attested", "PlaceChanged"];

impl Meta {
    /// The program's events: name, and the bytes of the struct.
    pub fn events(&self) -> Vec<(&'static str, Vec<u8>)> {
        let lines = self.logs.iter().filter_map(|line| line.strip_prefix("Program data: "));
        lines
            .map(|line| {
                let bytes: Vec<u8> = line.split(' ').flat_map(base64).collect();
                let (discriminator, body) = bytes.split_at(8);
                let is = |name: &&&str| Software::hashv(&[b"event:", name.as_bytes()])[..8] == *discriminator;
                (*EVENTS.iter().find(is).expect("a known event"), body.to_vec())
            })
            .collect()
    }
}

/// Decodes base64, as logs have it.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = ALPHABET.iter().position(|known| *known == letter).expect("base64");
        (bits, held) = (bits << 6 | value as u32, held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// The struct of an event.
#[track_caller]
pub fn parse<T: bytemuck::Pod>(bytes: &[u8]) -> T {
    bytemuck::pod_read_unaligned(bytes)
}
