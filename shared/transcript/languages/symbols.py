#!/usr/bin/env python3
"""
Symbols: the signs of songs, and how signs that stand for words are said.

Usage:
    from shared.transcript.languages.symbols import SYMBOLS, decimal_mark, symbol_word

    symbol_word("%", "hi")      # 'प्रतिशत'
    decimal_mark("de")          # ','
"""

from __future__ import annotations

NOTE_SIGNS = "♪♫♬♩🎵🎶"
SYMBOLS = "&%+=@#°€$£¥₹×−"
CURRENCIES = "€$£¥₹"

# In the order of SYMBOLS.
SPOKEN = {
    "bn": "এবং শতাংশ প্লাস সমান অ্যাট নম্বর ডিগ্রি ইউরো ডলার পাউন্ড ইয়েন টাকা গুণ মাইনাস",
    "de": "und Prozent plus gleich at Nummer Grad Euro Dollar Pfund Yen Rupien mal minus",
    "en": "and percent plus equals at number degrees euros dollars pounds yen rupees times minus",
    "es": "y porciento más igual arroba número grados euros dólares libras yenes rupias por menos",
    "fr": "et pourcent plus égale arobase numéro degrés "
    "euros dollars livres yens roupies fois moins",
    "gu": "અને ટકા પ્લસ બરાબર એટ નંબર ડિગ્રી યુરો ડોલર પાઉન્ડ યેન રૂપિયા ગુણ્યા માઇનસ",
    "hi": "और प्रतिशत प्लस बराबर ऐट नंबर डिग्री यूरो डॉलर पाउंड येन रुपये गुणा माइनस",
    "it": "e percento più uguale chiocciola numero gradi euro dollari sterline yen rupie per meno",
    "mr": "आणि टक्के प्लस बरोबर ऍट नंबर अंश युरो डॉलर पाउंड येन रुपये गुणिले उणे",
    "nl": "en procent plus is at nummer graden euro dollar pond yen roepies maal min",
    "pa": "ਅਤੇ ਫੀਸਦੀ ਪਲੱਸ ਬਰਾਬਰ ਐਟ ਨੰਬਰ ਡਿਗਰੀ ਯੂਰੋ ਡਾਲਰ ਪੌਂਡ ਯੇਨ ਰੁਪਏ ਗੁਣਾ ਮਾਈਨਸ",
    "pt": "e porcento mais igual arroba número graus euros dólares libras ienes rupias vezes menos",
    "ru": "и процентов плюс равно собака номер градусов евро долларов фунтов иен рупий на минус",
    "ta": "மற்றும் சதவீதம் கூட்டல் சமம் அட் எண் டிகிரி "
    "யூரோ டாலர் பவுண்டு யென் ரூபாய் பெருக்கல் கழித்தல்",
    "te": "మరియు శాతం ప్లస్ సమానం ఎట్ నంబర్ డిగ్రీలు "
    "యూరోలు డాలర్లు పౌండ్లు యెన్ రూపాయలు ఇంటూ మైనస్",
    "ur": "اور فیصد پلس برابر ایٹ نمبر ڈگری یورو ڈالر پاؤنڈ ین روپے ضرب منفی",
}
# What is said between hour and minute; nothing in most languages.
CLOCKS = {"de": "Uhr", "fr": "heures", "nl": "uur"}
# Where the decimal mark is a point; a comma everywhere else.
POINT_LANGUAGES = frozenset(
    "en hi bn ta te mr gu kn ml pa or ne ur ja zh cmn yue ko th he ar fa my km si".split()
)
DEFAULT = "en"


def symbol_word(symbol: str, language: str) -> str:
    """Return how a symbol is said; in English where the language has no table.

    Args:
        symbol: One of SYMBOLS.
        language: BCP-47 primary tag.
    """
    words = SPOKEN.get(language, SPOKEN[DEFAULT]).split()
    return words[SYMBOLS.index(symbol)]


def clock_word(language: str) -> str:
    """Return what is said between hour and minute, "" for nothing.

    Args:
        language: BCP-47 primary tag.
    """
    return CLOCKS.get(language, "")


def decimal_mark(language: str) -> str:
    """Return the mark between a whole and its fraction, "." or ",".

    Args:
        language: BCP-47 primary tag.
    """
    return "." if language in POINT_LANGUAGES else ","
