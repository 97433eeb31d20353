// Ties it together: the feed changes the state, the state is drawn a few times a second.

import { card, current, feedItem, renew, resell, resultItem, tick } from "./cards.js";
import { Feed } from "./feed.js";
import { count, learn } from "./format.js";
import { kindOf } from "./kinds.js";
import { moves } from "./raffle.js";
import { State } from "./state.js";

/** Topics of one connection, less `global`. */
const MAX_TOPICS = 63;
const $ = (id) => document.getElementById(id);

const state = new State(stale);
const waiting = new Map();
let figuresDirty = true;
let listsDirty = true;

/** Fetches a lottery again, once however many events ask for it. */
function stale(id) {
  if (waiting.has(id)) return;
  waiting.set(id, setTimeout(async () => {
    waiting.delete(id);
    const response = await fetch(`/api/lotteries/${id}`).catch(() => null);
    if (!response?.ok) return;
    state.refresh(await response.json());
    watch();
    listsDirty = true;
  }, 400));
}

/** Subscribes to the lotteries on the page. */
function watch() {
  for (const id of [...state.lotteries.keys()].slice(0, MAX_TOPICS)) feed.subscribe(`lottery/${id}`);
}

/** Asks what the mints are called, and draws again with their names. */
async function nameMints() {
  const response = await fetch("/api/mints").catch(() => null);
  if (!response?.ok) return;
  learn((await response.json()).items);
  for (const id of state.lotteries.keys()) state.mark(id);
  state.feedBegins = true;
  listsDirty = true;
}

function receive(message) {
  state.apply(message);
  if (message.topic === "global" && message.kind === "snapshot") {
    $("lotteries").replaceChildren();
    watch();
    nameMints();
  }
  figuresDirty ||= ["snapshot", "stats:update", "entry:new"].includes(message.kind);
  listsDirty ||= ["snapshot", "draw:result", "round:state", "entry:settled", "attestation:new"].includes(message.kind);
}

function showLink(link) {
  const text = { connecting: "Connecting", live: "Live", lost: "Reconnecting" };
  $("link").dataset.state = link;
  if ($("link-text").textContent !== text[link]) $("link-text").textContent = text[link];
}

function order() {
  const rank = (lottery) => (lottery.status === "active" ? 0 : 1);
  return [...state.lotteries.values()].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

function settledOf(id) {
  return state.settled.get(id) ?? [];
}

/** How the same button is found on a card that is drawn again. */
function sameButton(node) {
  return node.dataset.outcome === undefined ? ".text-button" : `[data-outcome="${node.dataset.outcome}"]`;
}

function drawCards() {
  if (state.changed.size === 0) return;
  const list = $("lotteries");
  const known = new Map([...list.children].map((node) => [Number(node.dataset.id), node]));
  const lotteries = order();
  for (const lottery of lotteries) {
    const why = state.changed.get(lottery.id);
    if (!why) continue;
    const old = known.get(lottery.id);
    if (why === "sold" && old && resell(old, lottery, state.now())) continue;
    const fresh = card(lottery, settledOf(lottery.id), state.ended.get(lottery.id), state.now(), showDetails);
    const focused = old?.contains(document.activeElement) && sameButton(document.activeElement);
    if (why === "drew") fresh.classList.add("drew");
    if (old && why !== "drew") renew(old, fresh);
    else if (old) old.replaceWith(fresh);
    else list.append(fresh);
    const shown = old?.isConnected ? old : fresh;
    if (focused) shown.querySelector(focused)?.focus({ preventScroll: true });
  }
  state.changed.clear();
  const active = lotteries.filter((lottery) => lottery.status === "active").length;
  $("lotteries-count").textContent = `${count(active)} running`;
  if (lotteries.length === 0) $("lotteries-count").textContent = "none yet";
}

function drawLists() {
  if (!listsDirty) return;
  listsDirty = false;
  const now = state.now();
  const lottery = (item) => state.lotteries.get(item.lottery_id);
  if (state.results.length > 0) {
    $("results").replaceChildren(...state.results.map((round) => resultItem(round, lottery(round), settledOf(round.lottery_id), now)));
  }
}

/** New tickets slide in above the others, which stay as they are. */
function drawFeed() {
  const list = $("feed");
  const item = (entry) => feedItem(entry, state.lotteries.get(entry.lottery_id));
  if (state.feedBegins) {
    state.feedBegins = false;
    if (state.feed.length > 0) list.replaceChildren(...state.feed.map(item));
    return;
  }
  const fresh = state.feed.filter((entry) => entry.fresh);
  if (fresh.length === 0) return;
  list.querySelector(".empty")?.remove();
  list.prepend(...fresh.map(item));
  fresh.forEach((entry) => { entry.fresh = false; });
  while (list.children.length > state.feed.length) list.lastElementChild.remove();
}

function drawFigures() {
  const { minute, steps } = state.rate();
  $("figure-rate").textContent = count(minute);
  const top = Math.max(4, ...steps);
  const points = steps.map((tickets, i) => `${((i / (steps.length - 1)) * 120).toFixed(1)},${(26 - (tickets / top) * 22).toFixed(1)}`);
  $("spark").firstElementChild.setAttribute("d", `M0,28 L${points.join(" L")} L120,28 Z`);
  if (!figuresDirty || !state.totals) return;
  figuresDirty = false;
  $("figure-entries").textContent = count(state.totals.entries);
  $("figure-draws").textContent = count(state.totals.rounds_drawn);
  $("figure-prizes").textContent = count(state.totals.prizes_paid);
}

/** `chosen`: the outcome of a market that was clicked. */
async function showDetails(id, chosen) {
  const lottery = state.lotteries.get(id);
  if (!lottery) return;
  $("details-title").textContent = lottery.name;
  $("details-body").replaceChildren();
  $("details").showModal();
  try {
    const get = async (path) => {
      const response = await fetch(`/api/lotteries/${id}${path}`);
      const body = await response.json();
      if (!response.ok) throw new Error(body.detail);
      return body;
    };
    const [fresh, rounds] = await Promise.all([get(""), get("/rounds?limit=12").then((part) => part.items)]);
    state.refresh(fresh);
    $("details-body").replaceChildren(...await kindOf(fresh).details(fresh, rounds, get, settledOf(id), chosen));
  } catch (error) {
    $("details-body").textContent = `The details cannot be shown: ${error.message}`;
  }
}

// The buttons of outcomes are drawn again with every bet, so their list listens.
$("lotteries").addEventListener("click", (event) => {
  const button = event.target.closest("[data-outcome]");
  if (button) showDetails(Number(button.dataset.lottery), Number(button.dataset.outcome));
});

// A click on the backdrop closes.
$("details").addEventListener("click", (event) => {
  if (event.target === $("details")) $("details").close();
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
$("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
});

const scheme = location.protocol === "https:" ? "wss" : "ws";
const feed = new Feed(`${scheme}://${location.host}/ws`, receive, showLink);
feed.subscribe("global");

setInterval(() => {
  if (document.hidden) return;
  drawCards();
  drawLists();
  drawFeed();
}, 250);
// Places are confirmed, lapse and move up long after the draw.
setInterval(() => {
  if (document.hidden) return;
  for (const lottery of state.lotteries.values()) if (moves(lottery)) stale(lottery.id);
}, 5000);
setInterval(() => {
  if (document.hidden) return;
  // A round that locks makes room for the next one on its card.
  for (const lottery of state.lotteries.values()) {
    const shown = current(lottery, state.now())?.index;
    if (shown !== lottery.shown) {
      lottery.shown = shown;
      state.mark(lottery.id);
    }
  }
  drawFigures();
  tick($("lotteries"), state.now(), state.lotteries);
  listsDirty = true;
}, 1000);
