"""Czech: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words(
        "ten ta to ty toho té těch tím každý každá velmi takový taková můj moje tvůj tvoje náš "
        "naše váš vaše svůj svoje"
    ),
    prepositions=words("v ve z ze s se k ke o u na do od po za před přes pod nad pro bez při mezi"),
    conjunctions=words("a i nebo ale však protože že aby jestli když neboť"),
    connectives=words("kdy kde kdo co jak který která které proč"),
    modals=words("budu budeš bude budeme budete budou"),
    titles=words("pan paní slečna doktor profesor"),
    clitics=words("bych bys by bychom byste"),
    names_by_capitals=True,
)
