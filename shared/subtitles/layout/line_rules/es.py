"""Spanish: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "el los las un una unos unas mi mis tu tus su sus nuestro nuestra nuestros nuestras "
        "al del cada"
    ),
    modifiers=words(
        "la este esta estos estas ese esa esos esas aquel aquella muy "
        "tan más gran buen mal algún ningún"
    ),
    prepositions=words(
        "a ante bajo con contra de desde en entre hacia hasta para por según sin sobre tras"
    ),
    conjunctions=words("y e o u pero sino porque aunque que si"),
    connectives=words("cuando donde quien como mientras cual qué"),
    pronouns=words("yo tú ella nosotros ellos ellas usted ustedes me te se nos os lo le les"),
    auxiliaries=words("he has ha hemos habéis han había habías habían estoy está están estaba"),
    participle_endings=("ado", "ido", "ando", "iendo"),
    participles=words("hecho dicho visto puesto escrito abierto muerto roto vuelto"),
    negations=words("no"),
    titles=words("señor señora don doña sr sra dr dra"),
    names_by_capitals=True,
)
