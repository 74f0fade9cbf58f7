// A story in steps: the visitor does them, or lets the page do them; what came true gets a tick.

import { act, get } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";

const isDraft = (data) => /^draft:\d+:/.test(data);

const buttonsOf = (message) => (message.reply_markup?.inline_keyboard || []).flat();

export class Guide {
  constructor(root, world) {
    this.guide = this;
    this.root = root;
    this.world = world;
    this.waiting = [];
    this.title = el("h2", {});
    this.count = el("span", { class: "count" });
    this.list = el("ol", { class: "steps" });
    this.said = el("p", { class: "sr", role: "status" });
    this.go = el("button", { type: "button", class: "primary", id: "guide-go", onclick: () => this.play() });
    this.root.replaceChildren(
      el("div", { class: "head" }, this.title, this.count),
      this.list, this.said, this.go, iconButton("close", "", () => this.stop(), { id: "guide-close" }));
  }

  async start(story) {
    await this.leave();
    this.at = 0;
    this.played = -1;
    this.most = [];
    this.key = story.key;
    this.cast(story);
    this.since = (await get("/state")).version;
    this.story = story;
    this.world.refresh();
    this.choose();
    this.render();
    await this.play();
  }

  async stop() {
    this.root.hidden = true;
    this.shown = "";
    document.querySelector(`[data-story="${this.key}"]`)?.focus();
    await this.leave();
  }

  // What still waits gives up, and what a story of failure broke is whole again.
  async leave() {
    const { story } = this;
    this.story = null;
    this.busy = null;
    for (const each of this.waiting) each.failed(new Error(""));
    this.waiting = [];
    await story?.leave?.(this);
  }

  // Gives each phone its owner in this story, as far as the school has them.
  cast({ people }) {
    people().forEach((key, i) => {
      if (key && this.world.state.people.some((person) => person.key === key)) this.world.phones[i].use(key);
    });
  }

  get step() { return this.story?.steps[this.at]; }

  async play() {
    const { story, step } = this;
    if (!step?.run || this.busy || this.played === this.at) return;
    this.played = this.at;
    const playing = Object.create(this, { playing: { value: story } });
    this.busy = playing;
    this.choose();
    this.render();
    try {
      await step.run(playing);
    } catch (error) {
      if (error.message) this.world.phones[step.on ?? 0].notice(error.message);
    }
    if (this.busy !== playing) return;
    this.busy = null;
    this.tick();
  }

  choose() {
    if (this.step?.on !== undefined) this.world.choose(this.step.on);
  }

  // Called after every news: what waited may go on, and steps that came true are ticked.
  tick() {
    this.waiting = this.waiting.filter((each) => {
      const found = each.test();
      if (found) each.done(found);
      return !found;
    });
    if (!this.story || this.busy) return;
    const before = this.at;
    while (this.step?.done(this)) this.at += 1;
    if (this.at !== before) this.choose();
    this.render();
  }

  // Waits for news that `test` finds something in; gives up when another story was begun.
  until(test) {
    const { guide } = this;
    return new Promise((done, failed) => {
      if (this.playing !== guide.story) failed(new Error(""));
      guide.waiting.push({ test, done, failed });
      guide.tick();
    });
  }

  render() {
    const { story, step } = this;
    if (!story) return;
    this.root.hidden = false;
    const texts = story.steps.map((each, i) => t(each.text, this.highest(each, i)));
    const waits = Boolean(this.busy) || this.played === this.at;
    const shown = JSON.stringify([story.key, this.at, texts, waits, t("doIt")]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.root.dataset.storyNow = story.key;
    this.root.dataset.at = step ? String(this.at) : "end";
    this.title.textContent = t(story.key);
    this.count.textContent = step ? `${this.at + 1}/${story.steps.length}` : t("storyDone");
    this.list.replaceChildren(...texts.map((text, i) => this.item(text, i)));
    this.say(step ? texts[this.at] : t("storyDone"));
    this.go.textContent = t("doIt");
    this.go.hidden = !step?.run;
    this.go.setAttribute("aria-disabled", String(waits));
    document.getElementById("guide-close").setAttribute("aria-label", t("stopStory"));
  }

  // A count that a step shows stays as high as it was.
  highest(step, i) {
    if (i === this.at) this.most[i] = Math.max(this.most[i] ?? 0, step.count?.(this) ?? 0);
    return this.most[i] ?? 0;
  }

  say(text) {
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  item(text, i) {
    const done = i < this.at;
    const now = i === this.at;
    return el("li", { class: done ? "done" : now ? "now" : "", "aria-current": now ? "step" : null },
      done ? icon("check") : el("span", { class: "number", "aria-hidden": "true", text: String(i + 1) }),
      done ? el("span", { class: "sr", text: `${t("done")}: ` }) : null,
      el("span", { text }));
  }

  // what steps do and look at; a phone is given by its number

  view(number) { return this.world.phones[number].view; }

  news(number, test) {
    return (this.view(number)?.messages || []).some((m) => m.stamp > this.since && test(m));
  }

  told(number) { return this.news(number, (m) => m.mine && !m.text?.startsWith("/")); }

  offered(number, data) {
    return this.news(number, (m) => m.from_bot && buttonsOf(m).some((b) => data.test(b.callback_data || "")));
  }

  find(number, data) {
    for (const message of [...(this.view(number)?.messages || [])].reverse()) {
      const button = buttonsOf(message).find((b) => data.test(b.callback_data || ""));
      if (button) return { message, button };
    }
    return null;
  }

  async sayOn(number, text) {
    const phone = this.world.phones[number];
    const view = await this.until(() => phone.view);
    if (!view.started) await act(phone.person, "start", {});
    await phone.do("say", { text });
  }

  async tap(number, data) {
    const { message, button } = await this.until(() => this.find(number, data));
    await this.world.phones[number].do("tap", { message_id: message.message_id, label: button.text });
  }

  // Answers what the bot asks about a report until the preview stands there.
  async fillReport(number) {
    const newest = () => (this.view(number)?.messages || []).findLast((m) => m.from_bot);
    const asks = () => newest() && buttonsOf(newest()).some((b) => /^draft:/.test(b.callback_data || "")) && newest();
    let seen = 0;
    if (!asks()) await this.sayOn(number, t("reportCommand"));
    for (;;) {
      // a tapped question is replaced by the next one: news shows by its stamp, not by its number
      const question = await this.until(() => asks() && asks().stamp > seen && asks());
      seen = question.stamp;
      const choices = buttonsOf(question).filter((b) => isDraft(b.callback_data || ""));
      if (choices.some((b) => b.callback_data.endsWith(":preview:send"))) return;
      if (choices.length) await this.world.phones[number].do("tap", { message_id: question.message_id, label: usual(choices).text });
      else await this.sayOn(number, t("whatText"));
    }
  }
}

// Where and when get the first answer; the rest "no" or "skip", where that is offered.
function usual(choices) {
  const first = /:(app|when|class):/.test(choices[0].callback_data);
  return (!first && choices.find((b) => /:(no|skip)$/.test(b.callback_data))) || choices[0];
}
