# Sourced by the scripts beside it: where things are, and how a step announces itself.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export LOTTERY_CACHE=${LOTTERY_CACHE:-$HOME/.cache/lottery_v4}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$LOTTERY_CACHE/target}
cd "$root" || exit 1

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# A line with the time of day and the minutes since the first step, for whoever watches.
step() { printf '==> %s  +%dm%02ds  %s\n' "$(date +%T)" $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

# Builds the `lottery` binary (cargo shows its progress) and puts its path in $lottery.
build_lottery() {
    step "building the services (the first build takes about 15 minutes on two cores, later ones seconds)"
    # Features of the whole workspace: tests then find everything built already.
    cargo build --locked --workspace --bin lottery
    # shellcheck disable=SC2034 # used by the script that sources this
    lottery=$CARGO_TARGET_DIR/debug/lottery
}
