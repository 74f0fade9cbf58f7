// Make Telegram fail, stop the bot, move the clock.

import { post, remove } from "./api.js";
import { el } from "./dom.js";
import { day, lang, t, time } from "./i18n.js";

const FAULTS = [
  ["outage", {}],
  ["flood", { retry_after: 3 }],
  ["stall", { seconds: 8 }],
  ["reset_before", {}],
];
const HOUR = 3600;
const DAY = 24 * HOUR;
const ZONE = "Europe/Amsterdam";

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
    const text = JSON.stringify([lang(), state.faults, state.bot_process, state.process_actions, state.clock.offset, state.people.map((p) => p.blocked)]);
    if (text !== this.shown) {
      this.shown = text;
      const focused = document.activeElement?.dataset?.key;
      this.root.replaceChildren(this.faults(state), ...this.process(state), this.clock(state));
      if (focused) this.root.querySelector(`[data-key="${focused}"]`)?.focus();
    }
    this.tick(state);
  }

  tick(state) {
    const now = this.root.querySelector("output.now");
    if (now) now.textContent = `${day(state.clock.now)}, ${time(state.clock.now)}`;
    const waiting = this.root.querySelector("output.waiting");
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

  faults(state) {
    const set = new Set(state.faults.map((fault) => fault.kind));
    const mentor = state.people.find((p) => p.key === this.shared.mentor());
    const chips = FAULTS.map(([kind, more]) => this.button(kind,
      () => (set.has(kind) ? remove("/faults", { kind }) : post("/faults", { kind, ...more })), set.has(kind)));
    if (mentor) {
      chips.push(this.button("blockMentor",
        () => post("/do/block", { person: mentor.key, blocked: !mentor.blocked }), mentor.blocked));
    }
    return this.group("faults", ...chips, this.button("lift", () => remove("/faults")));
  }

  process(state) {
    if (!state.process_actions.length) return [];
    const chips = state.process_actions.filter((a) => a === "kill" || a === "restart")
      .map((action) => this.button(action, () => post("/process", { action })));
    const status = el("output", { class: `lamp ${state.bot_process}`, text: t(state.bot_process === "running" ? "running" : "stopped") });
    return [this.group("process", status, el("output", { class: "waiting" }), ...chips)];
  }

  clock(state) {
    const at = (test, hours, minutes) => post("/clock", { by: secondsUntil(state.clock.now, test, hours, minutes) });
    return this.group("clock", el("output", { class: "now" }),
      this.button("hourOn", () => post("/clock", { by: HOUR })),
      this.button("dayOn", () => post("/clock", { by: DAY })),
      this.button("schoolday", () => at((d) => d > 0 && d < 6, 10, 30)),
      this.button("night", () => at(() => true, 23, 30)),
      this.button("saturday", () => at((d) => d === 6, 12, 0)),
      this.button("realTime", () => post("/clock", { offset: 0 })));
  }
}

// Seconds from `now` to the next moment in the school's zone on a fitting weekday at that time.
function secondsUntil(now, fits, hours, minutes) {
  for (let minute = 1; minute <= 8 * 24 * 60; minute += 1) {
    const then = Math.floor(now / 60) * 60 + minute * 60;
    const local = new Date(new Date(then * 1000).toLocaleString("en-US", { timeZone: ZONE }));
    if (local.getHours() === hours && local.getMinutes() === minutes && fits(local.getDay())) return then - now;
  }
  return 0;
}
