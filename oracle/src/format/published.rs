//! Formats `powerball` and `mega_millions`: the shapes in which the results of both games are published.
//!
//! | shape | published by |
//! |---|---|
//! | rows of `draw_date`, `winning_numbers`, `multiplier`, and for Mega Millions `mega_ball` | state open data |
//! | rows of `field_draw_date`, `field_winning_numbers`, `field_multiplier` | Powerball's own site |
//! | `Drawing` with `PlayDate`, `N1` to `N5`, `MBall`, `Megaplier`; plain, as text in `d`, or as text in XML | Mega Millions' own site |
//!
//! An answer may hold many drawings: only those of the event's day count, and they must all say the same.

use super::{
    ReadError,
    event::{UtcOffset, date, parse_date},
    pointers::{self, Members, Piece},
};

/// White balls of both games.
const WHITES: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Game {
    Powerball,
    MegaMillions,
}

impl Game {
    /// What its facts are called. White balls ascend, whatever order a source has them in.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Powerball => {
                &["white_1", "white_2", "white_3", "white_4", "white_5", "powerball", "multiplier"]
            }
            Self::MegaMillions => {
                &["white_1", "white_2", "white_3", "white_4", "white_5", "mega_ball", "multiplier"]
            }
        }
    }

    /// The largest white ball, and the largest Powerball or Mega Ball. Of Mega Balls there were 25 until April 2025, then 24.
    const fn drums(self) -> (i64, i64) {
        match self {
            Self::Powerball => (69, 26),
            Self::MegaMillions => (70, 25),
        }
    }
}

/// One drawing as a source tells it.
#[derive(PartialEq, Eq)]
struct Drawing {
    whites: [i64; WHITES],
    bonus: i64,
    /// Sources leave it out where it does not exist.
    multiplier: Option<i64>,
}

pub fn read(
    game: Game,
    body: &[u8],
    names: &[String],
    event_at: i64,
    offset: UtcOffset,
) -> Result<Vec<i64>, ReadError> {
    let day = date(event_at, offset)?;
    let body = unwrapped(body)?;
    let document = pointers::document(&body)?;
    let rows = match document.get().starts_with('[') {
        true => pointers::array(document)?,
        false => vec![document],
    };
    let mut found: Option<Drawing> = None;
    for row in rows {
        let row = Row::of(row)?;
        if parse_date(&row.date()?, offset)? != day {
            continue;
        }
        let drawing = row.drawing(game)?;
        if found.as_ref().is_some_and(|other| *other != drawing) {
            return Err(ReadError::invalid(format!("there are two results of {day} that differ")));
        }
        found = Some(drawing);
    }
    let drawing = found.ok_or_else(|| ReadError::NotYet(format!("no drawing of {day}")))?;
    names.iter().map(|name| drawing.fact(game, name)).collect()
}

/// The JSON in `{"d": "..."}` and in `<string>...</string>`, where there is such a wrapping.
fn unwrapped(body: &[u8]) -> Result<Vec<u8>, ReadError> {
    let text = std::str::from_utf8(body).map_err(|_| ReadError::invalid("the answer is not text"))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        let inner = text
            .strip_suffix("</string>")
            .and_then(|text| text.split_once("<string"))
            .and_then(|(_, rest)| rest.split_once('>'))
            .ok_or_else(|| ReadError::invalid("this is no JSON, and no XML string with JSON in it"))?;
        let plain = inner.1.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
        return Ok(plain.replace("&amp;", "&").into_bytes());
    }
    if text.starts_with('{') {
        let document = pointers::document(text.as_bytes())?;
        if let Some(inner) = pointers::object(document)?.get("d").filter(|d| d.get().starts_with('"')) {
            return Ok(pointers::text(inner)?.into_bytes());
        }
    }
    Ok(text.as_bytes().to_vec())
}

/// One drawing in one of the shapes.
enum Row<'a> {
    OpenData(Members<'a>),
    PowerballSite(Members<'a>),
    MegaMillionsSite(Members<'a>),
}

impl<'a> Row<'a> {
    fn of(piece: Piece<'a>) -> Result<Self, ReadError> {
        let members = pointers::object(piece)?;
        if members.get("draw_date").is_some() {
            return Ok(Self::OpenData(members));
        }
        if members.get("field_draw_date").is_some() {
            return Ok(Self::PowerballSite(members));
        }
        let drawing = members.get("Drawing").or(members.get("drawing"));
        match drawing {
            Some(drawing) if drawing.get() == "null" => Err(ReadError::NotYet("the drawing is null".into())),
            Some(drawing) => Ok(Self::MegaMillionsSite(pointers::object(drawing)?)),
            None => Err(ReadError::invalid("this is no drawing: it has no draw_date and no Drawing")),
        }
    }

    fn date(&self) -> Result<String, ReadError> {
        match self {
            Self::OpenData(row) => required(row, "draw_date"),
            Self::PowerballSite(row) => required(row, "field_draw_date"),
            Self::MegaMillionsSite(row) => required(row, "PlayDate"),
        }
    }

    fn drawing(&self, game: Game) -> Result<Drawing, ReadError> {
        let (numbers, multiplier) = match self {
            Self::OpenData(row) => {
                let mut numbers = numbers(&required(row, "winning_numbers")?)?;
                // Mega Millions' rows have it apart; those of Powerball have it last.
                if game == Game::MegaMillions && numbers.len() == WHITES {
                    numbers.push(pointers::whole(required(row, "mega_ball")?.trim(), 0)?);
                }
                (numbers, optional(row, "multiplier")?)
            }
            Self::PowerballSite(row) => {
                (numbers(&required(row, "field_winning_numbers")?)?, optional(row, "field_multiplier")?)
            }
            Self::MegaMillionsSite(_) if game == Game::Powerball => {
                return Err(ReadError::invalid("this is a drawing of Mega Millions, not of Powerball"));
            }
            Self::MegaMillionsSite(row) => {
                let balls = ["N1", "N2", "N3", "N4", "N5", "MBall"];
                let ball = |name: &&str| pointers::whole(required(row, name)?.trim(), 0);
                (balls.iter().map(ball).collect::<Result<_, _>>()?, optional(row, "Megaplier")?)
            }
        };
        Drawing::new(game, &numbers, multiplier.as_deref())
    }
}

fn required(row: &Members, name: &str) -> Result<String, ReadError> {
    optional(row, name)?.ok_or_else(|| ReadError::NotYet(format!("{name} is not filled in")))
}

fn optional(row: &Members, name: &str) -> Result<Option<String>, ReadError> {
    match row.get(name).filter(|piece| piece.get() != "null") {
        Some(piece) => Ok(Some(pointers::text(piece)?).filter(|text| !text.trim().is_empty())),
        None => Ok(None),
    }
}

/// Numbers between spaces, commas or both.
fn numbers(text: &str) -> Result<Vec<i64>, ReadError> {
    let parts = text.split([' ', ',']).filter(|part| !part.is_empty());
    parts.map(|part| pointers::whole(part, 0)).collect()
}

impl Drawing {
    /// No number comes twice or is not in its drum.
    fn new(game: Game, numbers: &[i64], multiplier: Option<&str>) -> Result<Self, ReadError> {
        let wrong = |why: &str| ReadError::invalid(format!("{numbers:?} is no drawing: {why}"));
        let Ok([whites @ .., bonus]) = <[i64; WHITES + 1]>::try_from(numbers) else {
            return Err(wrong("five white balls and one more were expected"));
        };
        let mut whites: [i64; WHITES] = whites;
        whites.sort();
        let (most_white, most_bonus) = game.drums();
        if !whites.iter().all(|white| (1..=most_white).contains(white)) {
            return Err(wrong(&format!("a white ball is not from 1 to {most_white}")));
        }
        if whites.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(wrong("a white ball is there twice"));
        }
        if !(1..=most_bonus).contains(&bonus) {
            return Err(wrong(&format!("the last ball is not from 1 to {most_bonus}")));
        }
        // "3", "3x", "3X", "03".
        let digits = multiplier.map(|text| text.trim().trim_end_matches(['x', 'X']));
        let multiplier = digits.map(|digits| pointers::whole(digits, 0)).transpose()?;
        Ok(Self { whites, bonus, multiplier: multiplier.filter(|multiplier| *multiplier > 0) })
    }

    fn fact(&self, game: Game, name: &str) -> Result<i64, ReadError> {
        match game.names().iter().position(|other| *other == name) {
            Some(place) if place < WHITES => Ok(self.whites[place]),
            Some(WHITES) => Ok(self.bonus),
            Some(_) => {
                self.multiplier.ok_or_else(|| ReadError::NotYet("the multiplier is not filled in".into()))
            }
            None => Err(ReadError::invalid(format!("a drawing has no fact \"{name}\""))),
        }
    }
}
