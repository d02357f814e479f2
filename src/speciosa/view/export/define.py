"""define.xml: what each table and column of an ADaM folder is."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

import polars as pl

from speciosa.core.notice import SIMULATED
from speciosa.view.export.xpt import Dataset

NAMESPACES = {
    "xmlns": "http://www.cdisc.org/ns/odm/v1.3",
    "xmlns:def": "http://www.cdisc.org/ns/def/v2.1",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
}
NEVER = "1970-01-01T00:00:00"  # no timestamps: equal runs give equal files


def define(study: str, tables: Sequence[Dataset]) -> str:
    """Return the define.xml of some tables.

    Args:
        study: id of the study.
        tables: in the order in which they are listed.
    """
    root = Xml.Element(
        "ODM",
        NAMESPACES
        | {
            "FileType": "Snapshot",
            "FileOID": f"{study}.define",
            "ODMVersion": "1.3.2",
            "CreationDateTime": NEVER,
            "def:Context": "Other",
        },
    )
    about = Xml.SubElement(root, "Study", OID=study)
    names = Xml.SubElement(about, "GlobalVariables")
    Xml.SubElement(names, "StudyName").text = study
    Xml.SubElement(names, "StudyDescription").text = f"Virtual trial: {SIMULATED}"
    Xml.SubElement(names, "ProtocolName").text = study
    version = Xml.SubElement(
        about,
        "MetaDataVersion",
        {"OID": f"{study}.1", "Name": study, "def:DefineVersion": "2.1.0"},
    )
    for table in tables:
        _group(version, table)
    for table in tables:
        for column in table.rows.columns:
            _item(version, table, column)
    for table in tables:
        leaf = Xml.SubElement(
            version,
            "def:leaf",
            {"ID": f"LF.{table.name}", "xlink:href": f"{table.name.lower()}.xpt"},
        )
        Xml.SubElement(leaf, "def:title").text = f"{table.name.lower()}.xpt"
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, "unicode")}\n'


def _group(version: Xml.Element, table: Dataset) -> None:
    group = Xml.SubElement(
        version,
        "ItemGroupDef",
        {
            "OID": f"IG.{table.name}",
            "Name": table.name,
            "Repeating": "No" if table.name == "ADSL" else "Yes",
            "IsReferenceData": "No",
            "SASDatasetName": table.name,
            "Purpose": "Analysis",
            "def:Structure": f"One record per {', '.join(table.keys)}",
            "def:ArchiveLocationID": f"LF.{table.name}",
        },
    )
    _described(group, table.label)
    for number, column in enumerate(table.rows.columns, start=1):
        attributes = {
            "ItemOID": f"IT.{table.name}.{column}",
            "OrderNumber": str(number),
            "Mandatory": "Yes" if column in table.keys else "No",
        }
        if column in table.keys:
            attributes["KeySequence"] = str(table.keys.index(column) + 1)
        Xml.SubElement(group, "ItemRef", attributes)


def _item(version: Xml.Element, table: Dataset, column: str) -> None:
    row = table.rows[column]
    text = row.dtype == pl.String
    length = max(int(row.str.len_bytes().max() or 1), 1) if text else 8  # type: ignore[arg-type]
    item = Xml.SubElement(
        version,
        "ItemDef",
        {
            "OID": f"IT.{table.name}.{column}",
            "Name": column,
            "SASFieldName": column,
            "DataType": "text" if text else "float",
            "Length": str(length),
        },
    )
    _described(item, table.labels[column])


def _described(element: Xml.Element, text: str) -> None:
    said = Xml.SubElement(element, "Description")
    Xml.SubElement(said, "TranslatedText", {"xml:lang": "en"}).text = text
