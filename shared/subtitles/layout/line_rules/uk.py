"""Ukrainian: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words(
        "цей ця це ці цього цієї той та ті кожен кожна дуже такий така мій моя моє мої твій твоя "
        "наш наша ваш ваша свій своя"
    ),
    prepositions=words(
        "в у з із зі до від на по за без для при про під над перед через між біля після"
    ),
    conjunctions=words("і й а або але проте бо тому що щоб якщо хоча"),
    connectives=words("коли де хто як який яка яке які чому поки"),
    pronouns=words("я ти ми ви"),
    modals=words("буду будеш буде будемо будете будуть"),
    negations=words("не ні"),
    titles=words("пан пані доктор професор"),
    clitics=words("же ж би б"),
    names_by_capitals=True,
)
