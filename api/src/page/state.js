// What the page knows: snapshots set it, events change it. No drawing here.

const FEED_LENGTH = 30;
const RESULTS_LENGTH = 5;
/** Settled entries kept of each house game. */
const SETTLED_LENGTH = 50;
/** Their rounds are short: one result of each is in the list. */
const HOUSE = ["keno", "instant"];
/** Seconds of history for the rate of sales. */
const RATE_SPAN = 120;
const OVER = ["final", "void"];

export class State {
  /** @param {(id: number) => void} onStale a lottery that must be fetched again */
  constructor(onStale) {
    this.onStale = onStale;
    this.lotteries = new Map();
    this.totals = null;
    this.feed = [];
    /** The feed is another one, not just longer. */
    this.feedBegins = false;
    this.results = [];
    /** What entries of house games won, newest first, by lottery. */
    this.settled = new Map();
    /** Winners of the newest settled round, by lottery: the two topics are not in step. */
    this.winners = new Map();
    /** The newest round of each market that is over. */
    this.ended = new Map();
    this.sales = []; // [seconds, tickets]
    this.since = Date.now() / 1000;
    /** Lotteries that changed since they were drawn, with why. */
    this.changed = new Map();
    this.skew = 0;
  }

  /** The cluster's time as far as the service tells, in seconds. */
  now() {
    return Date.now() / 1000 + this.skew;
  }

  /** Notes a change; a greater one is not forgotten for a lesser one. */
  mark(id, why = "data") {
    const rank = ["sold", "data", "drew"];
    const before = this.changed.get(id) ?? "sold";
    this.changed.set(id, rank.indexOf(why) > rank.indexOf(before) ? why : before);
  }

  put(lottery) {
    this.lotteries.set(lottery.id, lottery);
    this.mark(lottery.id);
  }

  apply({ topic, kind, data }) {
    // Rounds and results are said on both topics; one is enough.
    const global = topic === "global";
    switch (kind) {
      case "snapshot": return global ? this.begin(data) : this.joined(data);
      case "stats:update": this.totals = { ...this.totals, ...data }; return;
      case "entry:new": return global ? undefined : this.sold(data);
      case "prize:update": return global ? undefined : this.pool(data);
      case "draw:countdown": return global ? this.countdown(data) : undefined;
      case "round:state": return global ? this.round(data) : undefined;
      case "attestation:new": return global ? undefined : this.attested(data);
      case "entry:settled": return global ? undefined : this.won(data);
      case "draw:result": return global ? this.drawn(data) : undefined;
      case "lottery:created": return global ? this.onStale(data.lottery_id) : undefined;
      case "lottery:completed": return global ? this.onStale(data.lottery_id) : undefined;
    }
  }

  begin(data) {
    this.lotteries = new Map();
    this.ended = new Map();
    data.lotteries.forEach((lottery) => this.put(lottery));
    this.totals = data.totals;
    this.feed = data.recent_entries.slice(0, FEED_LENGTH);
    this.feedBegins = true;
    this.results = data.lotteries
      .filter((lottery) => lottery.last_result?.result)
      .map((lottery) => lottery.last_result)
      .sort((a, b) => (b.drawn_at ?? b.locks_at) - (a.drawn_at ?? a.locks_at))
      .slice(0, RESULTS_LENGTH);
  }

  joined(data) {
    this.settled.set(data.lottery.id, (data.recent_settled ?? []).slice(0, SETTLED_LENGTH));
    this.put(data.lottery);
    if (data.lottery.kind !== "prediction") return;
    const over = data.rounds.find((round) => OVER.includes(round.status));
    if (over) this.end(over);
  }

  /** Notes how a round of a market ended. */
  end(round) {
    const before = this.ended.get(round.lottery_id);
    if (!before || before.index <= round.index) this.ended.set(round.lottery_id, round);
  }

  /** A reporter says what happened. */
  attested(data) {
    const round = this.live(data.lottery_id, data.round_index);
    if (!round) return this.onStale(data.lottery_id);
    const others = (round.attestations ?? []).filter((other) => other.reporter_index !== data.reporter_index);
    round.attestations = [...others, { ...data, attested_at: data.at }].sort((a, b) => a.reporter_index - b.reporter_index);
    if (data.decided) round.facts = data.facts;
    this.mark(data.lottery_id);
  }

  live(id, index) {
    return this.lotteries.get(id)?.live_rounds.find((round) => round.index === index);
  }

  sold(data) {
    this.feed = [{ ...data, fresh: true }, ...this.feed].slice(0, FEED_LENGTH);
    this.sales.push([Date.now() / 1000, Number(data.count ?? 1)]);
  }

  pool(data) {
    const lottery = this.lotteries.get(data.lottery_id);
    if (!lottery) return;
    lottery.jackpot_units = data.jackpot_units;
    const round = this.live(data.lottery_id, data.round_index);
    if (round) {
      round.entered_count = data.entries;
      round.entered_units = data.pool_units;
      if (data.pools) round.pools = data.pools;
    }
    this.mark(data.lottery_id, "sold");
  }

  countdown(data) {
    // The service's clock decides what the page counts down to.
    const theirs = data.locks_at - data.seconds_left;
    const skew = theirs - Date.now() / 1000;
    if (Math.abs(skew - this.skew) > 1.5) this.skew = skew;
    const round = this.live(data.lottery_id, data.round_index);
    if (!round) this.onStale(data.lottery_id);
    else round.locks_at = data.locks_at;
  }

  round(data) {
    const lottery = this.lotteries.get(data.lottery_id);
    const round = this.live(data.lottery_id, data.round_index);
    const over = OVER.includes(data.status);
    if (lottery && round) {
      round.status = data.status;
      if (data.locks_at) round.locks_at = data.locks_at;
      // A re-timed round is decided by another value.
      if (data.randomness) round.randomness = { ...round.randomness, signed_at: null, ...data.randomness };
      if (data.randomness?.event_at) round.event_at = data.randomness.event_at;
      if (data.winning_outcome !== undefined) round.winning_outcome = data.winning_outcome;
      if (over && lottery.kind === "prediction") this.end({ ...round, void_reason: data.void_reason });
      if (over) lottery.live_rounds = lottery.live_rounds.filter((other) => other !== round);
      this.mark(data.lottery_id);
    }
    const shown = [lottery?.last_result, ...this.results];
    const result = shown.find((r) => r?.lottery_id === data.lottery_id && r.index === data.round_index);
    if (result) result.status = data.status;
    if (HOUSE.includes(lottery?.kind) && this.short(lottery, round, data)) return;
    // A round that opens or ends changes more than the event says: jackpot, prizes, the next round.
    if (!round || over) this.onStale(data.lottery_id);
  }

  /** Rounds of a few seconds are followed by their events alone; false when these do not say enough. */
  short(lottery, round, data) {
    if (round || data.status === "final") return data.status !== "void";
    if (data.status !== "open" || !data.locks_at) return false;
    lottery.live_rounds = [{ lottery_id: lottery.id, index: data.round_index, kind: lottery.kind, status: "open",
      locks_at: data.locks_at, entered_count: data.entries, entered_units: data.pool_units, randomness: data.randomness }, ...lottery.live_rounds];
    this.mark(lottery.id);
    return true;
  }

  drawn(data) {
    const round = this.live(data.lottery_id, data.round_index) ?? {};
    const lottery = this.lotteries.get(data.lottery_id);
    // Instant tickets tell their outcomes themselves, when they are settled.
    if ((lottery?.kind ?? data.kind) === "instant") return;
    const result = {
      ...round,
      lottery_id: data.lottery_id,
      index: data.round_index,
      status: "drawn",
      drawn_at: data.at ?? Math.floor(this.now()),
      entered_count: data.entries,
      entered_units: data.pool_units,
      winners_total: null,
      ...this.winnersOf(data.lottery_id, data.round_index),
      result: { numbers: data.numbers ?? [], bonus: data.bonus || null, outcome: data.winning_outcome, data: "" },
    };
    this.show(result, lottery);
    if (lottery) lottery.last_result = result;
    this.mark(data.lottery_id, "drew");
  }

  /** Puts a result on top of the list. */
  show(result, lottery) {
    const one = HOUSE.includes(lottery?.kind);
    const other = (r) => r.lottery_id !== result.lottery_id || (!one && r.index !== result.index);
    this.results = [result, ...this.results.filter(other)].slice(0, RESULTS_LENGTH);
  }

  /** What is known already of a round that was settled. */
  winnersOf(id, index) {
    const known = this.winners.get(id);
    return known?.index === index ? { status: "final", winners_total: known.winners } : {};
  }

  /** Entries of a round of a house game have their prizes. */
  won({ lottery_id: id, round_index: index, entered_count, winners_total, entries }) {
    const before = (this.settled.get(id) ?? []).filter((entry) => entry.round_index !== index);
    before.forEach((entry) => { entry.fresh = false; });
    const fresh = entries.map((entry) => ({ ...entry, fresh: true }));
    this.settled.set(id, [...fresh, ...before].slice(0, SETTLED_LENGTH));
    const lottery = this.lotteries.get(id);
    if (!lottery) return;
    const winners = Math.max(winners_total, entries.filter((entry) => entry.multiplier_bps > 0).length);
    this.winners.set(id, { index, winners });
    if (lottery.kind === "instant") {
      this.show({ lottery_id: id, index, kind: "instant", status: "final", drawn_at: Math.floor(this.now()), entered_count,
        winners_total: winners, result: null }, lottery);
      this.mark(id, "drew");
      return;
    }
    for (const result of [lottery.last_result, ...this.results]) {
      if (result?.lottery_id !== id || result.index !== index) continue;
      Object.assign(result, { status: "final", winners_total: winners });
    }
    this.mark(id);
  }

  /** A lottery fetched again; its result completes the one in the list. */
  refresh(lottery) {
    this.put(lottery);
    const last = lottery.last_result;
    if (!last) return;
    if (lottery.kind === "prediction" && OVER.includes(last.status)) this.end(last);
    this.results = this.results.map((result) =>
      result.lottery_id === last.lottery_id && result.index === last.index ? { ...result, ...last } : result);
  }

  /** Tickets sold in a minute, and in steps of 5 s over the last two. */
  rate() {
    const now = Date.now() / 1000;
    this.sales = this.sales.filter(([at]) => now - at < RATE_SPAN);
    const steps = new Array(RATE_SPAN / 5).fill(0);
    let minute = 0;
    for (const [at, tickets] of this.sales) {
      const age = now - at;
      if (age <= 60) minute += tickets;
      steps[steps.length - 1 - Math.min(steps.length - 1, Math.floor(age / 5))] += tickets;
    }
    // Who just came has seen less than a minute: the rate follows from what was seen.
    const seen = Math.min(60, Math.max(5, now - this.since));
    return { minute: Math.round((minute * 60) / seen), steps };
  }
}
