"""Arabic: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    modifiers=words("هذا هذه ذلك تلك هؤلاء كل بعض أي"),
    prepositions=words("في من إلى على عن مع عند بين حتى منذ تحت فوق أمام خلف بدون لدى"),
    conjunctions=words("أو ثم لكن ولكن أن إن لأن إذا لو"),
    connectives=words("عندما حيث الذي التي الذين متى أين كيف لماذا"),
    modals=words("قد سوف"),
    negations=words("لا لم لن ليس ليست"),
    titles=words("السيد السيدة الدكتور الآنسة الأستاذ"),
)
