//! What the program costs on the chain, one `name=value` a line: `make bench-chain`.

fn main() {
    for (name, value) in program_tests::measure::all() {
        println!("{name}={value}");
    }
}
