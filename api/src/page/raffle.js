// Kind raffle: many people, few places or prizes by rank, one order that anyone can check. A player's own rank is found by address.

import { address, clock, count, every, money, percent, plural, span, token, units } from "./format.js";
import { el, fact, prizeBox, source, table } from "./parts.js";

export const name = "Raffle";
export const verb = "draws";
export const more = "Places, order and own rank";
const MODES = { weighted: "weighted draw", first_come: "first come, first served" };
const STATUS = { offered: "place offered", waiting: "waits", promoted: "place offered from the waiting list", taken: "has a place",
  lapsed: "not confirmed in time", released: "waited in vain", prize: "has a prize" };
/** Ranks in the details. */
const SHOWN = 100;

function rules(lottery) {
  return lottery.rules?.kind === "raffle" ? lottery.rules : null;
}

export function game(lottery) {
  return MODES[rules(lottery)?.mode] ?? name;
}

/** How many places there are, for how many people. */
export function prize(lottery, round) {
  const of = rules(lottery);
  const entered = plural(round?.entered_count ?? 0, "person entered", "people entered");
  if (!of) return prizeBox("Places", "–", "", entered);
  if (of.prizes_bps.length > 0) {
    return prizeBox("Prizes by rank, pool", units(round?.entered_units ?? 0, lottery.decimals), token(lottery.mint),
      `${of.prizes_bps.map(percent).join(", ")} · ${entered}`);
  }
  const waiting = of.waiting > 0 ? `, ${count(of.waiting)} on the waiting list` : "";
  const list = of.leaf_count > 0 ? `, of ${count(of.leaf_count)} on the list` : "";
  return prizeBox("Places", count(of.capacity), of.capacity === 1 ? "place" : "places", `${entered}${list}${waiting}`);
}

export function cost(lottery, round) {
  return BigInt(round.stake_units ?? lottery.config?.stake_units ?? 0) === 0n ? "free" : `${money(round.stake_units ?? lottery.config.stake_units, lottery)} a place`;
}

/** How the places of a round stand. */
function standing(round) {
  const raffle = round?.raffle;
  if (round?.status === "void") return "void, every fee is refunded";
  if (!raffle?.is_ranked) return "the order is being counted";
  if (!raffle.places) return `${plural(raffle.ranked, "prize", "prizes")} by rank`;
  if (raffle.confirm_seconds === 0) return plural(Math.min(raffle.ranked, raffle.capacity), "place given", "places given");
  const parts = [`${count(raffle.taken)} of ${count(raffle.capacity)} confirmed`];
  if (raffle.open_offers > 0) parts.push(`${count(raffle.open_offers)} open`);
  if (raffle.lapsed > 0) parts.push(`${count(raffle.lapsed)} lapsed`);
  if (raffle.promoted > 0) parts.push(`${count(raffle.promoted)} moved up`);
  return parts.join(", ");
}

/** Whether places of the newest result may still change hands. */
export function moves(lottery) {
  const round = lottery.last_result;
  if (lottery.kind !== "raffle" || !round) return false;
  const raffle = round.raffle;
  if (!raffle?.is_ranked) return true;
  // A place that fell free goes on as long as somebody waits.
  return raffle.open_offers > 0 || (raffle.lapsed > raffle.promoted && raffle.ranked > raffle.capacity + raffle.promoted);
}

export function last(lottery) {
  const round = lottery.last_result;
  if (!round) return [el("p", { class: "last-line" }, "No draw yet")];
  const raffle = round.raffle;
  const until = raffle?.open_offers > 0 && raffle.confirm_until ? `confirm until ${clock(raffle.confirm_until)}` : "";
  return [el("p", { class: "last-line" }, el("span", {}, `Round ${count(round.index)}`), el("span", {}, until)),
    el("p", { class: "verdict", "aria-live": "polite" }, standing(round))];
}

export function result(round) {
  return el("p", { class: "verdict" }, standing(round));
}

function facts(lottery) {
  const of = rules(lottery);
  const config = lottery.config;
  const who = of.leaf_count > 0 ? `${count(of.leaf_count)} people on a list` : "everybody, with weight 1";
  return el("dl", { class: "facts" }, fact("Order", game(lottery)), fact("Places", count(of.capacity)), fact("Waiting list", count(of.waiting)),
    fact("Who may enter", who), fact("Fee of a place", config ? money(config.stake_units, lottery) : "–"),
    fact("Confirm within", of.confirm_seconds > 0 ? span(of.confirm_seconds) : "not needed"),
    fact("Not confirmed costs", percent(of.penalty_bps)), fact("Draws", every(lottery.period_seconds)),
    fact("Randomness", source(config)), fact("Root of the list", of.leaf_count > 0 ? el("span", { class: "mono", title: of.root }, `${of.root.slice(0, 16)}…`) : "–"));
}

function placeRow(place) {
  const rank = place.rank === null ? "–" : count(place.rank + 1);
  const position = place.waiting_position ? `, position ${count(place.waiting_position)}` : "";
  const until = place.offered_until ? `, until ${clock(place.offered_until)}` : "";
  const status = place.status === null ? (place.refunded ? "no place, refunded" : "no rank") : STATUS[place.status] ?? place.status;
  return [rank, el("span", { class: "mono", title: place.owner }, address(place.owner || place.wallet)), String(place.weight ?? 1),
    `${status}${position}${until}`, el("span", { class: "mono" }, place.key ?? "–")];
}

const HEADS = [["Rank", null], ["Who", null], ["Weight", "right"], ["", null], ["Key", "right"]];

async function read(path) {
  const response = await fetch(path);
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
}

/** What an address has in the newest rounds. */
function mine(rounds) {
  const owner = el("input", { id: "raffle-owner", class: "mono", autocomplete: "off", spellcheck: "false", placeholder: "your wallet's address",
    value: localStorage.getItem("owner") ?? "" });
  const answer = el("div", { class: "answer", role: "status" });
  const look = async () => {
    localStorage.setItem("owner", owner.value.trim());
    try {
      const parts = await Promise.all(rounds.slice(0, 3).map(async (round) => {
        const { items } = await read(`/api/rounds/${round.address}/places?wallet=${encodeURIComponent(owner.value.trim())}`);
        return items.length > 0 ? table(`Round ${count(round.index)}`, HEADS, items.map(placeRow)) : null;
      }));
      const found = parts.filter(Boolean);
      answer.replaceChildren(...(found.length > 0 ? found : [el("p", { class: "muted" }, "No entries of this wallet in the latest rounds.")]));
    } catch (error) {
      answer.replaceChildren(el("p", { class: "refused" }, error.message));
    }
  };
  const button = el("button", { class: "main-button", type: "button" }, "Show my place");
  button.addEventListener("click", look);
  if (owner.value) look();
  // Places change hands while the details are open.
  const timer = setInterval(() => {
    if (!answer.isConnected) clearInterval(timer);
    else if (owner.value && answer.firstChild) look();
  }, 5000);
  return el("section", { class: "slip" }, el("h3", {}, "Own place"),
    el("div", { class: "field" }, el("label", { for: "raffle-owner" }, "Wallet"), owner), el("div", { class: "actions" }, button), answer);
}

export async function details(lottery, rounds) {
  if (!rules(lottery)) return [el("p", { class: "muted" }, "The rules are not indexed yet.")];
  const ranked = rounds.find((round) => round.raffle?.is_ranked);
  const order = ranked ? (await read(`/api/rounds/${ranked.address}/places?limit=${SHOWN}`)).items : [];
  const history = rounds.map((round) => [`Round ${count(round.index)}`, round.status === "open" ? "open" : standing(round), count(round.entered_count),
    round.raffle?.threshold ? el("span", { class: "mono" }, round.raffle.threshold.key) : "–"]);
  return [mine(rounds), facts(lottery),
    ...(order.length > 0 ? [table(`Order of round ${count(ranked.index)}${order.length === SHOWN ? `, first ${SHOWN}` : ""}`, HEADS, order.map(placeRow))] : []),
    table("Latest rounds", [["Round", null], ["", null], ["Entered", "right"], ["Last key with a rank", "right"]], history)];
}
