// Messages against JSON schemas: extracts of GitHub's and Google's own descriptions.

import { readFileSync } from "node:fs";

const read = (name) => JSON.parse(readFileSync(new URL(`schemas/${name}`, import.meta.url)));

/** A check for each kind that has a schema. */
export function schemas(load) {
  const Ajv = load("ajv").default;
  const formats = load("ajv-formats").default;
  const check = (schema) => {
    const ajv = formats(new Ajv({ strict: false, allErrors: true }));
    const validate = ajv.compile(schema);
    const say = ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`;
    return (value) => (validate(value) ? [] : validate.errors.map(say));
  };
  const { create, update, comment } = read("github.json");
  return {
    "github-create": check(create),
    "github-update": check(update),
    "github-comment": check(comment),
    "google-chat": check(read("google_chat.json")),
  };
}
