//! The commands of operators and players, by the program itself, against an embedded chain without any other service.

mod chain;
mod games;
mod markets;
mod randomness;
