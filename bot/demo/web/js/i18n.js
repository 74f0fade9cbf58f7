// The page's own words. What the bot says comes from the bot.

const WORDS = {
  nl: {
    tagline: "Drie telefoons, één bot, geen internet nodig",
    stories: "Begin hier", phones: "Telefoons", panel: "Telegram laten haperen en de klok verzetten",
    ask: "Vraag iets", quiz: "Doe de quiz", report: "Meld iets", mentor: "Wees de mentor",
    fail: "Laat Telegram haperen",
    askText: "mag ik een foto van mijn klas op mijn story zetten?",
    hintAsk: "De vraag staat op de eerste telefoon. Lees het antwoord en tik op een knop.",
    hintQuiz: "Vijf vragen op de eerste telefoon. Kies een antwoord; bij een fout zie je waarom.",
    hintReport: "Beantwoord de vragen van de bot. De melding komt daarna op de telefoon van de mentor.",
    hintMentor: "Tik bij een nieuwe melding op Lezen. Wat je daarna antwoordt, leest de leerling.",
    hintFail: "Kies een storing en verstuur dan iets. Hef de storing op en kijk wat er aankomt.",
    phoneOf: "Telefoon van", message: "Bericht", sendIt: "Versturen", attach: "Iets meesturen",
    menu: "Menu", more: "Meer", start: "Start", typing: "typt…", uploading: "stuurt een bestand…",
    bot: "bot", you: "Jij", edited: "bewerkt", protected: "Kan niet worden doorgestuurd",
    silent: "Zonder geluid", blocked: "Je hebt deze bot geblokkeerd.", unblock: "Blokkade opheffen",
    block: "Bot blokkeren", openLink: "Link of code openen…", scan: "QR scannen: {x}",
    photo: "Foto", video: "Video", voice: "Spraakbericht", sticker: "Sticker", location: "Locatie",
    contact: "Contact", document: "Bestand", reply: "Antwoorden", edit: "Bewerken",
    cancel: "Annuleren", replyTo: "Antwoord op", editing: "Bewerken",
    regularPoll: "Poll", quizPoll: "Quiz", anonymousQuiz: "Anonieme quiz", closed: "Gesloten",
    votes: "{x} stemmen", vote1: "1 stem", right: "goed", wrong: "fout", yourVote: "jouw antwoord",
    explain: "Uitleg", empty: "Nog geen berichten", commands: "Opdrachten",
    results: "Kaarten om te delen", noResults: "Niets gevonden", keyboard: "Toetsen",
    outage: "Telegram ligt plat", flood: "Te druk (429)", stall: "Telegram antwoordt niet",
    reset_before: "Verbinding valt weg", blockMentor: "Mentor blokkeert de bot",
    kill: "Bot afbreken", restart: "Bot starten", lift: "Alles weer goed",
    faults: "Storing", process: "Botproces", clock: "Klok", running: "draait", stopped: "ligt stil",
    waiting: "{x} wachten", now: "nu", hourOn: "1 uur later", dayOn: "1 dag later",
    saturday: "Zaterdag 12:00", schoolday: "Schooldag 10:30", night: "Vannacht 23:30",
    realTime: "Echte tijd", lost: "De speeltuin is gestopt. Start hem opnieuw met make demo.",
    today: "Vandaag", light: "Licht", dark: "Donker", unread: "nieuw", via: "via",
    linkPrompt: "Plak een link (t.me/…?start=…) of de code erachter:", other: "English",
    download: "Downloaden", forwarded: "Doorgestuurd",
  },
  en: {
    tagline: "Three phones, one bot, no internet needed",
    stories: "Start here", phones: "Phones", panel: "Make Telegram fail and move the clock",
    ask: "Ask something", quiz: "Take the quiz", report: "Report something",
    mentor: "Be the mentor", fail: "Make Telegram fail",
    askText: "can I post a photo of my class on my story?",
    hintAsk: "The question is on the first phone. Read the answer and tap a button.",
    hintQuiz: "Five questions on the first phone. Pick an answer; a wrong one shows you why.",
    hintReport: "Answer the bot's questions. The report then arrives on the mentor's phone.",
    hintMentor: "Tap Lezen under a new report. What you answer then reaches the pupil.",
    hintFail: "Pick a failure, then send something. Lift it and see what arrives.",
    phoneOf: "Phone of", message: "Message", sendIt: "Send", attach: "Send something else",
    menu: "Menu", more: "More", start: "Start", typing: "typing…", uploading: "sending a file…",
    bot: "bot", you: "You", edited: "edited", protected: "Cannot be forwarded",
    silent: "Without sound", blocked: "You blocked this bot.", unblock: "Unblock",
    block: "Block the bot", openLink: "Open a link or code…", scan: "Scan QR: {x}",
    photo: "Photo", video: "Video", voice: "Voice message", sticker: "Sticker",
    location: "Location", contact: "Contact", document: "File", reply: "Reply", edit: "Edit",
    cancel: "Cancel", replyTo: "Reply to", editing: "Editing",
    regularPoll: "Poll", quizPoll: "Quiz", anonymousQuiz: "Anonymous quiz", closed: "Closed",
    votes: "{x} votes", vote1: "1 vote", right: "right", wrong: "wrong", yourVote: "your answer",
    explain: "Explanation", empty: "No messages yet", commands: "Commands",
    results: "Cards to share", noResults: "Nothing found", keyboard: "Keys",
    outage: "Telegram is down", flood: "Too busy (429)", stall: "Telegram does not answer",
    reset_before: "Connection drops", blockMentor: "Mentor blocks the bot",
    kill: "Kill the bot", restart: "Start the bot", lift: "All well again",
    faults: "Failure", process: "Bot process", clock: "Clock", running: "running",
    stopped: "stopped", waiting: "{x} waiting", now: "now", hourOn: "1 hour later",
    dayOn: "1 day later", saturday: "Saturday 12:00", schoolday: "School day 10:30",
    night: "Tonight 23:30", realTime: "Real time",
    lost: "The playground has stopped. Start it again with make demo.",
    today: "Today", light: "Light", dark: "Dark", unread: "new", via: "via",
    linkPrompt: "Paste a link (t.me/…?start=…) or the code behind it:", other: "Nederlands",
    download: "Download", forwarded: "Forwarded",
  },
};

let language = localStorage.getItem("language")
  || (navigator.language.startsWith("nl") ? "nl" : "en");

export const lang = () => language;
export const t = (key, x = "") => (WORDS[language][key] ?? key).replace("{x}", x);

export function useLanguage(next) {
  language = next;
  localStorage.setItem("language", next);
  fillStatic();
}

// Fills what stands in the HTML: data-text for content, data-label for the accessible name.
export function fillStatic() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
  }
}

// The playground's school is in the Netherlands: its clocks show the time there.
const ZONE = { timeZone: "Europe/Amsterdam" };
export const time = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...ZONE });
export const day = (seconds) =>
  new Date(seconds * 1000).toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long", ...ZONE });
