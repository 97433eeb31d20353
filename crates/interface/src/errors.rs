//! Error codes: 6000 + place in this list. Append only: clients keep the numbers.

/// Hands the list of errors to macro `$callback`: `Name = "message"`, in order of their codes.
#[macro_export]
macro_rules! lottery_errors {
    ($callback:path) => {
        $callback! {
            MathOverflow = "an amount does not fit in 64 bits",
            Unauthorized = "the signer does not hold the role that this needs",
            RegistryPaused = "the registry is paused",
            NoPendingHandOver = "no hand-over to this signer is pending",
            InvalidLimits = "a limit is zero, too large, or contradicts another",
            InvalidRules = "the rules of the game are not valid",
            InvalidConfig = "a config value is outside what the registry allows",
            SourceNotAllowed = "the registry does not allow this kind with this source of randomness",
            KindNotSupported = "this kind of game is unknown to the program",
            FeeAboveCap = "the fee is above the registry's cap",
            WrongStatus = "the lottery is not in the state that this needs",
            Retiring = "the lottery is retiring: no further round opens",
            WrongMint = "the account belongs to another mint",
            WrongVault = "the account is not the vault of this mint",
            WrongTokenAccount = "the token account is of another mint or program",
            MintExtensionRefused = "the mint has an extension that could take, freeze or hide tokens",
            MintNotSupported = "the mint is not an initialised mint of a token program",
            WrongLottery = "the account belongs to another lottery",
            WrongConfig = "the account is not this round's config",
            WrongRound = "the account is not the round that this needs",
            WrongPage = "the page belongs to another round, or is not the next one",
            WrongWallet = "the wallet is not the one that this needs",
            WrongKind = "the account is of another kind of game",
            DuplicateAccount = "an account is given twice",
            InsufficientBalance = "the wallet's balance is too low: deposit first",
            ZeroAmount = "the amount is zero",
            InvalidSession = "a session needs a key, an expiry ahead, a limit and a lottery",
            SessionExpired = "the session has expired",
            SessionOverspent = "the session's spend limit is reached",
            SessionForeign = "the session does not name this lottery",
            WalletBusy = "the wallet may still be paid by a round it entered",
            WalletNotEmpty = "withdraw the balance first",
            RoundLocked = "the round takes no more entries",
            RoundNotLocked = "the round still takes entries",
            RoundNotOpen = "the round already has a value or is void",
            PageNotOpen = "the page takes no entries",
            PageFull = "the page has not enough free places",
            PageSizeReached = "the page has its full size",
            TooEarlyForPage = "the open pages are not full enough for another",
            TooManyPages = "the round has all the pages it may have",
            RoundFull = "every entry of the round is allotted",
            PlayerLimit = "the player has too many entries in this round",
            PlayerRingFull = "the player is in too many rounds at once",
            TicketCount = "1 to 20 tickets at a time",
            TicketLength = "the tickets' bytes are not a whole number of tickets",
            NumberOutOfRange = "a number is not in the drum",
            NumbersUnsorted = "the numbers must ascend",
            NumbersRepeated = "a number is repeated",
            BonusOutOfRange = "the bonus ball is not in its drum",
            TooManyOpenRounds = "two rounds already take entries",
            CrankDepositTooLow = "the crank deposit does not cover a round: fund it",
            BondTooLow = "the free bond does not cover a round: fund it",
            ChainExhausted = "the operator's hash chain is used up: set a new one",
            ChainTooFar = "too many rounds since the last reveal",
            ChainInUse = "the hash chain is in use by an open round",
            NotCommitReveal = "the round does not draw from commit-reveal",
            SlotNotReached = "the slot whose hash decides is still ahead",
            SlotHashAlreadyCaptured = "the slot hash is already captured",
            SlotHashLost = "the slot hash is no longer known: void the round",
            SlotHashMissing = "capture the slot hash first",
            RevealMismatch = "the reveal does not match the commit",
            ValueAlreadyPosted = "the round already has its value",
            ValueMissing = "the round has no value yet",
            PagesNotSealed = "not every page is sealed",
            PageAlreadySealed = "the page is sealed already",
            NotDrawn = "the round is not drawn",
            AlreadyDrawn = "the round is drawn already",
            PageAlreadySettled = "the page is settled already",
            PagesNotSettled = "not every page is settled",
            FinaliseOutOfOrder = "an earlier round of this rollover lottery is not final",
            NotFinal = "the round is not final",
            AlreadyFinal = "the round is final already",
            NotVoid = "the round is not void",
            GraceNotOver = "the grace period is not over",
            ItemOutOfRange = "an item names an entry or an account that is not there",
            ItemsMalformed = "the items' bytes are not a whole number of items",
            NothingToPay = "nothing in this batch was left to pay",
            AlreadyPaid = "the prize is paid already",
            NotAWinner = "the entry did not win",
            AlreadyRefunded = "the stake is refunded already",
            RoundNotEmpty = "the round has entries",
            PagesMissing = "every page of the round must be given, by sequence",
            ClaimPeriodOpen = "the claim period is not over",
            StillOwes = "prizes or refunds are not paid yet",
            PagesNotClosed = "close the pages first",
            RoundsStillLive = "close the rounds first",
            LotteryNotEmpty = "the lottery still holds money",
            ConfigInUse = "the config is in use",
            WrongRentPayer = "rent goes back to the account that paid it",
            InvariantViolated = "an internal balance would break: nothing was done",
            WrongSysvar = "the account is not the SlotHashes sysvar",
            StakeOutOfRange = "the stake is not within the lottery's limits",
            SpotsNotOffered = "the lottery has no paytable for so many spots",
            RtpOutOfBand = "the exact RTP is outside the declared band",
            PrizeTableSum = "the chances of the prize table must make 2^32 together",
            LiabilityAboveShare = "one ticket may win at most a sixteenth of the page's budget: lower the stake",
            BudgetExceeded = "the page's budget does not cover this ticket's highest prize",
            LiabilityCapReached = "the round's liability is all allotted to its pages",
            BankrollTooLow = "the free bankroll does not cover this: fund it, or ask for less",
            NoBankroll = "this kind of game has no bankroll",
            ChainNotBehind = "the reveal is not of a position between the last reveal and the next round",
            BeaconNotUsable = "the beacon is not the config's, or its delay is not over",
            BeaconUsable = "the beacon's delay is over: it can no longer be taken back",
            BeaconProofLength = "a beacon's proof is a signature of 64 bytes and two witnesses of 32",
            BeaconNotCanonical = "a coordinate of the signature is not below the field's prime",
            BeaconInfinity = "the signature is the point at infinity",
            BeaconNotOnCurve = "the signature is not a point of the curve",
            BeaconWrongWitness = "a witness does not fit the beacon's round: compute it again",
            BeaconWrongSignature = "the signature is not of this round by this beacon's key",
            BeaconRoundBefore = "the beacon's round is before the one that decides",
            NotBeacon = "the round does not draw from a beacon",
            NotEarly = "chain time has reached the lock: nothing is early any more",
            ClusterRestarted = "the cluster was restarted since the round opened: void the round",
            NotSwitchboard = "the round does not draw from Switchboard",
            WrongSwitchboard = "the program or the queue is not the one that the registry names",
            WrongRandomness = "the randomness account is not this round's",
            RandomnessNotFresh = "the randomness account was not committed in this instruction, or is revealed already",
            RandomnessCommitted = "the round has its commit already",
            RandomnessNotCommitted = "commit the randomness account first",
            JackpotBeyondBond = "the bonds of unfinished rounds do not cover a larger jackpot: raise it before the first round opens, or while no round is unfinished",
            NoQuickPicks = "this kind of game has no quick picks",
            OutcomeUnknown = "the market has no such outcome",
            InvalidMapping = "the mapping's outcomes, facts or bounds contradict each other",
            MappingGap = "the mapping has a gap: some number belongs to no outcome",
            MappingOverlap = "the mapping overlaps or is out of order: some number belongs to two outcomes",
            InvalidQuorum = "a quorum is more than half of 1 to 16 reporters",
            InvalidOracleSet = "an oracle set is 1 to 16 reporters, ascending, each once",
            WrongOracleSet = "the account is not the oracle set that the config names",
            NotOracle = "the round is not settled by oracles",
            NotAReporter = "the signer is not a reporter of the round's oracle set",
            AlreadyAttested = "the reporter has attested for this round",
            EventNotOver = "the event is not over: attest later",
            WrongEvent = "the attestation is of another event",
            FactsOutOfRange = "a fact is outside what the market was made for",
            InvalidPlaces = "capacity, waiting list, confirmation and penalty contradict each other",
            InvalidList = "the list does not fit a tree of its depth, or needs pages that the limits do not allow",
            InvalidRankPrizes = "prizes by rank make 10,000 together, never rise, and are as many as the places",
            NotRaffle = "the round is not a raffle",
            ProofInvalid = "the proof does not lead from this person, weight and place in the list to the raffle's root",
            ProofMissing = "the raffle has a list: enter with a proof, without quick picks",
            WeightZero = "a weight of zero has no chance",
            LeafUsed = "this place in the list has entered already",
            LeafWrongPage = "this place in the list belongs to another page",
            WrongRanking = "the account is not the ranking that this needs",
            AlreadyRanked = "the raffle has its ranking",
            NotRanked = "the raffle has no sorted ranking yet",
            RankingSizeReached = "the ranking has its full size",
            RankingGrowing = "the ranking has not its full size yet",
            PageAlreadyCounted = "the page is counted already",
            PagesNotCounted = "not every page is counted",
            ThresholdTooLow = "the threshold counts too few entries",
            ThresholdTooHigh = "the threshold counts too many entries",
            OrderWrong = "the next rank is not after the one before it",
            RankUnknown = "there is no such rank",
            PlaceNotOffered = "this rank is not offered a place",
            PlaceTaken = "the place is confirmed already",
            ConfirmTooLate = "the time to confirm is over",
            PromotionOutOfOrder = "no place is free, or another rank is next",
            NothingToResolve = "the place is neither lapsed nor waited for in vain",
            HasPlace = "the entry has a place, or waits for one",
            RankingInUse = "the ranking may still be right, or is the raffle's order",
        }
    };
}

macro_rules! define_errors {
    ($($name:ident = $message:literal,)*) => {
        /// What the program answers to input it refuses. No account changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum LotteryError { $(#[doc = $message] $name,)* }

        impl LotteryError {
            /// Every error, by code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in the IDL.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// What it means and what to do.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}
lottery_errors!(define_errors);

impl LotteryError {
    /// The custom program error code.
    pub const fn code(self) -> u32 {
        6000 + self as u32
    }

    /// The error of a custom code.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(code.checked_sub(6000)? as usize).copied()
    }
}
