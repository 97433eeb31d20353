//! Instructions: one file each, with its accounts and its handler.
