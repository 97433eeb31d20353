//! Exact winning probabilities. Counts of combinations up to C(128, 20), about 1.2e23, fit 128 bits.
//!
//! What a game against a bankroll returns in the long run, and how far chance may take it from there, is in the
//! second half: [`Returns`] and [`band`].

mod returns;

pub use returns::{Band, ReturnStats, Returns, Turnover, Z_95, band};

use crate::draw::{DrawRules, Tier};
use crate::house::Rtp;
use crate::instant::{PARTS, Prize};
use crate::keno::{DRAWN, MAX_SPOTS, NUMBERS};
use crate::math;

/// An exact probability in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// 0 when the event is impossible.
    pub numerator: u128,
    /// At least 1.
    pub denominator: u128,
}

impl Ratio {
    /// Reduces a fraction. `None` when `denominator` is 0.
    pub fn new(numerator: u128, denominator: u128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator, denominator);
        Some(Ratio { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// The probability that two independent events both happen. `None` on overflow.
    pub fn and(self, other: Self) -> Option<Self> {
        // Reducing across first keeps the products as small as the result allows.
        let a = gcd(self.numerator, other.denominator);
        let b = gcd(other.numerator, self.denominator);
        Ratio::new(
            (self.numerator / a).checked_mul(other.numerator / b)?,
            (self.denominator / b).checked_mul(other.denominator / a)?,
        )
    }

    /// "1 in so many", as lotteries print it. Infinite when the event is impossible. For showing, never for money.
    pub fn one_in(self) -> f64 {
        self.denominator as f64 / self.numerator as f64
    }

    /// The nearest floating-point number, 1 for certainty. For showing, never for money.
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

/// A question about one drum: the player picks `picks` of `numbers`, as many are drawn; exactly `matches` agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drum {
    /// How many are picked, and drawn.
    pub picks: u8,
    /// How many there are.
    pub numbers: u8,
    /// How many agree.
    pub matches: u8,
}

impl Drum {
    /// `C(picks, matches) * C(numbers - picks, picks - matches) / C(numbers, picks)`, the hypergeometric distribution.
    ///
    /// `None` when `picks > numbers` or a count of combinations does not fit 128 bits.
    pub fn odds(self) -> Option<Ratio> {
        hypergeometric(self.numbers, self.picks, self.picks, self.matches)
    }
}

/// The probability to match exactly so many in the main drum and in the bonus drum, if there is one.
///
/// `None` when a drum has fewer numbers than picks or a number does not fit 128 bits. A game of this crate draws one
/// bonus ball; this function also answers for games that draw more.
pub fn odds(main: Drum, bonus: Option<Drum>) -> Option<Ratio> {
    let main = main.odds()?;
    match bonus {
        None => Some(main),
        Some(bonus) => main.and(bonus.odds()?),
    }
}

impl DrawRules<'_> {
    /// The probability that a ticket wins `tier`. `None` when the rules are not valid.
    pub fn odds(&self, tier: &Tier) -> Option<Ratio> {
        let main = Drum { picks: self.picks, numbers: self.numbers, matches: tier.matches };
        let bonus = match self.bonus_numbers {
            0 => None,
            numbers => Some(Drum { picks: 1, numbers, matches: tier.bonus }),
        };
        odds(main, bonus)
    }
}

/// Keno: the probability that exactly `matches` of a ticket's `spots` are among the 20 drawn of 80.
///
/// 0 when `matches` exceeds `spots`. `None` when `spots` is not 1 to 10.
pub fn keno(spots: u8, matches: u8) -> Option<Ratio> {
    if spots == 0 || spots as usize > MAX_SPOTS {
        return None;
    }
    hypergeometric(NUMBERS, spots, DRAWN, matches)
}

impl Prize {
    /// The probability of this row of an instant game: its parts of 2^32.
    pub fn odds(&self) -> Ratio {
        // One divisor of a power of two is a power of two.
        let shift = self.parts.trailing_zeros();
        Ratio {
            numerator: self.parts.checked_shr(shift).unwrap_or(0) as u128,
            denominator: (PARTS >> shift) as u128,
        }
    }
}

impl Rtp {
    /// The exact return to player as a part of the stake: 19/20 is 95 %. `None` when `ways` is 0.
    pub fn ratio(self) -> Option<Ratio> {
        Ratio::new(self.weighted_bps as u128, self.ways as u128 * math::BPS as u128)
    }
}

/// The probability that exactly `matches` of `picked` numbers are among `drawn`, all of 1 to `numbers`:
/// `C(picked, matches) * C(numbers - picked, drawn - matches) / C(numbers, drawn)`.
///
/// `None` when more are picked or drawn than there are, or a count of combinations does not fit 128 bits.
pub fn hypergeometric(numbers: u8, picked: u8, drawn: u8, matches: u8) -> Option<Ratio> {
    let others = numbers.checked_sub(picked)?;
    if drawn > numbers {
        return None;
    }
    let ways = match drawn.checked_sub(matches) {
        None => 0,
        Some(missed) => binomial(picked, matches)?.checked_mul(binomial(others, missed)?)?,
    };
    Ratio::new(ways, binomial(numbers, drawn)?)
}

/// The number of ways to choose `k` of `n`; 0 when `k > n`. `None` when it does not fit 128 bits on the way.
pub fn binomial(n: u8, k: u8) -> Option<u128> {
    if k > n {
        return Some(0);
    }
    let k = k.min(n - k);
    let mut ways = 1u128;
    for i in 0..k {
        // C(n, i + 1) = C(n, i) * (n - i) / (i + 1), always whole.
        ways = ways.checked_mul((n - i) as u128)? / (i as u128 + 1);
    }
    Some(ways)
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
