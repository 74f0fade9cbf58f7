"""Word lists for finding staff in what a pupil wrote: Dutch and English, in plain lower case."""

from __future__ import annotations

from typing import Final


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text with spaces between them."""
    return frozenset(words.split())


PARTICLES: Final = word_set(
    "van de der den ter ten te het el al la le du di da von bin ben ibn af op in t vander vanden"
)
TITLES: Final = word_set(
    """menr mener
    meneer mneer meener menneer meneeer menheer mijnheer mnr heer hr dhr mevrouw mevr mevrou mvr
    mevrow mefrouw mevrouwtje mevrouww mw mvrouw juf juffrouw juffie juff jufvrouw meester mr mrs ms
    miss mister mista mistah missus sir madam madame monsieur frau herr senor senora prof professor
    dr coach docent docente leraar lerares leerkracht teacher mentor mentrix tutor teamleider
    teamleidster coordinator conrector rector directeur vertrouwenspersoon"""
)
SHORT_PARTICLES: Final = word_set("v d vd vdr vh")
"""Particles as pupils shorten them."""
DEGREES: Final = word_set("dr drs ir ing mr mw dhr mevr prof ma msc bsc ba bc")
"""What a roster may put before or after a name."""
GLUED_TITLES: Final = (
    *("meneer", "mijnheer", "mevrouw", "juffrouw", "meester", "mevr", "mister", "miss", "mrs"),
    *("mneer", "mnr", "dhr", "juf", "mr", "mw", "ms"),
)
VOCATIVES: Final = word_set("meneer mneer mevrouw mevr juf juffrouw meester sir miss mister")
"""Titles that pupils use without a name."""
LONG_TITLES: Final = ("meneer", "mevrouw", "juffrouw", "meester", "mijnheer", "mister")
NO_TITLES: Final = word_set("meeste meesten mevrouwen meneren meesters mist misted sister minister")

PUPIL_NAMES: Final = word_set(
    """noah liam lucas luca levi finn sem daan milan bram james noud luuk adam thomas jesse thijs
    lars sam julian gijs teun jayden siem hugo boaz otis mason oliver owen benjamin david ruben tijn
    stijn tim tom niels jasper sven bas koen rick nick dylan kevin dennis mike wesley jordy danny
    robin joris jelle sander floris casper tygo morris jens joep joost hidde guus dex dani cas kees
    pim quinten rens sebastiaan simon tobias vince victor xavi tijmen fabian felix gabriel elias
    ezra ethan eli abel aron alexander alex arthur axel mohamed mohammed ahmed ali omar youssef
    yusuf yassin yassine ibrahim ismail ilyas anas ayoub amin bilal hamza hassan imran jamal karim
    mehmet mustafa emir emre enes burak deniz kerem efe eren furkan murat omer onur tarik rayan
    samir sami zakaria giovanni rafael mateo matteo marco daniel jacob jakob lewis harry charlie max
    ryan tyler jack jake josh joshua ben luke leo leon mats mees morgan boris pepijn job timo stan
    lukas mark dirk jan peter paul emma julia mila sophie zoe olivia tess sara sarah anna eva evi
    lotte lieke liv lisa lynn nora noor yara saar maud milou nina isa isabel sofie sofia sophia
    fenna fien femke feline hanna hannah ella elin elena eline ellen emily esmee amelie amy anouk
    anne bente britt cato charlotte chloe demi fay ilse iris ivy jasmijn jill julie kim laura lauren
    lena liz lola luna lucy maartje madelief manon mia merel michelle mirthe myrthe nadia naomi
    nikki nienke noa nova olivia phileine pien pleun puck quinty rosa roos romy rosalie sanne sasha
    senna sienna sterre suus suze vera veerle yasmin yasmina fatima aisha amira salma samira lily
    grace chelsea ruby bo fleur floor jip lina lara jade hailey megan ashley jessica rachel maria
    aya aylin elif esra meryem zeynep melissa kyra kayla kaylee jayda amber danique joy lize robyn
    fatma bowie sep mick ties olaf jonas jens nathan isaac samuel willem hendrik pieter thom ravi"""
)
"""First names that are frequent among pupils today: alone they name no member of staff."""
OLDER_NAMES: Final = word_set(
    """henk karel ineke piet wim cees gerrit johan hans ton ronald richard rob robert frank fred
    erik eric jeroen marcel martin maarten martijn michiel wouter arjan arie bert bart edwin ernst
    gerard harm jaap jos koos kasper klaas leo marc mario michel onno patrick pascal rene rik roel
    rolf ruud sjaak sjoerd stefan steven theo vincent wil willy els anja anita annemarie astrid
    brigitte carla carolien caroline chantal cindy claudia corrie daphne debbie elly elisabeth
    ellis esther evelien francis gea gerda greet hanneke heleen henny hetty ingrid inge irene
    jacqueline janneke jolanda joke josien judith karin katja liesbeth linda loes louise mandy
    margriet marianne marieke marije marijke marit marleen marloes mariska mirjam miranda monique
    natasja patricia paula petra renate ria saskia silvia simone susan suzanne sylvia tamara
    tineke trudy truus wendy wilma yvonne john mary linda kate helen jane george andrew stephen"""
)
FIRST_NAMES: Final = PUPIL_NAMES | OLDER_NAMES
CALLED: Final[dict[str, str]] = {
    "hendrik": "henk rik",
    "johannes": "jan hans johan joop",
    "johanna": "joke annie jo hanneke",
    "willem": "wim wil pim",
    "wilhelmina": "wil mien willemijn",
    "cornelis": "kees cees cor",
    "pieter": "piet peter",
    "jacobus": "jaap koos sjaak",
    "gerardus": "gerard ger gerrit",
    "antonius": "ton toon anton",
    "margaretha": "greet marga margriet",
    "elisabeth": "els liesbeth betty lies bep",
    "maria": "ria marie mieke",
    "catharina": "ineke toos karin tineke",
    "robert": "rob bob",
    "thomas": "tom",
    "mohammed": "mo moh",
    "frederik": "fred frits",
    "alexander": "alex sander lex",
    "michael": "mike mick",
    "william": "will bill",
}
"""Call names that are no beginning of the name in the roster."""

NOUNS: Final = word_set(
    """boer visser bakker kok prins koning keizer vos bos dijk berg meer beek dam brink veld heuvel
    ridder schipper slager timmerman smid kuiper molenaar hart winter zomer vries bloem linde mol
    haas hoek hof kamp laan stad kerk ruiter koster kramer kraan water zee baas man mens blok jager
    graaf haan leeuw wolf vogel post peer appel wind steen zand molen plas poel bij hond kat kuil
    dekker bever valk arend zwaan spruit stok ster storm bron poort mulder brouwer snijder wagenaar
    meester schilder verver metselaar vet mei maan zon rust vrede kroon bol kool raap ham gans
    king baker fisher rose hall hill wood stone bell day page price cook shepherd carter mason
    hunter fox bird field park church miller smith taylor parker marsh woods rivers banks bush bond
    spits schaap bok buis pot kers kuik"""
)
ADJECTIVES: Final = word_set(
    """wit groot lang jong groen zwart klein wild bruin rood blauw geel grijs goed oud kort dik
    vroom sterk hard zoet vrij brown white black green young long best love may will gray grey
    short small little strong rich noble sharp wise"""
)
"""Adjectives as names: "de wit" is no Dutch for anything else, "wit" alone is."""
INFLECTED: Final = word_set(
    "lange jonge grote groote kleine witte zwarte goede oude bruine rode vries"
)
ORDINARY: Final = NOUNS | ADJECTIVES | INFLECTED

INDEFINITE: Final = word_set("een n ne a an elke iedere every any some welke which geen no nen")
DEFINITE: Final = word_set("de the die dat deze this that t d")
MINE: Final = word_set("mijn mij me mn m onze ons my our mine mijne men myn")
OTHERS: Final = word_set("zijn haar hun je jouw jullie ze uw his her their your")
DETERMINERS: Final = INDEFINITE | DEFINITE | MINE | OTHERS | {"het", "dit", "twee", "veel", "als"}
PREPOSITIONS: Final = word_set("van bij tegen door over aan met naar of by from with about against")
ME: Final = word_set("mij me mijn mn m ons onze mezelf ik k my our us i")

ACTS: Final = word_set(
    """zei zeg zegt zegd zeggen zegde heeft heef had hebt deed doet doe doen gaf geeft stuurde
    stuurt stuur appt appte schreeuwde schreeuwt schreeuwd filmde filmt pakte pakt pakken raakte
    raakt sloeg slaat slaan is was kwam komt keek kijkt kwamen vroeg vraagt wilde wil wou ging gaat
    pest pestte scheldt schold schelt lacht lachte lach maakte maakt noemde noemt zat zit stond
    staat post postte plaatste plaatst zet zette liet laat vindt vind vond dreigt dreigde duwde duwt
    blijft bleef kan kon mag moet moest wordt werd volgt volgde greep grijpt trok trekt belde belt
    bedreigt bedreigde negeert negeerde discrimineert haat trapte gooide gooit liegt loog luistert
    deelde deelt behandelt praat said says told tells has had did does gave gives sent sends texted
    texts yelled yells shouted shouts filmed films touched touches hit hits was is keeps kept
    made makes took takes grabbed grabs called calls threatened threatens asked asks posted posts
    wants wanted laughed laughs pushed pushes bullies bullied insults insulted ignores hates"""
)
"""What a person does: a name before it is the doer."""
ASKING: Final = word_set("wat hoe wie wanneer waar is zijn bestaat what how who when where are")
"""First words of a question about things in general."""
ELSEWHERE: Final = word_set("zwem rij dans tennis piano gitaar paard ski rijs huiswerk turn yoga")
"""Lessons outside school, glued to a word for teacher."""
PERMISSION: Final = word_set("mag mogen magge maggen magik may allowed can kunnen kan")
"""First words of a question about the rules."""

MENTOR_WORDS: Final = word_set(
    """mentor mentors mentro metnor menter mentoor mentorr mentot mentir mentrix mentris mentorin
    mentorix klassenmentor klasmentor klassementor comentor hulpmentor duomentor tutor
    klassenleraar klasseleraar klassenleerkracht klassendocent klasdocent homeroomteacher
    mentordocent mentorleraar mentorjuf mentormeester mntr mntor"""
)
NO_MENTORS: Final = word_set("mentos menton memento")
MENTOR_PLURALS: Final = word_set("mentoren mentors mentrices tutors mentorn")
MENTOR_PAIRS: Final = frozenset(
    [("form", "teacher"), ("homeroom", "teacher"), ("class", "teacher"), ("form", "tutor")]
)
NOT_PERSONS: Final = word_set(
    "uur les uurtje lesje klas groep gesprek lessen uren time lesson hour"
)
"""After "mentor" these make it an hour or a group."""
TEACHERS: Final = word_set(
    "leraar lerares docent docente leerkracht teacher juf juffrouw meester leeraar leraer docnt"
)
TEACHER_PLURALS: Final = word_set("leraren leraars docenten leerkrachten teachers juffen meesters")
TEACHER_ENDS: Final = ("leraar", "lerares", "docent", "docente", "leerkracht", "teacher")
SUBJECTS: Final = word_set(
    """gym lo lichamelijke wiskunde wisk wi rekenen engels en frans fr duits du nederlands ne nl
    natuurkunde na nask scheikunde sk biologie bio bi aardrijkskunde ak geschiedenis gs ges economie
    eco ec bedrijfseconomie maatschappijleer ma muziek mu tekenen handvaardigheid drama kunst ckv
    beeldend latijn la grieks gr klassieke levensbeschouwing lb godsdienst filosofie informatica
    techniek o&o spaans sp pe gymnastics maths math english french german dutch physics chemistry
    biology geography history economics music art latin greek philosophy science spanish sports"""
)
OFFICES: Final[dict[str, str]] = {
    "coordinator": "coordinator",
    "cordinator": "coordinator",
    "coordinatrice": "coordinator",
    "teamleider": "coordinator",
    "teamleidster": "coordinator",
    "afdelingsleider": "coordinator",
    "leerjaarleider": "coordinator",
    "unitleider": "coordinator",
    "vertrouwenspersoon": "confidential",
    "vertrouwensdocent": "confidential",
    "vertrouwensleraar": "confidential",
    "counsellor": "confidential",
    "counselor": "confidential",
    "plaatsvervanger": "deputy",
    "invalmentor": "deputy",
    "rector": "board",
    "directeur": "board",
    "directrice": "board",
    "schoolleider": "board",
    "principal": "board",
    "headmaster": "board",
    "headteacher": "board",
}
"""Words for a post (or their ends) and the role of the roster that has it."""
OFFICE_PAIRS: Final[dict[tuple[str, str], str]] = {
    ("team", "leader"): "coordinator",
    ("team", "leider"): "coordinator",
    ("year", "head"): "coordinator",
    ("year", "coordinator"): "coordinator",
    ("confidential", "advisor"): "confidential",
    ("confidential", "adviser"): "confidential",
    ("confidential", "person"): "confidential",
    ("vertrouwens", "persoon"): "confidential",
    ("vervangende", "mentor"): "deputy",
    ("substitute", "mentor"): "deputy",
    ("deputy", "mentor"): "deputy",
    ("head", "teacher"): "board",
}

GREETINGS: Final = word_set(
    "beste hoi hallo hey hi dag geachte dear hello goedemorgen goedemiddag hee"
)
THANKS: Final = word_set("bedankt dankjewel dankuwel dank thanks thank thx")
ADDRESSING: Final = word_set("ik k wij we kunt kunnen mag zou wilt i can could would ben heb weet")
TALK: Final = word_set(
    """verteld vertel vertellen vertelde gezegd zeggen zeg gepraat praat praten praatte gesproken
    spreken besproken bespreken gesprek overleggen overlegd gemeld melden meld meldde gevraagd
    vragen vraag doorgeven doorgegeven weten zien lezen laten gegaan gaan ga stappen toe hulp
    told tell telling spoke speak spoken talked talk talking asked ask showed show reported report
    contact doorsturen voorleggen terecht gehad"""
)
TOLD: Final = word_set("told tell telling asked ask informed inform email emailed warn warned")
SENDS: Final = word_set("melden meld gemeld report invullen doorgeven vertellen aangeven")
"""What a helper tells a pupil to do."""
LONG_AGO: Final = word_set("vroeger basisschool bijles")
"""After a teacher: one of another school or time."""
HELPS: Final = word_set(
    """helpt hielp helpen geholpen help weet wist knows knew helps helped helping steunt steunde
    supports supported luistert listens luisterde kent vertrouwt"""
)
READS: Final = word_set(
    """lezen leest weten weet zien ziet read reads know knows see sees reageren antwoordt antwoorden
    praten bellen helpen call talk help answer"""
)
NEGATIONS: Final = word_set(
    "niet nie nooit never not niks nauwelijks geen doesnt didnt wont slecht"
)

MATES: Final = word_set(
    "klasgenoot klasgenote classmate vriend vriendin friend bff vriendje vriendinnetje leerling"
)
YOUNG: Final = word_set(
    """jongen meisje gast gozer kind broer zus broertje zusje neef nicht boy girl kid brother sister
    ex buurjongen buurmeisje klasgenoot klasgenote classmate vriend vriendin friend bff vriendje
    vriendinnetje leerling student cousin maat matties besties bestie"""
)
CLASS_WORDS: Final = word_set("klas class klasse jaar year team jaarlaag parallelklas grade")
FILLERS: Final = (
    word_set(
        "en of het is was over van ik denk misschien and or it about i think maybe gaat door met my"
    )
    | MINE
)
"""Words that may stand beside a name when nothing but the name was asked."""

COMMON: Final = word_set(
    """vissen bakken bakkes koken konden boeren prijs prinses koningin voeten boste groente
        jassen kussen kansen dansen hansen mannen janken handen vrienden meiden meisjes mensen
        mensa jansport hoofd alles anders altijd niemand iemand iedereen samen school telefoon
        filmpje berichten mailen smste kamer maken meteen moeder vader broer zus maten muller
        smoes smelt smet vosje willen willens peters jacobs dekking dekken bloed kramen brouwen
        bouwer bouwen jongens bossen demin demo demon hemel wester western
        wereld meneer mevrouw mentor hoeken kuipen schoten scheuren schouders bergen begon begin
        visite visum gister gisteren morgen vandaag later kantine pauze groep groepsapp foto fotos
        video story insta snap snapchat tiktok whatsapp bericht account
        because people friend friends phone picture teacher everyone someone somebody always never
        visitor baking prince prints print young summer sister mister master matter
        dealer meter meters beter betere better letter winner dinner"""
)
"""Ordinary words that are one letter away from frequent names: never typing errors of a name."""
