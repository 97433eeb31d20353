mod common;

use common::{chi_square, even, limit, stream};
use lottery_rules::hash::{Sha256, Software};
use lottery_rules::seed::{self, Domain, Stream};

#[test]
fn software_hash_joins_its_parts() {
    // FIPS 180-4's example "abc".
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex::encode(Software::hashv(&[b"abc"])), expected);
    assert_eq!(hex::encode(Software::hashv(&[b"a", b"", b"bc"])), expected);
}

#[test]
fn every_digest_depends_on_every_field() {
    let (a, b, c) = ([1; 32], [2; 32], [3; 32]);
    let round = seed::round_seed::<Software>;
    let page = seed::page_digest::<Software>;
    let fold = seed::fold_page::<Software>;
    let head = seed::history_head::<Software>;
    let all = [
        round(&a, &b, &c),
        round(&b, &a, &c),
        round(&a, &c, &b),
        page(&a, &[0; 64]),
        page(&b, &[0; 64]),
        page(&a, &[0; 128]),
        fold(&a, &b, 0, 1),
        fold(&b, &a, 0, 1),
        fold(&a, &b, 1, 0),
        fold(&a, &b, 1, 1),
        head(&a, 1, &b, &c),
        head(&a, 2, &b, &c),
        head(&a, 1, &c, &b),
        head(&b, 1, &b, &c),
    ];
    for (i, x) in all.iter().enumerate() {
        for y in &all[i + 1..] {
            assert_ne!(x, y);
        }
    }
}

#[test]
fn stream_is_sha256_in_counter_mode() {
    let seed = [7; 32];
    let mut stream = Stream::<Software>::new(&seed, Domain::Keno);
    for block in 0u32..5 {
        let expected = Software::hashv(&[&seed, &[3], &block.to_le_bytes()]);
        for byte in expected {
            assert_eq!(stream.next_u8(), byte);
        }
    }
}

#[test]
fn u64_takes_eight_bytes_across_blocks() {
    let (mut bytes, mut words) = (stream(1), stream(1));
    // 3 + 8 * 7 = 59 bytes: the fourth word spans two blocks.
    for _ in 0..3 {
        assert_eq!(bytes.next_u8(), words.next_u8());
    }
    for _ in 0..7 {
        let expected = u64::from_le_bytes(core::array::from_fn(|_| bytes.next_u8()));
        assert_eq!(words.next_u64(), expected);
    }
}

#[test]
fn domains_and_seeds_give_different_streams() {
    use Domain::*;
    let mut firsts = Vec::new();
    for seed in [[0; 32], [1; 32]] {
        for domain in [Draw, QuickPick, Keno, Instant, Raffle] {
            firsts.push(Stream::<Software>::new(&seed, domain).next_u64());
        }
    }
    firsts.sort();
    firsts.dedup();
    assert_eq!(firsts.len(), 10);
}

#[test]
fn below_follows_the_rejection_rule() {
    for n in 1..=256u16 {
        let (mut bytes, mut numbers) = (stream(2), stream(2));
        for _ in 0..50 {
            let expected = loop {
                let byte = bytes.next_u8() as u16;
                if byte < 256 - 256 % n {
                    break byte % n;
                }
            };
            assert_eq!(numbers.below(n) as u16, expected);
        }
    }
}

#[test]
fn below_is_even() {
    for n in [2, 3, 5, 6, 26, 49, 69, 80, 100, 127, 128, 129, 200, 255, 256] {
        let mut stream = stream(3);
        let mut counts = vec![0; n as usize];
        for _ in 0..2_000 * n as u64 {
            counts[stream.below(n) as usize] += 1;
        }
        assert!(even(&counts), "below({n}): {} of {}", chi_square(&counts), limit(n as usize - 1));
    }
}

/// The same test must catch a plain remainder, or it proves nothing.
#[test]
fn a_plain_remainder_is_caught() {
    for n in [26, 49, 69, 100, 200u16] {
        let mut stream = stream(3);
        let mut counts = vec![0; n as usize];
        for _ in 0..2_000 * n as u64 {
            counts[(stream.next_u8() as u16 % n) as usize] += 1;
        }
        assert!(!even(&counts), "{n}");
    }
}

#[test]
fn below_takes_strange_limits_as_the_nearest_good_one() {
    assert_eq!(stream(4).below(0), 0);
    assert_eq!(stream(4).below(1), 0);
    assert_eq!(stream(4).below(300), stream(4).below(256));
    assert_eq!(stream(4).below_u64(0), 0);
    assert_eq!(stream(4).below_u64(1), 0);
}

#[test]
fn below_u64_is_even() {
    for n in [3u64, 10, 1_000] {
        let mut stream = stream(5);
        let mut counts = vec![0; n as usize];
        for _ in 0..500 * n {
            counts[stream.below_u64(n) as usize] += 1;
        }
        assert!(even(&counts), "{n}");
    }
}

/// Just above half of the range nearly every second word is rejected: halves of the result must still be even.
#[test]
fn below_u64_rejects_near_the_top() {
    for n in [(1 << 63) + 1, u64::MAX / 3 * 2, u64::MAX] {
        let mut stream = stream(6);
        let mut counts = [0; 4];
        for _ in 0..20_000 {
            let x = stream.below_u64(n);
            assert!(x < n);
            counts[(x as u128 * 4 / n as u128) as usize] += 1;
        }
        assert!(even(&counts), "{n}: {counts:?}");
    }
}
