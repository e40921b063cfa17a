"""Urdu: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "میرا میری میرے تیرا تیری تیرے ہمارا ہماری ہمارے تمہارا تمہاری تمہارے اپنا اپنی اپنے اس "
        "کسی ہر"
    ),
    modifiers=words(
        "یہ وہ ایک دو تین کوئی کچھ سب سارا بہت بڑا بڑی بڑے چھوٹا چھوٹی اچھا اچھی اچھے ان"
    ),
    conjunctions=words("اور یا لیکن مگر بلکہ کیونکہ کہ"),
    connectives=words("جب جہاں جو جس اگر تاکہ"),
    negations=words("نہیں مت نہ"),
    titles=words("جناب محترمہ ڈاکٹر"),
    postpositions=words("میں سے کو کا کی کے نے تک لیے والا والی والے سمیت پر"),
    final_auxiliaries=words(
        "ہے ہیں ہوں تھا تھے تھی تھیں ہوگا ہوگی ہوں گا گی گے رہا رہی رہے چکا چکی چکے سکتا سکتی "
        "سکتے سکا چاہیے"
    ),
    closers=words("ہے ہیں تھا تھے تھی تھیں ہوگا ہوگی چاہیے"),
    clitics=words("ہی بھی تو جی سا سی"),
)
