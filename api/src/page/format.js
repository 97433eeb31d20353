// Numbers, money, times and addresses as people read them.

/** The "mint" of native SOL. */
export const NATIVE = "11111111111111111111111111111111";

const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function count(value) {
  const number = Number(value ?? 0);
  return number >= 1e6 ? compact.format(number) : whole.format(number);
}

/** Base units, as a string or BigInt, in whole tokens: exact, then cut to what a person can take in. */
export function units(value, decimals) {
  const amount = BigInt(value ?? 0);
  const scale = 10n ** BigInt(decimals);
  const left = amount / scale;
  const places = left >= 10000n ? 0 : left >= 100n ? 2 : 4;
  const part = (amount % scale).toString().padStart(decimals, "0").slice(0, places).replace(/0+$/, "");
  if (left === 0n && part === "" && amount > 0n) {
    return "0." + (amount % scale).toString().padStart(decimals, "0").replace(/0+$/, "");
  }
  return whole.format(left) + (part ? "." + part : "");
}

const symbols = new Map([[NATIVE, "SOL"]]);

/** Learns what mints are called: `[{mint, symbol}]`. */
export function learn(mints) {
  for (const { mint, symbol } of mints) if (symbol) symbols.set(mint, symbol);
}

/** What a mint is called; one without a name here by the beginning of its address. */
export function token(mint) {
  return symbols.get(mint || NATIVE) ?? `${mint.slice(0, 4)}…`;
}

export function money(value, lottery) {
  return `${units(value, lottery.decimals)} ${token(lottery.mint)}`;
}

export function address(text) {
  return text && text.length > 12 ? `${text.slice(0, 4)}…${text.slice(-4)}` : text || "";
}

/** `1:05`, `2 h 05 min`, `3 d 4 h`. */
export function span(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  if (left < 3600) return `${Math.floor(left / 60)}:${two(left % 60)}`;
  if (left < 86400) return `${Math.floor(left / 3600)} h ${two(Math.floor((left % 3600) / 60))} min`;
  return `${Math.floor(left / 86400)} d ${Math.floor((left % 86400) / 3600)} h`;
}

/** A moment by the clock on the wall, with its day if that is another. */
export function clock(seconds) {
  const at = new Date(seconds * 1000);
  const time = at.toLocaleTimeString("en-GB");
  return at.toDateString() === new Date().toDateString() ? time : `${time} on ${at.toLocaleDateString("en", { month: "short", day: "numeric" })}`;
}

export function ago(seconds) {
  if (seconds < 5) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

export function every(seconds) {
  if (seconds < 60 || (seconds < 600 && seconds % 60 !== 0)) return `every ${seconds} s`;
  if (seconds % 86400 === 0) return seconds === 86400 ? "every day" : `every ${seconds / 86400} days`;
  if (seconds % 3600 === 0) return seconds === 3600 ? "every hour" : `every ${seconds / 3600} hours`;
  return seconds === 60 ? "every minute" : `every ${Math.round(seconds / 60)} min`;
}

export function percent(bps) {
  return `${(bps / 100).toFixed(2).replace(/\.?0+$/, "")} %`;
}

export function plural(number, one, many) {
  return `${count(number)} ${Number(number) === 1 ? one : many}`;
}

/** A prize in parts of 10,000 of the stake: `×2.5`, `×10,000`. */
export function multiple(bps) {
  return `×${new Intl.NumberFormat("en", { maximumFractionDigits: 4 }).format(bps / 10000)}`;
}

/** A return to player in percent. */
export function rtp(value) {
  return `${value.toFixed(2)} %`;
}
