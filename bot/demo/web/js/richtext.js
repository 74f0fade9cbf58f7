// Telegram text with entities (offsets in UTF-16, as JavaScript counts) to elements.

import { el } from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", spoiler: "span",
};

function wrap(entity, text, hooks) {
  const tag = TAGS[entity.type];
  if (tag) return el(tag, entity.type === "spoiler" ? { class: "spoiler", tabindex: "0" } : {});
  if (entity.type === "bot_command") {
    return el("a", { href: "#", onclick: (e) => { e.preventDefault(); hooks.say(text); } });
  }
  if (entity.type === "url" || entity.type === "text_link") {
    const url = entity.url || (text.includes("://") ? text : `https://${text}`);
    return link(url, hooks);
  }
  return el("span", { class: `entity ${entity.type}` });
}

// A deep link to the bot opens in this phone; any other address in a new tab.
export function link(url, hooks) {
  if (!/^(https?|tg|mailto|tel):/i.test(url)) return el("span");
  return el("a", {
    href: url, target: "_blank", rel: "noreferrer noopener",
    onclick: (event) => {
      const payload = hooks.deepLink(url);
      if (payload === null) return;
      event.preventDefault();
      hooks.start(payload);
    },
  });
}

export function richText(text, entities = [], hooks) {
  const root = document.createDocumentFragment();
  fill(root, text, [...entities], 0, text.length, hooks);
  return root;
}

function fill(parent, text, entities, from, to, hooks) {
  let at = from;
  while (entities.length && entities[0].offset < to) {
    const entity = entities.shift();
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at) continue;
    parent.append(text.slice(at, entity.offset));
    const node = wrap(entity, text.slice(entity.offset, end), hooks);
    const inner = [];
    while (entities.length && entities[0].offset < end) inner.push(entities.shift());
    fill(node, text, inner, entity.offset, end, hooks);
    parent.append(node);
    at = end;
  }
  parent.append(text.slice(at, to));
}
