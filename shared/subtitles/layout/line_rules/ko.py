"""Korean: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words("이 그 저 한 두 세 모든 아주 매우 너무 제일 가장 안 못"),
    conjunctions=words("그리고 그러나 하지만 또는"),
    clitics=words("수 것 것이 것을 것은 줄 때문에 뿐 만큼 채 적이"),
)
