"""English: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("a an the my your his its our their whose every each"),
    modifiers=words(
        "her this these those some any no all both another other such own same next last first "
        "second third one two three four five six seven eight nine ten very too so rather quite "
        "more most less least good bad big small little great old young new long short high low "
        "black white red blue green dark bright beautiful dear poor rich dead whole entire real "
        "true best better worst worse only many few several strange dangerous lone terrible "
        "wonderful whatever which"
    ),
    prepositions=words(
        "of to in on at by for from with about into onto over under through between among against "
        "during without within before after behind beyond near above below across around along "
        "toward towards upon until till since despite like off"
    ),
    conjunctions=words("and or but nor because although though unless whether than if when while"),
    connectives=words("where who whom that which as so until once since what how why"),
    pronouns=words("i he she we they you it who there"),
    modals=words("will would shall should can could may might must cannot"),
    auxiliaries=words(
        "am is are was were be been being have has had having do does did get gets got"
    ),
    participle_endings=("ing", "ed", "en", "wn"),
    participles=words(
        "not never been being had made done gone said told known seen come become run lost left "
        "found kept felt held met paid put read sent slept spent thought taught caught brought "
        "bought built cut heard hurt led let meant shut sat stood understood won to always just "
        "already ever only also still even"
    ),
    negations=words("not never"),
    negation_endings=("n't", "n’t"),
    contraction_endings=("'ll", "'ve", "'re", "'m", "'d", "’ll", "’ve", "’re", "’m", "’d"),
    titles=words("mr mrs ms miss dr prof sir lord lady st king queen president captain saint"),
    particles=words("up out off down away back over apart together"),
    pairs={
        "look": words("at for after"),
        "looking": words("at for after"),
        "wait": words("for"),
        "waiting": words("for"),
        "listen": words("to"),
        "listening": words("to"),
        "searching": words("for"),
        "depend": words("on"),
        "depends": words("on"),
        "belong": words("to"),
        "belongs": words("to"),
        "going": words("to"),
        "used": words("to"),
        "has": words("to"),
        "have": words("to"),
        "had": words("to"),
        "want": words("to"),
        "wants": words("to"),
        "wanted": words("to"),
        "need": words("to"),
        "able": words("to"),
    },
    names_by_capitals=True,
    not_names=words("i i'm i'll i've i'd i’m i’ll i’ve i’d god ok"),
)
