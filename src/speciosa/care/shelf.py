"""The products that a regimen can name."""

from __future__ import annotations

from dataclasses import replace

from speciosa.care.product import Constituent, Product, Uptake

_HYDROXY = ("7-OH", "7-hydroxymitragynine")
_MEDICINE = "product.medicine.content"


def _medicine(name: str, routes: tuple[str, ...], slip_above: float, *synonyms: str) -> Product:
    """Return a medicine with one molecule, whose entries are named ``<name>_<route>``."""
    entries = tuple((route, f"{name}_{route}") for route in routes)
    return Product(
        name,
        name,
        "mg",
        (Constituent(name, _MEDICINE, entries=entries),),
        routes,
        synonyms,
        slip_above,
    )


def _oral(
    name: str, content: str, batch_cv: str = "", synonyms: tuple[str, ...] = ()
) -> Constituent:
    return Constituent(name, content, batch_cv, (("oral", f"{name}_oral"),), synonyms)


# The other alkaloids count only where a study asks for the product as a whole.
_OTHERS = (
    "speciogynine",
    "paynantheine",
    "speciociliatine",
    "mitraciliatine",
    "isopaynantheine",
)


def _others(
    product: str, batch_cv: str = "product.batch.other_alkaloids_cv"
) -> tuple[Constituent, ...]:
    return tuple(
        Constituent(
            name,
            f"product.{product}.{name}",
            asleep=(("oral", f"{name}_oral"),),
            asleep_cv=batch_cv,
            shared="product.batch.shared",
        )
        for name in _OTHERS
    )


def _trace(content: str) -> Constituent:
    """Return the little 7-OH-mitragynine that leaf and extract hold."""
    return Constituent(
        "hydroxymitragynine",
        content,
        entries=(("oral", "hydroxymitragynine_oral"),),
        synonyms=_HYDROXY,
        asleep_cv="product.batch.hydroxymitragynine_cv",
        shared="product.batch.shared",
    )


KRATOM_LEAF = Product(
    "kratom leaf",
    "kratom_leaf",
    "g",
    (
        _oral(
            "mitragynine",
            "product.kratom_leaf.mitragynine",
            "product.kratom_leaf.mitragynine_batch_cv",
        ),
        _trace("product.kratom_leaf.hydroxymitragynine"),
        *_others("kratom_leaf"),
    ),
    synonyms=("leaf", "kratom", "kratom powder", "kratom leaf powder"),
    slip_above=100.0,
)
KRATOM_LEAF_K51 = Product(
    "kratom leaf K51",
    "kratom_leaf_k51",
    "g",
    (
        _oral("mitragynine", "product.kratom_leaf_k51.mitragynine"),
        _oral(
            "hydroxymitragynine", "product.kratom_leaf_k51.hydroxymitragynine", synonyms=_HYDROXY
        ),
        *_others("kratom_leaf_k51", ""),
    ),
    synonyms=("K51", "trial leaf"),
    slip_above=100.0,
)
KRATOM_EXTRACT = Product(
    "kratom extract",
    "kratom_extract",
    "g",
    (
        _oral(
            "mitragynine",
            "product.kratom_extract.mitragynine",
            "product.kratom_extract.mitragynine_batch_cv",
        ),
        _trace("product.kratom_extract.hydroxymitragynine"),
        *_others("kratom_extract"),
    ),
    synonyms=("extract",),
    slip_above=50.0,
)
HYDROXYMITRAGYNINE_TABLET = Product(
    "7-OH tablet",
    "hydroxymitragynine_tablet",
    "mg",
    (
        _oral(
            "hydroxymitragynine",
            "product.hydroxymitragynine_tablet.hydroxymitragynine",
            "product.hydroxymitragynine_tablet.hydroxymitragynine_batch_cv",
            _HYDROXY,
        ),
        Constituent(
            "mitragynine",
            "product.hydroxymitragynine_tablet.mitragynine",
            entries=(("oral", "mitragynine_oral"),),
            asleep_cv="product.batch.other_alkaloids_cv",
            shared="product.batch.shared",
        ),
    ),
    synonyms=("7-OH", "7-hydroxymitragynine tablet", "7-hydroxymitragynine", "hydroxymitragynine"),
    slip_above=1000.0,
)
MELATONIN = _medicine("melatonin", ("oral",), 1000.0, "melatonin tablet")
MELATONIN_PROLONGED = Product(
    "melatonin prolonged release",
    "melatonin_prolonged_release",
    "mg",
    (
        Constituent(
            "immediate",
            "product.melatonin_prolonged_release.immediate",
            entries=(("oral", "melatonin_oral"),),
            molecule="melatonin",
        ),
        Constituent(
            "prolonged",
            "product.melatonin_prolonged_release.prolonged",
            entries=(("oral", "melatonin_prolonged"),),
            molecule="melatonin",
        ),
    ),
    synonyms=("prolonged release melatonin", "melatonin PR"),
    slip_above=1000.0,
)
MELATONIN_SUPPLEMENT = Product(
    "melatonin supplement",
    "melatonin_supplement",
    "mg",
    (
        _oral(
            "melatonin",
            "product.melatonin_supplement.melatonin",
            "product.melatonin_supplement.melatonin_batch_cv",
        ),
    ),
    synonyms=("melatonin gummy",),
    slip_above=1000.0,
)
BUPRENORPHINE = replace(
    _medicine("buprenorphine", ("sublingual",), 500.0),
    uptake=Uptake("product.buprenorphine.dose_reference", "product.buprenorphine.dose_exponent"),
)
METHADONE = _medicine("methadone", ("oral",), 1000.0)
LOFEXIDINE = _medicine("lofexidine", ("oral",), 20.0)
CLONIDINE = _medicine("clonidine", ("oral",), 10.0)
NALTREXONE = _medicine("naltrexone", ("oral",), 1000.0)
NALTREXONE_EXTENDED = Product(
    "naltrexone extended release",
    "naltrexone_extended_release",
    "mg",
    (Constituent("naltrexone", _MEDICINE, entries=(("injection", "naltrexone_injection"),)),),
    ("injection",),
    ("extended release naltrexone", "naltrexone XR", "XR-naltrexone", "naltrexone injection"),
    5000.0,
)
NALOXONE = _medicine("naloxone", ("intramuscular", "intravenous", "intranasal"), 100.0)
FENTANYL = _medicine("fentanyl", ("intravenous",), 20.0)
HEROIN = _medicine("heroin", ("intravenous",), 5000.0, "diamorphine")
MORPHINE = _medicine("morphine", ("oral", "intravenous"), 5000.0)
OXYCODONE = _medicine("oxycodone", ("oral",), 5000.0)
MIDAZOLAM = _medicine("midazolam", ("oral",), 100.0)
DEXTROMETHORPHAN = Product(  # amounts are of the hydrobromide, as on labels
    "dextromethorphan",
    "dextromethorphan",
    "mg",
    (_oral("dextromethorphan", "product.dextromethorphan.base"),),
    slip_above=500.0,
)
CAFFEINE = _medicine("caffeine", ("oral",), 2000.0)
FLUVOXAMINE = _medicine("fluvoxamine", ("oral",), 1000.0)
KETOCONAZOLE = _medicine("ketoconazole", ("oral",), 2000.0)
ITRACONAZOLE = _medicine("itraconazole", ("oral",), 2000.0)
ALCOHOL = Product(  # amounts are grams of ethanol
    "alcohol",
    "alcohol",
    "g",
    (
        Constituent(
            "alcohol",
            "product.alcohol.ethanol",
            entries=(("oral", "alcohol_oral"), ("intravenous", "alcohol_intravenous")),
            molecule="ethanol",
        ),
    ),
    ("oral", "intravenous"),
    ("ethanol",),
    300.0,
)
LORAZEPAM = _medicine("lorazepam", ("oral",), 50.0)
CHLORDIAZEPOXIDE = _medicine("chlordiazepoxide", ("oral",), 500.0)
ACAMPROSATE = _medicine("acamprosate", ("oral",), 5000.0)
PLACEBO = Product("placebo", "placebo", "mg")

SHELF = (
    KRATOM_LEAF,
    KRATOM_LEAF_K51,
    KRATOM_EXTRACT,
    HYDROXYMITRAGYNINE_TABLET,
    MELATONIN,
    MELATONIN_PROLONGED,
    MELATONIN_SUPPLEMENT,
    BUPRENORPHINE,
    METHADONE,
    LOFEXIDINE,
    CLONIDINE,
    NALTREXONE,
    NALTREXONE_EXTENDED,
    NALOXONE,
    FENTANYL,
    HEROIN,
    MORPHINE,
    OXYCODONE,
    MIDAZOLAM,
    DEXTROMETHORPHAN,
    CAFFEINE,
    FLUVOXAMINE,
    KETOCONAZOLE,
    ITRACONAZOLE,
    ALCOHOL,
    LORAZEPAM,
    CHLORDIAZEPOXIDE,
    ACAMPROSATE,
    PLACEBO,
)
ROUTES = {  # route -> (short form, other words)
    "oral": ("oral", "orally", "by mouth", "PO"),
    "sublingual": ("sublingual", "SL", "under the tongue"),
    "injection": ("injection", "injected"),
    "intramuscular": ("IM", "intramuscular"),
    "intravenous": ("IV", "intravenous"),
    "intranasal": ("IN", "intranasal", "nasal"),
}
