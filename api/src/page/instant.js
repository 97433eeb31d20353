// Kind instant: every ticket has an outcome of its own, shown as a scratched ticket.

import { address, count, every, money, multiple, percent, rtp } from "./format.js";
import { el, fact, houseFacts, houseRow, prizeBox, source, stakes, table } from "./parts.js";

export const name = "Instant";
export const verb = "reveals";
const TICKETS = 6;

export function game(lottery) {
  return lottery.rules?.win_odds ? `wins ${lottery.rules.win_odds.text}` : name;
}

export function prize(lottery) {
  const rules = lottery.rules;
  const parts = rules ? `RTP ${rtp(rules.rtp.percent)}, stake ${stakes(lottery)}` : "";
  return prizeBox("Win up to", multiple(rules?.prizes[0]?.multiplier_bps ?? 0), "your stake", parts);
}

export function cost(lottery, round) {
  return `${money(round.entered_units, lottery)} staked`;
}

/** A ticket whose field is rubbed off. */
function ticket(entry, lottery) {
  const won = entry.multiplier_bps > 0;
  const said = won ? `won ${money(entry.prize_units, lottery)}` : "no win";
  const node = el("div", { class: `scratch${won ? " won" : ""}${entry.fresh ? " fresh" : ""}`, role: "img",
    "aria-label": `${address(entry.owner || entry.wallet)}, ${said}` },
  el("strong", {}, won ? multiple(entry.multiplier_bps) : "–"), el("span", {}, won ? money(entry.prize_units, lottery) : "no win"));
  return node;
}

export function last(lottery, settled) {
  if (settled.length === 0) return [el("p", { class: "last-line" }, "No ticket yet")];
  const round = settled[0].round_index;
  const shown = settled.slice(0, TICKETS);
  const key = shown.map((entry) => `${entry.round_index}/${entry.page_sequence}/${entry.index}`).join(" ");
  return [el("p", { class: "last-line" }, el("span", {}, "Latest tickets"), el("span", {}, `round ${count(round)}`)),
    el("div", { class: "tickets", "data-key": key }, ...shown.map((entry) => ticket(entry, lottery)))];
}

export function result(round, lottery, settled) {
  const own = settled.filter((entry) => entry.round_index === round.index).slice(0, 3);
  if (own.length === 0 || !lottery) return el("span", { class: "muted" }, "no ticket");
  return el("div", { class: "tickets" }, ...own.map((entry) => ticket({ ...entry, fresh: false }, lottery)));
}

export async function details(lottery, rounds, get, settled) {
  const config = lottery.config;
  const rules = lottery.rules;
  const facts = el("dl", { class: "facts" }, fact("Game", "each ticket has its own outcome"), fact("RTP", rules ? rtp(rules.rtp.percent) : "–"),
    fact("Wins", rules?.win_odds?.text ?? "–"), ...houseFacts(lottery), fact("Fee", config ? percent(config.fee_bps) : "–"),
    fact("Rounds", every(lottery.period_seconds)), fact("Randomness", source(config)),
    fact("Account", address(lottery.address)));
  const prizes = (rules?.prizes ?? []).map((row) => [row.multiplier_bps > 0 ? multiple(row.multiplier_bps) : "no win",
    row.odds?.text ?? "–", `${((row.parts / 2 ** 32) * 100).toPrecision(3)} %`]);
  const wins = settled.filter((entry) => entry.multiplier_bps > 0).map((entry) => [`Round ${count(entry.round_index)}`,
    el("span", { class: "mono" }, address(entry.owner || entry.wallet)), money(entry.stake_units, lottery),
    multiple(entry.multiplier_bps), money(entry.prize_units, lottery)]);
  const history = rounds.map((round) => [`Round ${count(round.index)}`, ...houseRow(round, lottery)]);
  return [facts, table("Prizes with their exact chances", [["Prize", null], ["Odds", "right"], ["Chance", "right"]], prizes),
    table("Latest wins", [["Round", null], ["Player", null], ["Stake", "right"], ["Prize", "right"], ["Won", "right"]], wins),
    table("Latest rounds", [["Round", null], ["Tickets", "right"], ["Staked", "right"], ["Prizes", "right"]], history)];
}
