// Kind keno: 20 of 80 numbers, one to ten spots, prizes that are multiples of the stake.

import { address, count, every, money, multiple, percent, rtp } from "./format.js";
import { el, fact, houseFacts, houseRow, prizeBox, source, stakes, table, winners } from "./parts.js";

export const name = "Keno";
export const verb = "draws";
const NUMBERS = 80;

export function game() {
  return "20 of 80";
}

function rows(lottery) {
  return lottery.rules?.spots ?? [];
}

export function prize(lottery) {
  const all = rows(lottery);
  const top = Math.max(0, ...all.flatMap((row) => row.prizes.map((prize) => prize.multiplier_bps)));
  const returns = all.map((row) => row.rtp.percent);
  const [low, high] = [Math.min(...returns), Math.max(...returns)];
  const back = low === high ? rtp(low) : `${rtp(low)} – ${rtp(high)}`;
  const parts = all.length > 0 ? `RTP ${back}, stake ${stakes(lottery)}` : "";
  return prizeBox("Win up to", multiple(top), "your stake", parts);
}

export function cost(lottery, round) {
  return `${money(round.entered_units, lottery)} staked`;
}

/** All 80 numbers, the drawn ones marked. */
export function grid(numbers, small = false) {
  const drawn = new Set(numbers);
  const board = el("div", { class: `keno${small ? " small" : ""}`, role: "img", "data-key": numbers.join(" "),
    "aria-label": numbers.length > 0 ? `Drawn: ${numbers.join(", ")}` : "Nothing drawn yet" });
  let place = 0;
  for (let number = 1; number <= NUMBERS; number += 1) {
    const hit = drawn.has(number);
    const cell = el("span", { class: hit ? "hit" : null }, String(number));
    // The drawn numbers light up one after the other.
    if (hit) cell.style.setProperty("--place", String(place++));
    board.append(cell);
  }
  return board;
}

export function last(lottery) {
  const round = lottery.last_result;
  const drew = Boolean(round?.result);
  const line = drew ? [el("span", {}, `Round ${count(round.index)} drew`), winners(round)] : ["No draw yet"];
  return [el("p", { class: "last-line" }, ...line), grid(drew ? round.result.numbers : [])];
}

export function result(round) {
  return grid(round.result?.numbers ?? [], true);
}

/** Prizes with their chances, for one number of spots. */
function paytable(row, lottery, open) {
  const prizes = row.prizes.map((prize) => [`${prize.matches} of ${row.spots}`, multiple(prize.multiplier_bps), prize.odds?.text ?? "–"]);
  const summary = el("summary", {}, el("strong", {}, `${row.spots} ${row.spots === 1 ? "spot" : "spots"}`),
    el("span", {}, `RTP ${rtp(row.rtp.percent)}`), el("span", {}, row.win_odds ? `wins ${row.win_odds.text}` : ""),
    el("span", {}, `stake up to ${money(row.max_stake_units, lottery)}`));
  return el("details", { class: "spots", open: open ? "" : null }, summary,
    table(null, [["Match", null], ["Prize", "right"], ["Odds", "right"]], prizes));
}

export async function details(lottery, rounds) {
  const config = lottery.config;
  const facts = el("dl", { class: "facts" }, fact("Game", "1 to 10 spots, 20 of 80 drawn"), ...houseFacts(lottery),
    fact("Fee", config ? percent(config.fee_bps) : "–"), fact("Draws", every(lottery.period_seconds)),
    fact("Randomness", source(config)), fact("Account", address(lottery.address)));
  const spots = rows(lottery).map((row, i, all) => paytable(row, lottery, i === Math.floor(all.length / 2)));
  const history = rounds.map((round) => [`Round ${count(round.index)}`, el("span", { class: "mono" }, round.result?.numbers.join(" ") ?? "–"),
    ...houseRow(round, lottery)]);
  return [facts, el("section", {}, el("h3", {}, "Paytable, exact odds and RTP"), ...spots),
    table("Latest rounds", [["Round", null], ["Drawn", null], ["Tickets", "right"], ["Staked", "right"], ["Prizes", "right"]], history)];
}
