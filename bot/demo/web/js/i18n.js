// The page's own words. What the bot says comes from the bot.

const WORDS = {
  nl: {
    tagline: "Drie telefoons, één bot, geen internet nodig",
    stories: "Begin hier", phones: "Telefoons", panel: "Telegram laten haperen en de klok verzetten",
    ask: "Vraag iets", quiz: "Doe de quiz", report: "Meld iets", mentor: "Wees de mentor",
    fail: "Laat Telegram haperen",
    askText: "mag ik een foto van mijn klas op mijn story zetten?",
    hint: "Kies een verhaal. Doe de stappen zelf op de telefoons, of laat ze voordoen.",
    failStories: "Stap voor stap", doIt: "Doe het voor mij", done: "gedaan",
    storyDone: "klaar", stopStory: "Verhaal sluiten", guide: "Wat er gebeurt",
    reportCommand: "/melden", openCommand: "/meldingen",
    whatText: "Ze sturen een foto van mij rond in een groepsapp en lachen me uit",
    replyText: "Wat vervelend. Kom morgen in de pauze even langs, dan kijken we samen.",
    closeText: "We hebben met de groep gepraat en de foto is weg.",
    stepAsk: "Een leerling stelt een vraag, in gewone taal.",
    stepAnswer: "Eerst het antwoord, dan waarom, en welke regel het is.",
    stepRule: "Tik op ‘Hele regel’: daar staat hij zoals de school hem schreef.",
    stepQuiz: "Een leerling begint een quiz van vijf vragen.",
    stepVote: "Kies een antwoord. Is het fout, dan staat er waarom.",
    stepNext: "De volgende vraag komt vanzelf. Wat fout was, komt later terug.",
    stepReport: "Een leerling begint een melding. De bot zegt eerst hoe het gaat.",
    stepTell: "De bot vraagt wat er is gebeurd, waar, wanneer en wie.",
    stepSend: "Zo ziet de leerling precies wat naar wie gaat. Dan pas: Versturen.",
    stepRead: "De mentor krijgt alleen een nummer. Pas na Lezen staat er wat er is.",
    stepSeen: "De leerling ziet: bezorgd, en gelezen.",
    stepOpen: "De mentor kijkt welke meldingen openstaan.",
    stepOpenRead: "Lees er een. Is er geen, dan komt eerst het verhaal ‘Meld iets’.",
    stepReply: "Antwoord. De leerling leest het onder jouw naam; geen van beiden ziet het account van de ander.",
    stepClose: "Rond af met één zin voor de leerling.",
    stepClosed: "De leerling hoort wat er is gedaan; op de telefoon van de mentor is de tekst weg.",
    stepOutage: "Telegram ligt plat.",
    stepOutageAsk: "Een leerling stelt een vraag. De bot kan er niet bij.",
    stepOutageLift: "Er wacht: {x}. Dan komt Telegram terug.",
    stepOutageAnswer: "Het antwoord komt alsnog, precies één keer.",
    stepFlood: "Telegram heeft het te druk en weigert de volgende twee berichten.",
    stepFloodAsk: "Een leerling stelt een vraag.",
    stepFloodWait: "De bot wacht zo lang als Telegram vraagt. Geweigerd: {x}.",
    stepFloodAnswer: "Daarna komt het antwoord, één keer.",
    stepBlock: "De mentor heeft de bot geblokkeerd.",
    stepBlockReport: "Een leerling doet een melding.",
    stepBlockRead: "Die gaat meteen naar de plaatsvervanger, en de leerling ziet dat. Tik daar op Lezen.",
    stepUnblock: "De mentor heft de blokkade op.",
    stepKill: "De bot wordt midden in de melding afgebroken.",
    stepKillTell: "De leerling vertelt wat er is. Niemand antwoordt.",
    stepRestart: "Er wacht: {x}. De bot start weer.",
    stepGoesOn: "De bot gaat verder waar hij was: niets is weg.",
    phoneOf: "Telefoon van", message: "Bericht", sendIt: "Versturen", attach: "Iets meesturen",
    menu: "Menu", more: "Meer", start: "Start", typing: "typt…", uploading: "stuurt een bestand…",
    bot: "bot", you: "Jij", edited: "bewerkt", protected: "Kan niet worden doorgestuurd",
    silent: "Zonder geluid", unblock: "Blokkade opheffen",
    block: "Bot blokkeren", openLink: "Link of code openen…", scan: "QR scannen: {x}",
    scanPhone: "QR scannen op telefoon van {x}", share: "Kaart delen met @…",
    keysHint: "Pijl omhoog in een leeg veld gaat naar de knoppen van het laatste bericht, Escape weer terug.",
    photo: "Foto", video: "Video", voice: "Spraakbericht", sticker: "Sticker", location: "Locatie",
    contact: "Contact", document: "Bestand", reply: "Antwoorden", edit: "Bewerken",
    cancel: "Annuleren", replyTo: "Antwoord op", editing: "Bewerken",
    regularPoll: "Poll", quizPoll: "Quiz", anonymousQuiz: "Anonieme quiz", closed: "Gesloten",
    votes: "{x} stemmen", vote1: "1 stem", right: "goed", wrong: "fout", yourVote: "jouw antwoord",
    explain: "Uitleg", empty: "Nog geen berichten", commands: "Opdrachten",
    results: "Kaarten om te delen", noResults: "Niets gevonden", keyboard: "Toetsen",
    outage: "Telegram ligt plat", flood: "Te druk (429)", stall: "Telegram antwoordt niet",
    reset_before: "Verbinding valt weg", blockMentor: "Mentor blokkeert de bot",
    blocked: "Mentor blokkeert de bot", killed: "Bot afgebroken",
    kill: "Bot afbreken", restart: "Bot starten", lift: "Alles weer goed",
    faults: "Storing", process: "Botproces", clock: "Klok", running: "draait", stopped: "ligt stil",
    waiting: "{x} wachten", now: "nu", hourOn: "1 uur later", dayOn: "Morgen",
    saturday: "Zaterdag 12:00", holiday: "Vakantie", refused: "{x} keer geweigerd",
    schoolday: "Schooldag 10:30", night: "Vannacht 23:30",
    realTime: "Echte tijd", lost: "De speeltuin is gestopt. Start hem opnieuw met make demo.",
    light: "Licht", dark: "Donker", unread: "nieuw", via: "via",
    linkPrompt: "Plak een link (t.me/…?start=…) of de code erachter:", other: "English",
    forwarded: "Doorgestuurd",
  },
  en: {
    tagline: "Three phones, one bot, no internet needed",
    stories: "Start here", phones: "Phones", panel: "Make Telegram fail and move the clock",
    ask: "Ask something", quiz: "Take the quiz", report: "Report something",
    mentor: "Be the mentor", fail: "Make Telegram fail",
    askText: "can I post a photo of my class on my story?",
    hint: "Pick a story. Do the steps yourself on the phones, or let the page do them.",
    failStories: "Step by step", doIt: "Do it for me", done: "done",
    storyDone: "finished", stopStory: "Close the story", guide: "What happens",
    reportCommand: "/report", openCommand: "/reports",
    whatText: "They're passing around a photo of me in a group chat and laughing at me",
    replyText: "I'm sorry to hear that. Come and see me tomorrow at break, we'll look at it together.",
    closeText: "We talked with the group and the photo is gone.",
    stepAsk: "A pupil asks a question in plain words.",
    stepAnswer: "First the answer, then why, and which rule it is.",
    stepRule: "Tap ‘Whole rule’: there it stands as the school wrote it.",
    stepQuiz: "A pupil begins a quiz of five questions.",
    stepVote: "Pick an answer. If it is wrong, you see why.",
    stepNext: "The next question comes by itself. What was wrong comes back later.",
    stepReport: "A pupil begins a report. The bot first says how it goes.",
    stepTell: "The bot asks what happened, where, when and who.",
    stepSend: "The pupil sees exactly what goes to whom. Only then: Send.",
    stepRead: "The mentor gets only a number. What it is shows after Read.",
    stepSeen: "The pupil sees: delivered, and read.",
    stepOpen: "The mentor looks which reports are open.",
    stepOpenRead: "Read one. If there is none, the story ‘Report something’ comes first.",
    stepReply: "Answer. The pupil reads it under your name; neither sees the other's account.",
    stepClose: "Close with one sentence for the pupil.",
    stepClosed: "The pupil hears what was done; on the mentor's phone the words are gone.",
    stepOutage: "Telegram is down.",
    stepOutageAsk: "A pupil asks a question. The bot cannot get at it.",
    stepOutageLift: "Waiting: {x}. Then Telegram comes back.",
    stepOutageAnswer: "The answer comes after all, exactly once.",
    stepFlood: "Telegram is too busy and refuses the next two messages.",
    stepFloodAsk: "A pupil asks a question.",
    stepFloodWait: "The bot waits as long as Telegram asks. Refused: {x}.",
    stepFloodAnswer: "Then the answer comes, once.",
    stepBlock: "The mentor has blocked the bot.",
    stepBlockReport: "A pupil makes a report.",
    stepBlockRead: "It goes to the deputy at once, and the pupil sees that. Tap Read there.",
    stepUnblock: "The mentor unblocks the bot.",
    stepKill: "The bot is killed in the middle of the report.",
    stepKillTell: "The pupil tells what happened. Nobody answers.",
    stepRestart: "Waiting: {x}. The bot starts again.",
    stepGoesOn: "The bot goes on where it was: nothing is lost.",
    phoneOf: "Phone of", message: "Message", sendIt: "Send", attach: "Send something else",
    menu: "Menu", more: "More", start: "Start", typing: "typing…", uploading: "sending a file…",
    bot: "bot", you: "You", edited: "edited", protected: "Cannot be forwarded",
    silent: "Without sound", unblock: "Unblock",
    block: "Block the bot", openLink: "Open a link or code…", scan: "Scan QR: {x}",
    scanPhone: "Scan QR on the phone of {x}", share: "Share a card with @…",
    keysHint: "Arrow up in an empty field goes to the buttons of the last message, Escape back again.",
    photo: "Photo", video: "Video", voice: "Voice message", sticker: "Sticker",
    location: "Location", contact: "Contact", document: "File", reply: "Reply", edit: "Edit",
    cancel: "Cancel", replyTo: "Reply to", editing: "Editing",
    regularPoll: "Poll", quizPoll: "Quiz", anonymousQuiz: "Anonymous quiz", closed: "Closed",
    votes: "{x} votes", vote1: "1 vote", right: "right", wrong: "wrong", yourVote: "your answer",
    explain: "Explanation", empty: "No messages yet", commands: "Commands",
    results: "Cards to share", noResults: "Nothing found", keyboard: "Keys",
    outage: "Telegram is down", flood: "Too busy (429)", stall: "Telegram does not answer",
    reset_before: "Connection drops", blockMentor: "Mentor blocks the bot",
    blocked: "Mentor blocks the bot", killed: "Bot killed",
    kill: "Kill the bot", restart: "Start the bot", lift: "All well again",
    faults: "Failure", process: "Bot process", clock: "Clock", running: "running",
    stopped: "stopped", waiting: "{x} waiting", now: "now", hourOn: "1 hour later",
    dayOn: "Tomorrow", saturday: "Saturday 12:00", holiday: "Holiday", refused: "refused {x} times",
    schoolday: "School day 10:30",
    night: "Tonight 23:30", realTime: "Real time",
    lost: "The playground has stopped. Start it again with make demo.",
    light: "Light", dark: "Dark", unread: "new", via: "via",
    linkPrompt: "Paste a link (t.me/…?start=…) or the code behind it:", other: "Nederlands",
    forwarded: "Forwarded",
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

// Clocks show the time at school.
let zone = "Europe/Amsterdam";
export function useZone(next) { zone = next; }
export const time = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
export const day = (seconds) =>
  new Date(seconds * 1000).toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long", timeZone: zone });
