// One message as a bubble, with what hangs under it.

import { el, icon, iconButton } from "./dom.js";
import { t, time } from "./i18n.js";
import { link, richText } from "./richtext.js";
import { pollView } from "./poll.js";

const ICONS = { video: "file", voice: "mic", audio: "mic", location: "place", contact: "person", document: "file", video_note: "file", animation: "file" };

function media(message) {
  if (message.photo) return photo(message);
  if (message.document && message.from_bot) return file(message.document);
  if (message.sticker) return el("p", { class: "sticker", role: "img", "aria-label": t("sticker"), text: message.sticker.emoji });
  const kind = Object.keys(ICONS).find((name) => message[name]);
  if (!kind) return null;
  const name = kind === "contact" ? message.contact.first_name : t(kind);
  return el("p", { class: "file" }, el("span", { class: "round" }, icon(ICONS[kind])), name);
}

function photo(message) {
  if (!message.from_bot) return el("div", { class: "picture", role: "img", "aria-label": t("photo") }, icon("person"));
  const best = message.photo.at(-1);
  return el("img", {
    class: "photo", src: `/demo/files/${best.file_id}`, alt: message.caption || t("photo"),
    width: String(best.width), height: String(best.height), loading: "lazy",
  });
}

const file = (document) =>
  el("a", { class: "file", href: `/demo/files/${document.file_id}`, download: document.file_name || "" },
    el("span", { class: "round" }, icon("file")),
    el("span", {}, document.file_name || t("document"),
      el("small", { text: `${Math.max(1, Math.round((document.file_size || 0) / 1024))} kB` })));

function quoted(original) {
  const text = original.text || original.caption || original.poll?.question || "…";
  return el("blockquote", { class: "quoted" },
    el("strong", { text: original.from.first_name }), el("span", { text: text.slice(0, 90) }));
}

function foot(message) {
  return el("span", { class: "foot" },
    message.has_protected_content ? el("span", { title: t("protected"), role: "img", "aria-label": t("protected") }, icon("lock")) : null,
    message.silent ? el("span", { title: t("silent"), role: "img", "aria-label": t("silent") }, icon("silent")) : null,
    message.edit_date ? el("span", { text: t("edited") }) : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString(), text: time(message.date) }),
    message.mine ? icon("tick") : null);
}

function inlineButton(message, button, hooks) {
  if (button.url) {
    const anchor = link(button.url, hooks);
    anchor.className = "key";
    anchor.append(el("span", { text: button.text }), icon("link"));
    return anchor;
  }
  const node = el("button", { type: "button", class: "key" }, el("span", { text: button.text }));
  if (button.style) node.classList.add(button.style);
  node.addEventListener("click", () => hooks.tap(message, button, node));
  return node;
}

function keyboard(message, hooks) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return el("div", { class: "keys" }, ...rows.map((row) =>
    el("div", { class: "row" }, ...row.map((button) => inlineButton(message, button, hooks)))));
}

function tools(message, hooks) {
  const buttons = [iconButton("reply", t("reply"), () => hooks.replyTo(message))];
  if (message.mine && message.text && !message.via_bot) {
    buttons.push(iconButton("edit", t("edit"), () => hooks.edit(message)));
  }
  return el("div", { class: "tools" }, ...buttons);
}

// Telegram shows a deep link's /start without the code behind it.
const shownText = (message) =>
  (message.mine ? message.text?.replace(/^\/start \S+$/, "/start") : message.text) ?? message.caption;

export function bubble(message, hooks) {
  const text = shownText(message);
  const entities = message.entities ?? message.caption_entities;
  const who = message.mine ? t("you") : message.from.first_name;
  const body = el("div", { class: "bubble" },
    el("span", { class: "sr", text: `${who}: ` }),
    message.chat.type !== "private" && !message.mine ? el("strong", { class: "who", text: who }) : null,
    message.via_bot ? el("small", { class: "via", text: `${t("via")} @${message.via_bot.username}` }) : null,
    message.forward_origin ? el("small", { class: "via", text: t("forwarded") }) : null,
    message.reply_to_message ? quoted(message.reply_to_message) : null,
    media(message),
    message.poll ? pollView(message.poll, { ...hooks, vote: (options) => hooks.vote(message, options) }) : null,
    text ? el("div", { class: "text", dir: "auto" }, richText(text, entities, hooks)) : null,
    foot(message));
  return el("div", { class: `message ${message.mine ? "out" : "in"}`, role: "article", "data-id": String(message.message_id) },
    el("div", { class: "line" }, body, tools(message, hooks)),
    keyboard(message, hooks),
    message.reactions.length ? el("div", { class: "reactions", text: message.reactions.join(" ") }) : null);
}
