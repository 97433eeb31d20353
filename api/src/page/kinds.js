// The kinds of game: one module each, with the same functions. A kind that this page does not know is shown by its name.

import * as draw from "./draw.js";
import * as instant from "./instant.js";
import * as keno from "./keno.js";
import * as prediction from "./prediction.js";
import * as raffle from "./raffle.js";

const KINDS = { draw, instant, keno, prediction, raffle };

export function kindOf(lottery) {
  const known = KINDS[lottery?.kind];
  if (known) return known;
  const title = lottery?.kind ?? "";
  return { ...draw, name: title, game: () => title };
}
