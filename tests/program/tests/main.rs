//! The compiled program on LiteSVM, one file per behaviour. `LOTTERY_PROGRAM_SO` names another build to test.

mod budgets;
mod capture;
mod log_limit;
mod arithmetic;
mod math128;
mod close;
mod enter;
mod expire;
mod finalise;
mod life;
mod lottery_create;
mod operator_money;
mod page_open;
mod pause;
mod pay;
mod post_value;
mod registry;
mod retime;
mod roles;
mod round_open;
mod seal;
mod session;
mod settle;
mod vault_mints;
mod void_refund;
mod wallet;
