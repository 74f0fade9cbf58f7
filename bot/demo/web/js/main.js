// The page: three phones, stories, language, theme, and news from the stand-in.

import { get, listen } from "./api.js";
import { el, icon } from "./dom.js";
import { Guide } from "./guide.js";
import { fillStatic, lang, t, useLanguage, useZone } from "./i18n.js";
import { Panel } from "./panel.js";
import { Phone } from "./phone.js";
import { FAILURES, STORIES, usualCast } from "./stories.js";

const $ = (id) => document.getElementById(id);
const COUNT = 3;

const shared = {
  state: null,
  deepLink(url) {
    const name = shared.state.bot.username;
    const match = new RegExp(`(?:t\\.me/|tg://resolve\\?domain=)${name}(?:[?&]start=([\\w-]*))?$`, "i").exec(url.trim());
    return match ? match[1] || "" : null;
  },
  // The code of the first deep link in a text, or null.
  linkIn(text) {
    const found = (text || "").split(/\s/).map((word) => shared.deepLink(word)).find(Boolean);
    return found ?? null;
  },
  alert(text) {
    $("alert-text").textContent = text;
    $("alert").showModal();
  },
  remember() { localStorage.setItem("phones", JSON.stringify(phones.map((phone) => phone.person))); },
  mentor() { return phones.at(-1).person; },
  phones: [],
  refresh: () => refresh().catch(() => { busy = false; }),
  choose: (number) => choose(number),
  play(key) {
    if (narrow.matches && panel.open) openPanel();
    $("hint").hidden = true;
    return guide.start([...STORIES, ...FAILURES].find((story) => story.key === key));
  },
};
const narrow = matchMedia("(width < 1000px)");

const phones = Array.from({ length: COUNT }, (_, i) => new Phone(i, shared));
shared.phones = phones;
const panel = new Panel($("panel"), shared);
const guide = new Guide($("guide"), shared);
const seen = {};
let current = 0;

function showStories() {
  const button = (key, sign, onclick, more = {}) =>
    el("button", { type: "button", class: `story ${key}`, "data-story": key, onclick, ...more }, icon(sign), el("span", { text: t(key) }));
  $("stories").replaceChildren(
    ...STORIES.map(({ key, sign }) => button(key, sign, () => shared.play(key))),
    button("fail", "bolt", openPanel, { "aria-expanded": String(panel.open), "aria-controls": "panel" }));
}

function openPanel() {
  panel.toggle();
  document.querySelector('[data-story="fail"]').setAttribute("aria-expanded", String(panel.open));
}

// One phone at a time on narrow screens.
function choose(number) {
  current = number;
  document.body.dataset.phone = String(number);
  showTabs();
}

function showTabs() {
  const people = shared.state?.people || [];
  const focused = document.activeElement?.closest("#tabs [role=tab]")?.id;
  $("tabs").replaceChildren(...phones.map((phone, i) => {
    const person = people.find((p) => p.key === phone.person);
    if (i === current && person) seen[phone.person] = person.last_stamp;
    const news = person && person.last_stamp > (seen[phone.person] || 0);
    return el("button", {
      type: "button", role: "tab", id: `tab-${i}`, "aria-selected": String(i === current), "aria-controls": `phone-${i}`,
      tabindex: i === current ? "0" : "-1", onclick: () => choose(i),
    }, el("span", { text: person?.first_name || "…" }), news ? el("span", { class: "dot", role: "img", "aria-label": t("unread") }) : null);
  }));
  if (focused) $(focused).focus();
}

$("tabs").addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  choose((current + by + COUNT) % COUNT);
  $(`tab-${current}`).focus();
});

// theme and language

const dark = () => document.documentElement.dataset.theme === "dark";

function useTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  $("theme").replaceChildren(icon(dark() ? "sun" : "moon"));
  $("theme").setAttribute("aria-label", t(dark() ? "light" : "dark"));
  $("theme").title = t(dark() ? "light" : "dark");
}

function speak() {
  fillStatic();
  $("language").textContent = t("other");
  $("language").lang = lang() === "nl" ? "en" : "nl";
  showStories();
  useTheme(document.documentElement.dataset.theme);
}

$("language").addEventListener("click", () => {
  const before = usualCast();
  useLanguage(lang() === "nl" ? "en" : "nl");
  say("hint");
  speak();
  phones.forEach((phone, i) => {
    phone.build();
    if (phone.person === before[i]) phone.use(usualCast()[i]);
  });
  guide.render();
  shared.refresh();
});
$("theme").addEventListener("click", () => useTheme(dark() ? "light" : "dark"));

// The line under the stories: what to do, or that the playground is gone.
let lost = false;
function say(key) {
  lost = key === "lost";
  $("hint").hidden = !lost && Boolean(guide.story);
  $("hint").textContent = t(key);
}

// news

let busy = false;
let again = false;

async function refresh() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    shared.state = await get("/state");
    useZone(shared.state.school.zone);
    pickPeople(shared.state.people);
    for (const phone of phones) phone.showPeople(shared.state);
    showTabs();
    panel.show(shared.state);
    await Promise.all(phones.filter((phone) => phone.person).map((phone) => phone.refresh()));
    guide.tick();
  }
  busy = false;
}

function pickPeople(people) {
  if (phones[0].person || !people.length) return;
  const kept = JSON.parse(localStorage.getItem("phones") || "[]");
  const known = new Set(people.map((p) => p.key));
  const usable = kept.length === COUNT && kept.every((key) => known.has(key));
  const cast = usualCast();
  phones.forEach((phone, i) => {
    const usual = known.has(cast[i]) ? cast[i] : people[Math.min(i, people.length - 1)].key;
    phone.person = usable ? kept[i] : usual;
  });
}

const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset.theme = localStorage.getItem("theme") || system;
$("phones").append(...phones.map((phone) => phone.root));
speak();
say("hint");
choose(0);
listen(
  () => { if (lost) say("hint"); shared.refresh(); },
  () => say("lost"),
);
setInterval(() => { if (panel.open) shared.refresh(); }, 10_000);
// "is typing" ends by itself at Telegram, without news.
setInterval(() => { for (const phone of phones) if (phone.view?.action) phone.refresh().catch(() => {}); }, 1_500);
