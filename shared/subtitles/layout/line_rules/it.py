"""Italian: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "il lo gli un uno del dello della dei degli delle al allo alla ai agli alle dal dallo "
        "dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle "
        "ogni mio mia miei mie tuo tua tuoi tue suo sua suoi sue nostro nostra nostri nostre "
        "vostro vostra vostri vostre"
    ),
    modifiers=words(
        "la le i una questo questa questi queste quel quello quella quei quegli quelle molto più "
        "così gran grande bel bella buon buona"
    ),
    prepositions=words(
        "di a da in con su per tra fra senza sotto sopra verso contro durante dopo prima"
    ),
    conjunctions=words("e ed o oppure ma però perché che se né"),
    connectives=words("quando dove chi cui come mentre quale cosa"),
    pronouns=words("io tu noi loro mi ti ci vi si ne"),
    auxiliaries=words(
        "ho hai ha abbiamo avete hanno avevo avevi aveva avevamo avevano sono sei è siamo siete "
        "ero era erano sto stai sta stiamo stanno"
    ),
    participle_endings=(
        "ato",
        "ata",
        "ati",
        "ate",
        "uto",
        "uta",
        "uti",
        "ute",
        "ito",
        "ita",
        "iti",
        "ite",
        "ando",
        "endo",
    ),
    participles=words(
        "fatto detto visto preso messo scritto aperto morto rotto stato stata stati venuto"
    ),
    negations=words("non"),
    titles=words("signor signora signorina dottor dottoressa don donna"),
    names_by_capitals=True,
)
