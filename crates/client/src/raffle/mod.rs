//! Raffles: who may enter, and how the places stand.
//!
//! | file | what |
//! |---|---|
//! | `list.rs` | the tree of those who may enter |
//! | `file.rs` | the list as everybody may read it, with each person's proof |
//! | `order.rs` | ranks, offers and the waiting list of a round |

mod file;
mod list;
mod order;

pub use file::FORMAT;
pub use list::{List, ListError, Membership, Person};
pub use order::{Order, Standing};
