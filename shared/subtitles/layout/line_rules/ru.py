"""Russian: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words(
        "этот эта это эти этого этой тот та те того той каждый каждая очень такой такая мой моя "
        "моё мои твой твоя твоё твои наш наша ваш ваша свой своя"
    ),
    prepositions=words(
        "в во с со к ко о об у на до от по за из без для при про под над перед через между около "
        "после"
    ),
    conjunctions=words("и а или но да однако потому что чтобы если хотя"),
    connectives=words("когда где кто как который которая которое которые почему пока"),
    pronouns=words("я ты мы вы"),
    modals=words("буду будешь будет будем будете будут"),
    negations=words("не ни"),
    titles=words("господин госпожа доктор профессор товарищ"),
    clitics=words("ли же бы б ж"),
    names_by_capitals=True,
)
