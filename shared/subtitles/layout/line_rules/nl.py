"""Dutch: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("de een mijn jouw uw onze jullie elke elk geen"),
    modifiers=words(
        "het zijn haar hun ons deze die dit dat erg heel zo te veel grote kleine goede oude "
        "nieuwe"
    ),
    prepositions=words(
        "aan achter bij boven door in met na naar naast om onder op over sinds tegen tijdens tot "
        "tussen uit van voor zonder"
    ),
    conjunctions=words("en of maar want omdat als hoewel tenzij zodat"),
    connectives=words("wanneer waar wie wat hoe waarom terwijl toen"),
    pronouns=words("ik jij je hij wij we men"),
    modals=words("zal zullen zou zouden"),
    auxiliaries=words(
        "heb hebt heeft hebben had hadden ben bent is was waren word wordt worden werd werden"
    ),
    participles=words(
        "geweest gehad gedaan gezien gezegd gegaan gekomen gemaakt gebleven genomen gegeven "
        "gevonden geworden gehoord gevraagd niet"
    ),
    negations=words("niet"),
    titles=words("meneer mevrouw dokter mr mevr dr"),
    names_by_capitals=True,
)
