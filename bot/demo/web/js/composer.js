// The lower part of a phone: input, menu of commands, attachments, reply keyboard, inline results.

import { act, get } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";

const SENDABLE = ["photo", "video", "voice", "document", "sticker", "location", "contact"];
const INLINE_PAUSE = 250;

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.mode = null;
    this.input = el("textarea", {
      rows: "1", placeholder: t("message"), "aria-label": t("message"), "aria-describedby": `keys-${phone.number}`, maxlength: "4096",
      oninput: () => this.typed(), onkeydown: (event) => this.key(event),
    });
    this.menuButton = el("button", {
      type: "button", class: "menu", "aria-expanded": "false", hidden: true, onclick: () => this.toggleCommands(),
    }, icon("menu"), el("span", { text: t("menu") }));
    this.sheet = el("div", { class: "sheet", hidden: true, onkeydown: (event) => this.sheetKey(event) });
    this.context = el("div", { class: "context", hidden: true });
    this.keyboard = el("div", { class: "keyboard", hidden: true, role: "group", "aria-label": t("keyboard") });
    this.attach = this.menu("attach", t("attach"), () => SENDABLE.map((kind) => [t(kind), () => phone.do("send", { kind, ...this.caption(kind) })]));
    this.attach.classList.add("up");
    this.more = this.menu("more", t("more"), () => this.moreItems());
    this.send = iconButton("send", t("sendIt"), () => this.submit(), { class: "icon go" });
    this.start = el("button", { type: "button", class: "big", text: t("start"), onclick: () => this.begin() });
    const hint = el("span", { class: "sr", id: `keys-${phone.number}`, text: t("keysHint") });
    this.bar = el("div", { class: "composer" }, this.menuButton, this.attach, this.input, hint, this.send);
    this.parts = [this.context, this.sheet, this.bar, this.start, this.keyboard];
  }

  // A button with a small menu; closes by Escape, by leaving it and after a choice.
  menu(name, label, items) {
    const list = el("div", { class: "list", role: "menu", hidden: true });
    const button = iconButton(name, label, () => open(list.hidden), { "aria-haspopup": "menu", "aria-expanded": "false" });
    const open = (yes) => {
      list.hidden = !yes;
      button.setAttribute("aria-expanded", String(yes));
      if (!yes) return;
      list.replaceChildren(...items().map(([text, run]) => el("button", {
        type: "button", role: "menuitem", text, onclick: () => { open(false); button.focus(); run(); },
      })));
      list.firstElementChild?.focus();
    };
    const step = (by) => {
      const all = [...list.children];
      all[(all.indexOf(document.activeElement) + by + all.length) % all.length]?.focus();
    };
    return el("div", {
      class: "dropdown",
      onkeydown: (event) => {
        if (list.hidden) return;
        if (event.key === "Escape") { open(false); button.focus(); }
        if (event.key === "ArrowDown") { event.preventDefault(); step(1); }
        if (event.key === "ArrowUp") { event.preventDefault(); step(-1); }
      },
      onfocusout: (event) => { if (!event.currentTarget.contains(event.relatedTarget)) open(false); },
    }, button, list);
  }

  moreItems() {
    const { phone } = this;
    const links = phone.shared.state.links.map(({ label, url }) =>
      [t("scan", label), () => phone.do("start", { payload: phone.shared.deepLink(url) })]);
    const blocked = phone.view?.blocked;
    return [
      ...links, ...this.shownCodes(),
      [t("share"), () => this.write(`@${phone.shared.state.bot.username} `)],
      [t("openLink"), () => this.askLink()],
      [t(blocked ? "unblock" : "block"), () => phone.do("block", { blocked: !blocked })],
    ];
  }

  // QR codes that other phones show: the link stands below the picture.
  shownCodes() {
    const { phone } = this;
    const codes = new Map();
    for (const other of phone.shared.phones.filter((each) => each.person !== phone.person)) {
      const shown = other.view?.messages.findLast((m) => m.photo && phone.shared.linkIn(m.caption) !== null);
      if (shown) codes.set(other.person, phone.shared.linkIn(shown.caption));
    }
    const owner = (key) => phone.shared.state.people.find((person) => person.key === key).first_name;
    return [...codes].map(([key, payload]) => [t("scanPhone", owner(key)), () => phone.do("start", { payload })]);
  }

  askLink() {
    const given = prompt(t("linkPrompt"));
    if (given) this.phone.do("start", { payload: this.phone.shared.deepLink(given) ?? given.trim() });
  }

  caption(kind) {
    const text = this.input.value.trim();
    if (!text || ["sticker", "location", "contact"].includes(kind)) return {};
    this.clear();
    return { caption: text };
  }

  begin() {
    if (this.phone.view.blocked) this.phone.do("block", { blocked: false });
    else this.phone.do("start", {});
  }

  show(view) {
    const closed = view.blocked || !view.started;
    this.start.hidden = !closed;
    this.bar.hidden = closed;
    this.start.textContent = view.blocked ? t("unblock") : t("start");
    this.commands = view.commands;
    this.menuButton.hidden = !view.commands.length || Boolean(this.input.value);
    this.showKeyboard(closed ? null : view.keyboard);
  }

  showKeyboard(keyboard) {
    const rows = keyboard?.keyboard || [];
    this.keyboard.hidden = !rows.length;
    const text = JSON.stringify(rows);
    if (text === this.keyboardShown) return;
    this.keyboardShown = text;
    this.keyboard.replaceChildren(...rows.map((row) => el("div", { class: "row" }, ...row.map((key) => {
      const label = key.text ?? key;
      return el("button", { type: "button", class: "key", text: label, onclick: () => this.phone.do("say", { text: label }) });
    }))));
    this.input.placeholder = keyboard?.input_field_placeholder || t("message");
  }

  // writing

  key(event) {
    if (event.key === "ArrowUp" && !this.input.value && this.sheet.hidden) {
      event.preventDefault();
      this.phone.enter();
    }
    if (event.key === "Escape") this.reset(false);
    if (event.key === "ArrowDown" && !this.sheet.hidden) {
      event.preventDefault();
      this.sheet.querySelector("button")?.focus();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  write(text) {
    this.input.value = text;
    this.input.focus();
    this.typed();
  }

  typed() {
    const text = this.input.value;
    this.menuButton.hidden = !this.commands?.length || Boolean(text);
    this.input.style.height = "";
    if (this.input.scrollHeight > this.input.clientHeight) {
      this.input.style.height = `${Math.min(this.input.scrollHeight, 120)}px`;
    }
    const at = `@${this.phone.shared.state.bot.username} `;
    clearTimeout(this.pause);
    if (text.startsWith(at)) this.pause = setTimeout(() => this.askInline(text.slice(at.length)), INLINE_PAUSE);
    else if (text.startsWith("/") && !text.includes(" ")) this.showCommands(text.slice(1));
    else this.closeSheet();
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const { phone, mode } = this;
    this.reset();
    if (mode?.edit) await phone.do("edit", { message_id: mode.edit.message_id, text });
    else await phone.do("say", { text, ...(mode?.reply ? { reply_to: mode.reply.message_id } : {}) });
  }

  replyTo(message) {
    this.setMode({ reply: message }, t("replyTo"), message.text || message.caption || "…");
  }

  edit(message) {
    this.setMode({ edit: message }, t("editing"), message.text);
    this.write(message.text);
  }

  setMode(mode, label, text) {
    this.mode = mode;
    this.context.replaceChildren(
      el("div", {}, el("strong", { text: label }), el("span", { text })),
      iconButton("close", t("cancel"), () => this.reset()));
    this.context.hidden = false;
    this.input.focus();
  }

  clear() {
    this.input.value = "";
    this.typed();
  }

  reset(empty = true) {
    this.mode = null;
    this.context.hidden = true;
    this.closeSheet();
    if (empty) this.clear();
  }

  // the sheet above the input: commands or inline results

  closeSheet() {
    this.sheet.hidden = true;
    this.menuButton.setAttribute("aria-expanded", "false");
  }

  sheetKey(event) {
    const rows = [...this.sheet.querySelectorAll("button")];
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { this.closeSheet(); this.input.focus(); }
    if (!by) return;
    event.preventDefault();
    (rows[rows.indexOf(document.activeElement) + by] || this.input).focus();
  }

  fillSheet(label, rows) {
    this.sheet.setAttribute("aria-label", label);
    this.sheet.setAttribute("role", "group");
    this.sheet.replaceChildren(...rows);
    this.sheet.hidden = !rows.length;
  }

  toggleCommands() {
    if (!this.sheet.hidden) { this.closeSheet(); return; }
    this.showCommands("");
    this.menuButton.setAttribute("aria-expanded", "true");
    this.sheet.querySelector("button")?.focus();
  }

  showCommands(start) {
    const fitting = (this.commands || []).filter((c) => c.command.startsWith(start));
    this.fillSheet(t("commands"), fitting.map(({ command, description }) =>
      el("button", { type: "button", class: "command", onclick: () => { this.reset(); this.phone.do("say", { text: `/${command}` }); this.input.focus(); } },
        el("span", { class: "what", text: description }), el("span", { class: "name", text: `/${command}` }))));
  }

  async askInline(query) {
    const { phone } = this;
    const { query_id: id } = await phone.do("inline", { query });
    if (!id) return;
    this.inlineId = id;
    const { answer } = await get(`/query/${id}?wait=10`).catch(() => ({}));
    if (this.inlineId !== id || !this.input.value) return;
    const rows = (answer?.results || []).map((result) => this.inlineRow(id, result));
    this.fillSheet(t("results"), rows.length ? rows : [el("p", { class: "nothing", text: t("noResults") })]);
  }

  inlineRow(id, result) {
    const choose = () => {
      this.reset();
      act(this.phone.person, "choose", { query_id: id, result_id: result.id }).catch((e) => this.phone.notice(e.message));
    };
    return el("button", { type: "button", class: "command inline", onclick: choose },
      el("strong", { text: result.title }), el("span", { class: "what", text: result.description || "" }));
  }
}
