//! The compiled program on LiteSVM, one file per behaviour. `LOTTERY_PROGRAM_SO` names another build to test.

mod budgets;
mod life;
