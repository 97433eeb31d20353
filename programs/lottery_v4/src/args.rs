//! Arguments, as `lottery_interface::args` defines them.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

macro_rules! argument {
    ($($layout:ident),*) => { $(
        lottery_interface::$layout!(
            #[derive(Clone, Copy, Pod, Zeroable, AnchorSerialize, AnchorDeserialize, IdlType)]
            #[repr(C)]
        );
    )* };
}
argument!(
    registry_args_layout,
    beacon_args_layout,
    lottery_args_layout,
    limits_args_layout,
    config_args_layout,
    session_args_layout,
    attest_args_layout
);
