// Messages of our services, held against the types, schemas and parsers that their makers publish.
//
// Standard input has a message a line: {"id", "kind", "value"}. Standard output says of each, in the
// same order, {"id", "errors": [...]}. The packages stand in the folder that is the only argument.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { cards, teams } from "./cards.mjs";
import { discord } from "./discord.mjs";
import { schemas } from "./schemas.mjs";
import { TYPES, typed } from "./types.mjs";

const folder = path.resolve(process.argv[2]);
const load = createRequire(path.join(folder, "package.json"));
const lines = readFileSync(0, "utf8").split("\n").filter(Boolean);
const messages = lines.map((line) => ({ ...JSON.parse(line), errors: [] }));
const among = (kind) => messages.some((message) => message.kind === kind);

function signed({ secret, headers, body }) {
  const { Webhook } = load("standardwebhooks");
  try {
    new Webhook(secret).verify(body, headers);
    return [];
  } catch (error) {
    return [error.message];
  }
}

const checks = { ...schemas(load), signed };
if (among("card") || among("teams")) {
  const card = cards(load);
  Object.assign(checks, { card, teams: (value) => teams(value, card) });
}
if (among("discord")) checks.discord = discord(load);

typed(load, folder, messages.filter((message) => message.kind in TYPES));
for (const message of messages) {
  const check = checks[message.kind];
  if (!check && !(message.kind in TYPES)) message.errors.push(`there is no check for ${message.kind}`);
  if (check) message.errors.push(...check(message.value));
}
const answers = messages.map(({ id, errors }) => JSON.stringify({ id, errors }));
process.stdout.write(answers.join("\n") + "\n");
