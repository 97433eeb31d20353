//! Numbers modulo the prime of BN254's coordinates, for hashing to its curve.
//!
//! Nine limbs of 29 bits: a product of two limbs has 58 bits and nine of them fit a 64-bit column, so that multiplying
//! carries once a column. The chain's machine has no wide multiplication, and this is most of what verifying costs.
//! Values are kept below a small multiple of the prime and brought into range only where their bytes matter.

/// Bits of a limb.
const BITS: u32 = 29;
const LIMBS: usize = 9;
const MASK: u64 = (1 << BITS) - 1;

/// The prime, big-endian.
pub const P_BYTES: [u8; 32] = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, 0x97,
    0x81, 0x6a, 0x91, 0x68, 0x71, 0xca, 0x8d, 0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47,
];

const P: [u64; LIMBS] =
    [0x187cfd47, 0x10460b6, 0x1c72a34f, 0x2d522d0, 0x1585d978, 0x2db40c0, 0xa6e141, 0xe5c2634, 0x30644e];
/// `-1 / P` modulo 2^29.
const P_INVERSE: u64 = 0x4866389;

/// A number below a small multiple of the prime, little-endian limbs. "In Montgomery form" it stands for itself divided by
/// `R = 2^261`.
#[derive(Clone, Copy, Debug)]
pub struct Field([u64; LIMBS]);

impl Field {
    /// 1, not in Montgomery form.
    pub const UNIT: Self = Self([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    /// 1 in Montgomery form.
    pub const ONE: Self = Self([
        0x157ccc21, 0x141c2758, 0x185230d3, 0x14c0419, 0xaa36fb9, 0x1d4240ce, 0x11d54c07, 0x52ac7a8, 0xdc836,
    ]);
    /// `R^2`: multiplying by it brings into Montgomery form.
    pub const R2: Self = Self([
        0x59bac10, 0xd1503a3, 0x18016b8, 0x10ab0ca8, 0x2632639, 0x2c0169f, 0x169bfd53, 0x11869d4c, 0x2a11a6,
    ]);
    /// `2^256 * R^2`: the same for the part of a number above 256 bits.
    pub const HIGH_R2: Self = Self([
        0xff8e86a, 0x7c648f0, 0xd256c51, 0xe144bb5, 0xfe5cb16, 0xe4726c0, 0x7f5c538, 0xf6c68cc, 0x43c5b,
    ]);
    /// `8 P` with every limb but the last above 2^30, so that a normal number can be subtracted limb by limb.
    const P8: [u64; LIMBS] = [
        0x43e7ea38, 0x482305b4, 0x43951a76, 0x56a91685, 0x4c2ecbbe, 0x56da0603, 0x45370a06, 0x52e1319e,
        0x1832271,
    ];

    /// A number from its limbs.
    pub const fn new(limbs: [u64; LIMBS]) -> Self {
        Self(limbs)
    }

    /// 32 bytes, big-endian; any value below 2^256.
    #[inline(always)]
    pub fn from_be(bytes: &[u8; 32]) -> Self {
        let word = |at: usize| u64::from_be_bytes(core::array::from_fn(|i| bytes[at + i]));
        let (w3, w2, w1, w0) = (word(0), word(8), word(16), word(24));
        Self([
            w0 & MASK,
            (w0 >> 29) & MASK,
            (w0 >> 58 | w1 << 6) & MASK,
            (w1 >> 23) & MASK,
            (w1 >> 52 | w2 << 12) & MASK,
            (w2 >> 17) & MASK,
            (w2 >> 46 | w3 << 18) & MASK,
            (w3 >> 11) & MASK,
            w3 >> 40,
        ])
    }

    /// The number's bytes, big-endian, below the prime.
    #[inline(always)]
    pub fn to_be(self) -> [u8; 32] {
        let l = self.canonical().0;
        let words = [
            l[6] >> 18 | l[7] << 11 | l[8] << 40,
            l[4] >> 12 | l[5] << 17 | l[6] << 46,
            l[2] >> 6 | l[3] << 23 | l[4] << 52,
            l[0] | l[1] << 29 | l[2] << 58,
        ];
        let mut bytes = [0; 32];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// `a * b / R` below `2 P`, limbs normal. The product must be below `169 P^2`, limbs below 2^30.
    #[inline(never)]
    pub fn mul(&self, other: &Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        let mut m = [0u64; LIMBS];
        let mut out = [0u64; LIMBS];
        let mut column = 0u64;
        for k in 0..LIMBS {
            for i in 0..=k {
                column = column.wrapping_add(a[i].wrapping_mul(b[k - i]));
            }
            for i in 0..k {
                column = column.wrapping_add(m[i].wrapping_mul(P[k - i]));
            }
            m[k] = column.wrapping_mul(P_INVERSE) & MASK;
            column = column.wrapping_add(m[k].wrapping_mul(P[0])) >> BITS;
        }
        for k in LIMBS..2 * LIMBS - 1 {
            for i in k - (LIMBS - 1)..LIMBS {
                column = column.wrapping_add(a[i].wrapping_mul(b[k - i]));
                column = column.wrapping_add(m[i].wrapping_mul(P[k - i]));
            }
            out[k - LIMBS] = column & MASK;
            column >>= BITS;
        }
        out[LIMBS - 1] = column;
        Self(out)
    }

    /// The sum, limbs normal.
    #[inline(always)]
    pub fn add(&self, other: &Self) -> Self {
        let mut out = self.0;
        for (limb, more) in out.iter_mut().zip(other.0) {
            *limb = limb.wrapping_add(more);
        }
        Self(out).normal()
    }

    /// `self - other + 8 P`, limbs normal. `other` is normal and below `8 P`.
    #[inline(always)]
    pub fn sub(&self, other: &Self) -> Self {
        let mut out = self.0;
        for ((limb, less), p8) in out.iter_mut().zip(other.0).zip(Self::P8) {
            *limb = limb.wrapping_add(p8).wrapping_sub(less);
        }
        Self(out).normal()
    }

    /// Carries, so that every limb but the last has 29 bits.
    #[inline(always)]
    fn normal(self) -> Self {
        let mut out = self.0;
        let mut carry = 0;
        for limb in &mut out[..LIMBS - 1] {
            let sum = limb.wrapping_add(carry);
            *limb = sum & MASK;
            carry = sum >> BITS;
        }
        out[LIMBS - 1] = out[LIMBS - 1].wrapping_add(carry);
        Self(out)
    }

    /// The same number below the prime. `self` is normal.
    #[inline(never)]
    pub fn canonical(self) -> Self {
        let mut out = self.0;
        // The last limb tells about how often the prime fits: 22 bits against a prime of 22 bits there. It may be one short.
        let times = out[LIMBS - 1] / (P[LIMBS - 1] + 1);
        out = subtract(&out, times).0;
        let (less, borrowed) = subtract(&out, 1);
        Self(if borrowed { out } else { less })
    }

    /// Whether it stands for 0, in whichever form.
    pub fn is_zero(self) -> bool {
        self.canonical().0 == [0; LIMBS]
    }

    /// Whether it is 1, not in Montgomery form.
    pub fn is_unit(self) -> bool {
        self.canonical().0 == Self::UNIT.0
    }

    /// `self^exponent` in Montgomery form, the exponent big-endian.
    pub fn pow(&self, exponent: &[u8; 32]) -> Self {
        let mut power = Self::ONE;
        for byte in exponent {
            for bit in (0..8).rev() {
                power = power.mul(&power);
                if byte >> bit & 1 == 1 {
                    power = power.mul(self);
                }
            }
        }
        power
    }
}

/// `a - times * P`, and whether that is below zero.
#[inline(always)]
fn subtract(a: &[u64; LIMBS], times: u64) -> ([u64; LIMBS], bool) {
    let mut out = [0; LIMBS];
    let mut borrow = 0u64;
    for ((out, limb), p) in out.iter_mut().zip(a).zip(P) {
        // Both sides stay far below 2^63: the sign bit tells.
        let difference = limb.wrapping_sub(p.wrapping_mul(times)).wrapping_sub(borrow);
        *out = difference & MASK;
        borrow = (difference >> BITS).wrapping_neg() & ((1 << (64 - BITS)) - 1);
    }
    (out, borrow != 0)
}
