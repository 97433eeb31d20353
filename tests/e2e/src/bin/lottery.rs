fn main() -> std::process::ExitCode {
    lottery_cli::main()
}
