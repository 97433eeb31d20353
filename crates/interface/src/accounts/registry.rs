//! The registry: one per program.

use crate::Address;

crate::layout! {$ registry_layout:
    /// What holds for every lottery. Nothing that players or cranks do writes it.
    /// Address: `["registry"]`.
    pub struct Registry {
        /// May change this account; handed over in two steps.
        pub authority: Address,
        /// Proposed next authority, zero when none.
        pub pending_authority: Address,
        /// Owner of the wallets that receive dust, slashed bonds and expired prizes.
        pub treasury: Address,
        /// The Switchboard on-demand program of this cluster; zero: none. Once set it never changes.
        pub switchboard_program: Address,
        /// Its queue, whose oracles are trusted. Once set it never changes.
        pub switchboard_queue: Address,
        /// Id of the next lottery; ids start at 1.
        pub next_lottery_id: u64,
        /// No config may unlock a void sooner after the target than this.
        pub min_grace_seconds: u32,
        /// The same, in slots.
        pub min_grace_slots: u32,
        /// No prize may expire sooner after its round is final than this.
        pub min_claim_seconds: u32,
        /// A beacon can be used this long after it was added. Never lowered.
        pub beacon_delay_seconds: u32,
        /// No config may charge more than this, in basis points.
        pub fee_cap_bps: u16,
        /// 1: no vault, lottery, config or round can be created. Open rounds go on and money can always leave.
        pub paused: u8,
        pub bump: u8,
        pub reserved: [u8; 4],
        /// Bit `source` of byte `kind` says that this pair may be used by new configs.
        pub allowed_sources: [u8; 8],
    }
}

impl Registry {
    /// Whether new configs of `kind` may draw from `source`.
    pub const fn allows(allowed_sources: &[u8; 8], kind: u8, source: u8) -> bool {
        kind < 8 && source < 8 && allowed_sources[kind as usize] & (1 << source) != 0
    }
}
