"""Punjabi: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "ਮੇਰਾ ਮੇਰੀ ਮੇਰੇ ਤੇਰਾ ਤੇਰੀ ਤੇਰੇ ਸਾਡਾ ਸਾਡੀ ਸਾਡੇ ਤੁਹਾਡਾ ਤੁਹਾਡੀ ਤੁਹਾਡੇ ਆਪਣਾ ਆਪਣੀ ਆਪਣੇ ਇਸ ਉਸ "
        "ਹਰ"
    ),
    modifiers=words("ਇਹ ਉਹ ਇੱਕ ਦੋ ਕੋਈ ਕੁਝ ਸਭ ਬਹੁਤ ਵੱਡਾ ਵੱਡੀ ਛੋਟਾ ਛੋਟੀ ਚੰਗਾ ਚੰਗੀ"),
    conjunctions=words("ਅਤੇ ਜਾਂ ਪਰ ਕਿਉਂਕਿ ਕਿ"),
    connectives=words("ਜਦੋਂ ਜੇ ਜਿੱਥੇ ਜੋ"),
    negations=words("ਨਹੀਂ ਨਾ"),
    titles=words("ਸ਼੍ਰੀ ਸਰਦਾਰ ਡਾ ਡਾਕਟਰ"),
    postpositions=words("ਵਿੱਚ ਵਿਚ ਤੋਂ ਨੂੰ ਦਾ ਦੀ ਦੇ ਨੇ ਤੱਕ ਨਾਲ ਲਈ ਉੱਤੇ"),
    final_auxiliaries=words(
        "ਹੈ ਹਨ ਹਾਂ ਸੀ ਸਨ ਹੋਵੇਗਾ ਹੋਵੇਗੀ ਰਿਹਾ ਰਹੀ ਰਹੇ ਚੁੱਕਾ ਸਕਦਾ ਸਕਦੀ ਸਕਦੇ ਚਾਹੀਦਾ"
    ),
    closers=words("ਹੈ ਹਨ ਸੀ ਸਨ ਹੋਵੇਗਾ"),
    clitics=words("ਹੀ ਵੀ ਤਾਂ ਜੀ"),
)
