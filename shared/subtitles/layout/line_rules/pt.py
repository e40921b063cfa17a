"""Portuguese: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "os um uma uns umas do da dos das ao aos à às no na pelo pela pelos pelas num numa meu "
        "minha meus minhas teu tua teus tuas seu sua seus suas nosso nossa nossos nossas cada"
    ),
    modifiers=words(
        "o a as este esta estes estas esse essa esses essas aquele aquela muito tão mais bom boa "
        "grande mau má algum alguma nenhum nenhuma"
    ),
    prepositions=words("ante até com contra de desde em entre para por sem sob sobre trás"),
    conjunctions=words("e ou mas porém porque que se embora nem"),
    connectives=words("quando onde quem como enquanto qual cujo"),
    pronouns=words("eu tu nós vocês me te se lhe"),
    auxiliaries=words(
        "tenho tens tem temos têm tinha tinham havia está estou estão estamos estava estavam fui "
        "foi foram"
    ),
    participle_endings=(
        "ado",
        "ada",
        "ados",
        "adas",
        "ido",
        "ida",
        "idos",
        "idas",
        "ando",
        "endo",
        "indo",
    ),
    participles=words("feito dito visto posto escrito aberto morto vindo pago"),
    negations=words("não"),
    titles=words("senhor senhora dona doutor doutora sr sra dr dra"),
    names_by_capitals=True,
)
