// Kind prediction: players bet against each other on what oracles will attest. Pools and odds move with each bet.

import { slip } from "./bet.js";
import { address, clock, count, every, money, percent, plural, span, token, units } from "./format.js";
import { el, fact, prizeBox, stakes, table } from "./parts.js";

export const name = "Market";
export const verb = "locks";
export const more = "Bet, rules and oracles";
/** Outcomes on a card; all of them are in the details. */
const SHOWN = 12;
const MODES = { pro_rata: "matched pro rata", parimutuel: "winners share" };
const REASONS = {
  no_quorum: "the oracles differ, and no answer can reach the quorum",
  grace_expired: "the oracles were silent for too long",
  paused: "the lottery was paused",
};

/** `×1.93`: what one unit gets back. */
export function payout(value) {
  if (value === null || value === undefined) return "–";
  return `×${value >= 100 ? count(Math.floor(value)) : value.toFixed(2)}`;
}

function rules(lottery) {
  return lottery.rules?.kind === "prediction" ? lottery.rules : null;
}

export function label(lottery, outcome) {
  return rules(lottery)?.outcomes[outcome]?.label ?? `outcome ${outcome}`;
}

export function game(lottery) {
  const mode = MODES[rules(lottery)?.mode];
  return mode ?? name;
}

function quorum(of) {
  return `${of.quorum} of ${of.reporter_count} oracles`;
}

/** One outcome, as a button that opens the bet slip. */
function button(lottery, round, pool) {
  const won = round.winning_outcome === pool.outcome;
  const share = Math.round(pool.share * 100);
  const bar = el("span", { class: "share", "aria-hidden": "true" });
  bar.style.setProperty("--part", pool.share.toFixed(3));
  return el("button", { class: `outcome${won ? " won" : ""}`, type: "button", "data-outcome": pool.outcome, "data-lottery": lottery.id,
    "aria-label": `Bet on ${pool.label} in ${lottery.name}: pays ${payout(pool.payout)} now, ${share} % of the stakes` },
  bar, el("strong", {}, pool.label), el("span", { class: "pays" }, payout(pool.payout)),
  el("span", { class: "staked" }, units(pool.stake_units, lottery.decimals)));
}

/** The stakes of a round, and a button for each outcome. */
export function prize(lottery, round) {
  const pools = round?.pools ?? [];
  const parts = round ? `${plural(round.entered_count, "bet", "bets")}, stake ${stakes(lottery)}` : "";
  const box = prizeBox("Staked", units(round?.entered_units ?? 0, lottery.decimals), token(lottery.mint), parts);
  if (pools.length === 0) return box;
  // Of many outcomes those with the most money, in their order.
  const most = [...pools].sort((a, b) => b.share - a.share || a.outcome - b.outcome).slice(0, SHOWN);
  const shown = pools.length > SHOWN ? most.sort((a, b) => a.outcome - b.outcome) : pools;
  const grid = el("div", { class: "outcomes", role: "group", "aria-label": "Outcomes" }, ...shown.map((pool) => button(lottery, round, pool)));
  box.append(grid);
  if (pools.length > SHOWN) box.append(el("p", { class: "prize-parts" }, `and ${pools.length - SHOWN} more outcomes`));
  return box;
}

export function cost(lottery) {
  return rules(lottery) ? `${quorum(rules(lottery).oracles)} decide` : "";
}

/** What the clock on a card says after the lock. */
export function waits(round, now) {
  if (round.status !== "open") return round.status === "valued" ? "decided" : round.status;
  const left = (round.event_at ?? 0) - now;
  return left > 0 ? `event in ${span(Math.ceil(left))}` : "waiting for oracles";
}

/** Who said what: `7 by 3Afk…`. */
function said(round) {
  const all = round.attestations ?? [];
  return all.map((given) => {
    // Nobody is right or wrong before a quorum agrees.
    const side = !round.facts ? "" : given.facts.join() === round.facts.join() ? " agrees" : " against";
    return el("span", { class: `said${side}`, title: `${given.reporter} at ${given.attested_at ? clock(given.attested_at) : "–"}, evidence ${given.evidence}` },
      el("strong", {}, given.facts.join(" ")), ` ${address(given.reporter)}`);
  });
}

function attested(round) {
  const count = round.attestations?.length ?? 0;
  return `${count} of ${round.reporter_count} attested, ${round.quorum} equal decide`;
}

/** The lines of a round that is locked and not over. */
function waiting(round, lottery) {
  const decided = round.status !== "open";
  const text = `Round ${count(round.index)} ${decided ? "is decided" : "waits for its oracles"}`;
  const line = el("p", { class: "last-line" }, el("span", {}, text), el("span", {}, decided ? "paying soon" : attested(round)));
  return [line, decided ? outcomeOf(round, lottery) : null, el("div", { class: "sayings", "aria-live": "polite" }, ...said(round))].filter(Boolean);
}

/** What became of a round that is over. */
function outcomeOf(round, lottery) {
  if (round.status === "void") {
    return el("p", { class: "verdict void" }, el("strong", {}, "void"), ` ${REASONS[round.void_reason] ?? round.void_reason}; every stake is refunded`);
  }
  const won = round.winning_outcome ?? round.result?.outcome;
  if (won === null || won === undefined) return el("p", { class: "verdict" }, round.status);
  const pool = round.pools?.[won];
  const one = pool && BigInt(pool.stake_units) > 0n ? "against it" : "on it";
  const paid = round.refund_all ? `nobody bet ${one}, stakes refunded` : pool?.payout ? `pays ${payout(pool.payout)}` : "";
  const facts = round.facts ? `${round.facts.join(" ")} → ` : "";
  return el("p", { class: "verdict" }, facts, el("strong", {}, label(lottery, won)), ` ${paid}`);
}

/** What is shown under the open round: the one that waits for its oracles, and the newest that is over. */
export function last(lottery, settled, ended, now) {
  const locked = lottery.live_rounds.filter((round) => round.status !== "open" || round.locks_at <= now);
  const next = locked.filter((round) => ["open", "valued", "drawn"].includes(round.status)).at(-1);
  const parts = next ? waiting(next, lottery) : [];
  const round = newest(lottery, ended);
  if (round && round.index !== next?.index) {
    parts.push(el("p", { class: "last-line" }, el("span", {}, `Round ${count(round.index)}`), payments(round)), outcomeOf(round, lottery),
      el("div", { class: "sayings" }, ...said(round)));
  }
  return parts.length > 0 ? parts : [el("p", { class: "last-line" }, "Nothing decided yet")];
}

function newest(lottery, ended) {
  const known = [ended, lottery.last_result].filter(Boolean);
  return known.sort((a, b) => b.index - a.index)[0] ?? null;
}

function payments(round) {
  if (round.status === "void" || round.refund_all) return el("span", {}, "stakes refunded");
  if (round.status !== "final") return el("span", {}, "paying soon");
  return el("span", { class: "win" }, plural(round.pools?.[round.winning_outcome]?.entries ?? 0, "winning bet", "winning bets"));
}

/** A result in the list of all lotteries. */
export function result(round, lottery) {
  return lottery ? outcomeOf(round, lottery) : el("span", { class: "muted" }, "decided");
}

/** How facts become an outcome, in words. */
function mapping(lottery) {
  const { mapping: how, outcomes } = rules(lottery);
  const sum = (places) => (how.fact_count === 1 ? "the number" : places.map((place) => `fact ${place + 1}`).join(" + "));
  if (how.kind === "compare") return `${sum(how.subject)} compared with ${sum(how.other)}`;
  if (how.kind === "parity") return `${sum(how.subject)}, from ${how.minimum} to ${how.maximum}: even or odd`;
  return `${sum(how.subject)}, from ${how.minimum} to ${how.maximum}: ${plural(outcomes.length, "outcome", "outcomes")}`;
}

function facts(lottery) {
  const of = rules(lottery);
  const config = lottery.config;
  return el("dl", { class: "facts" }, fact("Decided by", mapping(lottery)), fact("Money", MODES[of.mode] ?? of.mode),
    fact("Stake", stakes(lottery)), fact("Fee, of what losers lose", config ? percent(config.fee_bps) : "–"),
    fact("Locks", every(lottery.period_seconds)), fact("Event", `${span(of.event_delay_seconds)} after the lock`),
    fact("Quorum", `${quorum(of.oracles)}; ${of.oracles.blocking} can block`), fact("Account", address(lottery.address)));
}

/** What each reporter said of the newest rounds. */
function sayings(rounds) {
  const rows = rounds.filter((round) => round.attestations?.length > 0).slice(0, 3).flatMap((round) => round.attestations.map((given) => [
    `Round ${count(round.index)}`, el("span", { class: "mono", title: given.reporter }, address(given.reporter)), given.facts.join(" "),
    given.attested_at ? clock(given.attested_at) : "–", el("span", { class: "mono", title: given.evidence }, `${given.evidence.slice(0, 12)}…`),
    el("span", { class: "mono", title: given.signature }, address(given.signature))]));
  return table("Who said what", [["Round", null], ["Oracle", null], ["Facts", "right"], ["At", "right"], ["Evidence", "right"], ["Transaction", "right"]], rows);
}

export async function details(lottery, rounds, get, settled, chosen) {
  if (!rules(lottery)) return [el("p", { class: "muted" }, "The rules are not indexed yet.")];
  const history = rounds.map((round) => [`Round ${count(round.index)}`, round.status === "open" ? "open" : outcomeOf(round, lottery),
    count(round.entered_count), money(round.entered_units, lottery), money(round.matched_units ?? 0, lottery),
    round.status === "final" ? el("a", { href: `/api/lotteries/${lottery.id}/rounds/${round.index}/proof` }, "proof")
      : el("a", { href: `/api/lotteries/${lottery.id}/rounds/${round.index}/records` }, "records")]);
  const reporters = rules(lottery).oracles.reporters.map((reporter, i) => [String(i), el("span", { class: "mono" }, reporter)]);
  return [...slip(lottery, get, chosen), facts(lottery), sayings(rounds),
    table("Latest rounds", [["Round", null], ["Outcome", null], ["Bets", "right"], ["Staked", "right"], ["Matched", "right"], ["", "right"]], history),
    table("Oracles", [["Place", null], ["Address", null]], reporters)];
}
