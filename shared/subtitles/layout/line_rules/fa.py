"""Persian: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words("این آن هر یک چند همه هیچ خیلی"),
    prepositions=words("از به با در بر برای تا بی بدون روی زیر"),
    conjunctions=words("و یا اما ولی که اگر چون زیرا"),
    connectives=words("وقتی کجا چرا چگونه"),
    titles=words("آقای خانم دکتر"),
    postpositions=words("را"),
    final_auxiliaries=words("است بود شد شده باشد نیست بودم بودند هستم هستند"),
)
