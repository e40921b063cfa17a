"""German: which words a line break may not part; a subject may stand behind its verb."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "der die den dem des ein eine einen einem einer eines mein meine meinen meinem meiner "
        "dein deine deinen deinem deiner seine seinen seinem seiner unser unsere unseren "
        "euer eure kein keine keinen keinem keiner im am zum zur ins ans vom beim"
    ),
    modifiers=words(
        "das sein ihr ihre ihren ihrem ihrer dieser diese dieses diesen "
        "diesem jeder jede jedes sehr zu"
    ),
    prepositions=words(
        "in an auf aus bei mit nach von vor zu für über unter durch gegen ohne um zwischen hinter "
        "neben seit während wegen trotz bis"
    ),
    conjunctions=words("und oder aber sondern denn weil dass ob obwohl wenn als"),
    connectives=words("wo wer wie was warum während nachdem bevor damit"),
    negations=words("nicht nie"),
    titles=words("herr herrn frau dr prof könig königin"),
)
