"""Polish: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words(
        "ten ta te tego tej tych tym tamten tamta każdy każda bardzo taki taka mój moja moje twój "
        "twoja twoje nasz nasza wasz wasza swój swoja"
    ),
    prepositions=words("w we z ze o u i do na od po za przed przez pod nad dla bez przy między ku"),
    conjunctions=words("i a oraz lub albo ale lecz więc bo ponieważ że żeby jeśli gdy"),
    connectives=words("kiedy gdzie kto co jak który która które dlaczego"),
    modals=words("będę będziesz będzie będziemy będziecie będą"),
    negations=words("nie"),
    titles=words("pan pani panna doktor profesor ksiądz"),
    names_by_capitals=True,
)
