// The bet slip: what a stake would get back now, the transaction that places it, and a player's own bets. It asks for an address, never
// for a key: a wallet signs.

import { count, token } from "./format.js";
import { el, table } from "./parts.js";

const BPS = 10000n;

/**
 * What a stake gets back if its outcome comes true and nobody bets after it: `stake + floor(stake * (matched - fee) / winning)`, with the
 * stake in the pool. Base units, as BigInt.
 */
export function returns(mode, pools, outcome, stake, feeBps) {
  const winning = pools[outcome] + stake;
  const lost = pools.reduce((sum, pool, i) => (i === outcome ? sum : sum + pool), 0n);
  if (winning === 0n || lost === 0n) return stake;
  const matched = mode === "pro_rata" && winning < lost ? winning : lost;
  const fee = (matched * BigInt(feeBps)) / BPS;
  return stake + (stake * (matched - fee)) / winning;
}

/** Whole tokens as base units; null when it is no amount. */
export function parse(text, decimals) {
  const match = /^(\d{1,20})(?:[.,](\d*))?$/.exec(text.trim());
  if (!match || (match[2] ?? "").length > decimals) return null;
  return BigInt(match[1]) * 10n ** BigInt(decimals) + BigInt((match[2] ?? "").padEnd(decimals, "0") || 0);
}

/** Base units as a person types them. */
function typed(value, decimals) {
  const scale = 10n ** BigInt(decimals);
  const part = (BigInt(value) % scale).toString().padStart(decimals, "0").replace(/0+$/, "");
  return `${BigInt(value) / scale}${part ? `.${part}` : ""}`;
}

/** To the last unit: what a bet gets back is not rounded for show. */
function exact(value, lottery) {
  return `${typed(value, lottery.decimals)} ${token(lottery.mint)}`;
}

function field(id, text, input) {
  return el("div", { class: "field" }, el("label", { for: id }, text), input);
}

/** The round that takes bets now. */
function open(lottery) {
  return lottery.live_rounds.filter((round) => round.status === "open" && round.locks_at > Date.now() / 1000).at(-1) ?? null;
}

/** `get`: reads below the lottery's path. `chosen`: the outcome that was clicked. */
export function slip(lottery, get, chosen) {
  const round = open(lottery);
  const outcome = el("select", { id: "bet-outcome" }, ...lottery.rules.outcomes.map((o) =>
    el("option", { value: o.outcome, selected: o.outcome === chosen ? "" : null }, o.label)));
  const stake = el("input", { id: "bet-stake", inputmode: "decimal", autocomplete: "off", value: typed(lottery.min_stake_units, lottery.decimals) });
  const owner = el("input", { id: "bet-owner", class: "mono", autocomplete: "off", spellcheck: "false", placeholder: "your wallet's address", value: localStorage.getItem("owner") ?? "" });
  const back = el("p", { class: "returns", role: "status" });
  const answer = el("div", { class: "answer", role: "status" });
  const mine = el("div", { class: "mine" });
  const show = () => { back.textContent = foretell(lottery, round, Number(outcome.value), stake.value); };
  for (const input of [outcome, stake]) input.addEventListener("input", show);
  const place = el("button", { class: "main-button", type: "button", disabled: round ? null : "" }, "Prepare the transaction");
  place.addEventListener("click", () => prepare(lottery, Number(outcome.value), stake.value, owner.value.trim(), answer));
  const look = el("button", { class: "text-button", type: "button" }, "Show my bets");
  look.addEventListener("click", () => own(lottery, owner.value.trim(), mine));
  show();
  // Other bets move it while the slip is open.
  const timer = setInterval(() => (back.isConnected ? show() : clearInterval(timer)), 1000);
  if (owner.value) own(lottery, owner.value, mine);
  const head = round ? `Bet in round ${count(round.index)}` : "No round takes bets at the moment";
  return [el("section", { class: "slip" }, el("h3", {}, head),
    el("div", { class: "fields" }, field("bet-outcome", "Outcome", outcome), field("bet-stake", `Stake in ${token(lottery.mint)}`, stake),
      field("bet-owner", "Wallet", owner)), back, el("div", { class: "actions" }, place, look), answer, mine)];
}

function foretell(lottery, round, outcome, text) {
  const amount = parse(text, lottery.decimals);
  if (amount === null) return "The stake is an amount such as 0.5.";
  const [least, most] = [BigInt(lottery.min_stake_units), BigInt(lottery.max_stake_units)];
  if (amount < least || amount > most) return `A stake is ${typed(least, lottery.decimals)} to ${exact(most, lottery)}.`;
  if (!round?.pools) return "";
  const pools = round.pools.map((pool) => BigInt(pool.stake_units));
  const all = returns(lottery.rules.mode, pools, outcome, amount, lottery.config?.fee_bps ?? 0);
  if (all === amount) return "Nobody has bet against it yet: if that stays so, the stake comes back.";
  return `If “${lottery.rules.outcomes[outcome].label}” comes true and nobody bets after you, you get ${exact(all, lottery)} back. Later bets move this.`;
}

async function call(path, body) {
  const response = await fetch(path, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const json = await response.json();
  if (!response.ok) throw new Error(json.detail);
  return json;
}

/** Asks for the unsigned transaction, and says what it does. */
async function prepare(lottery, outcome, text, owner, answer) {
  const amount = parse(text, lottery.decimals);
  if (amount === null) return answer.replaceChildren("The stake is an amount such as 0.5.");
  localStorage.setItem("owner", owner);
  try {
    const body = { owner, lottery_id: lottery.id, tickets: [{ outcome, stake_units: amount.toString() }] };
    const built = await call("/api/transactions/enter", body);
    const text = el("textarea", { class: "mono", readonly: "", rows: "3", "aria-label": "Unsigned transaction, base64" });
    text.value = built.transaction;
    text.addEventListener("focus", () => text.select());
    answer.replaceChildren(el("p", {}, built.summary), el("p", { class: "muted" },
      "Sign this transaction with your wallet, and send it to /api/transactions/submit or any cluster endpoint within a minute:"), text);
  } catch (error) {
    answer.replaceChildren(el("p", { class: "refused" }, error.message));
  }
}

/** What a player's bets in this lottery got back. */
async function own(lottery, owner, mine) {
  localStorage.setItem("owner", owner);
  try {
    const { items } = await call(`/api/wallets/${encodeURIComponent(owner)}/entries?lottery_id=${lottery.id}&limit=20`);
    if (items.length === 0) return mine.replaceChildren(el("p", { class: "muted" }, "No bets of this wallet here."));
    const rows = items.map((entry) => [`Round ${count(entry.round_index)}`, entry.label ?? "–", exact(entry.stake_units, lottery), fate(entry),
      entry.prize_units === null ? "–" : exact(entry.prize_units, lottery)]);
    mine.replaceChildren(table("My bets", [["Round", null], ["On", null], ["Stake", "right"], ["", "right"], ["Back", "right"]], rows));
  } catch (error) {
    mine.replaceChildren(el("p", { class: "refused" }, error.message));
  }
}

function fate(entry) {
  if (entry.round_status === "void") return entry.refunded ? "refunded" : "refund due";
  if (entry.round_status !== "final") return "running";
  if (entry.tier === 1) return entry.paid ? "won, paid" : "won";
  if (entry.tier === 2) return "lost, the unmatched part back";
  return entry.refunded || entry.prize_units === entry.stake_units ? "refunded" : "lost";
}
