use super::*;
use crate::commands::raffle::{parse_groups, parse_people};

const PLACES: &str = include_str!("../../../../examples/raffle.toml");
const FIRST_COME: &str = include_str!("../../../../examples/raffle-first-come.toml");
const PRIZES: &str = include_str!("../../../../examples/raffle-prizes.toml");
const PEOPLE: &str = include_str!("../../../../examples/raffle-people.csv");

/// The sample's people, for lottery 1.
pub(super) fn list() -> List {
    let groups = parse_groups("A=10,B=3,C=1").unwrap();
    List::new(1, parse_people(PEOPLE, &groups, || {}).unwrap()).unwrap()
}

fn rules(text: &str) -> lottery_interface::accounts::RaffleRules {
    prepare(text).unwrap().raffle().unwrap()
}

#[test]
fn a_raffle_is_what_its_file_says() {
    let (list, prepared) = (list(), prepare(PLACES).unwrap());
    let places = prepared.raffle().unwrap();
    assert_eq!((places.capacity, places.waiting, places.mode, places.prize_count), (7, 3, 1, 0));
    assert_eq!((places.confirm_seconds, places.penalty_bps), (86_400, 1_000));
    assert_eq!((places.leaf_count, places.depth, places.root), (12, 4, list.root()));
    assert_eq!(prepared.config.stake_units, 5_000_000);
    let limits = prepared.limits;
    assert_eq!((limits.page_entries, limits.max_pages, limits.max_entries_per_round), (256, 1, 12));
    let small = prepare(&PLACES.replacen("page_entries = 256", "page_entries = 5", 1)).unwrap();
    assert_eq!((small.limits.max_pages, small.limits.max_entries_per_round), (3, 12));
    // Free, and everybody of a list on one page.
    let free = prepare(&PLACES.replacen("stake = \"5\"", "stake = \"0\"", 1)).unwrap();
    assert_eq!(free.config.stake_units, 0);
    let first = PLACES.replacen("mode = \"weighted\"", "mode = \"first_come\"", 1).replacen(
        "page_entries = 256",
        "# ",
        1,
    );
    let limits = prepare(&first).unwrap().limits;
    assert_eq!((limits.page_entries, limits.max_pages, limits.max_entries_per_round), (12, 1, 12));
    let open = rules(FIRST_COME);
    assert_eq!((open.mode, open.leaf_count, open.depth, open.root), (2, 0, 0, [0; 32]));
    let prizes = rules(PRIZES);
    assert_eq!((prizes.capacity, prizes.prize_count, prizes.mode), (3, 3, 1));
    assert_eq!(prizes.prizes_bps[..4], [5_000, 3_000, 2_000, 0]);
}

#[test]
fn says_what_is_wrong_with_places() {
    refused(
        PLACES,
        &[
            (
                "capacity = 7",
                "capacity = 0",
                "InvalidPlaces: raffle.capacity: a raffle has at least one place",
            ),
            ("capacity = 7", "capacity = 59998", "InvalidPlaces: raffle.capacity"),
            ("capacity = 7", "# ", "raffle.capacity: say how many places there are"),
            (
                "mode = \"weighted\"",
                "mode = \"fair\"",
                "raffle.mode: \"fair\" is unknown; use weighted or first_come",
            ),
            ("confirm_seconds = 86400", "confirm_seconds = 0", "InvalidPlaces: raffle.confirm_seconds"),
            ("penalty_bps = 1000", "penalty_bps = 10001", "InvalidPlaces: raffle.confirm_seconds"),
            (
                "fee_bps = 0",
                "fee_bps = 100",
                "InvalidRules: config.fee_bps: a raffle for places takes no fee_bps",
            ),
            ("stake = \"5\"", "# ", "config.stake: say what a place costs"),
            (
                "[limits]",
                "[limits]\nmax_entries_per_round = 11",
                "InvalidList: limits.max_entries_per_round: the list has 12",
            ),
            ("[limits]", "[limits]\nmax_pages = 1\nmax_entries_per_round = 300", "page_entries x max_pages"),
            ("page_entries = 256", "# ", "limits.page_entries: say how many"),
            (
                "mode = \"weighted\"               # a draw in which weights count; or \"first_come\": the chain's order",
                "mode = \"first_come\"\nprizes_bps = [10000]",
                "InvalidRankPrizes: raffle.prizes_bps",
            ),
            ("[limits]", "[limits]\nmin_stake = \"1\"", "limits.min_stake: only kinds whose players choose"),
            ("source = \"beacon\"", "source = \"oracle\"", "\"oracle\" does not decide kind \"raffle\""),
            ("[fund]", "[fund]\njackpot = \"1\"", "fund.jackpot: kind \"raffle\" has no jackpot"),
            ("[fund]", "[fund]\nbankroll = \"1\"", "fund.bankroll: kind \"raffle\" has no bankroll"),
            ("kind = \"raffle\"", "kind = \"draw\"", "needs a [draw] section"),
            ("[raffle]", "[raffle]\nplaces = 7", "places"),
        ],
    );
    let crowded = PLACES.replacen("mode = \"weighted\"", "mode = \"first_come\"", 1).replacen(
        "page_entries = 256",
        "page_entries = 11",
        1,
    );
    let error = format!("{:#}", prepare(&crowded).unwrap_err());
    assert!(error.contains("first_come needs all 12 of the list on one page; write 12"), "{error}");
}

#[test]
fn says_what_is_wrong_with_prizes() {
    let prizes = "prizes_bps = [5000, 3000, 2000]";
    refused(
        PRIZES,
        &[
            (
                prizes,
                "prizes_bps = [5000, 3000, 2001]",
                "InvalidRankPrizes: raffle.prizes_bps: prizes by rank make 10,000",
            ),
            (prizes, "prizes_bps = [3000, 5000, 2000]", "InvalidRankPrizes"),
            (prizes, "prizes_bps = [10000, 0]", "InvalidRankPrizes"),
            (prizes, "prizes_bps = []", "InvalidRankPrizes: raffle.prizes_bps: 1 to 16 prizes, this has 0"),
            (prizes, "prizes_bps = [10000]\ncapacity = 2", "InvalidRankPrizes"),
            (prizes, "prizes_bps = [10000]\nconfirm_seconds = 60", "InvalidRankPrizes"),
            (
                "fee_bps = 300",
                "fee_bps = 1001",
                "FeeAboveCap: config.fee_bps: 1001 is above the registry's cap, 1000",
            ),
            ("max_pages = 8", "# ", "limits.max_pages: must be written"),
        ],
    );
}

#[test]
fn a_list_is_of_one_lottery() {
    let folder = std::env::temp_dir().join(format!("lottery-raffle-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut file = LotteryFile::parse(PLACES).unwrap();
    let missing = format!("{:#}", file.load_list(&folder).unwrap_err());
    assert!(missing.contains("raffle.list: cannot read") && missing.contains("raffle prepare"), "{missing}");
    let unread = file.prepare(Pubkey::new_unique(), 6, 1_000, Some(LOCAL)).unwrap_err();
    assert!(format!("{unread:#}").contains("raffle.list: the list was not read"));
    let path = folder.join("list.json");
    list().write(std::fs::File::create(&path).unwrap(), || {}).unwrap();
    file.load_list(&folder).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(file.list.as_ref().map(List::root), Some(list().root()));
    assert!(file.check_list(1).is_ok());
    let other = file.check_list(2).unwrap_err().to_string();
    assert!(
        other.contains("InvalidList: raffle.list: it was prepared for lottery 1, and this is lottery 2"),
        "{other}"
    );
    assert!(LotteryFile::parse(FIRST_COME).unwrap().check_list(2).is_ok());
}
