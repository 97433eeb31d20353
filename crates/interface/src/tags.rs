//! First byte of each instruction's data. The IDL says the same; a golden test compares them.

macro_rules! tags {
    ($($name:ident = $tag:literal => $text:literal,)*) => {
        $(#[doc = concat!("`", $text, "`")] pub const $name: u8 = $tag;)*

        /// The instruction's name in the IDL.
        pub const fn name(tag: u8) -> Option<&'static str> {
            match tag { $($tag => Some($text),)* _ => None }
        }

        /// Every tag with its name.
        pub const ALL: &[(u8, &str)] = &[$(($tag, $text),)*];
    };
}

tags! {
    INIT_REGISTRY = 0 => "init_registry",
    UPDATE_REGISTRY = 1 => "update_registry",
    PROPOSE_AUTHORITY = 2 => "propose_authority",
    ACCEPT_AUTHORITY = 3 => "accept_authority",
    OPEN_VAULT = 4 => "open_vault",
    ADD_BEACON = 5 => "add_beacon",
    REMOVE_BEACON = 6 => "remove_beacon",
    VERIFY_BEACON = 7 => "verify_beacon",
    CREATE_ORACLE_SET = 8 => "create_oracle_set",

    OPEN_WALLET = 10 => "open_wallet",
    DEPOSIT = 11 => "deposit",
    WITHDRAW = 12 => "withdraw",
    SET_SESSION = 13 => "set_session",
    CLOSE_WALLET = 14 => "close_wallet",

    CREATE_LOTTERY = 20 => "create_lottery",
    UPDATE_CONFIG = 21 => "update_config",
    UPDATE_LIMITS = 22 => "update_limits",
    ACTIVATE_LOTTERY = 23 => "activate_lottery",
    PAUSE_LOTTERY = 24 => "pause_lottery",
    RETIRE_LOTTERY = 25 => "retire_lottery",
    PROPOSE_ROLE = 26 => "propose_role",
    ACCEPT_ROLE = 27 => "accept_role",
    FUND_JACKPOT = 28 => "fund_jackpot",
    FUND_BOND = 29 => "fund_bond",
    WITHDRAW_BOND = 30 => "withdraw_bond",
    FUND_CRANK = 31 => "fund_crank",
    WITHDRAW_CRANK = 32 => "withdraw_crank",
    WITHDRAW_FEES = 33 => "withdraw_fees",
    WITHDRAW_TREASURY = 34 => "withdraw_treasury",
    SET_CHAIN = 35 => "set_chain",
    CLOSE_CONFIG = 36 => "close_config",
    CLOSE_LOTTERY = 37 => "close_lottery",
    FUND_BANKROLL = 38 => "fund_bankroll",
    WITHDRAW_BANKROLL = 39 => "withdraw_bankroll",

    OPEN_ROUND = 40 => "open_round",
    OPEN_PAGE = 41 => "open_page",
    GROW_PAGE = 42 => "grow_page",
    ENTER = 43 => "enter",
    SEAL_PAGE = 44 => "seal_page",
    CAPTURE = 45 => "capture",
    POST_VALUE = 46 => "post_value",
    DRAW = 47 => "draw",
    SETTLE = 48 => "settle",
    FINALISE = 49 => "finalise",
    PAY = 50 => "pay",
    VOID_ROUND = 51 => "void_round",
    REFUND = 52 => "refund",
    RETIME_ROUND = 53 => "retime_round",
    EXPIRE_ROUND = 54 => "expire_round",
    CLOSE_PAGE = 55 => "close_page",
    CLOSE_ROUND = 56 => "close_round",
    ADVANCE_CHAIN = 57 => "advance_chain",
    PROVE_EARLY = 58 => "prove_early",
    INIT_RANDOMNESS = 59 => "init_randomness",
    COMMIT_RANDOMNESS = 60 => "commit_randomness",
    REVEAL_RANDOMNESS = 61 => "reveal_randomness",
    ATTEST = 62 => "attest",
    OPEN_RANKING = 63 => "open_ranking",
    GROW_RANKING = 64 => "grow_ranking",
    COUNT_RANKING = 65 => "count_ranking",
    ACCEPT_RANKING = 66 => "accept_ranking",
    SORT_RANKING = 67 => "sort_ranking",
    CLOSE_RANKING = 68 => "close_ranking",
    CONFIRM_PLACE = 69 => "confirm_place",
    RESOLVE_PLACES = 70 => "resolve_places",
    PROMOTE_PLACE = 71 => "promote_place",
}
