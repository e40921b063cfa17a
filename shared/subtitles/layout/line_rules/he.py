"""Hebrew: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words("כל איזה הרבה כמה"),
    prepositions=words("על עם של את בין לפני אחרי תחת מעל בלי עד כמו אצל בתוך"),
    conjunctions=words("או אבל כי אם אולם"),
    connectives=words("כאשר איפה מי מה איך למה אשר"),
    pronouns=words("אני אתה אנחנו הוא היא הם הן"),
    negations=words("לא אל אין"),
    titles=words("מר גברת גב' אדון דוקטור פרופסור"),
)
