"""The letters beyond ASCII of each language, its usual encodings, and the languages that a country publishes in."""

WEST = ("cp1252", "iso8859_15", "mac_roman", "cp850")
CENTRAL = ("cp1250", "iso8859_2", "cp852")
BALTIC = ("cp1257", "iso8859_4", "cp775")
CYRILLIC = ("cp1251", "koi8_u", "iso8859_5", "cp866", "mac_cyrillic")
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_SERBIAN = "абвгдђежзијклљмнњопрстћуфхцчџш"

LANGUAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "en": ("éèêëïçñöüáàâóí", WEST),
    "es": ("áéíóúüñ¿¡ºªç", WEST),
    "ca": ("àçèéíïòóúü·", WEST),
    "gl": ("áéíóúüñ", WEST),
    "pt": ("áâãàçéêíóôõúüºª", WEST),
    "fr": ("àâæçéèêëîïôœùûüÿ", WEST),
    "it": ("àèéìíîòóùúº", WEST),
    "de": ("äöüß", WEST),
    "nl": ("éëïóöüáèíúàêôû", WEST),
    "sv": ("åäöéü", WEST),
    "fi": ("äöåšžé", WEST),
    "da": ("æøåéöäü", WEST),
    "no": ("æøåéèêòôóöäü", WEST),
    "is": ("áðéíóúýþæö", WEST),
    "sq": ("ëç", WEST),
    "ga": ("áéíóú", WEST),
    "pl": ("ąćęłńóśźż", CENTRAL),
    "cs": ("áčďéěíňóřšťúůýž", CENTRAL),
    "sk": ("áäčďéíĺľňóôŕšťúýž", CENTRAL),
    "sl": ("čšžćđ", CENTRAL),
    "hr": ("čćđšž", CENTRAL),
    "bs": ("čćđšž", CENTRAL),
    "hu": ("áéíóöőúüű", CENTRAL),
    "ro": ("ăâîșțşţ", CENTRAL),
    "lt": ("ąčęėįšųūž", BALTIC),
    "lv": ("āčēģīķļņšūž", BALTIC),
    "et": ("äöõüšž", (*BALTIC[:1], *WEST)),
    "tr": ("çğıİöşüâîû", ("cp1254", "cp857")),
    "ru": (_RUSSIAN, CYRILLIC),
    "uk": ("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя’", CYRILLIC),
    "be": ("абвгдеёжзійклмнопрстуўфхцчшыьэюя’", CYRILLIC),
    "bg": ("абвгдежзийклмнопрстуфхцчшщъьюя", CYRILLIC),
    "mk": ("абвгдѓежзѕијклљмнњопрстќуфхцчџш", CYRILLIC),
    "sr": (_SERBIAN + "čćđšž", (*CYRILLIC, *CENTRAL)),
    "kk": (_RUSSIAN, CYRILLIC),
    "el": ("αάβγδεέζηήθιίϊΐκλμνξοόπρσςτυύϋΰφχψωώ", ("cp1253", "cp737")),
    "he": ("אבגדהוזחטיךכלםמןנסעףפץצקרשת", ("cp1255", "cp862")),
    "ar": ("ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْ،؛؟", ("cp1256", "iso8859_6")),
    "fa": ("ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکكگلمنوهیيى،؛؟\u200c", ("cp1256",)),
    "th": ("".join(map(chr, range(0x0E01, 0x0E5B))), ("cp874",)),
    "vi": ("", ("cp1258",)),
    "zh": ("", ("gb18030", "big5hkscs")),
    "ja": ("", ("cp932", "euc_jp")),
    "ko": ("", ("cp949",)),
}
"""Lower-case letters and encodings by language, the usual one first; no letters if an alphabet has thousands."""

SPOKEN = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "sh": "hr", "mo": "ro"}
"""Language codes with the same meaning."""

COUNTRIES: dict[str, tuple[str, ...]] = {
    language: tuple(codes.split())
    for language, codes in {
        "es": "ES MX AR CL CO PE VE CU EC UY PY BO CR GT HN NI PA SV DO", "pt": "PT BR AO MZ", "fr": "FR SN ML CI MC",
        "it": "IT SM VA", "de": "DE AT LI", "nl": "NL SR", "sv": "SE", "fi": "FI", "da": "DK", "no": "NO", "is": "IS",
        "sq": "AL XK", "pl": "PL", "cs": "CZ", "sk": "SK", "sl": "SI", "hr": "HR", "bs": "BA", "hu": "HU",
        "ro": "RO MD", "lt": "LT", "lv": "LV", "et": "EE", "tr": "TR", "ru": "RU KG", "uk": "UA", "be": "BY",
        "bg": "BG", "mk": "MK", "sr": "RS ME", "kk": "KZ", "el": "GR CY", "he": "IL", "fa": "IR AF", "th": "TH",
        "ar": "SA EG IQ SY JO LB KW QA AE OM YE LY TN DZ MA SD PS BH", "vi": "VN", "zh": "CN TW HK MO SG", "ja": "JP",
        "ko": "KR KP",
    }.items()
}  # fmt: skip
"""Countries by the language in which their outlets publish."""
TYPOGRAPHY = frozenset("“”„‟‘’‚‛‹›«»–—…•·°§№€£©®™½¼¾±×†‰′″\u00a0\u00ad\u200e\u200f")


def languages_of(country: str) -> tuple[str, ...]:
    """Return the languages in which outlets of a country (ISO 3166-1 alpha-2) publish."""
    return tuple(language for language, codes in COUNTRIES.items() if country.upper() in codes)
