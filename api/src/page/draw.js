// Kind draw: k of n numbers, prizes by tier, perhaps a jackpot.

import { address, count, every, money, percent, token, units } from "./format.js";
import { balls, el, fact, prizeBox, source, table, winners } from "./parts.js";

export const name = "Draw";
export const verb = "draws";

/** `6 of 49`, `5 of 69 + 1 of 26`. */
export function game(lottery) {
  const config = lottery.config;
  if (!config?.picks) return name;
  const bonus = config.bonus_numbers ? ` + 1 of ${config.bonus_numbers}` : "";
  return `${config.picks} of ${config.numbers}${bonus}`;
}

export function prize(lottery, round) {
  const jackpot = BigInt(lottery.jackpot_units ?? 0);
  const pool = BigInt(round?.entered_units ?? 0);
  const label = lottery.rollover ? "Jackpot and pool" : "Prize pool";
  const parts = lottery.rollover ? `${money(jackpot, lottery)} rolled over, ${money(pool, lottery)} this round` : "";
  return prizeBox(label, units(jackpot + pool, lottery.decimals), token(lottery.mint), parts);
}

/** What a ticket costs. */
export function cost(lottery, round) {
  return `${money(round.stake_units, lottery)} a ticket`;
}

/** The newest result, on the card. */
export function last(lottery) {
  const round = lottery.last_result;
  if (!round?.result) return [el("p", { class: "last-line" }, "No draw yet")];
  return [el("p", { class: "last-line" }, el("span", {}, `Round ${count(round.index)} drew`), winners(round)), balls(round.result)];
}

/** A result in the list of all lotteries. */
export function result(round) {
  return balls(round.result, true);
}

/** Rules, odds and latest rounds. */
export async function details(lottery, rounds, get) {
  const newest = rounds.find((round) => round.status === "final" && round.result);
  const round = newest ? await get(`/rounds/${newest.index}`) : null;
  const config = lottery.config;
  const tiers = round?.tiers?.length ? round.tiers : config?.tiers ?? [];
  const won = Boolean(round?.tiers?.length) && round.status === "final";
  const facts = el("dl", { class: "facts" }, fact("Game", game(lottery)), fact("Ticket", config ? money(config.stake_units, lottery) : "–"),
    fact("Fee", config ? percent(config.fee_bps) : "–"), fact("Draws", every(lottery.period_seconds)),
    fact("Randomness", source(config)), fact("Account", address(lottery.address)));
  const heads = [["Match", null], ["Odds", "right"], ["Share of pool", "right"]];
  if (won) heads.push(["Winners", "right"], ["Prize each", "right"]);
  const rows = tiers.map((tier) => {
    const match = tier.matches + (tier.bonus ? " + bonus" : "");
    const row = [tier.tier === 1 && lottery.rollover ? `${match} (jackpot)` : match, tier.odds?.text ?? "–", percent(tier.share_bps)];
    const each = tier.winners > 0 ? money(tier.prize_each_units, lottery) : "–";
    return won ? [...row, count(tier.winners), each] : row;
  });
  const caption = won ? `Odds, and prizes of round ${count(round.index)}` : "Odds and prizes";
  const history = rounds.map((r) => [`Round ${count(r.index)}`, r.result ? balls(r.result, true) : r.status,
    count(r.entered_count), money(r.entered_units, lottery), r.result ? winners(r) : "–"]);
  return [facts, table(caption, heads, rows),
    table("Latest rounds", [["Round", null], ["Result", null], ["Tickets", "right"], ["Pool", "right"], ["Winners", "right"]], history)];
}
