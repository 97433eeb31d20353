use lottery_rules::commit_reveal::{CHECKPOINTS, HashChain, MAX_DISTANCE, value, verify};
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
    let c = CHECKPOINTS as u32;
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
