"""``content/general.yaml``: what other schools hear where the ECL's texts speak of the ECL."""

from __future__ import annotations

from content.checks import placeholders
from content.loader import ECL, GENERAL
from content.models import TextsFile
from content.pack import Pack
from content.yamlfile import YamlFile, read_yaml

FILLED_IN = {"days"}
"""Said in words in the ECL's texts, filled in elsewhere."""


def test_it_says_the_same_of_any_school(pack: Pack) -> None:
    """Each of its texts stands in for one of the ECL's, with no value that is not filled in."""
    file = read_yaml(ECL.parent / GENERAL, GENERAL)
    assert isinstance(file, YamlFile)
    texts = TextsFile.model_validate(file.data).texts
    assert texts
    for key, text in texts.items():
        for lang in ("nl", "en"):
            given = placeholders(pack.texts[key].in_(lang)) | FILLED_IN
            assert placeholders(text.in_(lang)) <= given, key
        assert text != pack.texts[key], key
