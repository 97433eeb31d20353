//! From a random value to what a round drew.

use lottery_interface::{accounts::Round, kinds::RoundStatus};
use lottery_rules::{
    beacon::{self, PROOF_LEN, Witness},
    hash::Software,
    seed::{fold_page, round_seed},
};
use serde_json::json;
use sqlx::Row;

use super::{
    entries::parse,
    feed,
    rounds::logged_decider,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key, poison},
};
use crate::{
    decoder::{Args, Decoded},
    rows::{Columns, bytea},
};

/// Place of the first of Switchboard's own accounts, which is the randomness account.
const SWITCHBOARD_ACCOUNTS: usize = 4;

impl Work<'_> {
    pub async fn post_value(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::PostValue { proof } = &decoded.args else { return poison("post_value without its proof") };
        let mut round = self.round(&key(decoded, "round")?).await?;
        let mut change = columns(json!({ "status": RoundStatus::Valued.name() }));
        match <&[u8; PROOF_LEN]>::try_from(&proof[..]) {
            Ok(proof) => {
                let value = self.signed_value(&round, proof, ix).await?;
                change.insert("value".into(), bytea(&value).into());
                let (a, b) = proof[64..].split_at(32);
                let witness = Witness { inverses: [a, b].map(|half| half.try_into().unwrap_or_default()) };
                if let Some((number, locks_at)) = self.decided_by(&round.address, &witness, ix).await? {
                    change.insert("beacon_round".into(), number.into());
                    if let Some(locks_at) = locks_at {
                        change.insert("locks_at".into(), locks_at.into());
                    }
                }
                round.value = Some(value);
            }
            Err(_) => {
                change.insert("reveal".into(), bytea(proof).into());
                round.value = self.read_value(&round);
            }
        }
        self.valued(round, change, ix).await
    }

    /// The value that Switchboard's oracle signed; the program takes it only if Switchboard does.
    pub async fn reveal_randomness(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::RevealRandomness { value, .. } = &decoded.args else {
            return poison("a reveal without its value");
        };
        let mut round = self.round(&key(decoded, "round")?).await?;
        let randomness = decoded.accounts.get(SWITCHBOARD_ACCOUNTS);
        let Some(randomness) = randomness else { return poison("a reveal without its account") };
        let change = columns(json!({
            "status": RoundStatus::Valued.name(),
            "value": bytea(value),
            "randomness": randomness.to_string(),
        }));
        round.value = Some(*value);
        self.valued(round, change, ix).await
    }

    /// A round has its value.
    pub async fn valued(&mut self, mut round: RoundView, change: Columns, ix: &Ix) -> Result<(), Fault> {
        self.update_row("rounds", &round.address, change, ix).await?;
        self.feed_round(&round, RoundStatus::Valued, feed::outcome(&round), ix);
        round.status = RoundStatus::Valued.name().into();
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }

    /// The value that a beacon's signature makes; the signature is kept for the proof of the round.
    async fn signed_value(
        &mut self,
        round: &RoundView,
        proof: &[u8; PROOF_LEN],
        ix: &Ix,
    ) -> Result<[u8; 32], Fault> {
        let mut signature = [0; 64];
        signature.copy_from_slice(&proof[..64]);
        let value = beacon::randomness::<Software>(&signature);
        sqlx::query("UPDATE rounds SET beacon_signature = $1 WHERE address = $2")
            .bind(&signature[..])
            .bind(&round.address)
            .execute(self.conn())
            .await?;
        if self.read_value(round).is_some_and(|read| read != value) {
            let reason = "the value does not follow from the signature that was posted".to_string();
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
        Ok(value)
    }

    /// A round's value as its account says, when it was read after it was posted.
    pub fn read_value(&self, round: &RoundView) -> Option<[u8; 32]> {
        let account = self.read::<Round>(&round.address)?;
        let valued = [RoundStatus::Valued, RoundStatus::Drawn, RoundStatus::Final].map(|s| s as u8);
        valued.contains(&account.status).then_some(account.value)
    }

    pub async fn draw(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let mut round = self.round(&key(decoded, "round")?).await?;
        self.check_draw(&round, ix).await?;
        let told = self.read_decider(&round).or(round.decider).or_else(|| logged_decider(ix, &round));
        let made = self.made(&round).await?;
        let computed = made.and_then(|(_, seed)| round.rules.decider_of(&seed, round.outcome));
        if computed.is_some() && told.is_some() && computed != told {
            let reason = "the draw does not follow from the value and the entries of the record".to_string();
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
        let decider = told.or(computed);
        if round.rules.market().is_some() {
            round.outcome = decider.map(|result| result[0]);
        }
        let mut change = round.rules.drawn_columns(decider.as_ref());
        if let Some((digest, seed)) = made {
            change.insert("sealed_digest".into(), bytea(&digest).into());
            change.insert("seed".into(), bytea(&seed).into());
        }
        change.insert("status".into(), RoundStatus::Drawn.name().into());
        if let Some(ranked) = round.rules.ranked(round.entered_count) {
            change.insert("ranked".into(), ranked.into());
        }
        self.update_row("rounds", &round.address, change, ix).await?;
        sqlx::query("UPDATE rounds SET drawn_at = $1 WHERE address = $2")
            .bind(ix.block_at)
            .bind(&round.address)
            .execute(self.conn())
            .await?;
        round.status = RoundStatus::Drawn.name().into();
        round.decider = decider;
        self.count("rounds_drawn", 1);
        if let Some(numbers) = round.rules.drawn(decider.as_ref()) {
            self.feed_result(&round, numbers, ix);
        }
        self.feed_round(&round, RoundStatus::Drawn, json!({}), ix);
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }

    /// Sealed digest and seed from our own entries, where the value is known.
    async fn made(&mut self, round: &RoundView) -> Result<Option<([u8; 32], [u8; 32])>, Fault> {
        let Some(value) = round.value else { return Ok(None) };
        let digest = self.sealed_digest(&round.address).await?;
        let seed = round_seed::<Software>(&value, &parse(&round.address)?.to_bytes(), &digest);
        Ok(Some((digest, seed)))
    }

    /// Recomputes seed and result from our own entries and the value that the account holds.
    async fn check_draw(&mut self, round: &RoundView, ix: &Ix) -> Result<(), Fault> {
        let Some(account) = self.read::<Round>(&round.address) else { return Ok(()) };
        if self.read_decider(round).is_none() {
            return Ok(());
        }
        let digest = self.sealed_digest(&round.address).await?;
        let seed = round_seed::<Software>(&account.value, &parse(&round.address)?.to_bytes(), &digest);
        let same = digest == account.sealed_digest
            && seed == account.seed
            // A raffle's account may be ranked by now.
            && (round.rules.raffle().is_some()
                || round.rules.result(&seed, round.outcome) == Some(account.result));
        if !same {
            let reason = "the draw does not follow from the entries of the record".to_string();
            self.mismatch(Some(ix), &round.address, ix.slot, reason);
        }
        Ok(())
    }

    /// The digest of a round's pages as the record has them.
    pub async fn sealed_digest(&mut self, round: &str) -> Result<[u8; 32], Fault> {
        self.flush_progress().await?;
        let pages = sqlx::query(
            "SELECT record_digest, sequence, record_count FROM pages WHERE round = $1 ORDER BY sequence",
        )
        .bind(round)
        .fetch_all(self.conn())
        .await?;
        let mut digest = [0; 32];
        for page in pages {
            let own: Vec<u8> = page.try_get("record_digest")?;
            let (sequence, count): (i64, i64) = (page.try_get("sequence")?, page.try_get("record_count")?);
            digest = fold_page::<Software>(
                &digest,
                &own.try_into().unwrap_or_default(),
                sequence as u32,
                count as u32,
            );
        }
        Ok(digest)
    }
}
