//! The last messages of one topic.

use std::collections::VecDeque;

use axum::extract::ws::Utf8Bytes;

/// What a ring may hold; the oldest messages go first.
#[derive(Clone, Copy, Debug)]
pub struct RingLimits {
    pub messages: usize,
    pub bytes: usize,
}

struct Record {
    /// Every outbox row of this topic up to here is in this or an earlier message.
    position: i64,
    frame: Utf8Bytes,
}

/// Messages `first..=last`, without gaps.
pub struct Ring {
    limits: RingLimits,
    records: VecDeque<Record>,
    bytes: usize,
    /// Sequence number of the newest message, 0 before the first.
    last: u64,
    /// Outbox position of the newest message that was dropped.
    dropped: i64,
}

/// The ring no longer holds what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapped;

impl Ring {
    pub fn new(limits: RingLimits) -> Self {
        Self { limits, records: VecDeque::new(), bytes: 0, last: 0, dropped: i64::MIN }
    }

    pub fn last(&self) -> u64 {
        self.last
    }

    /// Sequence number before the oldest message held.
    fn floor(&self) -> u64 {
        self.last - self.records.len() as u64
    }

    /// Appends a message. `position` is its outbox row; a message of another origin has none and takes
    /// that of the message before it.
    pub fn push(&mut self, position: Option<i64>, encode: impl FnOnce(u64) -> Utf8Bytes) {
        let before = self.records.back().map_or(self.dropped, |record| record.position);
        self.last += 1;
        let frame = encode(self.last);
        self.bytes += frame.len();
        self.records.push_back(Record { position: position.unwrap_or(before), frame });
        while self.records.len() > self.limits.messages
            || (self.bytes > self.limits.bytes && self.records.len() > 1)
        {
            let Some(oldest) = self.records.pop_front() else { break };
            self.bytes -= oldest.frame.len();
            self.dropped = oldest.position;
        }
    }

    /// Appends up to `max` messages after `after` to `out` and returns the number of the last of them.
    pub fn read(&self, after: u64, max: usize, out: &mut Vec<Utf8Bytes>) -> Result<u64, Lapped> {
        let skip = after.checked_sub(self.floor()).ok_or(Lapped)?;
        if after > self.last {
            return Err(Lapped);
        }
        let records = self.records.range(skip as usize..).take(max);
        let before = out.len();
        out.extend(records.map(|record| record.frame.clone()));
        Ok(after + (out.len() - before) as u64)
    }

    /// Number of the last message that a snapshot taken at outbox `position` already contains.
    pub fn place_of(&self, position: i64) -> Result<u64, Lapped> {
        if self.dropped > position {
            return Err(Lapped);
        }
        Ok(self.floor() + self.records.partition_point(|record| record.position <= position) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(messages: usize) -> Ring {
        Ring::new(RingLimits { messages, bytes: 1 << 20 })
    }

    fn push(ring: &mut Ring, position: Option<i64>) {
        ring.push(position, |seq| seq.to_string().into());
    }

    fn read(ring: &Ring, after: u64) -> Result<Vec<u64>, Lapped> {
        let mut out = Vec::new();
        let last = ring.read(after, 100, &mut out)?;
        assert_eq!(last, after + out.len() as u64);
        Ok(out.iter().map(|frame| frame.as_str().parse().unwrap()).collect())
    }

    #[test]
    fn reads_continue_where_they_stopped_and_laps_are_seen() {
        let mut ring = ring(3);
        assert_eq!(read(&ring, 0), Ok(vec![]));
        for position in 1..=5 {
            push(&mut ring, Some(position));
        }
        assert_eq!(read(&ring, 2), Ok(vec![3, 4, 5]));
        assert_eq!(read(&ring, 5), Ok(vec![]));
        assert_eq!(read(&ring, 1), Err(Lapped));
        assert_eq!(read(&ring, 6), Err(Lapped), "a number that was never given");
    }

    #[test]
    fn bytes_are_bounded_but_the_newest_message_stays() {
        let mut ring = Ring::new(RingLimits { messages: 100, bytes: 10 });
        for _ in 0..3 {
            ring.push(None, |_| "12345678".into());
        }
        assert_eq!(ring.read(1, 9, &mut Vec::new()), Err(Lapped));
        assert_eq!(ring.read(2, 9, &mut Vec::new()), Ok(3));
    }

    #[test]
    fn a_snapshot_finds_its_place_among_the_messages() {
        let mut ring = ring(4);
        assert_eq!(ring.place_of(100), Ok(0), "nothing was said yet");
        push(&mut ring, Some(10));
        push(&mut ring, None);
        push(&mut ring, Some(20));
        assert_eq!(ring.place_of(9), Ok(0));
        assert_eq!(ring.place_of(10), Ok(2), "a message without a row goes with the row before it");
        assert_eq!(ring.place_of(19), Ok(2));
        assert_eq!(ring.place_of(20), Ok(3));
        push(&mut ring, Some(30));
        push(&mut ring, Some(40));
        assert_eq!(ring.place_of(9), Err(Lapped), "row 10 is dropped, the snapshot lacks it");
        assert_eq!(ring.place_of(10), Ok(2));
    }
}
