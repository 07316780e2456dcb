// Embeds of Discord, as its builders check lengths and counts, and what these leave out.

const length = (text) => (text ?? "").length;

/** A check of a webhook's message. */
export function discord(load) {
  const { EmbedBuilder, embedLength } = load("@discordjs/builders");
  return (value) => {
    const errors = [];
    const embeds = value.embeds ?? [];
    if (length(value.content) > 2000) errors.push(`content has ${length(value.content)}`);
    if (embeds.length > 10) errors.push(`${embeds.length} embeds`);
    let together = 0;
    for (const embed of embeds) {
      try {
        together += embedLength(built(EmbedBuilder, embed).toJSON());
      } catch (error) {
        const parts = (error.errors ?? []).map((one) => (one[1] ?? one).message);
        errors.push(`an embed: ${(parts.join("; ") || error.message).slice(0, 300)}`);
      }
      const fields = embed.fields ?? [];
      if (fields.length > 25) errors.push(`${fields.length} fields`);
      if (fields.some((field) => !field.name.trim() || !field.value.trim())) errors.push("a field is empty");
    }
    if (together > 6000) errors.push(`the embeds have ${together} together`);
    return errors;
  };
}

function built(EmbedBuilder, embed) {
  const builder = new EmbedBuilder();
  if (embed.title != null) builder.setTitle(embed.title);
  if (embed.description != null) builder.setDescription(embed.description);
  if (embed.color != null) builder.setColor(embed.color);
  if (embed.url != null) builder.setURL(embed.url);
  if (embed.timestamp != null) builder.setTimestamp(new Date(embed.timestamp));
  if (embed.fields) builder.addFields(...embed.fields);
  if (embed.footer) builder.setFooter({ text: embed.footer.text });
  if (embed.author) builder.setAuthor({ name: embed.author.name, url: embed.author.url });
  return builder;
}
