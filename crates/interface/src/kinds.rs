//! The five kinds of game, the sources of randomness, and the states things are in.
//!
//! Stored as one byte each: an account of a later version may hold a value that this one does
//! not know, so reading is `from_byte -> Option`.

/// Defines a byte enum with `from_byte` and `name`.
macro_rules! byte_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $value:literal => $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant = $value,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The value stored as `byte`, if this version knows it.
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte { $($value => Some(Self::$variant),)* _ => None }
            }

            /// The name used in SQL, JSON, TOML and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value called `name`.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

byte_enum! {
    /// Kind of game. Zero is no kind, so that an unset byte is never a valid one.
    pub enum Kind {
        /// k of n numbers, optional bonus ball, parimutuel tiers; progressive when rollover is on.
        Draw = 1 => "draw",
        /// 1 to 10 spots of 80, fixed paytable from the bankroll.
        Keno = 2 => "keno",
        /// A prize table in parts of 2^32.
        Instant = 3 => "instant",
        /// Peer to peer, settled by oracle quorum.
        Prediction = 4 => "prediction",
        /// Weighted sample without replacement.
        Raffle = 5 => "raffle",
    }
}

impl Kind {
    /// The prizes are paid from the lottery's bankroll.
    pub const fn is_house(self) -> bool {
        matches!(self, Self::Keno | Self::Instant)
    }

    /// Each ticket has a stake of its own, within the lottery's limits.
    pub const fn has_own_stake(self) -> bool {
        matches!(self, Self::Keno | Self::Instant | Self::Prediction)
    }

    /// Money can wait for a winner from round to round.
    pub const fn has_jackpot(self) -> bool {
        matches!(self, Self::Draw)
    }
}

byte_enum! {
    /// Where a round's random value comes from; fixed by the config before the first entry.
    pub enum Source {
        /// A public drand chain, verified on chain.
        Beacon = 1 => "beacon",
        /// The operator's hash chain mixed with a slot hash that nobody knew before lock.
        CommitReveal = 2 => "commit_reveal",
        /// Switchboard on-demand.
        Switchboard = 3 => "switchboard",
        /// No randomness: attestations by an oracle quorum (prediction).
        Oracle = 4 => "oracle",
    }
}

byte_enum! {
    /// How a vault holds its tokens.
    pub enum VaultKind {
        Native = 0 => "native",
        SplToken = 1 => "spl_token",
        Token2022 = 2 => "token_2022",
    }
}

byte_enum! {
    /// State of a lottery.
    pub enum LotteryStatus {
        /// Created; rounds cannot open yet.
        Pending = 0 => "pending",
        Active = 1 => "active",
        /// No round opens; the rounds that were open when it was paused are void.
        Paused = 2 => "paused",
        /// Retired, and its last round is final. Nothing can be opened again.
        Completed = 3 => "completed",
    }
}

byte_enum! {
    /// State of a round. `Locked` is not stored: a round is locked when the clock says so.
    pub enum RoundStatus {
        Open = 0 => "open",
        /// The random value is stored: the result is fixed from here on.
        Valued = 1 => "valued",
        /// The result is computed; pages settle.
        Drawn = 2 => "drawn",
        /// Prizes are split and can be paid.
        Final = 3 => "final",
        /// Every stake is refunded in full.
        Void = 4 => "void",
    }
}

byte_enum! {
    /// Why a round is void.
    pub enum VoidReason {
        None = 0 => "none",
        /// No value within the grace period, in seconds and in slots.
        GraceExpired = 1 => "grace_expired",
        /// The slot hash was not captured while the chain still knew it.
        SlotHashLost = 2 => "slot_hash_lost",
        /// The lottery was paused while the round was open.
        Paused = 3 => "paused",
        /// The beacon's value was public while the round could still take entries, by the chain's clock.
        BeaconEarly = 4 => "beacon_early",
        /// The cluster was restarted while the round had no value.
        ClusterRestarted = 5 => "cluster_restarted",
        /// The oracles' attestations differ so much that no value can reach the quorum.
        NoQuorum = 6 => "no_quorum",
    }
}

byte_enum! {
    /// State of a page.
    pub enum PageStatus {
        /// Its account is still growing to its size.
        Growing = 0 => "growing",
        Open = 1 => "open",
        /// Its digest and cash are folded into the round.
        Sealed = 2 => "sealed",
        /// Every entry has its result.
        Settled = 3 => "settled",
    }
}

byte_enum! {
    /// State of a ranking.
    pub enum RankingStatus {
        /// Its account is still growing to its size.
        Growing = 0 => "growing",
        /// Pages are counted.
        Counting = 1 => "counting",
        /// The count was right: the order of the raffle, once sorted.
        Accepted = 2 => "accepted",
    }
}

byte_enum! {
    /// State of a ranked entry.
    pub enum PlaceStatus {
        /// Below the capacity: offered a place from the moment when the round is final. Else it waits.
        Initial = 0 => "initial",
        /// It waited, and is offered a place that fell free.
        Promoted = 1 => "promoted",
        /// The place is taken.
        Taken = 2 => "taken",
        /// Nobody confirmed in time.
        Lapsed = 3 => "lapsed",
        /// It waited in vain.
        Released = 4 => "released",
    }
}

byte_enum! {
    /// The roles of a lottery, each handed over in two steps.
    pub enum Role {
        /// Creates configs, activates, retires, funds and takes back what is free.
        Operator = 0 => "operator",
        /// Pauses.
        Pauser = 1 => "pauser",
        /// Takes the fees.
        Treasurer = 2 => "treasurer",
    }
}
