//! Vaults: one per mint.

use crate::Address;

crate::layout! {$ vault_layout:
    /// Holds the tokens of one mint. Tokens move only in `deposit` and `withdraw`.
    /// Address: `["vault", mint]`; native SOL uses the zero mint and is held by this account itself.
    pub struct Vault {
        pub mint: Address,
        /// Zero for native SOL.
        pub token_program: Address,
        /// The token account, `["vault_tokens", mint]`; zero for native SOL.
        pub tokens: Address,
        pub rent_payer: Address,
        /// Sum of every internal balance in this mint.
        pub total_units: u64,
        pub kind: u8,
        pub decimals: u8,
        pub bump: u8,
        pub tokens_bump: u8,
        pub reserved: [u8; 4],
    }
}
