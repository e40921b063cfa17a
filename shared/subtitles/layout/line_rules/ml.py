"""Malayalam: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("എന്റെ നിന്റെ നമ്മുടെ ഞങ്ങളുടെ നിങ്ങളുടെ അവന്റെ അവളുടെ ഓരോ"),
    modifiers=words("ഈ ആ ഒരു ചില വളരെ നല്ല വലിയ ചെറിയ"),
    conjunctions=words("അല്ലെങ്കിൽ പക്ഷേ എന്നാൽ കാരണം"),
    titles=words("ശ്രീ ശ്രീമതി ഡോക്ടർ"),
    postpositions=words("കുറിച്ച് മുകളിൽ താഴെ ശേഷം വരെ നിന്ന് കൂടെ വേണ്ടി പോലെ ഇല്ലാതെ"),
    final_auxiliaries=words("ഇല്ല ഉണ്ട് ആണ് അല്ല വേണം വേണ്ട"),
    closers=words("ഇല്ല ഉണ്ട് ആണ് അല്ല"),
    clitics=words("തന്നെ മാത്രം"),
)
