// Messages as TypeScript: each becomes a constant of the type that the service's own package
// declares. They are object literals, so that a key which nobody knows is an error too.

import path from "node:path";

export const TYPES = {
  "slack-webhook": "SlackHook",
  "slack-post": "SlackPost",
  "slack-update": "SlackUpdate",
  discord: "Discord",
  mattermost: "Mattermost",
  "linear-create": "Linear.IssueCreateInput",
  "linear-update": "Linear.IssueUpdateInput",
  "linear-comment": "Linear.CommentCreateInput",
};

// What surrounds blocks and attachments has no published type: those four are ours.
// Channel, name and picture are for webhooks of the older kind.
const HEAD = [
  `import type { KnownBlock, MessageAttachment } from "@slack/types";`,
  `import type { RESTPostAPIWebhookWithTokenJSONBody as Discord } from "discord-api-types/v10";`,
  `import type { MessageAttachment as MattermostAttachment } from "@mattermost/types/message_attachments";`,
  `import type { LinearDocument as Linear } from "@linear/sdk";`,
  `interface SlackText { text: string; blocks?: KnownBlock[]; attachments?: MessageAttachment[] }`,
  `interface SlackHook extends SlackText { channel?: string; username?: string; icon_emoji?: string; icon_url?: string; unfurl_links?: boolean; unfurl_media?: boolean }`,
  `interface SlackPost extends SlackHook { channel: string; thread_ts?: string; reply_broadcast?: boolean }`,
  `interface SlackUpdate extends SlackText { channel: string; ts: string; parse?: "none" | "full" }`,
  `interface Mattermost { text?: string; username?: string; icon_url?: string; icon_emoji?: string; channel?: string; attachments?: MattermostAttachment[]; props?: Record<string, unknown>; priority?: unknown }`,
];

/** Adds to each message what the compiler says of it. */
export function typed(load, folder, messages) {
  if (messages.length === 0) return;
  const ts = load("typescript");
  const constants = messages.map(
    ({ kind, value }, index) => `export const m${index}: ${TYPES[kind]} = ${JSON.stringify(value)};`,
  );
  const file = path.join(folder, "messages.ts");
  const text = [...HEAD, ...constants].join("\n");
  const program = programOf(ts, file, text);
  const found = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
  for (const one of [...program.getGlobalDiagnostics(), ...found]) {
    const says = ts.flattenDiagnosticMessageText(one.messageText, " ").slice(0, 400);
    const line = one.file ? one.file.getLineAndCharacterOfPosition(one.start).line : 0;
    if (line < HEAD.length) throw new Error(`the types themselves: ${says}`);
    messages[line - HEAD.length].errors.push(says);
  }
}

/** A program of one file, which stands nowhere but beside the packages that it imports. */
function programOf(ts, file, text) {
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, text, version) : getSourceFile(name, version, ...rest);
  return ts.createProgram([file], options, host);
}
