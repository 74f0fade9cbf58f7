// A poll or quiz in a bubble: vote, result, explanation.

import { el, icon } from "./dom.js";
import { t } from "./i18n.js";
import { richText } from "./richtext.js";

const kindOf = (poll) => {
  if (poll.is_closed) return t("closed");
  if (poll.type !== "quiz") return t("regularPoll");
  return t(poll.is_anonymous ? "anonymousQuiz" : "quizPoll");
};

export function pollView(poll, hooks) {
  const over = poll.vote !== null || poll.is_closed;
  const options = poll.options.map((option, i) =>
    (over ? result(poll, option, i) : choice(option, () => hooks.vote([i]))));
  return el("div", { class: "poll" },
    el("p", { class: "question", text: poll.question }),
    el("p", { class: "kind", text: kindOf(poll) }),
    el("div", { class: "options", role: "group", "aria-label": poll.question }, ...options),
    over ? explanation(poll, hooks) : null,
    el("p", { class: "count", text: count(poll.total_voter_count) }));
}

const count = (n) => (n === 1 ? t("vote1") : t("votes", n));

const choice = (option, onclick) =>
  el("button", { type: "button", class: "choice", onclick },
    el("span", { class: "ring" }), el("span", { text: option.text }));

function result(poll, option, i) {
  const share = poll.total_voter_count ? Math.round(100 * option.voter_count / poll.total_voter_count) : 0;
  const mine = (poll.vote || []).includes(i);
  const right = poll.type === "quiz" ? (poll.correct_option_ids || []).includes(i) : null;
  const sign = right ? "right" : mine && right === false ? "wrong" : mine ? "mine" : "";
  const said = [right ? t("right") : sign === "wrong" ? t("wrong") : "", mine ? t("yourVote") : ""];
  const bar = el("span", { class: "bar" });
  bar.style.width = `${Math.max(share, 2)}%`;
  return el("div", { class: `result ${sign}` },
    el("span", { class: "share", text: `${share}%` }),
    el("span", { class: "name", text: option.text }),
    el("span", { class: "sign", "aria-hidden": "true", text: { right: "✓", wrong: "✗", mine: "✓" }[sign] || "" }),
    el("span", { class: "sr", text: said.filter(Boolean).join(", ") }),
    bar);
}

// Telegram opens the explanation after a wrong answer; after a right one behind the lamp.
function explanation(poll, hooks) {
  if (!poll.explanation) return null;
  const wrong = (poll.vote || []).some((i) => !(poll.correct_option_ids || []).includes(i));
  return el("details", { class: "explanation", open: wrong },
    el("summary", {}, icon("lamp"), t("explain")),
    el("p", {}, richText(poll.explanation, poll.explanation_entities, hooks)));
}
