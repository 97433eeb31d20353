//! The compiled program on LiteSVM, one file per behaviour. `LOTTERY_PROGRAM_SO` names another build to test.

mod budgets;
mod capture;
mod enter;
mod finalise;
mod life;
mod lottery_create;
mod operator_money;
mod page_open;
mod post_value;
mod registry;
mod roles;
mod round_open;
mod seal;
mod session;
mod settle;
mod vault_mints;
mod wallet;
