// Parts of cards and tables that every kind of game uses. Text goes in as text, never as markup.

import { clock, count, money, plural, token, units } from "./format.js";

/** `el("p", {class: "muted"}, "text", child)` */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function balls(result, small = false) {
  const size = small ? " small" : "";
  const spoken = result.numbers.join(", ") + (result.bonus ? `, bonus ${result.bonus}` : "");
  const row = el("div", { class: "balls", role: "img", "aria-label": `Numbers ${spoken}` });
  if (result.numbers.length === 0) {
    row.append(el("span", { class: "mono muted" }, result.data ? `${result.data.slice(0, 16)}…` : "–"));
  }
  for (const number of result.numbers) row.append(el("span", { class: `ball${size}` }, String(number)));
  if (result.bonus) {
    row.append(el("span", { class: "plus" }, "+"), el("span", { class: `ball bonus${size}` }, String(result.bonus)));
  }
  return row;
}

/** When a round of the lottery's beacon is signed. */
function signedAt(how, config) {
  if (how.signed_at) return how.signed_at;
  if (!config?.genesis_at || !how.beacon_round) return null;
  return config.genesis_at + (how.beacon_round - 1) * config.beacon_period_seconds;
}

/** What decides a round, before and after it does: `drand round 123 at 12:00:03`, `commit-reveal, slot 456`. */
export function decidedBy(round, lottery) {
  const config = lottery?.config?.randomness;
  const how = round?.randomness ?? config;
  if (how?.source === "beacon") {
    const at = signedAt(how, config);
    if (!at) return "decided by drand";
    return `decided by drand round ${how.beacon_round.toLocaleString("en")} at ${clock(at)}`;
  }
  if (how?.source === "commit_reveal") return how.target_slot ? `commit-reveal, slot ${how.target_slot.toLocaleString("en")}` : "commit-reveal";
  if (how?.source === "oracle") {
    if (!round?.event_at) return "attested by oracles";
    return round.event_at * 1000 > Date.now() ? `oracles attest from ${clock(round.event_at)}` : `attested by oracles, event at ${clock(round.event_at)}`;
  }
  return (how?.source ?? "").replace("_", "-");
}

/** The line under a result: what decided it, and where that can be checked. */
export function proofLine(round, lottery) {
  if (!round?.randomness) return null;
  return el("p", { class: "decided" }, el("span", { title: round.randomness.chain_hash }, decidedBy(round, lottery)),
    el("a", { href: `/api/lotteries/${round.lottery_id}/rounds/${round.index}/proof` }, "proof"));
}

/** Where a lottery's values come from. */
export function source(config) {
  const how = config?.randomness;
  if (how?.source !== "beacon") return (config?.source ?? "–").replace("_", "-");
  return `drand ${(how.chain_hash ?? "").slice(0, 8)}…, signed ${how.margin_seconds} s or more after the lock`;
}

/** What became of the winners of a round. */
export function winners(round) {
  if (round.status === "void" || round.refund_all) return el("span", {}, "stakes refunded");
  if (round.status !== "final" || round.winners_total === null) return el("span", {}, "counting winners");
  if (round.winners_total === 0) return el("span", {}, "no winner");
  return el("span", { class: "win" }, plural(round.winners_total, "winner", "winners"));
}

/** The large figure of a card, with what it is and what it is made of. */
export function prizeBox(label, amount, unit, parts) {
  const box = el("div", { class: "prize" }, el("p", { class: "prize-label" }, label),
    el("p", { class: "prize-amount" }, `${amount} `, el("small", {}, unit)));
  if (parts) box.append(el("p", { class: "prize-parts" }, parts));
  return box;
}

export function table(caption, heads, rows) {
  const head = el("tr", {}, ...heads.map(([text, side]) => el("th", { class: side, scope: "col" }, text)));
  const body = rows.map((cells) => el("tr", {}, ...cells.map((cell, i) => el("td", { class: heads[i][1] }, cell))));
  return el("section", {}, caption ? el("h3", {}, caption) : null,
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body))));
}

export function fact(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}

/** What tickets of a house game may cost: `0.001 – 0.5 SOL`. */
export function stakes(lottery) {
  const [least, most] = [lottery.min_stake_units, lottery.max_stake_units].map((amount) => units(amount, lottery.decimals));
  return `${least === most ? least : `${least} – ${most}`} ${token(lottery.mint)}`;
}

/** Facts that every house game has. */
export function houseFacts(lottery) {
  const share = BigInt(lottery.page_budget_units ?? 0) / 16n;
  return [fact("Stake", stakes(lottery)), fact("Highest prize of a ticket", money(share, lottery)),
    fact("Bankroll, free", money(lottery.bankroll_free_units, lottery)),
    fact("Bankroll, reserved", money(lottery.bankroll_reserved_units, lottery))];
}

/** How a round of a house game went, in figures. */
export function houseRow(round, lottery) {
  const over = round.status === "final";
  return [count(round.entered_count), money(round.entered_units, lottery),
    over ? money(round.prizes_units, lottery) : round.status];
}
