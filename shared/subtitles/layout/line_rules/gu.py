"""Gujarati: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words(
        "મારો મારી મારું મારા તારો તારી તારું તેનો તેની તેનું આપણો આપણી અમારો અમારી દરેક"
    ),
    modifiers=words("આ તે એ એક બે કોઈ કંઈ બધા બહુ ખૂબ મોટો મોટી નાનો નાની સારો સારી"),
    conjunctions=words("અને કે પણ પરંતુ કારણ અથવા"),
    connectives=words("જ્યારે જો જ્યાં"),
    titles=words("શ્રી શ્રીમતી ડૉ ડૉક્ટર"),
    postpositions=words("માટે સાથે પર પાસે વિશે સુધી વગર નીચે ઉપર"),
    final_auxiliaries=words("છે છો છું છીએ હતો હતી હતું હતા હશે નથી જોઈએ"),
    closers=words("છે હતો હતી હતું હશે નથી"),
    clitics=words("જ તો"),
)
