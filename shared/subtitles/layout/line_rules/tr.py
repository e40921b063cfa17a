"""Turkish: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words("bir bu şu her çok en hiç bazı bütün"),
    conjunctions=words("ve veya ama fakat çünkü ya"),
    connectives=words("eğer"),
    titles=words("bay bayan sayın doktor profesör"),
    postpositions=words("için ile gibi kadar göre rağmen"),
    final_auxiliaries=words("değil değilim değilsin değiliz"),
    clitics=words(
        "mi mı mu mü miyim mıyım misin mısın musun müsün miyiz mıyız misiniz mısınız musunuz "
        "müsünüz midir mıdır mudur müdür da de ki"
    ),
    names_by_capitals=True,
)
