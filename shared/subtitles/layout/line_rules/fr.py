"""French: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "les un une des du au aux mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs "
        "ce cet cette ces chaque quelques"
    ),
    modifiers=words("le la très trop si plus petit petite grand grande bon bonne beau belle vieux"),
    prepositions=words(
        "à de en dans par pour avec sans sous sur chez entre vers contre depuis pendant avant après"
    ),
    conjunctions=words("et ou mais ni car que quand lorsque puisque si comme"),
    connectives=words("qui où dont quoi pourquoi comment"),
    pronouns=words("je tu il elle on nous vous ils elles me te se y ne"),
    auxiliaries=words(
        "ai as a avons avez ont avais avait avaient suis es est sommes êtes sont était"
    ),
    participle_endings=("é", "ée", "és", "ées"),
    participles=words("pas été eu fait dit mis pris vu venu parti mort né allé"),
    negations=words("ne pas jamais"),
    titles=words("monsieur madame mademoiselle mme mlle dr"),
    names_by_capitals=True,
)
