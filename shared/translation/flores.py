#!/usr/bin/env python3
"""
FLORES: the codes by which translation models know languages ('hin_Deva'), from BCP-47.

A code is an ISO 639-3 language and a script. Where BCP-47 names a macrolanguage (Nepali, Arabic,
Persian), the models know its most spoken member; another member, or a dialect whose speakers read
the language, goes by that ('gsw' is German).

Usage:
    from shared.translation.flores import INDICTRANS2_CODES, flores_code, require_code

    flores_code("hi", INDICTRANS2_CODES)        # 'hin_Deva'
    flores_code("fr", INDICTRANS2_CODES)        # None
    require_code("sd-Deva", INDICTRANS2_CODES)  # 'snd_Deva'
"""

from __future__ import annotations

from collections.abc import Collection

from shared.core.errors import InputError
from shared.core.languages import SAME_SPEECH, language_name

ENGLISH = "eng_Latn"

# The 22 scheduled languages of India, some in two scripts, and English.
INDICTRANS2_CODES = frozenset("""
    asm_Beng ben_Beng brx_Deva doi_Deva eng_Latn gom_Deva guj_Gujr hin_Deva kan_Knda kas_Arab
    kas_Deva mai_Deva mal_Mlym mar_Deva mni_Beng mni_Mtei npi_Deva ory_Orya pan_Guru san_Deva
    sat_Olck snd_Arab snd_Deva tam_Taml tel_Telu urd_Arab
    """.split())

# What the published NLLB-200 tokenizers know.
NLLB_CODES = frozenset("""
    ace_Arab ace_Latn acm_Arab acq_Arab aeb_Arab afr_Latn ajp_Arab aka_Latn als_Latn amh_Ethi
    apc_Arab arb_Arab ars_Arab ary_Arab arz_Arab asm_Beng ast_Latn awa_Deva ayr_Latn azb_Arab
    azj_Latn bak_Cyrl bam_Latn ban_Latn bel_Cyrl bem_Latn ben_Beng bho_Deva bjn_Arab bjn_Latn
    bod_Tibt bos_Latn bug_Latn bul_Cyrl cat_Latn ceb_Latn ces_Latn cjk_Latn ckb_Arab crh_Latn
    cym_Latn dan_Latn deu_Latn dik_Latn dyu_Latn dzo_Tibt ell_Grek eng_Latn epo_Latn est_Latn
    eus_Latn ewe_Latn fao_Latn fij_Latn fin_Latn fon_Latn fra_Latn fur_Latn fuv_Latn gaz_Latn
    gla_Latn gle_Latn glg_Latn grn_Latn guj_Gujr hat_Latn hau_Latn heb_Hebr hin_Deva hne_Deva
    hrv_Latn hun_Latn hye_Armn ibo_Latn ilo_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan
    kab_Latn kac_Latn kam_Latn kan_Knda kas_Arab kas_Deva kat_Geor kaz_Cyrl kbp_Latn kea_Latn
    khk_Cyrl khm_Khmr kik_Latn kin_Latn kir_Cyrl kmb_Latn kmr_Latn knc_Arab knc_Latn kon_Latn
    kor_Hang lao_Laoo lij_Latn lim_Latn lin_Latn lit_Latn lmo_Latn ltg_Latn ltz_Latn lua_Latn
    lug_Latn luo_Latn lus_Latn lvs_Latn mag_Deva mai_Deva mal_Mlym mar_Deva min_Latn mkd_Cyrl
    mlt_Latn mni_Beng mos_Latn mri_Latn mya_Mymr nld_Latn nno_Latn nob_Latn npi_Deva nso_Latn
    nus_Latn nya_Latn oci_Latn ory_Orya pag_Latn pan_Guru pap_Latn pbt_Arab pes_Arab plt_Latn
    pol_Latn por_Latn prs_Arab quy_Latn ron_Latn run_Latn rus_Cyrl sag_Latn san_Deva sat_Beng
    scn_Latn shn_Mymr sin_Sinh slk_Latn slv_Latn smo_Latn sna_Latn snd_Arab som_Latn sot_Latn
    spa_Latn srd_Latn srp_Cyrl ssw_Latn sun_Latn swe_Latn swh_Latn szl_Latn tam_Taml taq_Latn
    taq_Tfng tat_Cyrl tel_Telu tgk_Cyrl tgl_Latn tha_Thai tir_Ethi tpi_Latn tsn_Latn tso_Latn
    tuk_Latn tum_Latn tur_Latn twi_Latn tzm_Tfng uig_Arab ukr_Cyrl umb_Latn urd_Arab uzn_Latn
    vec_Latn vie_Latn war_Latn wol_Latn xho_Latn ydd_Hebr yor_Latn yue_Hant zho_Hans zho_Hant
    zsm_Latn zul_Latn
    """.split())

# ISO 639-3 of what BCP-47 names, and the member that the models know in its place.
MEMBERS = {
    "ara": "arb",
    "aym": "ayr",
    "aze": "azj",
    "cmn": "zho",
    "din": "dik",
    "fas": "pes",
    "fil": "tgl",
    "ful": "fuv",
    "kau": "knc",
    "kok": "gom",
    "kur": "kmr",
    "lav": "lvs",
    "mlg": "plt",
    "mon": "khk",
    "msa": "zsm",
    "nep": "npi",
    "nor": "nob",
    "ori": "ory",
    "orm": "gaz",
    "pus": "pbt",
    "que": "quy",
    "sqi": "als",
    "swa": "swh",
    "uzb": "uzn",
    "yid": "ydd",
}


def flores_code(tag: str, known: Collection[str]) -> str | None:
    """Return the code of a language among those that a model knows, None when it knows it not.

    Args:
        tag: BCP-47; without a script it means the language's usual one, or else the only one that
            the model knows ('sd' is Arabic script, 'sd-Deva' Devanagari; 'hi-Latn' none knows).
        known: The model's codes.
    """
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        given = langcodes.Language.get(tag)
        if (given.language or "und") == "und":
            return None
        language = given.maximize()
        alpha3 = language.to_alpha3()
    except (LanguageTagError, LookupError):
        return None
    dari = alpha3 == "fas" and language.territory == "AF"
    member = "prs" if dari else MEMBERS.get(alpha3, alpha3)
    usual = [f"{name}_{language.script}" for name in (member, alpha3)]
    if not given.script:
        usual += _only_script(member, known)
    own = next((code for code in usual if code in known), None)
    if own or given.script:
        return own
    return _nearest(str(given), str(language.script), known)


def _nearest(tag: str, script: str, known: Collection[str]) -> str | None:
    """Return the code of what a member or a dialect is written as, in its own script."""
    import langcodes

    whole = str(langcodes.Language.get(tag).prefer_macrolanguage())
    if whole != tag:
        return flores_code(whole, known)
    written = {
        str(langcodes.Language.get(code.replace("_", "-"))): code
        for code in sorted(known)
        if code.endswith(f"_{script}")
    }
    found = langcodes.closest_supported_match(tag, list(written), max_distance=SAME_SPEECH)
    return written.get(str(found))


def require_code(tag: str, known: Collection[str], engine: str = "this model") -> str:
    """Return the code of a language.

    Args:
        tag: BCP-47, with a script where it matters (zh-Hant).
        known: The codes that the model has.
        engine: Its name for people.

    Raises:
        InputError: The model does not know the language; names it.
    """
    code = flores_code(tag, known)
    if code is None:
        raise InputError(
            f"{engine} does not know {language_name(tag)} ({tag})",
            hint="Choose another engine with TRANSLATION_ENGINE, or another language",
        )
    return code


def _only_script(alpha3: str, known: Collection[str]) -> list[str]:
    """Return the code of a language that the model knows in one script alone, as a list."""
    codes = [code for code in known if code.startswith(f"{alpha3}_")]
    return codes if len(codes) == 1 else []
