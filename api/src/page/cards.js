// Drawing: cards, results, the feed and the details of a lottery. What differs between kinds of game is in `kinds.js`.

import { address, ago, count, every, money, percent, plural, span, token } from "./format.js";
import { kindOf } from "./kinds.js";
import { decidedBy, el, proofLine, winners } from "./parts.js";

function tags(lottery) {
  const row = el("div", { class: "tags" });
  if (lottery.status !== "active") {
    row.append(el("span", { class: `tag ${lottery.status === "paused" ? "bad" : "quiet"}` }, lottery.status));
  }
  if (lottery.rollover) row.append(el("span", { class: "tag gold" }, "Progressive"));
  const kind = kindOf(lottery);
  if (kind.game(lottery) !== kind.name) row.append(el("span", { class: "tag quiet" }, kind.name));
  row.append(el("span", { class: "tag" }, token(lottery.mint)));
  return row;
}

/** The round to show: the one that locks first and still takes entries, else the newest that is being drawn. */
export function current(lottery, now) {
  const open = lottery.live_rounds.filter((round) => round.status === "open" && round.locks_at > now);
  open.sort((a, b) => a.locks_at - b.locks_at);
  return open[0] ?? lottery.live_rounds[0] ?? null;
}

function sold(lottery, round) {
  if (lottery.kind === "raffle") return `${count(round.entered_count)} entered`;
  return lottery.kind === "prediction" ? plural(round.entered_count, "bet", "bets") : plural(round.entered_count, "ticket", "tickets");
}

function roundBox(lottery, round) {
  if (!round) return el("div", { class: "round" }, el("p", { class: "round-line" }, "No round is open at the moment."));
  const timer = el("strong", { class: "timer", role: "timer", "aria-live": "off" });
  const fill = el("div", { class: "bar-fill" });
  const box = el("div", { class: "round", "data-locks-at": round.locks_at, "data-status": round.status, "data-index": round.index, "data-lottery": lottery.id,
    "data-period": Math.max(1, lottery.period_seconds), "data-verb": kindOf(lottery).verb });
  box.append(
    el("p", { class: "round-line" }, el("span", {}, `Round ${count(round.index)}`), timer),
    el("div", { class: "bar-track", "aria-hidden": "true" }, fill),
    el("p", { class: "round-line" }, el("span", { class: "sold" }, sold(lottery, round)),
      el("span", { class: "cost" }, kindOf(lottery).cost(lottery, round))),
    el("p", { class: "decided" }, el("span", { title: round.randomness?.chain_hash }, decidedBy(round, lottery)),
      round.event_at ? el("span", { class: "event", "data-event-at": round.event_at }) : null));
  return box;
}

/** Puts what is new into a card that stays. A part with the same key stays too, so that its motion is not cut short. */
export function renew(old, fresh) {
  const [before, after] = [[...old.children], [...fresh.children]];
  if (before.length !== after.length) {
    old.replaceChildren(...after);
    return;
  }
  before.forEach((child, i) => {
    const next = after[i];
    if (child.dataset.key !== undefined && child.dataset.key === next.dataset.key) return;
    if (child.classList.contains("last")) renew(child, next);
    else child.replaceWith(next);
  });
}

/** Shows new pool and ticket count on a card that stays; false when the card shows another round. */
export function resell(node, lottery, now) {
  const round = current(lottery, now);
  const box = node.querySelector(".round[data-locks-at]");
  if (!round || !box || Number(box.dataset.index) !== round.index) return false;
  const before = node.querySelector(".prize");
  const focused = before.contains(document.activeElement) ? document.activeElement.dataset.outcome : undefined;
  const after = kindOf(lottery).prize(lottery, round);
  before.replaceWith(after);
  if (focused !== undefined) after.querySelector(`[data-outcome="${focused}"]`)?.focus({ preventScroll: true });
  node.querySelector(".sold").replaceWith(el("span", { class: "sold flash" }, sold(lottery, round)));
  node.querySelector(".cost").textContent = kindOf(lottery).cost(lottery, round);
  return true;
}

/** What the clock of a round says: the time to its lock, and then what it waits for. */
function clockText(box, left, now, lotteries) {
  if (box.dataset.status === "open" && left > 0) return `${box.dataset.verb} in ${span(Math.ceil(left))}`;
  const lottery = lotteries?.get(Number(box.dataset.lottery));
  const round = lottery?.live_rounds.find((other) => other.index === Number(box.dataset.index));
  const waits = kindOf(lottery).waits;
  if (round && waits) return waits(round, now);
  return box.dataset.status === "open" ? "drawing" : box.dataset.status;
}

/** Moves clock and bar of every round on the page. */
export function tick(root, now, lotteries) {
  for (const box of root.querySelectorAll(".round[data-locks-at]")) {
    const left = Number(box.dataset.locksAt) - now;
    const timer = box.querySelector(".timer");
    const fill = box.querySelector(".bar-fill");
    const open = box.dataset.status === "open" && left > 0;
    const near = open && left < Math.min(10, Number(box.dataset.period) / 4);
    const event = box.querySelector(".event");
    if (event) event.textContent = Number(event.dataset.eventAt) > now ? `event in ${span(Math.ceil(Number(event.dataset.eventAt) - now))}` : "the event is over";
    timer.textContent = clockText(box, left, now, lotteries);
    timer.classList.toggle("near", near || !open);
    fill.classList.toggle("near", near || !open);
    fill.style.setProperty("--part", open ? Math.min(1, 1 - left / Number(box.dataset.period)).toFixed(3) : 1);
  }
}

/** What decided the result on the card. Instant rounds are followed by their tickets. */
function shownProof(lottery, settled, ended) {
  const round = lottery.last_result;
  // A void round is newer, and nothing proves it.
  if (ended && ended.index > round?.index) return null;
  const shown = lottery.kind !== "instant" || settled[0]?.round_index === round?.index;
  return shown ? proofLine(round, lottery) : null;
}

/** `settled`: what entries of a house game won lately, newest first. `ended`: the newest round of a market that is over. */
export function card(lottery, settled, ended, now, onDetails) {
  const kind = kindOf(lottery);
  const round = current(lottery, now);
  const details = el("button", { class: "text-button", type: "button", "aria-label": `${kind.more ?? "Odds and prizes"} of ${lottery.name}` }, kind.more ?? "Odds and prizes");
  details.addEventListener("click", () => onDetails(lottery.id));
  const period = lottery.period_seconds ? every(lottery.period_seconds) : "";
  const sub = [kind.game(lottery), period].filter(Boolean).join(" · ");
  const article = el("article", { class: "card", "data-id": lottery.id, "data-kind": lottery.kind, "aria-label": lottery.name },
    el("div", { class: "card-head" },
      el("div", {}, el("h3", {}, lottery.name || `Lottery ${lottery.id}`), el("p", { class: "card-sub" }, sub)),
      tags(lottery)),
    kind.prize(lottery, round), roundBox(lottery, round), el("div", { class: "last" }, ...[...kind.last(lottery, settled, ended, now), shownProof(lottery, settled, ended)].filter(Boolean)),
    el("div", { class: "card-foot" }, details, el("span", {}, lottery.config ? `fee ${percent(lottery.config.fee_bps)}` : "")));
  // Before it is shown, so that the bar begins where it belongs.
  tick(article, now, new Map([[lottery.id, lottery]]));
  return article;
}

export function resultItem(round, lottery, settled, now) {
  return el("li", {},
    el("div", { class: "who" }, el("span", { class: "name" }, lottery?.name ?? `Lottery ${round.lottery_id}`),
      el("span", {}, ago(now - (round.drawn_at ?? round.locks_at)))),
    kindOf(lottery ?? round).result(round, lottery, settled),
    el("div", { class: "who" }, el("span", { class: "muted" }, `Round ${count(round.index)} · ${sold(lottery ?? round, round)}`),
      (lottery ?? round).kind === "prediction" || (lottery ?? round).kind === "raffle" ? null : winners(round)));
}

export function feedItem(entry, lottery) {
  const stake = lottery && entry.stake_units ? money(entry.stake_units, lottery) : "";
  const on = entry.outcomes ?? [...new Set((entry.tickets ?? []).map((ticket) => ticket.outcome))];
  const labels = on.filter((outcome) => outcome !== undefined).map((outcome) => lottery?.rules?.outcomes?.[outcome]?.label).filter(Boolean);
  const what = labels.length > 0 ? `${plural(entry.count ?? 1, "bet", "bets")} on ${labels.join(", ")}` : plural(entry.count ?? 1, "ticket", "tickets");
  return el("li", { class: entry.fresh ? "fresh" : null },
    el("div", { class: "who" }, el("span", { class: "mono" }, address(entry.owner || entry.wallet)), el("span", {}, stake)),
    el("div", { class: "sub" }, `${what} · ${lottery?.name ?? `Lottery ${entry.lottery_id}`} · round ${count(entry.round_index)}`));
}
