"""The products that a regimen can name."""

from __future__ import annotations

from speciosa.care.product import Constituent, Product

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


# The minor alkaloids are data for stages to come: no entry takes them yet.
_MINOR_ALKALOIDS = tuple(
    Constituent(name, f"product.kratom_leaf_k51.{name}")
    for name in (
        "speciogynine",
        "paynantheine",
        "speciociliatine",
        "mitraciliatine",
        "isopaynantheine",
    )
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
        _oral("hydroxymitragynine", "product.kratom_leaf.hydroxymitragynine", synonyms=_HYDROXY),
        *_MINOR_ALKALOIDS,
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
        *_MINOR_ALKALOIDS,
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
        _oral("hydroxymitragynine", "product.kratom_extract.hydroxymitragynine", synonyms=_HYDROXY),
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
        _oral("mitragynine", "product.hydroxymitragynine_tablet.mitragynine"),
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
BUPRENORPHINE = _medicine("buprenorphine", ("sublingual",), 500.0)
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
