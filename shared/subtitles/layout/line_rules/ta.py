"""Tamil: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("என் உன் எங்கள் உங்கள் அவன் அவள் ஒவ்வொரு"),
    modifiers=words("இந்த அந்த ஒரு எந்த சில பல மிக மிகவும் நல்ல பெரிய சிறிய"),
    conjunctions=words("மற்றும் அல்லது ஆனால் ஏனெனில்"),
    titles=words("திரு திருமதி டாக்டர்"),
    postpositions=words("உடன் மேல் கீழ் பற்றி போல போன்ற வரை இருந்து மூலம் இல்லாமல்"),
    final_auxiliaries=words("இல்லை வேண்டும் முடியும் முடியாது கூடாது"),
    closers=words("இல்லை வேண்டும் முடியும்"),
    clitics=words("தான் கூட"),
)
