"""Messages of our services, held against official Python libraries.

Standard input has a message a line: {"id", "kind", "value"}. Standard output says of each, in the
same order, {"id", "errors": [...]}. Slack's SDK knows lengths and counts of blocks; the library of
Standard Webhooks verifies signatures.
"""

import json
import sys

from slack_sdk.models.blocks import Block
from standardwebhooks.webhooks import Webhook


def lost(before, after, at):
    """What a model has passed over without a word: unknown to it."""
    if isinstance(before, dict):
        for key, value in before.items():
            if value == "":
                continue  # models leave it out when they write
            if not isinstance(after, dict) or key not in after:
                yield f"{at}/{key} is unknown"
            else:
                yield from lost(value, after[key], f"{at}/{key}")
    elif isinstance(before, list):
        for index, value in enumerate(before):
            there = isinstance(after, list) and index < len(after)
            yield from lost(value, after[index] if there else None, f"{at}/{index}")


def blocks(found, at):
    if len(found) > 50:
        yield f"{at}: {len(found)} blocks"
    for index, block in enumerate(found):
        place = f"{at}/{index}"
        try:
            known = Block.parse(block)
            if known is None:
                yield f"{place} is no block"
            else:
                yield from lost(block, known.to_dict(), place)
        except Exception as error:  # whatever the library says no with
            yield f"{place}: {error}"
        # The library leaves this limit of the documentation out.
        for field in block.get("fields", []):
            if len(field.get("text", "")) > 2000:
                yield f"{place}: a field has more than 2000 characters"


def slack(value):
    yield from blocks(value.get("blocks", []), "/blocks")
    for index, attachment in enumerate(value.get("attachments", [])):
        yield from blocks(attachment.get("blocks", []), f"/attachments/{index}/blocks")


def signed(value):
    try:
        Webhook(value["secret"]).verify(value["body"], value["headers"])
    except Exception as error:
        yield f"{type(error).__name__}: {error}"


CHECKS = {"slack": slack, "signed": signed}

for line in filter(str.strip, sys.stdin):
    message = json.loads(line)
    errors = list(CHECKS[message["kind"]](message["value"]))
    print(json.dumps({"id": message["id"], "errors": errors}))
