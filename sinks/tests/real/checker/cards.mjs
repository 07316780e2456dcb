// Adaptive Cards, as Microsoft's own parser reads them. It passes over what it doesn't know, so what
// is lost between reading and writing counts as unknown.

/** A check of one card. */
export function cards(load) {
  const parser = load("adaptivecards/dist/adaptivecards.js");
  return (value) => {
    const context = new parser.SerializationContext();
    const card = new parser.AdaptiveCard();
    card.parse(value, context);
    const said = [];
    for (let i = 0; i < context.eventCount; i++) said.push(context.getEventAt(i).message);
    for (const event of card.validateProperties().validationEvents) said.push(event.message);
    // Teams knows this one, and the parser doesn't.
    const { msteams, ...known } = value;
    return said.concat(lost(known, card.toJSON(), ""));
  };
}

/** A check of a message to a workflow of Teams, with Teams' own limit of its size. */
export function teams(value, card) {
  const attachments = value.attachments;
  if (value.type !== "message" || !Array.isArray(attachments) || attachments.length === 0) {
    return ["it is no message with attachments"];
  }
  const size = Buffer.byteLength(JSON.stringify(value));
  const errors = size > 28 * 1024 ? [`it has ${size} bytes`] : [];
  for (const { contentType, content } of attachments) {
    const kind = "application/vnd.microsoft.card.adaptive";
    if (contentType !== kind) errors.push(`${contentType} is no card`);
    errors.push(...card(content));
  }
  return errors;
}

function lost(before, after, at) {
  if (Array.isArray(before)) {
    return before.flatMap((item, index) => lost(item, (after || [])[index], `${at}/${index}`));
  }
  if (before && typeof before === "object") {
    return Object.keys(before).flatMap((key) => {
      // The parser leaves an empty text out when it writes.
      const there = before[key] === "" || (after != null && key in after);
      return there ? lost(before[key], after[key] ?? "", `${at}/${key}`) : [`${at}/${key} is unknown`];
    });
  }
  return before === after ? [] : [`${at}: ${JSON.stringify(before)} is read as ${JSON.stringify(after)}`];
}
