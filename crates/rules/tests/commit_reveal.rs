use std::time::{Duration, Instant};

use lottery_rules::commit_reveal::{HashChain, MAX_DISTANCE, MAX_LENGTH, STRIDE, value, verify};
use lottery_rules::hash::{Sha256, Software};

const SECRET: [u8; 32] = [9; 32];

/// The whole chain, link by link: `all[p]` is `r_p`.
fn all(length: u32) -> Vec<[u8; 32]> {
    let mut links = vec![Software::hashv(&[&SECRET])];
    for _ in 0..length {
        links.push(Software::hashv(&[links.last().unwrap()]));
    }
    links.reverse();
    links
}

#[test]
fn links_are_those_of_the_plain_chain() {
    let c = STRIDE;
    for length in [1, 2, 5, c - 1, c, c + 1, 2 * c - 1, 2 * c, 1_000] {
        let chain = HashChain::new(&SECRET, length).unwrap();
        let all = all(length);
        assert_eq!(chain.length(), length);
        assert_eq!(chain.commit(), all[0]);
        for position in 0..=length {
            assert_eq!(chain.link(position), Some(all[position as usize]), "{position} of {length}");
        }
        assert_eq!(chain.link(length + 1), None);
        assert_eq!(chain.link(u32::MAX), None);
    }
    assert!(HashChain::new(&SECRET, 0).is_none());
}

/// The public commit must not give away the last reveal when the chain is short, nor reveal the secret itself.
#[test]
fn the_secret_is_never_a_link() {
    let chain = HashChain::new(&SECRET, 3).unwrap();
    for position in 0..=3 {
        assert_ne!(chain.link(position), Some(SECRET));
    }
}

#[test]
fn verify_accepts_exactly_the_distance() {
    let chain = HashChain::new(&SECRET, 250).unwrap();
    let commit = chain.commit();
    for distance in 1..=MAX_DISTANCE {
        let reveal = chain.link(distance as u32).unwrap();
        assert!(verify::<Software>(&reveal, &commit, distance));
        assert!(!verify::<Software>(&reveal, &commit, distance - 1));
        assert!(!verify::<Software>(&reveal, &commit, distance + 1));
    }
    // A round later: any public link takes the commit's place.
    assert!(verify::<Software>(&chain.link(200).unwrap(), &chain.link(150).unwrap(), 50));
}

#[test]
fn verify_bounds_its_work() {
    let chain = HashChain::new(&SECRET, 200).unwrap();
    // Right, but too far; and a commit is not its own reveal.
    assert!(!verify::<Software>(&chain.link(101).unwrap(), &chain.commit(), 101));
    assert!(!verify::<Software>(&chain.commit(), &chain.commit(), 0));
}

#[test]
fn value_depends_on_reveal_and_slot() {
    let v = value::<Software>;
    assert_ne!(v(&[1; 32], &[2; 32]), v(&[2; 32], &[1; 32]));
    assert_ne!(v(&[1; 32], &[2; 32]), v(&[1; 32], &[3; 32]));
}

/// What an operator asks for: the reveal, if the chain is the one that the commit binds.
#[test]
fn an_opening_is_what_verify_accepts() {
    let (chain, other) = (HashChain::new(&SECRET, 300).unwrap(), HashChain::new(&[8; 32], 300).unwrap());
    for position in [1, 2, 49, 50, 51, 100, 101, 299, 300] {
        for distance in (1..=MAX_DISTANCE).filter(|distance| u32::from(*distance) <= position) {
            let commit = chain.link(position - u32::from(distance)).unwrap();
            let reveal = chain.opening(&commit, position, distance).unwrap();
            assert!(verify::<Software>(&reveal, &commit, distance));
            assert_eq!(other.opening(&commit, position, distance), None);
        }
    }
    let commit = chain.commit();
    // At no distance, too far, beyond the end, before the start.
    assert_eq!(chain.opening(&chain.link(5).unwrap(), 5, 0), None);
    assert_eq!(chain.opening(&commit, 101, 101), None);
    assert_eq!(chain.opening(&chain.link(300).unwrap(), 301, 1), None);
    assert_eq!(chain.opening(&commit, 3, 4), None);
}

/// The longest chain, against the plain one; and no round of it takes long, wherever it lies. 10 million hashes
/// take a second or two, once, when the keeper starts.
#[test]
fn ten_million_links() {
    let started = Instant::now();
    let chain = HashChain::new(&SECRET, MAX_LENGTH).unwrap();
    let made = started.elapsed();
    println!("{MAX_LENGTH} links in {made:?}");
    assert!(made < Duration::from_secs(30), "{made:?}");

    // Down from the secret, comparing at places around remembered links, at both ends and across.
    let mut link = Software::hashv(&[&SECRET]);
    let mut compared = 0;
    for position in (0..=MAX_LENGTH).rev() {
        let at_an_end = !(300..=MAX_LENGTH - 300).contains(&position);
        if at_an_end || position % 99_991 < 2 {
            assert_eq!(chain.link(position), Some(link), "{position}");
            compared += 1;
        }
        link = Software::hashv(&[&link]);
    }
    assert!(compared > 750);

    // Less than a twentieth of a millisecond each, while a chain of few remembered links would take seconds.
    let started = Instant::now();
    for i in 0..10_000u32 {
        let position = 1_000 + i * 997;
        let commit = chain.link(position - 100).unwrap();
        assert!(chain.opening(&commit, position, 100).is_some());
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// Files of earlier versions may hold longer chains: they cost more hashes, not more memory.
#[test]
fn a_longer_chain_still_opens() {
    let chain = HashChain::new(&SECRET, MAX_LENGTH + 1).unwrap();
    let first = Software::hashv(&[&SECRET]);
    assert_eq!(chain.link(MAX_LENGTH + 1), Some(first));
    assert_eq!(chain.link(MAX_LENGTH), Some(Software::hashv(&[&first])));
    assert_eq!(Software::hashv(&[&chain.link(1).unwrap()]), chain.commit());
}
