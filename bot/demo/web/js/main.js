// The page: three phones, stories, language, theme, and news from the stand-in.

import { get, listen, act } from "./api.js";
import { el, icon } from "./dom.js";
import { fillStatic, lang, t, useLanguage } from "./i18n.js";
import { Panel } from "./panel.js";
import { Phone } from "./phone.js";

const $ = (id) => document.getElementById(id);
const COUNT = 3;

const shared = {
  state: null,
  deepLink(url) {
    const name = shared.state.bot.username;
    const match = new RegExp(`(?:t\\.me/|tg://resolve\\?domain=)${name}(?:[?&]start=([\\w-]*))?$`, "i").exec(url.trim());
    return match ? match[1] || "" : null;
  },
  alert(text) {
    $("alert-text").textContent = text;
    $("alert").showModal();
  },
  remember() { localStorage.setItem("phones", JSON.stringify(phones.map((phone) => phone.person))); },
  mentor() { return phones.at(-1).person; },
};

const phones = Array.from({ length: COUNT }, (_, i) => new Phone(i, shared));
const panel = new Panel($("panel"), shared);
const seen = {};
let current = 0;

const STORIES = [
  ["ask", "hintAsk", () => sayOn(0, t("askText"))],
  ["quiz", "hintQuiz", () => sayOn(0, "/quiz")],
  ["report", "hintReport", () => sayOn(0, "/melden")],
  ["mentor", "hintMentor", () => sayOn(COUNT - 1, "/meldingen"), "person"],
  ["fail", "hintFail", () => panel.toggle(), "bolt"],
];
const ICONS = { report: "flag" };

function showStories() {
  $("stories").replaceChildren(...STORIES.map(([key, hint, run, sign]) =>
    el("button", { type: "button", class: `story ${key}`, onclick: () => { run(); $("hint").textContent = key === "fail" && !panel.open ? "" : t(hint); } },
      icon(sign || ICONS[key] || key), el("span", { text: t(key) }))));
}

async function sayOn(number, text) {
  const phone = phones[number];
  choose(number);
  if (!phone.view?.started) await act(phone.person, "start", {});
  await phone.do("say", { text });
  phone.composer.input.focus({ preventScroll: true });
}

// One phone at a time on narrow screens.
function choose(number) {
  current = number;
  document.body.dataset.phone = String(number);
  showTabs();
}

function showTabs() {
  const people = shared.state?.people || [];
  $("tabs").replaceChildren(...phones.map((phone, i) => {
    const person = people.find((p) => p.key === phone.person);
    if (i === current && person) seen[phone.person] = person.last_stamp;
    const news = person && person.last_stamp > (seen[phone.person] || 0);
    return el("button", {
      type: "button", role: "tab", id: `tab-${i}`, "aria-selected": String(i === current), "aria-controls": `phone-${i}`,
      tabindex: i === current ? "0" : "-1", onclick: () => choose(i),
    }, el("span", { text: person?.first_name || "…" }), news ? el("span", { class: "dot", role: "img", "aria-label": t("unread") }) : null);
  }));
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
  useLanguage(lang() === "nl" ? "en" : "nl");
  $("hint").textContent = "";
  speak();
  for (const phone of phones) phone.build();
  refresh();
});
$("theme").addEventListener("click", () => useTheme(dark() ? "light" : "dark"));

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
    pickPeople(shared.state.people);
    for (const phone of phones) phone.showPeople(shared.state);
    showTabs();
    panel.show(shared.state);
    await Promise.all(phones.filter((phone) => phone.person).map((phone) => phone.refresh()));
  }
  busy = false;
}

function pickPeople(people) {
  if (phones[0].person || !people.length) return;
  const kept = JSON.parse(localStorage.getItem("phones") || "[]");
  const known = new Set(people.map((p) => p.key));
  const usable = kept.length === COUNT && kept.every((key) => known.has(key));
  phones.forEach((phone, i) => { phone.person = usable ? kept[i] : people[Math.min(i, people.length - 1)].key; });
}

const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset.theme = localStorage.getItem("theme") || system;
$("phones").append(...phones.map((phone) => phone.root));
speak();
choose(0);
listen(
  () => {
    if ($("hint").textContent === t("lost")) $("hint").textContent = "";
    refresh().catch(() => { busy = false; });
  },
  () => { $("hint").textContent = t("lost"); },
);
setInterval(() => { if (panel.open) refresh().catch(() => { busy = false; }); }, 10_000);
// "is typing" ends by itself at Telegram, without news.
setInterval(() => { for (const phone of phones) if (phone.view?.action) phone.refresh().catch(() => {}); }, 1_500);
