"""Indonesian: which words a line break may not part."""

from shared.subtitles.layout.line_rules.rules import LineRules, words

RULES = LineRules(
    articles=words("sang si para seorang sebuah seekor setiap"),
    modifiers=words("semua banyak beberapa sangat paling lebih terlalu"),
    prepositions=words(
        "di ke dari pada untuk dengan dalam oleh tentang antara tanpa sampai sejak kepada bagi"
    ),
    conjunctions=words("dan atau tetapi tapi karena bahwa jika kalau"),
    connectives=words("yang ketika saat siapa mengapa bagaimana"),
    modals=words("akan sudah telah sedang bisa harus boleh dapat ingin mau masih pernah"),
    negations=words("tidak bukan jangan belum tak"),
    titles=words("pak bu bapak ibu tuan nyonya dokter"),
    names_by_capitals=True,
)
