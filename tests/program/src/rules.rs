//! The rules of a lottery of any kind, as its config stores them.

use lottery_interface::accounts::{DrawRules, InstantRules, KenoRules};

use crate::market::MarketRules;

/// The rules struct of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "few exist, and a copy reads better than a box")]
pub enum Rules {
    Draw(DrawRules),
    Keno(KenoRules),
    Instant(InstantRules),
    Prediction(MarketRules),
}

impl Rules {
    /// As `create_lottery` takes them.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Draw(rules) => bytemuck::bytes_of(rules),
            Self::Keno(rules) => bytemuck::bytes_of(rules),
            Self::Instant(rules) => bytemuck::bytes_of(rules),
            Self::Prediction(rules) => rules.bytes(),
        }
    }

    #[track_caller]
    pub fn draw(&self) -> &DrawRules {
        match self {
            Self::Draw(rules) => rules,
            _ => panic!("not a draw"),
        }
    }

    #[track_caller]
    pub fn draw_mut(&mut self) -> &mut DrawRules {
        match self {
            Self::Draw(rules) => rules,
            _ => panic!("not a draw"),
        }
    }

    #[track_caller]
    pub fn market(&self) -> &MarketRules {
        match self {
            Self::Prediction(rules) => rules,
            _ => panic!("not a market"),
        }
    }

    #[track_caller]
    pub fn market_mut(&mut self) -> &mut MarketRules {
        match self {
            Self::Prediction(rules) => rules,
            _ => panic!("not a market"),
        }
    }
}

impl From<DrawRules> for Rules {
    fn from(rules: DrawRules) -> Self {
        Self::Draw(rules)
    }
}

impl From<KenoRules> for Rules {
    fn from(rules: KenoRules) -> Self {
        Self::Keno(rules)
    }
}

impl From<InstantRules> for Rules {
    fn from(rules: InstantRules) -> Self {
        Self::Instant(rules)
    }
}

impl From<MarketRules> for Rules {
    fn from(rules: MarketRules) -> Self {
        Self::Prediction(rules)
    }
}
