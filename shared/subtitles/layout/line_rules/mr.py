"""Marathi: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "माझा माझी माझे माझ्या तुझा तुझी तुझे तुझ्या त्याचा त्याची त्याचे तिचा तिची आमचा आमची "
        "आमचे तुमचा तुमची तुमचे आपला आपली आपले प्रत्येक"
    ),
    modifiers=words("हा ही हे तो ती ते एक दोन तीन काही सर्व खूप मोठा मोठी लहान चांगला चांगली"),
    conjunctions=words("आणि व किंवा पण परंतु कारण की"),
    connectives=words("जेव्हा जर जिथे जो"),
    titles=words("श्री श्रीमती डॉ डॉक्टर"),
    postpositions=words("साठी मध्ये पर्यंत बरोबर विषयी बद्दल शिवाय समोर मागे खाली वर"),
    final_auxiliaries=words(
        "आहे आहेत आहोत आहेस होता होती होते होतं असेल असतील नाही नाहीत शकतो शकते शकत पाहिजे नको"
    ),
    closers=words("आहे आहेत होता होती होते पाहिजे"),
    clitics=words("च सुद्धा देखील"),
)
