"""Quarters of FAERS and legacy AERS written for a test, and databases built from them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

FAERS = {
    "DEMO": "primaryid$caseid$caseversion$i_f_code$event_dt$mfr_dt$init_fda_dt$fda_dt$rept_cod$auth_num$mfr_num"
    "$mfr_sndr$lit_ref$age$age_cod$age_grp$sex$e_sub$wt$wt_cod$rept_dt$to_mfr$occp_cod$reporter_country$occr_country",
    "DRUG": "primaryid$caseid$drug_seq$role_cod$drugname$prod_ai$val_vbm$route$dose_vbm$cum_dose_chr$cum_dose_unit"
    "$dechal$rechal$lot_num$exp_dt$nda_num$dose_amt$dose_unit$dose_form$dose_freq",
    "REAC": "primaryid$caseid$pt$drug_rec_act",
    "OUTC": "primaryid$caseid$outc_cod",
    "RPSR": "primaryid$caseid$rpsr_cod",
    "THER": "primaryid$caseid$dsg_drug_seq$start_dt$end_dt$dur$dur_cod",
    "INDI": "primaryid$caseid$indi_drug_seq$indi_pt",
}
AERS = {
    "DEMO": "ISR$CASE$I_F_COD$FOLL_SEQ$IMAGE$EVENT_DT$MFR_DT$FDA_DT$REPT_COD$MFR_NUM$MFR_SNDR$AGE$AGE_COD$GNDR_COD"
    "$E_SUB$WT$WT_COD$REPT_DT$OCCP_COD$DEATH_DT$TO_MFR$CONFID",
    "DRUG": "ISR$DRUG_SEQ$ROLE_COD$DRUGNAME$VAL_VBM$ROUTE$DOSE_VBM$DECHAL$RECHAL$LOT_NUM$EXP_DT$NDA_NUM",
    "REAC": "ISR$PT",
    "OUTC": "ISR$OUTC_COD",
    "RPSR": "ISR$RPSR_COD",
    "THER": "ISR$DRUG_SEQ$START_DT$END_DT$DUR$DUR_COD",
    "INDI": "ISR$DRUG_SEQ$INDI_PT",
}


class Quarter:
    """The rows of a quarter, as dictionaries of the file's own columns; what is not given is empty."""

    def __init__(self, name="17Q2", headers=FAERS, trailing=False):
        self.name, self.headers, self.trailing = name, headers, trailing
        self.rows: dict[str, list[dict[str, object]]] = {table: [] for table in headers}

    def add(self, table, **cells):
        self.rows[table].append(cells)

    def report(self, case, version=1, drugs=("ASPIRIN",), events=("Nausea",), **demo):
        """A FAERS report with its drugs (name, or name and role) and events."""
        key = f"{case}{version}"
        both = {"primaryid": key, "caseid": case}
        self.add("DEMO", **both, caseversion=version, **{"fda_dt": "20170601", **demo})
        for place, drug in enumerate(drugs, start=1):
            name, role = drug if isinstance(drug, tuple) else (drug, "PS" if place == 1 else "SS")
            self.add("DRUG", **both, drug_seq=place, role_cod=role, drugname=name, prod_ai=name)
        for event in events:
            self.add("REAC", **both, pt=event)
        return both

    def text(self, table):
        columns = self.headers[table].split("$")
        ending = "$" if self.trailing else ""
        cells = [[str(row.get(c, row.get(c.lower(), ""))) for c in columns] for row in self.rows[table]]
        lines = ["$".join(row) + ending for row in cells]
        return "".join(f"{line}\r\n" for line in [self.headers[table], *lines])

    def write(self, folder, **replaced):
        """Write the seven files; a text given for a table replaces its own, and None leaves it out."""
        folder = Path(folder) / "ascii"
        folder.mkdir(parents=True, exist_ok=True)
        for table in self.headers:
            text = replaced.get(table, self.text(table))
            if text is not None:
                data = text if isinstance(text, bytes) else text.encode()
                (folder / f"{table}{self.name}.txt").write_bytes(data)
        return folder.parent

    def zip(self, target):
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in self.headers:
                archive.writestr(f"ascii/{table}{self.name}.txt", self.text(table))
        return target


@pytest.fixture(scope="session")
def quarter_type():
    return Quarter


@pytest.fixture
def quarter():
    return Quarter


@pytest.fixture
def legacy():
    return lambda name="04Q1": Quarter(name, AERS, trailing=True)


@pytest.fixture
def database(tmp_path):
    """Builds a database of these quarters and opens it."""
    from stormwatch.signals.build import build
    from stormwatch.signals.store import Store

    opened = []

    def make(*quarters, folder="db", **options):
        paths = [one.write(tmp_path / f"{folder}-{place}-{one.name}") for place, one in enumerate(quarters)]
        build(paths, tmp_path / folder, **options)
        opened.append(Store(tmp_path / folder))
        return opened[-1]

    yield make
    for store in opened:
        store.close()
