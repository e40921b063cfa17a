"""Hindi in Roman letters: the same rules as in Devanagari, in everyday spellings."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    sentence_capitals=False,
    articles=words(
        "mera meri mere tera teri tere hamara hamari hamare tumhara tumhari tumhare aapka aapki "
        "aapke uska uski uske iska iski iske unka unki unke apna apni apne is us kisi har"
    ),
    modifiers=words(
        "yeh ye woh wo ek do teen char koi kuch sab sara sari sare bahut bada badi bade chhota "
        "chhoti chhote accha achha acchi achhi acche achhe bura buri naya nayi purana purani"
    ),
    conjunctions=words("aur ya lekin magar balki kyunki kyonki ki"),
    connectives=words("jab jahan jo jis jise jisne jiska jiski jiske agar tab isliye taki"),
    negations=words("nahi nahin mat na"),
    postpositions=words("mein me se ko ka ke ne tak liye wala wali wale par pe"),
    final_auxiliaries=words(
        "hai hain hoon hun tha thi the hoga hogi honge raha rahi rahe chuka chuki chuke sakta "
        "sakti sakte chahiye gaya gayi gaye"
    ),
    closers=words("hai hain hoon hun tha thi hoga hogi honge chahiye"),
    clitics=words("hi bhi toh ji"),
    pairs={
        "ke": words("saath sath baad paas baare upar neeche peeche aage andar bahar saamne beech"),
        "ki": words("taraf tarah wajah"),
        "se": words("pehle zyada"),
    },
)
