use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

use crate::errors::LotteryError;

lottery_interface::config_layout!(#[account]);
lottery_interface::draw_rules_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::draw_tier_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::keno_rules_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::instant_rules_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::instant_prize_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::prediction_rules_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::prediction_range_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::raffle_rules_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);

/// Bytes before the rules of the kind.
pub const CONFIG_LEN: usize = 8 + size_of::<Config>();

/// All bytes of rules that follow a config.
pub fn rules_bytes(config: &Account<Config>) -> &[u8] {
    // SAFETY: configs are never written after their creation.
    let data = unsafe { config.account().borrow_unchecked() };
    data.get(CONFIG_LEN..).unwrap_or_default()
}

/// The rules of the kind that follow a config.
pub fn config_rules<R: Pod>(config: &Account<Config>) -> Result<&R> {
    let bytes = rules_bytes(config).get(..size_of::<R>()).ok_or(LotteryError::WrongKind)?;
    bytemuck::try_from_bytes(bytes).map_err(|_| LotteryError::WrongKind.into())
}
