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

function roundBox(lottery, round) {
  if (!round) return el("div", { class: "round" }, el("p", { class: "round-line" }, "No round is open at the moment."));
  const timer = el("strong", { class: "timer", role: "timer", "aria-live": "off" });
  const fill = el("div", { class: "bar-fill" });
  const box = el("div", { class: "round", "data-locks-at": round.locks_at, "data-status": round.status, "data-index": round.index,
    "data-period": Math.max(1, lottery.period_seconds), "data-verb": kindOf(lottery).verb });
  box.append(
    el("p", { class: "round-line" }, el("span", {}, `Round ${count(round.index)}`), timer),
    el("div", { class: "bar-track", "aria-hidden": "true" }, fill),
    el("p", { class: "round-line" }, el("span", { class: "sold" }, plural(round.entered_count, "ticket", "tickets")),
      el("span", { class: "cost" }, kindOf(lottery).cost(lottery, round))),
    el("p", { class: "decided" }, el("span", { title: round.randomness?.chain_hash }, decidedBy(round, lottery))));
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
  node.querySelector(".prize").replaceWith(kindOf(lottery).prize(lottery, round));
  const sold = el("span", { class: "sold flash" }, plural(round.entered_count, "ticket", "tickets"));
  node.querySelector(".sold").replaceWith(sold);
  node.querySelector(".cost").textContent = kindOf(lottery).cost(lottery, round);
  return true;
}

/** Moves clock and bar of every round on the page. */
export function tick(root, now) {
  for (const box of root.querySelectorAll(".round[data-locks-at]")) {
    const left = Number(box.dataset.locksAt) - now;
    const timer = box.querySelector(".timer");
    const fill = box.querySelector(".bar-fill");
    const open = box.dataset.status === "open" && left > 0;
    const near = open && left < Math.min(10, Number(box.dataset.period) / 4);
    timer.textContent = open ? `${box.dataset.verb} in ${span(Math.ceil(left))}` : box.dataset.status === "open" ? "drawing" : box.dataset.status;
    timer.classList.toggle("near", near || !open);
    fill.classList.toggle("near", near || !open);
    fill.style.setProperty("--part", open ? Math.min(1, 1 - left / Number(box.dataset.period)).toFixed(3) : 1);
  }
}

/** What decided the result on the card. Instant rounds are followed by their tickets. */
function shownProof(lottery, settled) {
  const round = lottery.last_result;
  const shown = lottery.kind !== "instant" || settled[0]?.round_index === round?.index;
  return shown ? proofLine(round, lottery) : null;
}

/** `settled`: what entries of a house game won lately, newest first. */
export function card(lottery, settled, now, onDetails) {
  const kind = kindOf(lottery);
  const round = current(lottery, now);
  const details = el("button", { class: "text-button", type: "button", "aria-label": `Odds and prizes of ${lottery.name}` }, "Odds and prizes");
  details.addEventListener("click", () => onDetails(lottery.id));
  const period = lottery.period_seconds ? every(lottery.period_seconds) : "";
  const sub = [kind.game(lottery), period].filter(Boolean).join(" · ");
  const article = el("article", { class: "card", "data-id": lottery.id, "data-kind": lottery.kind, "aria-label": lottery.name },
    el("div", { class: "card-head" },
      el("div", {}, el("h3", {}, lottery.name || `Lottery ${lottery.id}`), el("p", { class: "card-sub" }, sub)),
      tags(lottery)),
    kind.prize(lottery, round), roundBox(lottery, round), el("div", { class: "last" }, ...[...kind.last(lottery, settled), shownProof(lottery, settled)].filter(Boolean)),
    el("div", { class: "card-foot" }, details, el("span", {}, lottery.config ? `fee ${percent(lottery.config.fee_bps)}` : "")));
  // Before it is shown, so that the bar begins where it belongs.
  tick(article, now);
  return article;
}

export function resultItem(round, lottery, settled, now) {
  return el("li", {},
    el("div", { class: "who" }, el("span", { class: "name" }, lottery?.name ?? `Lottery ${round.lottery_id}`),
      el("span", {}, ago(now - (round.drawn_at ?? round.locks_at)))),
    kindOf(lottery ?? round).result(round, lottery, settled),
    el("div", { class: "who" }, el("span", { class: "muted" }, `Round ${count(round.index)} · ${plural(round.entered_count, "ticket", "tickets")}`),
      winners(round)));
}

export function feedItem(entry, lottery) {
  const stake = lottery && entry.stake_units ? money(entry.stake_units, lottery) : "";
  return el("li", { class: entry.fresh ? "fresh" : null },
    el("div", { class: "who" }, el("span", { class: "mono" }, address(entry.owner || entry.wallet)), el("span", {}, stake)),
    el("div", { class: "sub" }, `${plural(entry.count ?? 1, "ticket", "tickets")} · ${lottery?.name ?? `Lottery ${entry.lottery_id}`} · round ${count(entry.round_index)}`));
}
