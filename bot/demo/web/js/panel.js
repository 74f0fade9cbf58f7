// Make Telegram fail, stop the bot, move the clock.

import { post, remove } from "./api.js";
import { el } from "./dom.js";
import { day, lang, t, time } from "./i18n.js";
import { secondsUntil, untilHoliday } from "./moments.js";
import { FAILURES } from "./stories.js";

const FAULTS = [
  ["outage", {}],
  ["flood", { retry_after: 3 }],
  ["stall", { seconds: 8 }],
  ["reset_before", {}],
];
const HOUR = 3600;
const DAY = 24 * HOUR;

export class Panel {
  constructor(root, shared) {
    this.root = root;
    this.shared = shared;
  }

  get open() { return !this.root.hidden; }

  toggle(yes = this.root.hidden) {
    this.root.hidden = !yes;
    if (yes) this.show(this.shared.state);
  }

  show(state) {
    if (this.root.hidden) return;
    const text = JSON.stringify([lang(), state.faults.map((f) => [f.kind, f.hits === f.times]), state.bot_process, state.process_actions, state.clock.offset, state.people.map((p) => p.blocked)]);
    if (text !== this.shown) {
      this.shown = text;
      const focused = document.activeElement?.dataset?.key;
      this.root.replaceChildren(this.stories(state), ...this.process(state), this.faults(state), this.clock());
      if (focused) this.root.querySelector(`[data-key="${focused}"]`)?.focus();
    }
    this.tick(state);
  }

  tick(state) {
    const now = this.root.querySelector("output.now");
    if (now) now.textContent = `${day(state.clock.now)}, ${time(state.clock.now)}`;
    const waiting = this.root.querySelector("output.waiting");
    const refused = state.faults.reduce((sum, fault) => sum + fault.hits, 0);
    this.root.querySelector("output.refused").textContent = refused ? t("refused", refused) : "";
    if (waiting) waiting.textContent = state.waiting_updates ? t("waiting", state.waiting_updates) : "";
  }

  button(key, onclick, pressed) {
    return el("button", {
      type: "button", class: `chip${pressed ? " on" : ""}`, "data-key": key, text: t(key), onclick,
      "aria-pressed": pressed === undefined ? null : String(pressed),
    });
  }

  group(title, ...children) {
    return el("div", { class: "group", role: "group", "aria-label": t(title) },
      el("h2", { text: t(title) }), el("div", { class: "chips" }, ...children));
  }

  stories(state) {
    const fitting = FAILURES.filter((story) => !story.needs || state.process_actions.includes(story.needs));
    return this.group("failStories", ...fitting.map((story) => el("button", {
      type: "button", class: "chip story-chip", "data-key": `story-${story.key}`, "data-story": story.key,
      text: t(story.key), onclick: () => this.shared.play(story.key),
    })));
  }

  faults(state) {
    const set = new Set(state.faults.filter((f) => f.times === null || f.hits < f.times).map((f) => f.kind));
    const mentor = state.people.find((p) => p.key === this.shared.mentor());
    const chips = FAULTS.map(([kind, more]) => this.button(kind,
      () => (set.has(kind) ? remove("/faults", { kind }) : post("/faults", { kind, ...more })), set.has(kind)));
    if (mentor) {
      chips.push(this.button("blockMentor",
        () => post("/do/block", { person: mentor.key, blocked: !mentor.blocked }), mentor.blocked));
    }
    return this.group("faults", ...chips, this.button("lift", () => remove("/faults")), el("output", { class: "refused" }));
  }

  process(state) {
    if (!state.process_actions.length) return [];
    const chips = state.process_actions.filter((a) => a === "kill" || a === "restart")
      .map((action) => this.button(action, () => post("/process", { action })));
    const status = el("output", { class: `lamp ${state.bot_process}`, text: t(state.bot_process === "running" ? "running" : "stopped") });
    return [this.group("process", status, el("output", { class: "waiting" }), ...chips)];
  }

  clock() {
    const move = (seconds) => post("/clock", { by: seconds });
    const at = (...given) => move(secondsUntil(this.shared.state.clock.now, this.shared.state.school.zone, ...given));
    return this.group("clock", el("output", { class: "now" }),
      this.button("hourOn", () => move(HOUR)),
      this.button("dayOn", () => move(DAY)),
      this.button("schoolday", () => at((d) => d > 0 && d < 6, 10, 30)),
      this.button("night", () => at(() => true, 23, 30)),
      this.button("saturday", () => at((d) => d === 6, 12, 0)),
      this.button("holiday", () => move(untilHoliday(this.shared.state.clock.now, this.shared.state.school))),
      this.button("realTime", () => post("/clock", { offset: 0 })));
  }
}
