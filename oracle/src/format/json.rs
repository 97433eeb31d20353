//! Format `json`: any document, by pointers.

use super::{Pointers, ReadError, event::UtcOffset, pointers};

pub fn read(
    format: &Pointers,
    body: &[u8],
    names: &[String],
    event_at: i64,
    offset: UtcOffset,
) -> Result<Vec<i64>, ReadError> {
    let document = pointers::document(body)?;
    if let Some(event) = &format.event {
        let expected = event.form.expected(event_at, offset)?;
        let piece = pointers::find(document, &event.pointer)?
            .ok_or_else(|| ReadError::NotYet(format!("there is no event at {}", event.pointer)))?;
        let said = pointers::text(piece)?;
        if said.trim() != expected {
            let said = pointers::shorten(&said);
            return Err(ReadError::NotYet(format!("the document is about \"{said}\", not \"{expected}\"")));
        }
    }
    let number = |name: &String| {
        let pointer = format
            .numbers
            .get(name)
            .ok_or_else(|| ReadError::invalid(format!("no pointer names the fact \"{name}\"")))?;
        let piece = pointers::find(document, pointer)?
            .ok_or_else(|| ReadError::NotYet(format!("there is nothing at {pointer}")))?;
        pointers::whole(pointers::text(piece)?.trim(), format.scale)
    };
    names.iter().map(number).collect()
}
