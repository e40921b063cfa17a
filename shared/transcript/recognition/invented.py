#!/usr/bin/env python3
"""
Invented: what Whisper writes where nobody speaks, because subtitles in its training data ended so.

Patterns are for text as `plain` leaves it (lower case, no punctuation), but those of CREDITS.

Usage:
    from shared.transcript.recognition.invented import CREDITS, FAREWELLS, FAVOURITES
"""

from __future__ import annotations

import re

# Anywhere in a line, as it is written.
CREDITS = re.compile(
    r"amara\.?org|(subtitles?|subtitled|captions?|captioned|transcribed|transcription) by |"
    r"sous-?titr(es|age|é).{0,20}( par |:|soci)|untertitel(ung)?( im auftrag| der amara| von |:)|"
    r"swr 20\d\d|zdf,? 20\d\d|subt[ií]tulos (por|de|realizados)|legendas (por|pela)|"
    r"sottotitoli (a cura|di|e revisione)|字幕(by|志愿|志願|提供|製作|制作|由)|ご視聴ありがとう|"
    r"시청해\s?주셔서|субтитры (делал|создавал|подготов|сделал)|редактор субтитров|"
    r"ترجمة نانسي|www\.\S+\.(com|org|net)",
    re.IGNORECASE,
)
# Farewells of video channels, only if they are the whole line.
FAREWELLS_BY_LANGUAGE = {
    "en": r"(thanks|thank you)( so much| very much| all)? for (watching|listening)"
    r"( (this|my|the) video)?|"
    r"(please )?(like and |don t forget to )?subscribe( to (my|our|the|this) channel)?|"
    r"(i ll )?see you in the next (video|one)",
    "ar": r"شكر[اً]+ (على|ل)\s?المشاهدة|اشتركوا في القناة|لا تنسوا الاشتراك في القناة",
    "bn": r"দেখার জন্য ধন্যবাদ|চ্যানেলটি সাবস্ক্রাইব করুন",
    "de": r"(vielen dank|danke)( schön)? fürs? (zuschauen|zusehen|zuhören)|"
    r"(bitte )?abonnier(t|en sie) (den|meinen|unseren) kanal|bis zum nächsten video",
    "es": r"(muchas )?gracias por (ver|mirar|escuchar)( (el|este) v[ií]deo)?|"
    r"(no olvides )?suscr[ií]be(te|rte|rse)( al canal| a mi canal)?",
    "fr": r"merci d (avoir|être) (regardé|écouté)( (cette|la|ma) vidéo)?|"
    r"(n oubliez pas de vous )?abonne[zr]( vous)?( à (la|ma) chaîne)?",
    "hi": r"(वीडियो |इस वीडियो को )?(देखने|सुनने) के लिए (आपका )?(बहुत )?(धन्यवाद|शुक्रिया)|"
    r"(हमारे |मेरे )?(चैनल को )?सब्सक्राइब (करें|करे|कीजिए|करना न भूलें)|"
    r"(video |is video ko )?dekhne ke li?ye (aapka )?(bahut )?(dhanyava+d|shukriya)",
    "it": r"grazie (mille )?per (la visione|aver guardato)( il video)?|iscrivetevi al canale",
    "ja": r"ご視聴ありがとうございま(す|した)|チャンネル登録(を|も)?(よろしく)?お願い(いた)?します",
    "ko": r"시청해 ?주셔서 감사합니다|구독과 좋아요( 부탁드립니다)?",
    "nl": r"bedankt voor het kijken|abonneer je op (mijn|ons|het) kanaal",
    "pl": r"dziękuję za (uwagę|oglądanie)|dzięki za oglądanie",
    "pt": r"obrigad[oa] por (assistir|ver)( (o|este) vídeo)?|inscreva se( no canal)?",
    "ru": r"спасибо за (просмотр|внимание)|подписывайтесь на( мой| наш)? канал|"
    r"продолжение следует",
    "ta": r"பார்த்ததற்கு நன்றி|சேனலை சப்ஸ்கிரைப் செய்யுங்கள்",
    "te": r"చూసినందుకు ధన్యవాదాలు|చానల్ ని సబ్స్క్రైబ్ చేయండి",
    "tr": r"izlediğiniz için teşekkür(ler| ederim| ederiz)|(kanala )?abone olmayı unutmayın",
    "ur": r"(ویڈیو )?دیکھنے کے لیے (آپ کا )?(بہت )?شکریہ|چینل کو سبسکرائب کریں",
    "zh": r"(谢谢|感谢)(大家)?(的)?(观看|收看|收聽|收听)|(謝謝|感謝)(大家)?(的)?(觀看|收看)|"
    r"请(不吝)?点赞.{0,12}订阅.{0,20}|請(不吝)?點贊.{0,12}訂閱.{0,20}",
}
FAREWELLS = re.compile("|".join(FAREWELLS_BY_LANGUAGE.values()))
# What only a video on the net says, anywhere in a line that Whisper translated (plain English).
OF_VIDEOS = re.compile(
    r"\b(in|see you in|watch) (the|our|my) (next|previous|last) video\b|\bin this video\b|"
    r"\blink in the description\b|\bdescription box\b|\bthis video\b|\bnew video\b|"
    r"\bsubscrib(e|ing) (to )?(my|our|the|this) channel\b|\bsubscribe\b.{0,20}\bchannel\b|"
    r"\b(like|share) and (share|subscribe|comment)\b|\bpress the bell\b|"
    r"\bdon t forget to (like|subscribe|share)\b|\bfor (watching|your attention)\b$"
)
# Real in a film, but also the favourites among invented lines: doubtful without other support.
FAVOURITES = frozenset(
    "thank you|thanks|thank you very much|see you next time|you|bye|bye bye|okay|ok|oh|so|yeah|hmm|"
    "um|uh|the end|danke|vielen dank|merci|gracias|grazie|obrigado|धन्यवाद|शुक्रिया|شکریہ|"
    "ありがとうございました|谢谢".split("|")
)
# Captions of sounds, which nobody says.
CAPTIONS = frozenset(
    "music|applause|laughter|silence|musik|applaus|gelächter|musique|applaudissements|rires|"
    "música|aplausos|risas|risos|musica|applausi|संगीत|तालियाँ|हँसी|موسیقی|موسيقى|音楽|音乐|拍手|"
    "음악|박수|музыка|аплодисменты|смех|müzik|alkış".split("|")
)
