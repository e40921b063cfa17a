"""Kannada: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("ನನ್ನ ನಿನ್ನ ನಮ್ಮ ನಿಮ್ಮ ಅವನ ಅವಳ ಪ್ರತಿ"),
    modifiers=words("ಈ ಆ ಒಂದು ಕೆಲವು ತುಂಬಾ ಬಹಳ ಒಳ್ಳೆಯ ದೊಡ್ಡ ಚಿಕ್ಕ"),
    conjunctions=words("ಮತ್ತು ಅಥವಾ ಆದರೆ ಏಕೆಂದರೆ"),
    titles=words("ಶ್ರೀ ಶ್ರೀಮತಿ ಡಾ"),
    postpositions=words("ಬಗ್ಗೆ ಮೇಲೆ ಕೆಳಗೆ ಒಳಗೆ ಹತ್ತಿರ ಜೊತೆ ಮೂಲಕ ತನಕ ಹಾಗೆ ಇಲ್ಲದೆ"),
    final_auxiliaries=words("ಇಲ್ಲ ಇದೆ ಇದ್ದಾರೆ ಇವೆ ಬೇಕು ಬೇಡ ಅಲ್ಲ"),
    closers=words("ಇಲ್ಲ ಇದೆ ಬೇಕು ಅಲ್ಲ"),
    clitics=words("ಕೂಡ ಮಾತ್ರ"),
)
