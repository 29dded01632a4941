"""Files of literature: each format gives the same document; duplicates are joined."""

from __future__ import annotations

import base64
import json

import pytest

from stormwatch.errors import InputError
from stormwatch.sources.text import document_of, joined, read_documents, read_text
from stormwatch.sources.text.documents.authors import split_authors
from stormwatch.sources.text.documents.bibtex import plain_text

TITLE = "A storm after the second cycle: a case report"
ABSTRACT = "A 40-year-old woman had fever. Ferritin was 9,000 ng/mL."
PAGE = f"""{TITLE}
Ann Lee SmithJosé McDonaldLi WeiPublished in: Journal of Storms (2023)
{ABSTRACT}
Keyphrases
- case report
- ferritin"""
RIS = f"""TY  - JOUR
AU  - Smith, Ann Lee
AU  - McDonald, José
TI  - {TITLE}
JO  - Journal of Storms
PY  - 2023/05/01
DO  - 10.1000/storm.7
AB  - {ABSTRACT}
KW  - case report
KW  - ferritin
ER  -
"""
NBIB = """PMID- 12345678
TI  - A storm after the second cycle: a
      case report
AB  - A 40-year-old woman had fever. Ferritin
      was 9,000 ng/mL.
FAU - Smith, Ann Lee
FAU - McDonald, José
AU  - Smith AL
JT  - Journal of Storms
DP  - 2023 May
LID - 10.1000/storm.7 [doi]
OT  - case report
OT  - ferritin
"""
BIB = r"""@article{smith2023,
  title = {A storm after the second cycle: a case report},
  author = {Smith, Ann Lee and McDonald, Jos{\'e}},
  journal = "Journal of Storms",
  year = 2023,
  doi = {10.1000/storm.7},
  abstract = {A 40-year-old woman had fever. Ferritin was 9,000 ng/mL.},
  keywords = {case report, ferritin}
}"""
PUBMED = f"""<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>12345678</PMID>
<Article><Journal><Title>Journal of Storms</Title><JournalIssue>
<PubDate><Year>2023</Year></PubDate></JournalIssue></Journal>
<ArticleTitle>{TITLE}</ArticleTitle><Abstract><AbstractText>{ABSTRACT}</AbstractText></Abstract>
<AuthorList><Author><LastName>Smith</LastName><ForeName>Ann Lee</ForeName></Author>
<Author><LastName>McDonald</LastName><ForeName>José</ForeName></Author></AuthorList></Article>
<KeywordList><Keyword>case report</Keyword><Keyword>ferritin</Keyword></KeywordList></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/storm.7</ArticleId></ArticleIdList></PubmedData>
</PubmedArticle></PubmedArticleSet>"""
JATS = f"""<article><front><journal-meta><journal-title>Journal of Storms</journal-title></journal-meta><article-meta>
<article-id pub-id-type="doi">10.1000/storm.7</article-id><article-id pub-id-type="pmid">12345678</article-id>
<title-group><article-title>{TITLE}</article-title></title-group>
<contrib-group><contrib contrib-type="author">
<name><surname>Smith</surname><given-names>Ann Lee</given-names></name></contrib>
<contrib contrib-type="author"><name><surname>McDonald</surname><given-names>José</given-names></name></contrib>
</contrib-group>
<pub-date><year>2023</year></pub-date><abstract><p>{ABSTRACT}</p></abstract>
<kwd-group><kwd>case report</kwd><kwd>ferritin</kwd></kwd-group></article-meta></front>
<body><sec><title>Case</title><p>Platelets were 20 × 10<sup>9</sup>/L <xref><sup>3</sup></xref>.</p></sec>
<table-wrap><table><tr><th>Test</th><th>Result</th></tr>
<tr><td>Fibrinogen (g/L)</td><td>0.9</td></tr></table></table-wrap>
</body></article>"""


@pytest.mark.parametrize(
    "content", [PAGE, RIS, NBIB, BIB, PUBMED, JATS], ids=["page", "ris", "nbib", "bib", "pubmed", "jats"]
)
def test_every_format_gives_the_same_document(save, content: str) -> None:
    (document,) = read_documents(save(content, "report"))
    assert document.title == TITLE
    assert document.authors[:2] == ("Ann Lee Smith", "José McDonald")
    assert document.journal == "Journal of Storms"
    assert document.year == 2023
    assert set(document.keyphrases) == {"case report", "ferritin"}
    assert document.part("abstract") == ABSTRACT


@pytest.mark.parametrize("content", [RIS, NBIB, BIB, PUBMED, JATS], ids=["ris", "nbib", "bib", "pubmed", "jats"])
def test_structured_formats_give_the_doi(save, content: str) -> None:
    (document,) = read_documents(save(content, "report"))
    assert document.doi == "10.1000/storm.7"


@pytest.mark.parametrize("content", [NBIB, PUBMED, JATS], ids=["nbib", "pubmed", "jats"])
def test_pubmed_formats_give_the_pmid(save, content: str) -> None:
    (document,) = read_documents(save(content, "report"))
    assert document.pmid == "12345678"


def test_sections_point_into_the_text_of_the_file(save) -> None:
    (document,) = read_documents(save(PAGE, "page.txt"))
    assert document.text == PAGE
    (abstract,) = [s for s in document.sections if s.name == "abstract"]
    assert PAGE[abstract.start : abstract.end] == ABSTRACT


def test_raised_numbers_of_an_article_stay_raised_and_marks_of_references_go(save) -> None:
    reading = read_text(save(JATS, "article.xml"))
    values = {m.name: str(m.value) for m in reading.mentions if m.kind == "lab"}
    assert values == {"ferritin": "9000", "platelets": "20", "fibrinogen": "90"}


def test_the_text_of_a_fhir_document_reference_is_read(save) -> None:
    data = base64.b64encode(ABSTRACT.encode()).decode()
    resource = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "description": "A letter",
        "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": data}}],
    }
    (document,) = read_documents(save(json.dumps(resource), "letter.json"))
    assert document.text == ABSTRACT
    assert document.title == "A letter"
    assert document.sources[0].record == "d1"


def test_a_linked_text_is_never_fetched(save) -> None:
    resource = {"resourceType": "DocumentReference", "content": [{"attachment": {"url": "https://example.org/x.txt"}}]}
    with pytest.raises(InputError, match="nothing is fetched"):
        read_documents(save(json.dumps(resource), "letter.json"))


def test_an_entity_of_an_xml_file_is_not_opened(save, tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("ferritin 9,999 ng/mL")
    attack = f"""<!DOCTYPE a [<!ENTITY e SYSTEM "file://{secret}">]><PubmedArticleSet><PubmedArticle>
<ArticleTitle>T</ArticleTitle><AbstractText>&e;</AbstractText></PubmedArticle></PubmedArticleSet>"""
    (document,) = read_documents(save(attack, "attack.xml"))
    assert "9,999" not in document.text


@pytest.mark.parametrize("content", ["<a><b></a>", "<a></a>", '{"resourceType": "Patient"}'])
def test_what_is_no_literature_is_refused(save, content: str) -> None:
    with pytest.raises(InputError):
        read_documents(save(content, "file"))


def test_a_file_of_another_encoding_is_refused(save) -> None:
    with pytest.raises(InputError, match="UTF-8"):
        read_documents(save("Fièvre".encode("latin-1"), "file.txt"))


def test_one_of_several_documents_has_to_be_named(save) -> None:
    path = save(RIS + RIS.replace("storm.7", "storm.8"), "two.ris")
    assert len(read_documents(path)) == 2
    with pytest.raises(InputError, match="name one"):
        read_text(path)
    assert read_text(path, 2).document.doi == "10.1000/storm.8"


def test_duplicates_across_files_are_joined(save) -> None:
    files = [save(c, n) for c, n in ((PAGE, "a"), (RIS, "b"), (PUBMED, "c"))]
    (document,) = joined(d for f in files for d in read_documents(f))
    assert len(document.sources) == 3
    assert (document.doi, document.pmid, document.year) == ("10.1000/storm.7", "12345678", 2023)


def test_different_marks_keep_documents_of_one_title_apart(save) -> None:
    one, other = save(RIS, "a"), save(RIS.replace("storm.7", "storm.8"), "b")
    assert len(joined([*read_documents(one), *read_documents(other)])) == 2


def test_british_and_american_titles_are_one(save) -> None:
    one = RIS.replace("DO  - 10.1000/storm.7\n", "").replace(TITLE, "Haemophagocytic syndrome in leukaemia")
    two = one.replace("Haemophagocytic", "Hemophagocytic").replace("leukaemia", "leukemia")
    assert len(joined([*read_documents(save(one, "a")), *read_documents(save(two, "b"))])) == 1


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ann SmithBob Jones", ["Ann Smith", "Bob Jones"]),
        ("Ann McDonaldLe Van AnhJ. Smith", ["Ann McDonald", "Le Van Anh", "J. Smith"]),
        ("Ann Smith, Bob Jones and Li Wei", ["Ann Smith", "Bob Jones", "Li Wei"]),
        ("Ann Smith1,2, Bob Jones3*", ["Ann Smith", "Bob Jones"]),
        ("Smith ABJones K", ["Smith AB", "Jones K"]),
        ("Mary-Jane O'BrienÖzgür Çelik", ["Mary-Jane O'Brien", "Özgür Çelik"]),
        ("", []),
    ],
)
def test_authors_run_together_are_told_apart(written: str, names: list[str]) -> None:
    assert list(split_authors(written)) == names


def test_signs_of_latex_become_text() -> None:
    assert plain_text(r"{\"O}zg{\"u}r: 5~$\times$~10$^{9}$/L, $\geq$ 38 \textdegree C, 50\%") == (
        "Özgür: 5 × 10^9/L, ≥ 38 °C, 50%"
    )


def test_references_and_keywords_of_a_plain_file_are_not_read() -> None:
    text = f"A title\n\n{ABSTRACT}\nKeywords: storm; fever\n\nReferences\n1. Ferritin was 1 ng/mL in all."
    document = document_of(text)
    assert document.title == "A title"
    assert document.keyphrases == ("storm", "fever")
    assert all("in all" not in document.text[s.start : s.end] for s in document.prose)
