source_filename = "math128.ll" ; the linker tells IR from other files by this first line

; The 128-bit libcalls that the upstream BPF backend emits, returning in registers as LLVM expects.
; Compiled Rust returns 128 bits through a pointer instead, so the arithmetic is in programs/lottery_v4/src/math128.rs
; and passes 64-bit halves. Only scripts/program links this file; Solana's platform tools need none of it.

declare void @lottery_mul128(ptr, i64, i64, i64, i64)
declare void @lottery_div128(ptr, i64, i64, i64, i64)
declare void @lottery_rem128(ptr, i64, i64, i64, i64)

define i128 @__multi3(i128 %a, i128 %b) {
  %out = alloca [16 x i8], align 8
  %a_lo = trunc i128 %a to i64
  %a_shifted = lshr i128 %a, 64
  %a_hi = trunc i128 %a_shifted to i64
  %b_lo = trunc i128 %b to i64
  %b_shifted = lshr i128 %b, 64
  %b_hi = trunc i128 %b_shifted to i64
  call void @lottery_mul128(ptr %out, i64 %a_lo, i64 %a_hi, i64 %b_lo, i64 %b_hi)
  %result = load i128, ptr %out, align 8
  ret i128 %result
}

define i128 @__udivti3(i128 %a, i128 %b) {
  %out = alloca [16 x i8], align 8
  %a_lo = trunc i128 %a to i64
  %a_shifted = lshr i128 %a, 64
  %a_hi = trunc i128 %a_shifted to i64
  %b_lo = trunc i128 %b to i64
  %b_shifted = lshr i128 %b, 64
  %b_hi = trunc i128 %b_shifted to i64
  call void @lottery_div128(ptr %out, i64 %a_lo, i64 %a_hi, i64 %b_lo, i64 %b_hi)
  %result = load i128, ptr %out, align 8
  ret i128 %result
}

define i128 @__umodti3(i128 %a, i128 %b) {
  %out = alloca [16 x i8], align 8
  %a_lo = trunc i128 %a to i64
  %a_shifted = lshr i128 %a, 64
  %a_hi = trunc i128 %a_shifted to i64
  %b_lo = trunc i128 %b to i64
  %b_shifted = lshr i128 %b, 64
  %b_hi = trunc i128 %b_shifted to i64
  call void @lottery_rem128(ptr %out, i64 %a_lo, i64 %a_hi, i64 %b_lo, i64 %b_hi)
  %result = load i128, ptr %out, align 8
  ret i128 %result
}
