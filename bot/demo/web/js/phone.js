// One phone: whose it is, the chat, and all ways to answer.

import { act, get } from "./api.js";
import { bubble } from "./bubbles.js";
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { day, lang, t } from "./i18n.js";

const NEAR_END = 120;

export class Phone {
  constructor(number, shared) {
    this.number = number;
    this.shared = shared;
    this.person = null;
    this.shown = new Map();
    this.root = el("section", { class: "phone", id: `phone-${number}` });
    this.build();
  }

  // Builds everything anew: at the start and when the language changes.
  build() {
    this.shown.clear();
    this.version = 0;
    this.picker = el("select", { id: `who-${this.number}`, onchange: () => this.use(this.picker.value) });
    this.status = el("span", { class: "status", text: t("bot") });
    this.title = el("h2", { text: "Vuistregel" });
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", onscroll: () => this.scrolled(), onkeydown: (event) => this.leaveBy(event) });
    this.atEnd = true;
    // Whoever reads the newest message keeps reading it when the chat grows, shrinks or appears.
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.log);
    this.toast = el("div", { class: "toast", role: "status" });
    this.composer = new Composer(this);
    this.root.replaceChildren(
      el("div", { class: "owner" },
        el("label", { for: this.picker.id, text: t("phoneOf") }), this.picker),
      el("div", { class: "device" },
        el("header", { class: "bar" },
          el("span", { class: "avatar" }, el("img", { src: "icon.svg", alt: "", width: "38", height: "38" })),
          el("div", { class: "names" }, this.title, this.status),
          this.composer.more),
        this.log, this.toast, ...this.composer.parts));
    this.people = "";
  }

  use(key) {
    if (this.person === key) return;
    this.person = key;
    this.view = null;
    this.shown.clear();
    this.log.replaceChildren();
    this.atEnd = true;
    this.composer.reset();
    this.shared.remember();
    this.refresh();
  }

  showPeople(state) {
    const people = JSON.stringify(state.people.map((p) => [p.key, p.first_name, p.role[lang()]]));
    if (people !== this.people) {
      this.people = people;
      this.picker.replaceChildren(...state.people.map((p) => el("option", {
        value: p.key, text: [`${p.first_name} ${p.last_name || ""}`.trim(), p.role[lang()]].filter(Boolean).join(" · "),
      })));
    }
    this.picker.value = this.person;
    this.title.textContent = state.bot.first_name;
    const person = state.people.find((p) => p.key === this.person);
    this.root.setAttribute("aria-label", `${this.number + 1}. ${t("phoneOf")} ${person ? person.first_name : ""}`);
    this.log.setAttribute("aria-label", `${t("message")}: ${person ? person.first_name : ""}`);
  }

  async refresh() {
    const key = this.person;
    const view = await get(`/chat?person=${encodeURIComponent(key)}`);
    if (key === this.person) this.show(view);
  }

  show(view) {
    this.view = view;
    const typing = view.action === "typing";
    this.status.textContent = view.action ? t(typing ? "typing" : "uploading") : t("bot");
    this.status.classList.toggle("typing", Boolean(view.action));
    this.composer.show(view);
    this.showMessages(view);
  }

  showMessages(view) {
    const wanted = [];
    let lastDay = "";
    for (const message of view.messages) {
      const today = day(message.date);
      if (today !== lastDay) wanted.push(this.keep(`day-${today}`, 0, () => el("p", { class: "day" }, el("span", { text: today }))));
      lastDay = today;
      wanted.push(this.keep(`m-${message.message_id}`, message.stamp, () => bubble(message, this.hooks())));
    }
    if (!wanted.length) wanted.push(this.keep("empty", view.description, () => this.welcome(view)));
    this.place(wanted);
    if (view.action) this.log.append(this.typing ||= el("p", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")));
    else this.typing?.remove();
    if (this.atEnd || wanted.at(-1)?.dataset.fresh) this.toEnd();
    for (const node of wanted) delete node.dataset.fresh;
  }

  scrolled() {
    if (!this.log.clientHeight) return;
    this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  leaveBy(event) {
    if (event.key === "Escape") this.composer.input.focus();
  }

  // To the first button of the newest message that has any.
  enter() {
    const last = [...this.log.querySelectorAll(".message")].findLast((each) => each.querySelector(".key, .choice, summary"));
    last?.querySelector(".key, .choice, summary").focus();
  }

  toEnd() {
    this.atEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  // Returns the element shown before, or a new one when the message changed.
  keep(key, stamp, make) {
    const old = this.shown.get(key);
    if (old && old.stamp === stamp) return old.node;
    const node = make();
    if (!old) node.dataset.fresh = "1";
    this.shown.set(key, { stamp, node });
    return node;
  }

  // Puts the elements in order without touching those that stand right. A button that goes while
  // it has the focus passes it on to the newest message, so that keys go on from there.
  place(wanted) {
    const held = this.log.contains(document.activeElement) && document.activeElement !== this.log;
    this.arrange(wanted);
    if (!held || this.log.contains(document.activeElement)) return;
    wanted.at(-1).tabIndex = -1;
    wanted.at(-1).focus({ preventScroll: true });
  }

  arrange(wanted) {
    const nodes = new Set(wanted);
    for (const child of [...this.log.children]) if (!nodes.has(child)) child.remove();
    for (const [key, { node }] of this.shown) if (!nodes.has(node)) this.shown.delete(key);
    wanted.forEach((node, i) => {
      if (this.log.children[i] !== node) this.log.insertBefore(node, this.log.children[i] || null);
    });
  }

  welcome(view) {
    return el("div", { class: "welcome" }, el("img", { src: "icon.svg", alt: "", width: "72", height: "72" }),
      el("p", { text: view.description || t("empty") }));
  }

  hooks() {
    return {
      say: (text) => this.do("say", { text }),
      start: (payload) => this.do("start", { payload }),
      deepLink: (url) => this.shared.deepLink(url),
      vote: (message, options) => this.do("vote", { message_id: message.message_id, options }),
      replyTo: (message) => this.composer.replyTo(message),
      edit: (message) => this.composer.edit(message),
      tap: (message, button, node) => this.tap(message, button, node),
    };
  }

  async do(action, given) {
    try {
      return await act(this.person, action, given);
    } catch (error) {
      this.notice(error.message);
      return {};
    }
  }

  async tap(message, button, node) {
    node.classList.add("waiting");
    node.setAttribute("aria-busy", "true");
    const opened = await this.do("tap", { message_id: message.message_id, label: button.text });
    if (opened.query_id) await this.awaitAnswer(opened.query_id);
    else this.open(opened);
    node.classList.remove("waiting");
    node.removeAttribute("aria-busy");
  }

  open(opened) {
    const inline = opened.switch_inline_query_current_chat ?? opened.switch_inline_query;
    if (inline !== undefined) this.composer.write(`@${this.shared.state.bot.username} ${inline}`);
    if (opened.copy_text) navigator.clipboard?.writeText(opened.copy_text.text);
  }

  async awaitAnswer(id) {
    const { answer } = await get(`/query/${id}?wait=15`).catch(() => ({}));
    if (!answer?.text) return;
    if (answer.show_alert) this.shared.alert(answer.text);
    else this.notice(answer.text);
  }

  notice(text) {
    this.toast.textContent = text;
    this.toast.classList.add("seen");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.toast.classList.remove("seen"), 4000);
  }
}
