"""Vietnamese: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("những các một mỗi mọi cái chiếc"),
    modifiers=words("rất hơi quá nhiều ít vài"),
    prepositions=words("của trong với cho từ ở tại trên dưới về bằng đến giữa"),
    conjunctions=words("và hoặc hay nhưng vì nếu rằng mà"),
    connectives=words("khi nơi ai sao"),
    pronouns=words("tôi"),
    modals=words("đã đang sẽ phải nên hãy vẫn"),
    negations=words("không chưa chẳng đừng"),
    titles=words("ông bà anh chị cô chú bác"),
    names_by_capitals=True,
)
