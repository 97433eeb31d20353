// Drawing: cards, results, the feed and the details of a lottery. Text goes in as text, never as markup.

import { address, ago, count, every, money, percent, plural, span, token, units } from "./format.js";

/** `el("p", {class: "muted"}, "text", child)` */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const KINDS = { draw: "Draw", keno: "Keno", instant: "Instant", prediction: "Prediction", raffle: "Raffle" };

function kind(lottery) {
  return KINDS[lottery.kind] ?? lottery.kind;
}

/** `6 of 49`, `5 of 69 + 1 of 26`; a kind that this page does not know has its name. */
function game(lottery) {
  const config = lottery.config;
  if (lottery.kind !== "draw" || !config?.picks) return kind(lottery);
  const bonus = config.bonus_numbers ? ` + 1 of ${config.bonus_numbers}` : "";
  return `${config.picks} of ${config.numbers}${bonus}`;
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

/** What became of the winners of a round. */
function winners(round) {
  if (round.status === "void" || round.refund_all) return el("span", {}, "stakes refunded");
  if (round.status !== "final" || round.winners_total === null) return el("span", {}, "counting winners");
  if (round.winners_total === 0) return el("span", {}, "no winner");
  return el("span", { class: "win" }, plural(round.winners_total, "winner", "winners"));
}

function tags(lottery) {
  const row = el("div", { class: "tags" });
  if (lottery.status !== "active") {
    row.append(el("span", { class: `tag ${lottery.status === "paused" ? "bad" : "quiet"}` }, lottery.status));
  }
  if (lottery.rollover) row.append(el("span", { class: "tag gold" }, "Progressive"));
  row.append(el("span", { class: "tag" }, token(lottery.mint)));
  return row;
}

/** The round to show: the one that locks first and still takes entries, else the newest that is being drawn. */
export function current(lottery, now) {
  const open = lottery.live_rounds.filter((round) => round.status === "open" && round.locks_at > now);
  open.sort((a, b) => a.locks_at - b.locks_at);
  return open[0] ?? lottery.live_rounds[0] ?? null;
}

function prize(lottery, round) {
  const jackpot = BigInt(lottery.jackpot_units ?? 0);
  const pool = BigInt(round?.entered_units ?? 0);
  const label = lottery.rollover ? "Jackpot and pool" : "Prize pool";
  const amount = el("p", { class: "prize-amount" }, `${units(jackpot + pool, lottery.decimals)} `,
    el("small", {}, token(lottery.mint)));
  const box = el("div", { class: "prize" }, el("p", { class: "prize-label" }, label), amount);
  if (lottery.rollover) {
    const parts = `${money(jackpot, lottery)} rolled over, ${money(pool, lottery)} this round`;
    box.append(el("p", { class: "prize-parts" }, parts));
  }
  return box;
}

function roundBox(lottery, round) {
  if (!round) return el("div", { class: "round" }, el("p", { class: "round-line" }, "No round is open at the moment."));
  const timer = el("strong", { class: "timer", role: "timer", "aria-live": "off" });
  const fill = el("div", { class: "bar-fill" });
  const box = el("div", { class: "round", "data-locks-at": round.locks_at, "data-status": round.status, "data-index": round.index,
    "data-period": Math.max(1, lottery.period_seconds) });
  box.append(
    el("p", { class: "round-line" }, el("span", {}, `Round ${count(round.index)}`), timer),
    el("div", { class: "bar-track", "aria-hidden": "true" }, fill),
    el("p", { class: "round-line" }, el("span", { class: "sold" }, plural(round.entered_count, "ticket", "tickets")),
      el("span", {}, `${money(round.stake_units, lottery)} a ticket`)));
  return box;
}

/** Shows new pool and ticket count on a card that stays; false when the card shows another round. */
export function resell(node, lottery, now) {
  const round = current(lottery, now);
  const box = node.querySelector(".round[data-locks-at]");
  if (!round || !box || Number(box.dataset.index) !== round.index) return false;
  node.querySelector(".prize").replaceWith(prize(lottery, round));
  const sold = el("span", { class: "sold flash" }, plural(round.entered_count, "ticket", "tickets"));
  node.querySelector(".sold").replaceWith(sold);
  return true;
}

/** Moves clock and bar of every round on the page. */
export function tick(root, now) {
  for (const box of root.querySelectorAll(".round[data-locks-at]")) {
    const left = Number(box.dataset.locksAt) - now;
    const timer = box.querySelector(".timer");
    const fill = box.querySelector(".bar-fill");
    const open = box.dataset.status === "open" && left > 0;
    const near = open && left < 10;
    timer.textContent = open ? `draws in ${span(Math.ceil(left))}` : box.dataset.status === "open" ? "drawing" : box.dataset.status;
    timer.classList.toggle("near", near || !open);
    fill.classList.toggle("near", near || !open);
    fill.style.setProperty("--part", open ? Math.min(1, 1 - left / Number(box.dataset.period)).toFixed(3) : 1);
  }
}

export function card(lottery, now, onDetails) {
  const round = current(lottery, now);
  const last = lottery.last_result;
  const details = el("button", { class: "text-button", type: "button", "aria-label": `Odds and prizes of ${lottery.name}` }, "Odds and prizes");
  details.addEventListener("click", () => onDetails(lottery.id));
  const lastBox = el("div", { class: "last" });
  if (last?.result) {
    lastBox.append(el("p", { class: "last-line" }, el("span", {}, `Round ${count(last.index)} drew`), winners(last)),
      balls(last.result));
  } else {
    lastBox.append(el("p", { class: "last-line" }, "No draw yet"));
  }
  const period = lottery.period_seconds ? every(lottery.period_seconds) : "";
  const article = el("article", { class: "card", "data-id": lottery.id, "aria-label": lottery.name },
    el("div", { class: "card-head" },
      el("div", {}, el("h3", {}, lottery.name || `Lottery ${lottery.id}`), el("p", { class: "card-sub" }, [game(lottery), period].filter(Boolean).join(" · "))),
      tags(lottery)),
    prize(lottery, round), roundBox(lottery, round), lastBox,
    el("div", { class: "card-foot" }, details, el("span", {}, lottery.config ? `fee ${percent(lottery.config.fee_bps)}` : "")));
  // Before it is shown, so that the bar begins where it belongs.
  tick(article, now);
  return article;
}

export function resultItem(round, lottery, now) {
  return el("li", {},
    el("div", { class: "who" }, el("span", { class: "name" }, lottery?.name ?? `Lottery ${round.lottery_id}`),
      el("span", {}, ago(now - (round.drawn_at ?? round.locks_at)))),
    balls(round.result, true),
    el("div", { class: "who" }, el("span", { class: "muted" }, `Round ${count(round.index)} · ${plural(round.entered_count, "ticket", "tickets")}`),
      winners(round)));
}

export function feedItem(entry, lottery) {
  const stake = lottery && entry.stake_units ? money(entry.stake_units, lottery) : "";
  return el("li", { class: entry.fresh ? "fresh" : null },
    el("div", { class: "who" }, el("span", { class: "mono" }, address(entry.owner || entry.wallet)), el("span", {}, stake)),
    el("div", { class: "sub" }, `${plural(entry.count ?? 1, "ticket", "tickets")} · ${lottery?.name ?? `Lottery ${entry.lottery_id}`} · round ${count(entry.round_index)}`));
}

function table(caption, heads, rows) {
  const head = el("tr", {}, ...heads.map(([text, side]) => el("th", { class: side, scope: "col" }, text)));
  const body = rows.map((cells) => el("tr", {}, ...cells.map((cell, i) => el("td", { class: heads[i][1] }, cell))));
  return el("section", {}, el("h3", {}, caption),
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body))));
}

function fact(name, value) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, value));
}

/** Everything about a lottery: rules, odds, and its latest rounds. */
export function detailsBody(lottery, rounds, round) {
  const config = lottery.config;
  const tiers = round?.tiers?.length ? round.tiers : config?.tiers ?? [];
  const won = Boolean(round?.tiers?.length) && round.status === "final";
  const facts = el("dl", { class: "facts" }, fact("Game", game(lottery)), fact("Ticket", config ? money(config.stake_units, lottery) : "–"),
    fact("Fee", config ? percent(config.fee_bps) : "–"), fact("Draws", every(lottery.period_seconds)),
    fact("Randomness", (config?.source ?? "–").replace("_", "-")), fact("Account", address(lottery.address)));
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
