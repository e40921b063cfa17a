"""Telugu: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("నా నీ మా మీ మన ప్రతి"),
    modifiers=words("ఈ ఆ ఒక కొన్ని చాలా మంచి పెద్ద చిన్న"),
    conjunctions=words("మరియు లేదా కానీ ఎందుకంటే"),
    titles=words("శ్రీ శ్రీమతి డాక్టర్"),
    postpositions=words("కోసం గురించి వద్ద మీద కింద ద్వారా వరకు నుంచి నుండి లాంటి కంటే లేకుండా"),
    final_auxiliaries=words("లేదు ఉంది ఉన్నారు ఉన్నాయి కాదు కావాలి వద్దు"),
    closers=words("లేదు ఉంది కాదు కావాలి"),
    clitics=words("కూడా మాత్రం"),
)
