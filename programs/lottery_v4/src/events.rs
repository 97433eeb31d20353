//! Events, as `lottery_interface::events` defines them.

use anchor_lang::{Discriminator, prelude::*, sol_log_data};
use bytemuck::{Pod, bytes_of};

lottery_interface::entered_layout!(#[event(bytemuck)]);
lottery_interface::moved_layout!(#[event(bytemuck)]);
lottery_interface::round_event_layout!(#[event(bytemuck)]);
lottery_interface::paid_layout!(#[event(bytemuck)]);
lottery_interface::attested_layout!(#[event(bytemuck)]);
lottery_interface::place_layout!(#[event(bytemuck)]);

/// Logs an event without copying it; Anchor's `emit!` would allocate.
pub fn log<E: Discriminator + Pod>(event: &E) {
    sol_log_data(&[E::DISCRIMINATOR, bytes_of(event)]);
}
