//! Which accounts an instruction takes, by name and in order.

use lottery_interface::tags;

/// Names of an instruction's accounts. A name that ends in `*` is an account of the program that the instruction
/// may change: it is read again after. Accounts after the named ones are the wallets of `pay` and `refund`, and
/// the pages of `retime_round`.
pub fn account_names(tag: u8) -> &'static [&'static str] {
    match tag {
        tags::INIT_REGISTRY => &["authority", "registry*", "system_program"],
        tags::UPDATE_REGISTRY | tags::PROPOSE_AUTHORITY | tags::ACCEPT_AUTHORITY => {
            &["authority", "registry*"]
        }
        tags::OPEN_VAULT => {
            &["rent_payer", "registry", "mint", "vault*", "vault_tokens", "token_program", "system_program"]
        }
        tags::ADD_BEACON => &["authority", "registry", "beacon*", "system_program"],
        tags::REMOVE_BEACON => &["authority", "registry", "beacon*", "rent_payer"],
        tags::VERIFY_BEACON => &["beacon"],
        tags::CREATE_ORACLE_SET => &["rent_payer", "oracles*", "system_program"],
        tags::OPEN_WALLET => &["rent_payer", "owner", "vault", "wallet*", "system_program"],
        tags::DEPOSIT | tags::WITHDRAW => {
            &["owner", "wallet*", "vault*", "tokens", "vault_tokens", "mint", "token_program"]
        }
        tags::SET_SESSION => &["owner", "wallet*"],
        tags::CLOSE_WALLET => &["owner", "wallet*", "rent_payer"],

        tags::CREATE_LOTTERY => {
            &["operator", "registry*", "vault", "source", "lottery*", "config*", "system_program"]
        }
        tags::UPDATE_CONFIG => &["operator", "registry", "source", "lottery*", "config*", "system_program"],
        tags::UPDATE_LIMITS | tags::ACTIVATE_LOTTERY | tags::RETIRE_LOTTERY | tags::SET_CHAIN => {
            &["operator", "lottery*"]
        }
        tags::PROPOSE_ROLE | tags::ACCEPT_ROLE => &["holder", "lottery*"],
        tags::PAUSE_LOTTERY => &["pauser", "lottery*", "round*", "round*"],
        tags::FUND_JACKPOT | tags::FUND_BOND | tags::FUND_BANKROLL => &["owner", "wallet*", "lottery*"],
        tags::WITHDRAW_BOND | tags::WITHDRAW_BANKROLL => &["operator", "wallet*", "lottery*"],
        tags::WITHDRAW_FEES => &["treasurer", "wallet*", "lottery*"],
        tags::WITHDRAW_TREASURY => &["registry", "wallet*", "lottery*"],
        tags::FUND_CRANK => &["from", "lottery*", "system_program"],
        tags::WITHDRAW_CRANK => &["operator", "lottery*"],
        tags::ADVANCE_CHAIN => &["lottery*"],
        tags::CLOSE_CONFIG => &["operator", "lottery*", "config*", "rent_payer"],
        tags::CLOSE_LOTTERY => &["operator", "lottery*", "rent_payer"],

        tags::OPEN_ROUND => &["cranker", "registry", "lottery*", "config", "round*", "system_program"],
        tags::OPEN_PAGE => &["cranker", "lottery*", "round*", "previous_page", "page*", "system_program"],
        tags::GROW_PAGE => &["page*"],
        tags::ENTER => &["authority", "wallet*", "page*", "round"],
        tags::SEAL_PAGE => &["cranker", "round*", "page*"],
        tags::CAPTURE => &["cranker", "round*", "slot_hashes"],
        tags::POST_VALUE | tags::PROVE_EARLY => &["cranker", "round*", "beacon"],
        tags::INIT_RANDOMNESS | tags::COMMIT_RANDOMNESS | tags::REVEAL_RANDOMNESS => {
            &["cranker", "round*", "registry", "switchboard"]
        }
        tags::ATTEST => &["reporter", "round*", "config", "oracles"],
        tags::DRAW => &["cranker", "round*", "config"],
        tags::SETTLE => &["cranker", "round*", "config", "page*"],
        tags::FINALISE => &["cranker", "lottery*", "round*", "config"],
        tags::PAY | tags::REFUND => &["cranker", "round*", "page*"],
        tags::VOID_ROUND => &["cranker", "lottery*", "round*", "slot_hashes"],
        tags::RETIME_ROUND => &["cranker", "lottery*", "config", "round*"],
        tags::EXPIRE_ROUND => &["cranker", "lottery*", "round*"],
        tags::OPEN_RANKING => &["submitter", "round", "ranking*", "system_program"],
        tags::GROW_RANKING => &["ranking*"],
        tags::COUNT_RANKING => &["round", "ranking*", "page"],
        tags::ACCEPT_RANKING | tags::CLOSE_RANKING => &["cranker", "round*", "ranking*", "submitter"],
        tags::SORT_RANKING | tags::PROMOTE_PLACE => &["cranker", "round*", "ranking*"],
        tags::CONFIRM_PLACE => &["owner", "wallet", "lottery*", "round*", "ranking*", "page*"],
        tags::RESOLVE_PLACES => &["cranker", "lottery*", "round*", "ranking*", "page*"],
        tags::CLOSE_PAGE => &["cranker", "round*", "page*", "rent_payer"],
        tags::CLOSE_ROUND => &["cranker", "lottery*", "round*", "rent_payer"],
        _ => &[],
    }
}

/// What the accounts after the named ones are, when the instruction may change them.
pub fn rest_name(tag: u8) -> Option<&'static str> {
    match tag {
        tags::PAY | tags::REFUND => Some("wallet*"),
        tags::RETIME_ROUND => Some("page*"),
        _ => None,
    }
}
