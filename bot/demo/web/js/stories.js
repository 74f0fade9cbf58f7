// What a visitor can play, step by step. Buttons are known by their data, never by their words.

import { act, post, remove } from "./api.js";
import { lang, t } from "./i18n.js";
import { nextNoon } from "./moments.js";

const PUPIL = 0;
const HELPER = 1;
const MENTOR = 2;
const RULE = /^rule:/;
const READ = /^case:\w+:read$/;
const REPLY = /^case:\w+:reply$/;
const CLOSE = /^case:\w+:close$/;
const PROMPT = /^words:stop$/;
const SEND = /^draft:\d+:preview:send$/;

// Whose phones they are: in English a class whose pupil and mentor speak it.
export const usualCast = () => (lang() === "nl" ? ["sam", "noor", "mentor"] : ["lily", "noor", "mentor2"]);
const withDeputy = () => [usualCast()[PUPIL], "deputy", usualCast()[MENTOR]];

const fault = (w, kind) => w.world.state.faults.find((each) => each.kind === kind);
const person = (w, number) => w.world.state.people.find((p) => p.key === w.world.phones[number].person);
const waits = (w) => w.world.state.waiting_updates;
const refused = (w) => fault(w, "flood")?.hits ?? 0;

// Reports are brought by day: at night the bot keeps quiet.
async function byDay(w) {
  const { clock, school } = w.world.state;
  const by = nextNoon(clock.now, school.zone);
  if (by) await post("/clock", { by });
}

async function allWell(w) {
  const { state } = w.world;
  await remove("/faults");
  for (const each of state.people) if (each.blocked) await act(each.key, "block", { blocked: false });
  if (state.bot_process === "stopped" && state.process_actions.includes("start")) await post("/process", { action: "start" });
}

async function leaveDraft(w) {
  if (w.find(PUPIL, /^draft:/)) await w.sayOn(PUPIL, "/stop");
}

async function begin(w) {
  await byDay(w);
  await leaveDraft(w);
  await w.sayOn(PUPIL, t("reportCommand"));
}

async function ask(w) {
  await leaveDraft(w);
  await w.sayOn(PUPIL, t("askText"));
}

const tap = (on, data) => (w) => w.tap(on, data);

async function write(w, data, text) {
  const asked = () => w.find(MENTOR, PROMPT)?.message.message_id ?? 0;
  const before = asked();
  await w.tap(MENTOR, data);
  await w.until(() => asked() > before);
  await w.sayOn(MENTOR, t(text));
}

const written = (w) => (w.view(MENTOR)?.messages || []).filter((m) => m.stamp > w.since && m.mine && !m.text?.startsWith("/"));

// The pupil got words after the mentor wrote something for that many times.
const answered = (times) => (w) => {
  const last = written(w)[times - 1];
  return last && w.news(PUPIL, (m) => m.from_bot && m.stamp > last.stamp);
};

const answer = { text: "stepAnswer", on: PUPIL, done: (w) => w.offered(PUPIL, RULE) };

export const STORIES = [
  {
    key: "ask", sign: "ask", people: usualCast,
    steps: [
      { text: "stepAsk", on: PUPIL, run: ask, done: (w) => w.told(PUPIL) },
      answer,
      { text: "stepRule", on: PUPIL, run: tap(PUPIL, RULE), done: (w) => w.news(PUPIL, (m) => m.entities?.some((e) => /blockquote/.test(e.type))) },
    ],
  },
  {
    key: "quiz", sign: "quiz", people: usualCast,
    steps: [
      { text: "stepQuiz", on: PUPIL, run: (w) => w.sayOn(PUPIL, "/quiz"), done: (w) => w.news(PUPIL, (m) => m.poll) },
      { text: "stepVote", on: PUPIL, run: vote, done: (w) => w.news(PUPIL, (m) => m.poll?.vote) },
      { text: "stepNext", on: PUPIL, done: (w) => w.view(PUPIL)?.messages.filter((m) => m.poll && m.stamp > w.since).length > 1 },
    ],
  },
  {
    key: "report", sign: "flag", people: usualCast,
    steps: [
      { text: "stepReport", on: PUPIL, run: begin, done: (w) => w.offered(PUPIL, /^draft:stop$/) },
      { text: "stepTell", on: PUPIL, run: (w) => w.fillReport(PUPIL), done: (w) => w.offered(PUPIL, SEND) },
      { text: "stepSend", on: PUPIL, run: tap(PUPIL, SEND), done: (w) => w.offered(MENTOR, READ) },
      { text: "stepRead", on: MENTOR, run: tap(MENTOR, READ), done: (w) => w.offered(MENTOR, REPLY) },
      { text: "stepSeen", on: PUPIL, done: (w) => w.news(PUPIL, (m) => m.from_bot) },
    ],
  },
  {
    key: "mentor", sign: "person", people: usualCast,
    steps: [
      { text: "stepOpen", on: MENTOR, run: (w) => w.sayOn(MENTOR, t("openCommand")), done: (w) => w.news(MENTOR, (m) => m.from_bot) },
      { text: "stepOpenRead", on: MENTOR, run: readOne, done: (w) => w.offered(MENTOR, REPLY) },
      { text: "stepReply", on: MENTOR, run: (w) => write(w, REPLY, "replyText"), done: answered(1) },
      { text: "stepClose", on: MENTOR, run: (w) => write(w, CLOSE, "closeText"), done: (w) => written(w).length > 1 },
      { text: "stepClosed", on: PUPIL, done: (w) => answered(2)(w) && !w.offered(MENTOR, CLOSE) },
    ],
  },
];

export const FAILURES = [
  {
    key: "outage", people: usualCast, leave: allWell,
    steps: [
      { text: "stepOutage", run: async (w) => { await allWell(w); await post("/faults", { kind: "outage" }); }, done: (w) => fault(w, "outage") },
      { text: "stepOutageAsk", on: PUPIL, run: ask, done: (w) => w.told(PUPIL) },
      { text: "stepOutageLift", count: waits, run: () => remove("/faults"), done: (w) => !fault(w, "outage") },
      { ...answer, text: "stepOutageAnswer" },
    ],
  },
  {
    key: "flood", people: usualCast, leave: allWell,
    steps: [
      { text: "stepFlood", run: async (w) => { await allWell(w); await post("/faults", { kind: "flood", method: "sendMessage", retry_after: 2, times: 2 }); }, done: (w) => fault(w, "flood") },
      { text: "stepFloodAsk", on: PUPIL, run: ask, done: (w) => w.told(PUPIL) },
      { text: "stepFloodWait", on: PUPIL, count: refused, done: (w) => refused(w) >= 2 },
      { ...answer, text: "stepFloodAnswer" },
    ],
  },
  {
    key: "blocked", people: withDeputy, leave: allWell,
    steps: [
      { text: "stepBlock", on: MENTOR, run: async (w) => { await allWell(w); await byDay(w); await leaveDraft(w); await act(person(w, MENTOR).key, "block", { blocked: true }); }, done: (w) => person(w, MENTOR)?.blocked },
      { text: "stepBlockReport", on: PUPIL, run: async (w) => { await w.fillReport(PUPIL); await w.tap(PUPIL, SEND); }, done: (w) => w.offered(HELPER, READ) },
      { text: "stepBlockRead", on: HELPER, run: tap(HELPER, READ), done: (w) => w.offered(HELPER, REPLY) },
      { text: "stepUnblock", on: MENTOR, run: (w) => act(person(w, MENTOR).key, "block", { blocked: false }), done: (w) => !person(w, MENTOR)?.blocked },
    ],
  },
  {
    key: "killed", people: usualCast, leave: allWell, needs: "kill",
    steps: [
      { text: "stepReport", on: PUPIL, run: begin, done: (w) => w.offered(PUPIL, /^draft:stop$/) },
      { text: "stepKill", run: () => post("/process", { action: "kill" }), done: (w) => w.world.state.bot_process === "stopped" },
      { text: "stepKillTell", on: PUPIL, run: (w) => w.sayOn(PUPIL, t("whatText")), done: (w) => w.told(PUPIL) },
      { text: "stepRestart", count: waits, run: () => post("/process", { action: "start" }), done: (w) => w.world.state.bot_process === "running" },
      { text: "stepGoesOn", on: PUPIL, done: (w) => w.offered(PUPIL, /^draft:\d+:app:/) },
    ],
  },
];

async function vote(w) {
  const poll = await w.until(() => w.view(PUPIL).messages.findLast((m) => m.poll && m.poll.vote === null && m.stamp > w.since));
  await w.world.phones[PUPIL].do("vote", { message_id: poll.message_id, options: [0] });
}

// Reads an open report; where there is none, the story of one comes first.
async function readOne(w) {
  if (w.offered(MENTOR, READ)) await w.tap(MENTOR, READ);
  else w.world.play("report");
}
