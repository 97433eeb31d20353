//! A [`Game`] that draws from a beacon: its key is known here, so its rounds can be signed.

use super::*;

pub const DELAY_SECONDS: u32 = 50;
pub const MARGIN_SECONDS: u32 = 30;
const SECRET: [u8; 32] = [5; 32];
const GENESIS_AT: i64 = 1_699_990_000;
const PERIOD_SECONDS: u32 = 3;

impl Game {
    /// A draw.
    pub fn with_beacon() -> Self {
        Self::new_with(Kind::Draw, true)
    }

    pub fn beacon_key(&self) -> Pubkey {
        if self.from_beacon { address::beacon(&self.beacon.chain_hash).0 } else { Pubkey::default() }
    }

    pub fn schedule() -> Schedule {
        Schedule { genesis_at: GENESIS_AT, period_seconds: PERIOD_SECONDS }
    }

    /// Signature and witness of a round of the beacon.
    pub fn signed(round: u64) -> [u8; 128] {
        let witness = beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(round));
        beacon::proof(&beacon::sign(&SECRET, round), &witness)
    }

    /// Adds the beacon, as the record and the account have it.
    pub fn add_beacon(&mut self) -> String {
        let args = BeaconArgs {
            public_key: beacon::public_key(&SECRET),
            chain_hash: [0xbe; 32],
            genesis_at: GENESIS_AT,
            round: 7,
            period_seconds: PERIOD_SECONDS,
            reserved: 0,
        };
        let added_at = 1_700_000_001 + self.chain.state().slot as i64;
        self.beacon = Beacon {
            public_key: args.public_key,
            chain_hash: args.chain_hash,
            rent_payer: self.operator.to_bytes(),
            genesis_at: args.genesis_at,
            usable_at: added_at + DELAY_SECONDS as i64,
            period_seconds: args.period_seconds,
            bump: address::beacon(&args.chain_hash).1,
            reserved: [0; 3],
        };
        self.chain.put(self.beacon_key(), &self.beacon, &[]);
        self.chain.send_one(ix::add_beacon(self.operator, &args, &Self::signed(7)), vec![])
    }

    pub fn remove_beacon(&mut self) -> String {
        let key = self.beacon_key();
        self.chain.state().accounts.remove(&key);
        self.chain.send_one(ix::remove_beacon(self.operator, key, self.operator), vec![])
    }

    /// Posts the value of the round's beacon round.
    pub fn post_signature(&mut self) {
        let proof = Self::signed(self.round.beacon_round);
        self.round.value = Software::hashv(&[&proof[..64]]);
        self.round.status = RoundStatus::Valued as u8;
        self.reward(1, 0);
        self.store();
        let ix = ix::post_value(self.operator, self.round_key, self.beacon_key(), &proof);
        self.chain.send_one(ix, self.changed());
    }

    /// Voids with a later round of the beacon than the one that would decide.
    pub fn prove_early(&mut self) {
        self.end(VoidReason::BeaconEarly);
        let later = self.round.beacon_round + 5;
        let ix =
            ix::prove_early(self.operator, self.round_key, self.beacon_key(), later, &Self::signed(later));
        self.chain.send_one(ix, self.changed());
    }

    /// Voids because the cluster was restarted.
    pub fn restarted(&mut self) {
        self.end(VoidReason::ClusterRestarted);
        let ix = ix::void_round(self.operator, self.lottery_key, self.round_key);
        self.chain.send_one(ix, self.changed());
    }

    fn end(&mut self, reason: VoidReason) {
        self.round.status = RoundStatus::Void as u8;
        self.round.void_reason = reason as u8;
        self.round.final_at = 1_700_000_001 + self.chain.state().slot as i64;
        self.round.claim_until = self.round.final_at + 1_000;
        self.reward(1, 0);
        self.store();
    }
}
