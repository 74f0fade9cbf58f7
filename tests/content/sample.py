"""A small foreign pack, written to a folder: free labels, two rules, everything valid."""

from __future__ import annotations

from pathlib import Path

SCHOOL = """\
version: "1"
name: Elders
full_name: Scholengemeenschap Elders
city: Utrecht
website: https://elders.example
protocol: {nl: Regels, en: Rules}
roles:
  mentor: {nl: mentor, en: mentor}
apps: [WhatsApp]
school_hours:
  mon: {start: 08:30, end: 16:30}
  tue: {start: 08:30, end: 16:30}
night: {start: 22:00, end: 07:00}
holidays:
  - name: {nl: Kerst, en: Christmas}
    first: 2026-12-19
    last: 2027-01-03
terms: {seen_school_hours: 8, answer_school_days: 3, urgent_minutes: 30}
retention:
  {closed_reports: 90, kept_questions: 30, drafts: 7, handled_updates: 7, inactive_people: 400}
limits: {reports_per_hour: 3, reports_per_day: 6}
"""
PHOTO = """\
id: FOTO
title: {nl: Foto's, en: Photos}
official: Vraag het eerst.
plain: {nl: Vraag of het mag., en: Ask first.}
letters:
  - id: FOTO-a
    title: {nl: Docenten, en: Teachers}
    official: Geen docenten.
    plain: {nl: Film geen docent., en: Do not film a teacher.}
situations:
  - id: photo-of-friend
    verdict: conditional
    title: {nl: Foto van een vriend, en: Photo of a friend}
    answer: {nl: Alleen als hij het goed vindt., en: Only if he agrees.}
    examples:
      nl: [mag ik een foto van mijn vriend posten, mag die foto van haar op mijn story]
      en: [can i post a photo of my friend, may i put her picture on my story]
    reports:
      nl: [iemand heeft mijn foto op insta gezet]
      en: [somebody posted my picture]
  - id: film-teacher
    rule: FOTO-a
    also: [BOOS]
    verdict: no
    title: {nl: Docent filmen, en: Filming a teacher}
    answer: {nl: Dat mag niet., en: That is not allowed.}
    examples:
      nl: [mag ik de docent filmen, is het ok om de leraar op te nemen]
      en: [can i film the teacher, is it ok to record my teacher]
quiz:
  - id: q-photo
    level: 12-13
    question: {nl: Mag dat?, en: Is that fine?}
    options:
      - {nl: Eerst vragen, en: Ask first}
      - {nl: Altijd goed, en: Always}
    explanation: {nl: 'Regel FOTO: vraag het eerst.', en: 'Rule FOTO: ask first.'}
"""
ANGRY = """\
id: BOOS
title: {nl: Aardig doen, en: Be kind}
official: Scheld niet.
plain: {nl: Scheld niet., en: No name-calling.}
situations:
  - id: name-calling
    verdict: no
    title: {nl: Uitschelden, en: Name-calling}
    answer: {nl: Dat doet pijn., en: That hurts.}
    examples:
      nl: [mag ik iemand uitschelden in de app, is schelden erg]
      en: [can i call someone names, is swearing at people bad]
    reports:
      nl: [ze schelden me uit in de groep]
      en: [they are calling me names]
"""
CRISIS = """\
help_lines:
  - id: emergency
    name: "112"
    contact: {nl: bel 112, en: call 112}
    note: {nl: Dag en nacht., en: Day and night.}
    source: https://112.example
cases:
  - id: threat
    rules: [BOOS]
    lines: [emergency]
    title: {nl: Bedreiging, en: Threat}
    answer: {nl: Bel 112., en: Call 112.}
    examples:
      nl: [hij gaat me neersteken, ze zegt dat ze me doodmaakt]
      en: [he is going to stab me]
    signals:
      nl: [maakt me dood]
      en: [stab me]
harmless:
  nl: [dood van het lachen]
"""
TOPICS = """\
topics:
  - id: who-are-you
    kind: meta
    title: {nl: Wie ben jij, en: Who are you}
    answer: {nl: Een bot., en: A bot.}
    examples: {nl: [wie ben jij, wat kun je], en: [who are you]}
  - id: timetable
    kind: oos
    title: {nl: Rooster, en: Timetable}
    answer: {nl: Dat weet ik niet., en: I do not know.}
    examples: {nl: [hoe laat begint de les, wat is mijn rooster], en: [when is my next class]}
  - id: hello
    kind: smalltalk
    title: {nl: Hallo, en: Hello}
    answer: {nl: Hoi!, en: Hi!}
    examples: {nl: [hoi, goedemorgen], en: [hello]}
"""
CHECK = """\
start: naked
questions:
  - id: naked
    text: {nl: Is er iemand bloot?, en: Is anyone naked?}
    answers:
      - {label: {nl: Ja, en: 'Yes'}, to: help}
      - {label: {nl: Nee, en: 'No'}, to: agreed}
  - id: agreed
    text: {nl: Vindt iedereen het goed?, en: Does everyone agree?}
    answers:
      - {label: {nl: Ja, en: 'Yes'}, to: fine}
      - {label: {nl: Nee, en: 'No'}, to: ask-first}
outcomes:
  - {id: help, verdict: no, rules: [FOTO], text: {nl: Stop., en: Stop.}, help_lines: [emergency]}
  - {id: fine, verdict: yes, rules: [], text: {nl: Prima., en: Fine.}}
  - {id: ask-first, verdict: conditional, rules: [FOTO, BOOS], text: {nl: Vraag., en: Ask.}}
"""
LEXICON = """\
spellings: {k: ik, ff: even}
concepts: {photo: [foto, pic, picture, photo]}
stopwords: [de, het, een, the, a]
question_marks: {nl: [mag, is het ok], en: [can i, is it ok]}
telling_marks: {nl: [heeft], en: [they]}
names: [daan, emma]
follow_ups: {nl: [en als], en: [and if]}
"""
TEXTS = """\
texts:
  hello: {nl: 'Hallo {name}', en: 'Hello {name}'}
"""
FILES = {
    "school.yaml": SCHOOL,
    "rules/01-photo.yaml": PHOTO,
    "rules/02-angry.yaml": ANGRY,
    "crisis.yaml": CRISIS,
    "topics.yaml": TOPICS,
    "check.yaml": CHECK,
    "lexicon.yaml": LEXICON,
    "texts/bot.yaml": TEXTS,
}


def write_pack(folder: Path, changes: dict[str, str | None] | None = None) -> Path:
    """Write the sample pack, with some files replaced (or left out: None), and give its folder."""
    for name, text in {**FILES, **(changes or {})}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder
